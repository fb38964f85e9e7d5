/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netmon - the Expert API of Network Monitor 2.1, for live traffic on Linux
 *
 * Names, numbers and the order of fields are those of the documented API;
 * structures have natural packing, since no binary of the original is loaded.
 * Here is what exists so far: the eight Expert functions, the three entry points,
 * the functions for captures, frames, addresses, properties and display filters, and
 * ExpertGetLosses, ExpertGetOptions, ExpertGetOutput, GetCaptureStart and
 * CreateFilterFromText, which are ours. An expert is a shared object that exports
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
 *
 * What has no meaning here, and what is there instead:
 *
 * * windows (HWND, HINSTANCE): NULL. What a user would say to Configure's dialog is said
 *   on the command line: ExpertGetOptions()
 * * the filter of the window: "netexpert run -Y"; SetCurrentFilter() does nothing
 * * parsers as files of their own: Wireshark's. DisableParserFilter() and
 *   EnableParserFilter() answer NMERR_NOT_SUPPORTED
 * * frames that are changed: they are what was captured. ModifyFrame() answers NULL
 * * a capture that is read from a file of its own: GetCaptureComment() answers NULL, and
 *   GetCaptureCommentFromFilename() reads the comment of any file
 */
#ifndef NETMON_H
#define NETMON_H

#include <netmon_errors.h>
#include <netmon_filters.h>
#include <netmon_frames.h>
#include <netmon_properties.h>
#include <netmon_types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EXPERTSTRINGLENGTH	MAX_PATH
#define EXPERTGROUPNAMELENGTH	25

/**
 * struct EXPERTCONFIG - an expert's configuration
 * @RawConfigLength: bytes of the whole block, these four included.
 * @RawConfigData: the expert's own. Nobody else looks into it, so no pointers: what is
 *	stored comes back in another process. If it is a text with its NUL, "netexpert
 *	config" shows it as one.
 *
 * One is stored for each expert, by "netexpert config EXPERT=OPTIONS", as the first
 * RawConfigLength bytes of what Configure has left, 61440 at most. It is that of all
 * runs of that user from then on, on whatever capture, until "netexpert config --defaults
 * EXPERT" drops it or "netexpert run --no-config" leaves it out. An expert is who
 * registers with that szName from a plug-in of that file name; no other gets it.
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

/*
 * StartupFlags: prefer the startup information to the configuration. Set by Network
 * Monitor's menus for what has the focus; here nothing has, and it never is.
 */
#define EXPERT_STARTUP_FLAG_USE_STARTUP_DATA_OVER_CONFIG_DATA	0x00000001

