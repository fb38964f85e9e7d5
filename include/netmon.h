/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netmon - the Expert API of Network Monitor 2.1, for live traffic on Linux
 *
 * Names, numbers and the order of fields are those of the documented API;
 * structures have natural packing, since no binary of the original is loaded.
 * Here is what exists so far: the eight Expert functions, the three entry points,
 * and ExpertGetLosses, which is ours. An expert is a shared object that exports
 * Register, Run and perhaps Configure and is linked with libnetexpert.
 *
 * What the original leaves open is decided at each function. For all of them:
 *
 * * The first argument is the key that Run or Configure got. Any other value,
 *   or a key whose entry point has returned, answers
 *   NMERR_INVALID_EXPERT_HANDLE. Configure's key and Run's key differ; never
 *   keep one.
 * * What can never be right is answered first, terminate after that, everything
 *   else last. NULL where memory is needed is NMERR_INVALID_PARAMETER.
 * * Terminate: when the supervisor wants the expert to finish, allocation,
 *   growth, frames, status and events answer NMERR_EXPERT_TERMINATE from then
 *   on; the expert cleans up and returns from Run. Freeing still frees. A status
 *   or an event is still delivered although the answer is
 *   NMERR_EXPERT_TERMINATE ("taken, and now finish"), so that a live expert can
 *   say its last word.
 * * Any thread may call any of them. ExpertGetFrame serialises itself.
 * * A child of fork() may call none of them: NMERR_ACCESS_DENIED.
 * * Strings are bytes that end in NUL and should be UTF-8; what is not is shown
 *   escaped.
 */
#ifndef NETMON_H
#define NETMON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WINAPI
#define BHAPI

#ifndef TRUE
#define TRUE	1
#endif
#ifndef FALSE
#define FALSE	0
#endif

#define MAX_PATH	260

/* long is 32 bits in the original. */
typedef uint8_t BYTE;
typedef uint16_t WORD;
typedef uint32_t DWORD;
typedef int32_t LONG;
typedef int32_t BOOL;
typedef size_t SIZE_T;
typedef uintptr_t DWORD_PTR;
typedef char CHAR;
typedef char *LPSTR;
typedef const char *LPCSTR;
typedef void *LPVOID;
typedef void *PVOID;
typedef uint32_t *LPDWORD;
typedef uint8_t *LPBYTE;
typedef void *HWND;
typedef void *HINSTANCE;

typedef struct _SYSTEMTIME {
	WORD wYear;
	WORD wMonth;		/* 1 to 12 */
	WORD wDayOfWeek;	/* 0 is Sunday */
	WORD wDay;
	WORD wHour;
	WORD wMinute;
	WORD wSecond;
	WORD wMilliseconds;
} SYSTEMTIME;

/* A running expert; a loaded expert; a group of experts. */
typedef LPVOID HEXPERTKEY;
typedef LPVOID HEXPERT;
typedef LPVOID HRUNNINGEXPERT;
typedef LPVOID HGROUP;

typedef struct _CAPFRAMEDESC *HFRAME;
typedef struct _CAPTURE *HCAPTURE;
typedef struct _FILTER *HFILTER;
typedef struct _PROTOCOL *HPROTOCOL;
typedef struct _RECOGNIZEDATATABLE *LPRECOGNIZEDATATABLE;
typedef struct _PROPERTYTABLE *LPPROPERTYTABLE;
typedef struct _PROPERTYINST *LPPROPERTYINST;

/*
 * Error codes. 0 is success. Experts should treat every other answer of
 * ExpertGetFrame but NMERR_TIMEOUT, which they have to ask for, as the end.
 */
