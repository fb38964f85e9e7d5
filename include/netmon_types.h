/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netmon_types - types and handles of Network Monitor's API; see netmon.h
 *
 * Handles are opaque: a number, never a pointer that could be followed. One that
 * stands for nothing any more is refused, with the answer that stands at each
 * function for a bad handle.
 */
#ifndef NETMON_TYPES_H
#define NETMON_TYPES_H

#include <stddef.h>
#include <stdint.h>

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
} SYSTEMTIME, *LPSYSTEMTIME;

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

#endif /* NETMON_TYPES_H */
