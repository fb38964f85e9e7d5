/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netmon_error - the native API's answers as Network Monitor's
 */
#ifndef NEXP_NETMON_ERROR_H
#define NEXP_NETMON_ERROR_H

#include <errno.h>

#include <netmon_errors.h>
#include <netmon_types.h>

static inline DWORD nexp_netmon_error(int err)
{
	switch (err) {
	case 0:
		return NMERR_SUCCESS;
	case -EINVAL:
		return NMERR_INVALID_PARAMETER;
	case -ENOMEM:
	case -EDQUOT:
		return NMERR_OUT_OF_MEMORY;
	case -ETIMEDOUT:
		return NMERR_TIMEOUT;
	case -ENODATA:
		return NMERR_OUT_OF_RANGE;
	case -EPERM:
		return NMERR_ACCESS_DENIED;
	case -EBADMSG:
		return NMERR_FILE_READ_ERROR;
	case -ESHUTDOWN:
	case -ESTALE:
		return NMERR_EXPERT_TERMINATE;
	default:
		return NMERR_INTERNAL_EXCEPTION;
	}
}

#endif /* NEXP_NETMON_ERROR_H */