#define NMERR_SUCCESS				0	/* no error */
#define NMERR_MEMORY_MAPPED_FILE_ERROR		1	/* a file could not be mapped */
#define NMERR_INVALID_HFILTER			2	/* no such display filter */
#define NMERR_CAPTURING				3	/* capturing already */
#define NMERR_NOT_CAPTURING			4	/* not capturing */
#define NMERR_NO_MORE_FRAMES			5	/* no frame is available */
#define NMERR_BUFFER_TOO_SMALL			6	/* the data does not fit */
#define NMERR_FRAME_NOT_RECOGNIZED		7	/* no protocol recognises the frame */
#define NMERR_FILE_ALREADY_EXISTS		8	/* the file exists */
#define NMERR_DRIVER_NOT_FOUND			9	/* the driver is missing or not loaded */
#define NMERR_ADDRESS_ALREADY_EXISTS		10	/* the database has this address */
#define NMERR_INVALID_HFRAME			11	/* no such frame */
#define NMERR_INVALID_HPROTOCOL			12	/* no such protocol */
#define NMERR_INVALID_HPROPERTY			13	/* no such property */
#define NMERR_LOCKED				14	/* the object is locked */
#define NMERR_STACK_EMPTY			15	/* nothing to pop */
#define NMERR_STACK_OVERFLOW			16	/* no room to push */
#define NMERR_TOO_MANY_PROTOCOLS		17	/* too many active protocols */
#define NMERR_FILE_NOT_FOUND			18	/* no such file */
#define NMERR_OUT_OF_MEMORY			19	/* no memory, or the limit is reached */
#define NMERR_CAPTURE_PAUSED			20	/* paused already */
#define NMERR_NO_BUFFERS			21	/* no buffer */
#define NMERR_BUFFERS_ALREADY_EXIST		22	/* there are buffers already */
#define NMERR_NOT_LOCKED			23	/* the object is not locked */
#define NMERR_OUT_OF_RANGE			24	/* a number is out of range */
#define NMERR_LOCK_NESTING_TOO_DEEP		25	/* locked too often */
#define NMERR_LOAD_PARSER_FAILED		26	/* a parser could not be loaded */
#define NMERR_UNLOAD_PARSER_FAILED		27	/* a parser could not be unloaded */
#define NMERR_INVALID_HADDRESSDB		28	/* no such address database */
#define NMERR_ADDRESS_NOT_FOUND			29	/* the database has no such MAC address */
#define NMERR_NETWORK_NOT_PRESENT		30	/* no network software */
#define NMERR_NO_PROPERTY_DATABASE		31	/* the protocol has no properties */
#define NMERR_PROPERTY_NOT_FOUND		32	/* the database has no such property */
#define NMERR_INVALID_HPROPERTYDB		33	/* no such property database */
#define NMERR_PROTOCOL_NOT_ENABLED		34	/* the protocol is not enabled */
#define NMERR_PROTOCOL_NOT_FOUND		35	/* no such protocol */
#define NMERR_INVALID_PARSER_DLL		36	/* the file is no parser */
#define NMERR_NO_ATTACHED_PROPERTIES		37	/* no property is attached */
#define NMERR_NO_FRAMES				38	/* no frame in the buffer */
#define NMERR_INVALID_FILE_FORMAT		39	/* not a capture file */
#define NMERR_COULD_NOT_CREATE_TEMPFILE		40	/* no temporary file */
#define NMERR_OUT_OF_DOS_MEMORY			41	/* no DOS memory */
#define NMERR_NO_PROTOCOLS_ENABLED		42	/* no protocol is enabled */
#define NMERR_UNKNOWN_MACTYPE			46	/* unknown or unsupported link type */
#define NMERR_ROUTING_INFO_NOT_PRESENT		47	/* the frame has no routing information */
#define NMERR_INVALID_HNETWORK			48	/* no such network */
#define NMERR_NETWORK_ALREADY_OPENED		49	/* the network is open */
#define NMERR_NETWORK_NOT_OPENED		50	/* the network is not open */
#define NMERR_FRAME_NOT_FOUND			51	/* no such frame in the buffer */
#define NMERR_NO_HANDLES			53	/* no handle left */
#define NMERR_INVALID_NETWORK_ID		54	/* no such network number */
#define NMERR_INVALID_HCAPTURE			55	/* no such capture */
#define NMERR_PROTOCOL_ALREADY_ENABLED		56	/* the protocol is enabled */
#define NMERR_FILTER_INVALID_EXPRESSION		57	/* the expression makes no sense */
#define NMERR_TRANSMIT_ERROR			58	/* sending failed */
#define NMERR_INVALID_HBUFFER			59	/* no such buffer */
#define NMERR_INVALID_DATA			60	/* unknown or invalid data */
#define NMERR_MSDOS_DRIVER_NOT_LOADED		61	/* the DOS driver is not loaded */
#define NMERR_WINDOWS_DRIVER_NOT_LOADED		62	/* the Windows driver is not loaded */
#define NMERR_MSDOS_DRIVER_INIT_FAILURE		63	/* the DOS driver did not start */
#define NMERR_WINDOWS_DRIVER_INIT_FAILURE	64	/* the Windows driver did not start */
#define NMERR_NETWORK_BUSY			65	/* the driver is busy */
#define NMERR_CAPTURE_NOT_PAUSED		66	/* the capture is not paused */
#define NMERR_INVALID_PACKET_LENGTH		67	/* a packet can't have this length */
#define NMERR_INTERNAL_EXCEPTION		69	/* something broke inside */
#define NMERR_PROMISCUOUS_MODE_NOT_SUPPORTED	70	/* no promiscuous mode */
#define NMERR_MAC_DRIVER_OPEN_FAILURE		71	/* the link driver could not be opened */
#define NMERR_RUNAWAY_PROTOCOL			72	/* a protocol ran past the frame's end */
#define NMERR_PENDING				73	/* an asynchronous operation is not done */
#define NMERR_ACCESS_DENIED			74	/* not allowed */
#define NMERR_INVALID_HPASSWORD			75	/* no such password */
#define NMERR_INVALID_PARAMETER			76	/* an argument can't be right */
#define NMERR_FILE_READ_ERROR			77	/* reading the file failed */
#define NMERR_FILE_WRITE_ERROR			78	/* writing the file failed */
#define NMERR_PROTOCOL_NOT_REGISTERED		79	/* the protocol is not registered */
#define NMERR_IP_ADDRESS_NOT_FOUND		80	/* no IP address in the frame */
#define NMERR_TRANSMIT_CANCELLED		81	/* sending was cancelled */
#define NMERR_LOCKED_FRAMES			82	/* the capture has locked frames */
#define NMERR_NO_TRANSMITS_PENDING		83	/* nothing is being sent */
#define NMERR_PATH_NOT_FOUND			84	/* no such path */
#define NMERR_WINDOWS_ERROR			85	/* see the system's error */
#define NMERR_NO_FRAME_NUMBER			86	/* the frame has no number */
#define NMERR_FRAME_HAS_NO_CAPTURE		87	/* the frame belongs to no capture */
#define NMERR_FRAME_ALREADY_HAS_CAPTURE		88	/* the frame belongs to a capture */
#define NMERR_NAL_IS_NOT_REMOTE			89	/* not a remote network */
#define NMERR_NOT_SUPPORTED			90	/* not supported */
#define NMERR_DISCARD_FRAME			91	/* leave it out of a filtered save */
#define NMERR_CANCEL_SAVE_CAPTURE		92	/* give a filtered save up */
#define NMERR_LOST_CONNECTION			93	/* the remote machine is gone */
#define NMERR_INVALID_MEDIA_TYPE		94	/* no such medium */
#define NMERR_AGENT_IN_USE			95	/* the agent is in use */
#define NMERR_TIMEOUT				96	/* nothing came in time */
#define NMERR_DISCONNECTED			97	/* the remote agent is disconnected */
#define NMERR_SETTIMER_FAILED			98	/* a timer could not be set */
#define NMERR_NETWORK_ERROR			99	/* network error */
#define NMERR_INVALID_FRAMESPROC		100	/* the frame callback is invalid */
#define NMERR_UNKNOWN_CAPTURETYPE		101	/* no such capture type */
#define NMERR_NOT_CONNECTED			102	/* the provider is not connected */
#define NMERR_ALREADY_CONNECTED			103	/* the provider is connected */
#define NMERR_INVALID_REGISTRY_CONFIGURATION	104	/* the registry holds nonsense */
#define NMERR_DELAYED				105	/* the provider captures with delay */
#define NMERR_NOT_DELAYED			106	/* it is not */
#define NMERR_REALTIME				107	/* the provider is set for real time */
#define NMERR_NOT_REALTIME			108	/* it is not */
#define NMERR_STATS_ONLY			109	/* the provider is set for statistics */
#define NMERR_NOT_STATS_ONLY			110	/* it is not */
#define NMERR_TRANSMIT				111	/* the provider is set for sending */
#define NMERR_NOT_TRANSMIT			112	/* it is not */
#define NMERR_TRANSMITTING			113	/* sending now */
#define NMERR_DISK_NOT_LOCAL_FIXED		114	/* the capture disk is not a local one */
#define NMERR_COULD_NOT_CREATE_DIRECTORY	115	/* no directory for captures */
#define NMERR_NO_DEFAULT_CAPTURE_DIRECTORY	116	/* none is configured */
#define NMERR_UPLEVEL_CAPTURE_FILE		117	/* the capture file has a newer format */
#define NMERR_LOAD_EXPERT_FAILED		118	/* an expert could not be loaded */
#define NMERR_EXPERT_REPORT_FAILED		119	/* an expert gave no EXPERTENUMINFO */
#define NMERR_REG_OPERATION_FAILED		120	/* a registry operation failed */
#define NMERR_NO_DLLS_FOUND			121	/* no plug-in was found */
#define NMERR_NO_CONVERSATION_STATS		122	/* they were not asked for */
#define NMERR_SECURITY_BREACH_CAPTURE_DELETED	123	/* the capture was deleted */
#define NMERR_FRAME_FAILED_FILTER		124	/* the frame does not pass the filter */
#define NMERR_EXPERT_TERMINATE			125	/* clean up and return from Run */
#define NMERR_REMOTE_NOT_A_SERVER		126	/* the remote machine is no server */
#define NMERR_REMOTE_VERSION_OUTOFSYNC		127	/* the remote machine has another version */
#define NMERR_INVALID_EXPERT_GROUP		128	/* no such group */
#define NMERR_INVALID_EXPERT_NAME		129	/* no expert of this name */
#define NMERR_INVALID_EXPERT_HANDLE		130	/* no such expert or key */
#define NMERR_GROUP_NAME_ALREADY_EXISTS		131	/* there is a group of this name */
#define NMERR_INVALID_GROUP_NAME		132	/* no group can have this name */
#define NMERR_EXPERT_ALREADY_IN_GROUP		133	/* the expert is in the group */
#define NMERR_EXPERT_NOT_IN_GROUP		134	/* the expert is not in the group */
#define NMERR_NOT_INITIALIZED			135	/* the object is not initialised */
#define NMERR_INVALID_GROUP_ROOT		136	/* not allowed on the root group */
#define NMERR_BAD_VERSION			137	/* a structure has another version */
#define NMERR_ESP				138	/* the provider is set for ESP */
#define NMERR_NOT_ESP				139	/* it is not */
#define NMERR_BLOB_NOT_INITIALIZED		1000	/* a blob is not initialised */
#define NMERR_INVALID_BLOB			1001	/* not a blob */
#define NMERR_UPLEVEL_BLOB			1002	/* the blob has a newer format */
#define NMERR_BLOB_ENTRY_ALREADY_EXISTS		1003	/* the blob has this entry */
#define NMERR_BLOB_ENTRY_DOES_NOT_EXIST		1004	/* the blob has no such entry */
#define NMERR_AMBIGUOUS_SPECIFIER		1005	/* more than one fits */
#define NMERR_BLOB_OWNER_NOT_FOUND		1006	/* no such owner */
#define NMERR_BLOB_CATEGORY_NOT_FOUND		1007	/* no such category */
#define NMERR_UNKNOWN_CATEGORY			1008	/* unknown category */
#define NMERR_UNKNOWN_TAG			1009	/* unknown tag */
#define NMERR_BLOB_CONVERSION_ERROR		1010	/* a value could not be converted */
#define NMERR_ILLEGAL_TRIGGER			1011	/* the trigger is not allowed */
#define NMERR_BLOB_STRING_INVALID		1012	/* a string is invalid */
#define NMERR_UNABLE_TO_LOAD_LIBRARY		1013	/* a library could not be loaded */
#define NMERR_UNABLE_TO_GET_PROCADDR		1014	/* an entry point is missing */
#define NMERR_CLASS_NOT_REGISTERED		1015	/* the class is not registered */
#define NMERR_INVALID_REMOTE_COMPUTERNAME	1016	/* no such computer */
#define NMERR_RPC_REMOTE_FAILURE		1017	/* a remote call failed */
#define NMERR_INVALID_LIST_INDEX		2000	/* no such entry */
#define NMERR_INVALID_MONITOR			2001	/* no such monitor */
#define NMERR_INVALID_MONITOR_DLL		2002	/* the file is no monitor */
#define NMERR_UNABLE_TO_CREATE_MONITOR		2003	/* a monitor could not be made */
#define NMERR_INVALID_MONITOR_CONFIG		2005	/* the configuration is invalid */
#define NMERR_INVALID_INDEX			2006	/* no such index */
#define NMERR_MONITOR_ENABLED			2007	/* the monitor is enabled */
#define NMERR_MONITOR_NOT_RUNNING		2008	/* the monitor is not running */
#define NMERR_MONITOR_IS_BUSY			2009	/* the monitor is busy */
#define NMERR_MCS_IS_BUSY			2010	/* the monitor service is busy */
#define NMERR_NO_MONITORS			2011	/* there is no monitor */
#define NMERR_ONE_MONITOR_PER_NETCARD		2012	/* one monitor for each card only */
#define NMERR_CONFIGURATION_REQUIRED		2013	/* configure it first */
#define NMERR_MONITOR_NOT_CONNECTED		2014	/* the monitor is not connected */
#define NMERR_MONITOR_NOT_CONFIGURED		2015	/* the monitor is not configured */
#define NMERR_MONITOR_CONFIG_FAILED		2016	/* configuring the monitor failed */
#define NMERR_MONITOR_INIT_FAILED		2017	/* the monitor did not start */
#define NMERR_MONITOR_FAULTED			2018	/* the monitor faulted */
#define NMERR_SAVE_ALL_FAILED			2019	/* not all could be saved */
#define NMERR_MONITOR_CONNECT_FAILED		2021	/* the monitor could not be connected */
#define NMERR_MONITOR_START_FAILED		2022	/* the monitor could not be started */
#define NMERR_MONITOR_STOP_FAILED		2023	/* the monitor could not be stopped */
#define NMERR_SAVE_MONITOR_FAILED		2029	/* the monitor could not be saved */
#define NMERR_NO_NPPS				3016	/* there is no provider */
#define NMERR_NO_MATCHING_NPPS			3017	/* no provider fits */
#define NMERR_NO_NPP_SELECTED			3018	/* no provider is selected */
#define NMERR_NO_INPUT_BLOBS			3019	/* no blob was given */
#define NMERR_NO_NPP_DLLS			3020	/* there is no provider's library */
#define NMERR_NO_VALID_NPP_DLLS			3021	/* none of them is valid */