/**
 * struct EXPERTSTARTUPINFO - where a run starts
 * @Flags: 0.
 * @hCapture: the capture: see netmon_frames.h.
 * @szCaptureFile: the interfaces, as the user named them, with blanks between them.
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
 * Configure is only called for an expert that is CONFIGURABLE and was given options:
 * for "netexpert config EXPERT=OPTIONS" alone, and before Run, once in each process,
 * for "netexpert run EXPERT=OPTIONS". *ppConfig is the stored configuration, a block
 * that ExpertReallocMemory and ExpertFreeMemory take with Configure's key, or NULL if
 * nothing is stored. ExpertGetOptions() has the options; where nobody asks for them
 * they are refused.
 *
 * FALSE changes nothing: what is stored stays, and there is no run. The text of its last
 * ExpertIndicateStatus with EXPERTSTATUS_PROBLEM is shown as the reason. After TRUE
 * *ppConfig is the configuration: the same block, changed or not, or any other one of
 * Configure's key. It must be a block of at least RawConfigLength bytes, and that at
 * least 4; what is not is refused. NULL says that there shall be none, and what is
 * stored is dropped. The block goes to Run and belongs to Run's key then, or to disk;
 * only "netexpert config" stores it. Everything else that Configure has allocated is
 * released.
 *
 * For "netexpert config" there is neither a capture nor the module: szCaptureFile is
 * empty, ExpertGetFrame is at the end at once, the heap's limit is 64 MiB, events are
 * shown to nobody, and Configure has 60 s.
 *
 * Run does the work until it is done or told to terminate. pConfig is what Configure
 * left; without options the stored configuration; NULL if there is none. What it returns
 * is no verdict. Everything it allocated is released when it returns.
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
 * @hFrame: the frame, for the functions in netmon_frames.h.
 * @pFrame: the frame itself; read-only.
 * @lpRecognizeDataTable: protocols; NULL without FLAGS_ATTACH_PROPERTIES.
 * @lpPropertyTable: properties; NULL without FLAGS_ATTACH_PROPERTIES. With it, both are
 *	NULL for a frame of a link type that Wireshark has no parser for.
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
 * @Direction: GET_FRAME_NEXT_FORWARD, the first frame behind the one that
 *	@RequestedFrameNumber names; GET_FRAME_NEXT_BACKWARD, the last one before it;
 *	or GET_SPECIFIED_FRAME, that one.
 * @RequestFlags: FLAGS_LIVE_TIMEOUT, or 0 to wait without end; a frame that has been
 *	there before is never waited for. With FLAGS_DEFER_TO_UI_FILTER a frame must pass
 *	the user's display filter first ("netexpert run -Y"), if there is one.
 *	FLAGS_ATTACH_PROPERTIES dissects the frame (netmon_properties.h): 0.1 to 1 ms, and
 *	0.1 s the first time.
 * @RequestedFrameNumber: forward, INVALID_FRAME_NUMBER stands before the first frame,
 *	as in the first call of a scan. Backward, it stands behind the last frame that
 *	there is, and so does the number of frames.
 * @hFilter: a display filter that a frame must pass (netmon_filters.h), or NULL.
 * @pEFrameDescriptor: filled in on success, else untouched.
 *
 * Live traffic is a capture that grows: instead of ending it waits. New frames come
 * in the order of time, from all interfaces, and get their numbers when a call comes
 * to them: those that do not pass a filter, too, and what is said here and in
 * netmon_frames.h of frames that were handed out holds for them. Numbers go on after
 * 0xFFFFFFFE with 0 and mean the last frame that had them then. Time stamps count from
 * the start of the capture.
 *
 * A call that asks for a new frame *releases* the last one. A frame that was not
 * released when the expert dies is seen once more by its next incarnation, all
 * others are seen once. Frames that were handed out before are here as long as they
 * are kept: the one not released yet always, others as netmon_frames.h says. Scans in
 * both directions leave out what is not kept any more, so a slow expert, or one that
 * goes back far, misses frames there, but none for the first time.
 *
 * With a filter, scans pass over what does not pass, in both directions; forward a frame
 * is looked at once, however often a call ends in NMERR_TIMEOUT and is made again. The
 * second of FLAGS_LIVE_TIMEOUT is then the whole call's: no frame has passed in it.
 *
 * A capture file is a closed capture (netmon_frames.h): any of its frames can be had at
 * any time. What comes next in turn is handed out as above, and only that is released;
 * who goes further than that, goes on in the file, and dies with a frame that its next
 * incarnation does not begin with.
 *
 * The frame is valid until the next call, by whichever thread.
 *
 * Return: NMERR_SUCCESS; NMERR_EXPERT_TERMINATE; NMERR_TIMEOUT only with
 * FLAGS_LIVE_TIMEOUT; NMERR_OUT_OF_RANGE for a number that there is not
 * (yet), before the first frame, and at the end of a capture that does not grow;
 * NMERR_FRAME_NOT_FOUND if the frame, or each one before it, is not kept any more;
 * NMERR_FILE_READ_ERROR if a capture file is not what it was, NMERR_OUT_OF_MEMORY if the
 * heap has no room for a frame of it;
 * NMERR_FRAME_FAILED_FILTER if the frame of GET_SPECIFIED_FRAME does not pass;
 * NMERR_LOAD_PARSER_FAILED if libwireshark is not there for FLAGS_ATTACH_PROPERTIES or
 * a filter, NMERR_INVALID_HFILTER, NMERR_FILTER_INVALID_EXPRESSION, and no frame was taken;
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
 * ExpertGetOutput() - the file that the user wants the expert to write; ours
 * @hExpertKey: key of Run or Configure.
 * @pFile: set to its file descriptor on success, else untouched.
 *
 * Experts of Network Monitor opened files themselves; here their process has no right to.
 * The user names a file ("netexpert run --output FILE EXPERT"), and it is opened for
 * writing and empty when the expert begins. It may be a pipe: one that nobody reads any
 * more, like a disk that is full, is an error of write(2) and no signal. The descriptor
 * stays the host's and is the same in each call: who wants one to close uses dup(2).
 *
 * What was written when an expert dies stands there until it is started again; then the
 * file is emptied, and it begins anew, with the frames that follow. From a pipe nothing
 * can be taken back: with one, the expert is not started again.
 *
 * Terminate changes nothing here: a last word may go to the file.
 *
 * Return: NMERR_SUCCESS; NMERR_FILE_NOT_FOUND if the user has named none;
 * NMERR_INVALID_PARAMETER, NMERR_INVALID_EXPERT_HANDLE.
 */
DWORD WINAPI ExpertGetOutput(HEXPERTKEY hExpertKey, int *pFile);

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

/**
 * ExpertGetOptions() - what the user has said in place of a dialog; ours
 * @hExpertKey: key of Configure.
 *
 * What stands behind "EXPERT=" on the command line, which may be empty. Run has no
 * options but in its configuration. Terminate changes nothing here.
 *
 * Return: the text, until Configure returns; NULL with any other key.
 */
LPCSTR WINAPI ExpertGetOptions(HEXPERTKEY hExpertKey);

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
		LPCSTR pStringVal;	/* NULL: no value, in a column of any type */
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
