/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netmon_errors - the error codes of Network Monitor's API
 *
 * Included by netmon.h.
 */
#ifndef NETMON_ERRORS_H
#define NETMON_ERRORS_H

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

#endif /* NETMON_ERRORS_H */