/* A number that no frame has. */
#define INVALID_FRAME_NUMBER	0xFFFFFFFFU

/**
 * struct FRAME - a frame as captured
 * @TimeStamp: microseconds since the start of the capture.
 * @FrameLength: bytes of the frame on the wire.
 * @nBytesAvail: bytes of it stored in @MacFrame.
 * @MacFrame: the frame from its link-layer header on.
 *
 * The capture starts when the expert's pool is made, so time goes on when the
 * expert is restarted. Frames are read-only.
 */
__extension__ typedef struct _FRAME {
	int64_t TimeStamp;
	DWORD FrameLength;
	DWORD nBytesAvail;
	BYTE MacFrame[];
} FRAME;

typedef struct _FRAME *LPFRAME;
typedef struct _FRAME *ULPFRAME;

#define EXPERTSTRINGLENGTH	MAX_PATH
#define EXPERTGROUPNAMELENGTH	25

/**
 * struct EXPERTCONFIG - an expert's configuration
 * @RawConfigLength: bytes of the whole block, these four included.
 * @RawConfigData: the expert's own.
 *
 * The options on the command line, "EXPERT=option,...", reach Configure as such
 * a block whose data is that text and its NUL. Configure may leave it as it is,
 * change it, or put another block from ExpertAllocMemory in its place.
 */
__extension__ typedef struct _EXPERTCONFIG {
	DWORD RawConfigLength;
	BYTE RawConfigData[];
} EXPERTCONFIG, *PEXPERTCONFIG;

typedef struct _CONFIGUREDEXPERT {
	HEXPERT hExpert;
	DWORD StartupFlags;
	PEXPERTCONFIG pConfig;
} CONFIGUREDEXPERT, *PCONFIGUREDEXPERT;

/* StartupFlags: prefer the startup information to the configuration. */
#define EXPERT_STARTUP_FLAG_USE_STARTUP_DATA_OVER_CONFIG_DATA	0x00000001

/**
 * struct EXPERTSTARTUPINFO - where a run starts
 * @Flags: 0.
 * @hCapture: NULL, as long as there are no functions for captures.
 * @szCaptureFile: the interfaces, as the user named them.
 * @dwFrameNumber: frame with the focus; INVALID_FRAME_NUMBER, live traffic has
 *	none.
 * @hProtocol: protocol with the focus; NULL.
 * @lpPropertyInst: property with the focus; NULL.
 * @sBitfield: bit with the focus; zero.
 */
typedef struct _EXPERTSTARTUPINFO {
	DWORD Flags;
	HCAPTURE hCapture;
	char szCaptureFile[MAX_PATH];
	DWORD dwFrameNumber;
	HPROTOCOL hProtocol;
	LPPROPERTYINST lpPropertyInst;
	struct {
		BYTE BitNumber;
		BOOL bOn;
	} sBitfield;
} EXPERTSTARTUPINFO, *PEXPERTSTARTUPINFO;

typedef struct _EXPERTENUMINFO EXPERTENUMINFO, *PEXPERTENUMINFO;

/*
 * The entry points. All return TRUE or FALSE and have C names.
 *
 * Register fills in a zeroed structure; FALSE, or a string without an end, or no
 * name, and the expert is not offered. It has no key, so it can call nothing.
 *
 * Configure is only called for an expert that is CONFIGURABLE and was given
 * options. FALSE refuses them, and the text of its last ExpertIndicateStatus with
 * EXPERTSTATUS_PROBLEM is shown as the reason. After TRUE the block it leaves in
 * *ppConfig goes to Run, where it belongs to Run's key; everything else that it
 * allocated is released.
 *
 * Run does the work until it is done or told to terminate. pConfig is NULL if
 * there were no options. What it returns is no verdict. Everything it allocated
 * is released when it returns.
 */
typedef BOOL (*PEXPERTREGISTERPROC)(PEXPERTENUMINFO pExpertInfo);
typedef BOOL (*PEXPERTCONFIGPROC)(HEXPERTKEY hExpertKey, PEXPERTCONFIG *ppConfig,
				  PEXPERTSTARTUPINFO pExpertStartupInfo,
				  DWORD StartupFlags, HWND hWnd);
typedef BOOL (*PEXPERTRUNPROC)(HEXPERTKEY hExpertKey, PEXPERTCONFIG pConfig,
			       PEXPERTSTARTUPINFO pExpertStartupInfo,
			       DWORD StartupFlags, HWND hWndParent);

#define EXPERTENTRY_REGISTER	"Register"
#define EXPERTENTRY_CONFIGURE	"Configure"
#define EXPERTENTRY_RUN		"Run"

/* For an expert to define. */
BOOL WINAPI Register(PEXPERTENUMINFO pExpertInfo);
BOOL WINAPI Configure(HEXPERTKEY hExpertKey, PEXPERTCONFIG *ppConfig,
		      PEXPERTSTARTUPINFO pExpertStartupInfo, DWORD StartupFlags,
		      HWND hWnd);
BOOL WINAPI Run(HEXPERTKEY hExpertKey, PEXPERTCONFIG pConfig,
		PEXPERTSTARTUPINFO pExpertStartupInfo, DWORD StartupFlags,
		HWND hWndParent);

#define EXPERT_ENUM_FLAG_CONFIGURABLE			0x0001
#define EXPERT_ENUM_FLAG_VIEWER_PRIVATE			0x0002
#define EXPERT_ENUM_FLAG_NO_VIEWER			0x0004
#define EXPERT_ENUM_FLAG_ADD_ME_TO_RMC_IN_SUMMARY	0x0010
#define EXPERT_ENUM_FLAG_ADD_ME_TO_RMC_IN_DETAIL	0x0020

/**
 * struct EXPERTENUMINFO - what an expert says about itself
 * @szName: its name; not empty.
 * @szVendor: who made it; may be empty.
 * @szDescription: what it does and which options it takes; may be empty.
 * @Version: any value; the documentation says 0, its samples say 1.
 * @Flags: EXPERT_ENUM_FLAG_*.
 * @szDllName: of the host.
 * @hExpert: of the host.
 * @hModule: of the host.
 * @pRegisterProc: of the host.
 * @pConfigProc: of the host.
 * @pRunProc: of the host.
 */
struct _EXPERTENUMINFO {
	char szName[EXPERTSTRINGLENGTH];
	char szVendor[EXPERTSTRINGLENGTH];
	char szDescription[EXPERTSTRINGLENGTH];
	DWORD Version;
	DWORD Flags;
	char szDllName[MAX_PATH];
	HEXPERT hExpert;
	HINSTANCE hModule;
	PEXPERTREGISTERPROC pRegisterProc;
	PEXPERTCONFIGPROC pConfigProc;
	PEXPERTRUNPROC pRunProc;
};

/**
 * ExpertAllocMemory() - memory from the expert's pool
 * @hExpertKey: key of Run or Configure.
 * @nBytes: bytes; 0 is NMERR_INVALID_PARAMETER.
 * @pError: the reason if it fails, NMERR_SUCCESS if not; may be NULL.
 *
 * The memory is zeroed (but where an overrun of another block has written to
 * what nobody had yet) and aligned to 16. It belongs to the key. How much there
 * is, the user decides; the library's own tables take their share of it.
 *
 * Return: the memory, or NULL: NMERR_INVALID_EXPERT_HANDLE,
 * NMERR_INVALID_PARAMETER, NMERR_EXPERT_TERMINATE, NMERR_OUT_OF_MEMORY.
 */
LPVOID WINAPI ExpertAllocMemory(HEXPERTKEY hExpertKey, SIZE_T nBytes,
				DWORD *pError);

/**
 * ExpertReallocMemory() - change the size of a block
 * @hExpertKey: key of Run or Configure.
 * @pOriginalMemory: a block of the same key; NULL allocates one.
 * @nBytes: bytes; 0 is NMERR_INVALID_PARAMETER and frees nothing.
 * @pError: the reason if it fails, NMERR_SUCCESS if not; may be NULL.
 *
 * What it grows by is zero. Whenever it fails, terminate included, the block is
 * still there, unchanged.
 *
 * Return: the block, which may have moved, or NULL: as ExpertAllocMemory(), and
 * NMERR_INVALID_PARAMETER if @pOriginalMemory is no block,
 * NMERR_INTERNAL_EXCEPTION as ExpertFreeMemory().
 */
LPVOID WINAPI ExpertReallocMemory(HEXPERTKEY hExpertKey, LPVOID pOriginalMemory,
				  SIZE_T nBytes, DWORD *pError);

/**
 * ExpertFreeMemory() - give a block back
 * @hExpertKey: key of Run or Configure.
 * @pOriginalMemory: a block of the same key.
 *
 * Return: NMERR_SUCCESS; NMERR_EXPERT_TERMINATE, and it is freed nevertheless;
 * NMERR_INVALID_PARAMETER if it is no block (NULL, foreign, inside a block, freed
 * already), NMERR_INTERNAL_EXCEPTION if another thread allocated it and
 * membarrier(2) fails, and nothing has changed; NMERR_INVALID_EXPERT_HANDLE.
 */
DWORD WINAPI ExpertFreeMemory(HEXPERTKEY hExpertKey, LPVOID pOriginalMemory);

/**
 * ExpertMemorySize() - the size of a block as it was asked for
 * @hExpertKey: key of Run or Configure.
 * @pOriginalMemory: a block of the same key.
 *
 * Terminate changes nothing here.
 *
 * Return: bytes, or 0 if it is no block or no key.
 */
SIZE_T WINAPI ExpertMemorySize(HEXPERTKEY hExpertKey, LPVOID pOriginalMemory);

/* Direction */
#define GET_SPECIFIED_FRAME		0
#define GET_FRAME_NEXT_FORWARD		1
#define GET_FRAME_NEXT_BACKWARD		2

/* RequestFlags */
#define FLAGS_DEFER_TO_UI_FILTER	0x00000001
#define FLAGS_ATTACH_PROPERTIES		0x00000002

/*
 * Ours, not Network Monitor's: answer NMERR_TIMEOUT when no frame came for about
 * a second, so that a live expert can bring its report up to date in silence.
 */
#define FLAGS_LIVE_TIMEOUT		0x80000000

/**
 * struct EXPERTFRAMEDESCRIPTOR - a frame for an expert
 * @FrameNumber: from 0, in this run.
 * @hFrame: NULL, as long as there are no functions for frames.
 * @pFrame: the frame itself; read-only.
 * @lpRecognizeDataTable: NULL.
 * @lpPropertyTable: NULL without FLAGS_ATTACH_PROPERTIES.
 */
typedef struct _EXPERTFRAMEDESCRIPTOR {
	DWORD FrameNumber;
	HFRAME hFrame;
	ULPFRAME pFrame;
	LPRECOGNIZEDATATABLE lpRecognizeDataTable;
	LPPROPERTYTABLE lpPropertyTable;
} EXPERTFRAMEDESCRIPTOR, *LPEXPERTFRAMEDESCRIPTOR;

/**
 * ExpertGetFrame() - the next frame
 * @hExpertKey: key of Run. With Configure's key it works too, but what Configure
 *	reads, Run does not see.
 * @Direction: GET_FRAME_NEXT_FORWARD.
 * @RequestFlags: FLAGS_LIVE_TIMEOUT, or 0 to wait without end.
 *	FLAGS_DEFER_TO_UI_FILTER has no effect, there is no such filter.
 * @RequestedFrameNumber: the number of the last frame, INVALID_FRAME_NUMBER for
 *	the first call. Since frames come once, it makes no difference which of
 *	the numbers handed out so far it is.
 * @hFilter: NULL.
 * @pEFrameDescriptor: filled in on success, else untouched.
 *
 * Live traffic is a capture that grows: instead of ending it waits. Frames come
 * in the order of time, each once, from all interfaces. Numbers go on after
 * 0xFFFFFFFE with 0. Time stamps count from the start of the capture.
 *
 * The frame is valid until the next call, by whichever thread: that call
 * *releases* it. A frame that was not released when the expert dies is seen once
 * more by its next incarnation, all others are seen once.
 *
 * Return: NMERR_SUCCESS; NMERR_EXPERT_TERMINATE; NMERR_TIMEOUT only with
 * FLAGS_LIVE_TIMEOUT; NMERR_OUT_OF_RANGE for a number that was not handed out
 * yet, and at the end of a capture that does not grow; NMERR_NOT_SUPPORTED for the
 * other directions and FLAGS_ATTACH_PROPERTIES; NMERR_INVALID_HFILTER for a filter;
 * NMERR_INVALID_PARAMETER for an unknown direction or flag or NULL;
 * NMERR_INVALID_EXPERT_HANDLE;
 * NMERR_INTERNAL_EXCEPTION if a ring holds nonsense.
 */
DWORD WINAPI ExpertGetFrame(HEXPERTKEY hExpertKey, DWORD Direction,
			    DWORD RequestFlags, DWORD RequestedFrameNumber,
			    HFILTER hFilter,
			    LPEXPERTFRAMEDESCRIPTOR pEFrameDescriptor);

/*
 * EXPERTLOSSES.Causes: the reader was behind by a whole ring; it wrote nonsense into
 * its position; the frame is larger than a ring; the kernel could not read it; the
 * filter has no program for the interface's link type. More may come.
 */
#define EXPERTLOSS_RING_FULL		0x00000001
#define EXPERTLOSS_CORRUPT		0x00000002
#define EXPERTLOSS_TOO_BIG		0x00000004
#define EXPERTLOSS_UNREADABLE		0x00000008
#define EXPERTLOSS_NO_PROGRAM		0x00000020

/**
 * struct EXPERTLOSSES - frames that the expert should have got and did not
 * @Lost: before frames that were handed out. What a frame has added to it was lost
 *	between it and the one before it that came on the same CPU.
 * @Pending: behind the last one handed out, as far as known now. They will be in
 *	@Lost with a later frame.
 * @Late: no loss: frames handed out after one with a later time stamp.
 * @Causes: of @Lost and @Pending, EXPERTLOSS_*.
 */
typedef struct _EXPERTLOSSES {
	uint64_t Lost;
	uint64_t Pending;
	uint64_t Late;
	DWORD Causes;
} EXPERTLOSSES, *PEXPERTLOSSES;

/**
 * ExpertGetLosses() - what was lost since this process began; ours
 * @hExpertKey: key of Run or Configure.
 * @pLosses: filled in on success, else untouched.
 *
 * Network Monitor's API has no place for it, and an expert that draws conclusions
 * from what is missing has to ask. Cheap enough for every frame; while another thread
 * waits for a frame, this waits for it. Terminate changes nothing here: a last word
 * may need it.
 *
 * Return: NMERR_SUCCESS, NMERR_INVALID_PARAMETER, NMERR_INVALID_EXPERT_HANDLE.
 */
DWORD WINAPI ExpertGetLosses(HEXPERTKEY hExpertKey, PEXPERTLOSSES pLosses);

/**
 * ExpertGetStartupInfo() - what Run and Configure get as pExpertStartupInfo
 * @hExpertKey: key of Run or Configure.
 * @pExpertStartupInfo: filled in.
 *
 * A pure query: terminate is not told here.
 *
 * Return: NMERR_SUCCESS, NMERR_INVALID_PARAMETER, NMERR_INVALID_EXPERT_HANDLE.
 */
DWORD WINAPI ExpertGetStartupInfo(HEXPERTKEY hExpertKey,
				  PEXPERTSTARTUPINFO pExpertStartupInfo);

typedef enum {
	EXPERTSTATUS_INACTIVE	= 0,
	EXPERTSTATUS_STARTING	= 1,
	EXPERTSTATUS_RUNNING	= 2,
	EXPERTSTATUS_PROBLEM	= 3,
	EXPERTSTATUS_ABORTED	= 4,
	EXPERTSTATUS_DONE	= 5
} EXPERTSTATUSENUMERATION;

/* SubStatus of EXPERTSTATUS_ABORTED, which the host sets */
#define EXPERTSUBSTATUS_ABORTED_USER		0x0001
#define EXPERTSUBSTATUS_ABORTED_LOAD_FAIL	0x0002
#define EXPERTSUBSTATUS_ABORTED_THREAD_FAIL	0x0004
#define EXPERTSUBSTATUS_ABORTED_BAD_ENTRY	0x0008

typedef struct _EXPERTSTATUS {
	EXPERTSTATUSENUMERATION Status;
	DWORD SubStatus;
	DWORD PercentDone;
	DWORD Frame;
	char szStatusText[MAX_PATH];
} EXPERTSTATUS, *PEXPERTSTATUS;

/**
 * ExpertIndicateStatus() - say how it goes
 * @hExpertKey: key of Run or Configure.
 * @Status: any EXPERTSTATUS_*, in any order; others are
 *	NMERR_INVALID_PARAMETER.
 * @SubStatus: what stopped the expert, with EXPERTSTATUS_PROBLEM.
 * @szText: copied; NULL is fine, more than 259 bytes are cut.
 * @PercentDone: 0 to 99; above, the number is ignored and the rest of the call
 *	is not; below 0 counts as 0. It may go back.
 *
 * The number of the last frame handed out is told along. Waits while the
 * supervisor does not read; terminate ends the wait, after one more second.
 *
 * Return: NMERR_SUCCESS; NMERR_EXPERT_TERMINATE, and it is delivered
 * nevertheless, unless the supervisor does not read or is gone;
 * NMERR_INVALID_PARAMETER, NMERR_INVALID_EXPERT_HANDLE.
 */
DWORD WINAPI ExpertIndicateStatus(HEXPERTKEY hExpertKey,
				  EXPERTSTATUSENUMERATION Status,
				  DWORD SubStatus, const char *szText,
				  LONG PercentDone);

typedef enum {
	NMCOLUMNTYPE_UINT8	= 0,
	NMCOLUMNTYPE_SINT8	= 1,
	NMCOLUMNTYPE_UINT16	= 2,
	NMCOLUMNTYPE_SINT16	= 3,
	NMCOLUMNTYPE_UINT32	= 4,
	NMCOLUMNTYPE_SINT32	= 5,
	NMCOLUMNTYPE_FLOAT64	= 6,
	NMCOLUMNTYPE_FRAME	= 7,	/* a FrameNumber, from 0 */
	NMCOLUMNTYPE_YESNO	= 8,
	NMCOLUMNTYPE_ONOFF	= 9,
	NMCOLUMNTYPE_TRUEFALSE	= 10,
	NMCOLUMNTYPE_MACADDR	= 11,
	NMCOLUMNTYPE_IPXADDR	= 12,
	NMCOLUMNTYPE_IPADDR	= 13,	/* IPv4, bytes as in the frame */
	NMCOLUMNTYPE_VARTIME	= 14,	/* days since 1899-12-30 */
	NMCOLUMNTYPE_STRING	= 15
} NMCOLUMNTYPE;

typedef struct _IPX_ADDR {
	BYTE Subnet[4];
	BYTE Address[6];
} IPX_ADDR;

typedef struct _NMCOLUMNVARIANT {
	NMCOLUMNTYPE Type;
	union {
		BYTE Uint8Val;
		signed char Sint8Val;
		WORD Uint16Val;
		short Sint16Val;
		DWORD Uint32Val;
		LONG Sint32Val;
		double Float64Val;
		DWORD FrameVal;
		BOOL YesNoVal;
		BOOL OnOffVal;
		BOOL TrueFalseVal;
		BYTE MACAddrVal[6];
		IPX_ADDR IPXAddrVal;
		DWORD IPAddrVal;
		double VarTimeVal;
		LPCSTR pStringVal;	/* NULL is shown as empty */
	} Value;
} NMCOLUMNVARIANT;

typedef struct _NMCOLUMNINFO {
	LPSTR szColumnName;
	NMCOLUMNVARIANT VariantData;
} NMCOLUMNINFO, *PNMCOLUMNINFO;

typedef LPSTR JTYPE;

#define NMEVENTFLAG_MONITOR			0x00000000
#define NMEVENTFLAG_EXPERT			0x00000001
#define NMEVENTFLAG_DO_NOT_DISPLAY_SEVERITY	0x80000000
#define NMEVENTFLAG_DO_NOT_DISPLAY_SOURCE	0x40000000
#define NMEVENTFLAG_DO_NOT_DISPLAY_EVENT_NAME	0x20000000
#define NMEVENTFLAG_DO_NOT_DISPLAY_DESCRIPTION	0x10000000
#define NMEVENTFLAG_DO_NOT_DISPLAY_MACHINE	0x08000000
#define NMEVENTFLAG_DO_NOT_DISPLAY_TIME		0x04000000
#define NMEVENTFLAG_DO_NOT_DISPLAY_DATE		0x02000000
#define NMEVENTFLAG_DO_NOT_DISPLAY_FIXED_COLUMNS	0xFE000000

#define NMEVENT_SEVERITY_INFORMATIONAL	0
#define NMEVENT_SEVERITY_WARNING	1
#define NMEVENT_SEVERITY_STRONG_WARNING	2
#define NMEVENT_SEVERITY_ERROR		3
#define NMEVENT_SEVERITY_SEVERE_ERROR	4
#define NMEVENT_SEVERITY_CRITICAL_ERROR	5

/**
 * struct NMEVENTDATA - one line of a report
 * @pszReserved: ignored.
 * @Version: 0.
 * @EventIdent: the kind of event or report, unique in the expert.
 * @Flags: NMEVENTFLAG_*; NMEVENTFLAG_EXPERT may be missing.
 * @Severity: NMEVENT_SEVERITY_*.
 * @NumColumns: entries of @Column.
 * @szSourceName: name of the expert as shown.
 * @szEventName: name of the event.
 * @szDescription: what it says.
 * @szMachine: for monitors.
 * @Justification: more text.
 * @pvReserved: ignored.
 * @SysTime: since the start of the capture, or all zero.
 * @Column: columns of its own; another event may have other ones.
 *
 * Every string may be NULL.
 *
 * A live report is submitted again and again. All events with the same
 * @EventIdent and the same @SysTime are one *edition*; an event with another
 * @SysTime begins the next edition, which takes the place of the one before. Say
 * that an edition is complete with ExpertIndicateStatus(EXPERTSTATUS_RUNNING).
 */
__extension__ typedef struct _NMEVENTDATA {
	LPSTR pszReserved;
	BYTE Version;
	DWORD EventIdent;
	DWORD Flags;
	DWORD Severity;
	BYTE NumColumns;
	LPSTR szSourceName;
	LPSTR szEventName;
	LPSTR szDescription;
	LPSTR szMachine;
	JTYPE Justification;
	PVOID pvReserved;
	SYSTEMTIME SysTime;
	NMCOLUMNINFO Column[];
} NMEVENTDATA, *PNMEVENTDATA;

/**
 * ExpertSubmitEvent() - add a line to the report
 * @hExpertKey: key of Run or Configure.
 * @pExpertEvent: sizeof(NMEVENTDATA) + NumColumns * sizeof(NMCOLUMNINFO) bytes,
 *	from anywhere. Copied with all its strings before this returns.
 *
 * Waits while the supervisor does not read; terminate ends the wait, after one
 * more second. An expert with EXPERT_ENUM_FLAG_NO_VIEWER may submit events too.
 *
 * Return: NMERR_SUCCESS; NMERR_EXPERT_TERMINATE, and it is delivered
 * nevertheless, unless the supervisor does not read or is gone;
 * NMERR_BUFFER_TOO_SMALL if it is larger than 64 KiB with its strings;
 * NMERR_BAD_VERSION if Version is not 0; NMERR_INVALID_PARAMETER for NULL or a
 * column of an unknown type; NMERR_INVALID_EXPERT_HANDLE.
 */
DWORD WINAPI ExpertSubmitEvent(HEXPERTKEY hExpertKey,
			       PNMEVENTDATA pExpertEvent);

#ifdef __cplusplus
}
#endif

#endif /* NETMON_H */
