// SPDX-License-Identifier: GPL-2.0
/*
 * netmon - the Expert functions: memory, losses, output, startup information
 *
 * A thin layer: it checks the key and what Network Monitor wants checked, calls
 * the native API and translates its answer. Rules and decisions stand in
 * include/netmon.h.
 */
#include "heap_fast.h"
#include "key.h"
#include "netmon_error.h"

#define SAME_CAUSE(name) \
	_Static_assert(EXPERTLOSS_##name == 1U << NETEXPERT_DROP_##name, #name)
SAME_CAUSE(RING_FULL);
SAME_CAUSE(CORRUPT);
SAME_CAUSE(TOO_BIG);
SAME_CAUSE(UNREADABLE);
SAME_CAUSE(NO_PROGRAM);

#ifdef __LP64__
_Static_assert(sizeof(EXPERTENUMINFO) == 1088, "EXPERTENUMINFO");
_Static_assert(sizeof(EXPERTSTARTUPINFO) == 304, "EXPERTSTARTUPINFO");
_Static_assert(sizeof(EXPERTSTATUS) == 276, "EXPERTSTATUS");
_Static_assert(sizeof(EXPERTCONFIG) == 4, "EXPERTCONFIG");
_Static_assert(sizeof(CONFIGUREDEXPERT) == 24, "CONFIGUREDEXPERT");
_Static_assert(sizeof(EXPERTFRAMEDESCRIPTOR) == 40, "EXPERTFRAMEDESCRIPTOR");
_Static_assert(sizeof(NMCOLUMNVARIANT) == 24, "NMCOLUMNVARIANT");
_Static_assert(offsetof(NMCOLUMNVARIANT, Value) == 8, "NMCOLUMNVARIANT.Value");
_Static_assert(sizeof(NMCOLUMNINFO) == 32, "NMCOLUMNINFO");
_Static_assert(sizeof(NMEVENTDATA) == 96, "NMEVENTDATA");
_Static_assert(offsetof(NMEVENTDATA, Column) == 96, "NMEVENTDATA.Column");
_Static_assert(sizeof(FRAME) == 16, "FRAME");
_Static_assert(sizeof(SYSTEMTIME) == 16, "SYSTEMTIME");
#endif

static LPVOID answer(LPVOID memory, DWORD error, DWORD *pError)
{
	if (pError)
		*pError = error;
	return error == NMERR_SUCCESS ? memory : NULL;
}

/* All cases, each with its error. */
static __attribute__((noinline)) LPVOID alloc_memory(HEXPERTKEY handle, SIZE_T size,
						     DWORD *pError)
{
	struct nexp_key *key;
	void *memory;
	DWORD error;
	int err;

	error = nexp_key_check(handle, &key);
	if (error != NMERR_SUCCESS)
		return answer(NULL, error, pError);
	if (!size)
		return answer(NULL, NMERR_INVALID_PARAMETER, pError);
	if (nexp_key_ends(key))
		return answer(NULL, NMERR_EXPERT_TERMINATE, pError);
	memory = nexp_alloc(key->nx, size, &err);
	nexp_thread_remember(key);
	return answer(memory, memory ? NMERR_SUCCESS : nexp_netmon_error(err), pError);
}

/*
 * A slot that was never used, or of another span of the thread's, unless it is
 * time to look if memory should go back.
 */
static __attribute__((noinline)) LPVOID alloc_next(HEXPERTKEY handle, SIZE_T size,
						   DWORD *pError)
{
	struct nexp_thread *me = nexp_tls.me;
	struct nexp_bin *bin = nexp_bin_for(me, size);
	bool is_zero = false;
	uint32_t slot;
	void *memory;

	if (me->patience >= NEXP_HEAP_PATIENCE ||
	    (!nexp_bin_fresh(bin, &slot, &is_zero) &&
	     (!nexp_bin_turn(me->nx, me, bin) || !nexp_bin_pop(bin, &slot))))
		return alloc_memory(handle, size, pError);
	if (pError)
		*pError = NMERR_SUCCESS;
	memory = nexp_slot_live(bin, slot, size);
	return is_zero ? memory : nexp_zero(memory, size);
}

LPVOID WINAPI ExpertAllocMemory(HEXPERTKEY hExpertKey, SIZE_T nBytes,
				DWORD *pError)
{
	const struct nexp_key *key = nexp_tls.alloc_key;
	struct nexp_bin *bin;
	uint32_t slot;
	void *memory;

	if (unlikely(!nexp_key_is(key, hExpertKey)))
		return alloc_memory(hExpertKey, nBytes, pError);
	bin = nexp_bin_for(nexp_tls.me, nBytes);
	if (unlikely(!nexp_bin_take(nexp_tls.me, bin, &slot)))
		return alloc_next(hExpertKey, nBytes, pError);
	memory = nexp_slot_live(bin, slot, nBytes);
	if (pError)
		*pError = NMERR_SUCCESS;
	return nexp_zero(memory, nBytes);
}

LPVOID WINAPI ExpertReallocMemory(HEXPERTKEY hExpertKey, LPVOID pOriginalMemory,
				  SIZE_T nBytes, DWORD *pError)
{
	struct nexp_key *key;
	void *memory = NULL;
	size_t size;
	DWORD error;

	if (!pOriginalMemory)
		return ExpertAllocMemory(hExpertKey, nBytes, pError);
	error = nexp_key_check(hExpertKey, &key);
	if (error != NMERR_SUCCESS)
		return answer(NULL, error, pError);
	if (!nBytes)
		return answer(NULL, NMERR_INVALID_PARAMETER, pError);
	if (nexp_key_ends(key))
		return answer(NULL, netexpert_size(key->nx, pOriginalMemory, &size) ?
			      NMERR_INVALID_PARAMETER : NMERR_EXPERT_TERMINATE, pError);
	error = nexp_netmon_error(netexpert_realloc(key->nx, pOriginalMemory, nBytes, &memory));
	return answer(memory, error, pError);
}

static DWORD end_of(const struct nexp_key *key)
{
	return nexp_key_ends(key) ? NMERR_EXPERT_TERMINATE : NMERR_SUCCESS;
}

/* All cases, each with its error. */
static __attribute__((noinline)) DWORD free_memory(HEXPERTKEY handle, LPVOID memory)
{
	struct nexp_key *key;
	DWORD error = nexp_key_check(handle, &key);

	if (error != NMERR_SUCCESS)
		return error;
	error = nexp_netmon_error(nexp_free(key->nx, memory));
	nexp_thread_remember(key);
	return error == NMERR_SUCCESS ? end_of(key) : error;
}

/* Another thread's, a large one, or none; @key is the calling thread's. */
static __attribute__((noinline)) DWORD free_other(const struct nexp_key *key,
						  LPVOID memory)
{
	int err = nexp_object_free(key->nx, nexp_tls.me, memory);

	return err ? nexp_netmon_error(err) : end_of(key);
}

static __attribute__((noinline)) DWORD free_event(const struct nexp_key *key,
						  LPVOID memory)
{
	nexp_free_event(key->nx, memory);
	return end_of(key);
}

DWORD WINAPI ExpertFreeMemory(HEXPERTKEY hExpertKey, LPVOID pOriginalMemory)
{
	const struct nexp_key *key = nexp_tls.key;

	if (unlikely(!nexp_key_is(key, hExpertKey)))
		return free_memory(hExpertKey, pOriginalMemory);
	switch (nexp_free_fast(nexp_tls.me, pOriginalMemory)) {
	case NEXP_FREE_DONE:
		return NMERR_SUCCESS;
	case NEXP_FREE_EVENT:
		return free_event(key, pOriginalMemory);
	default:
		return free_other(key, pOriginalMemory);
	}
}

SIZE_T WINAPI ExpertMemorySize(HEXPERTKEY hExpertKey, LPVOID pOriginalMemory)
{
	struct nexp_key *key;
	size_t size;

	if (nexp_key_check(hExpertKey, &key) != NMERR_SUCCESS ||
	    netexpert_size(key->nx, pOriginalMemory, &size))
		return 0;
	return size;
}

DWORD WINAPI ExpertGetStartupInfo(HEXPERTKEY hExpertKey,
				  PEXPERTSTARTUPINFO pExpertStartupInfo)
{
	struct nexp_key *key;
	DWORD error;

	error = nexp_key_check(hExpertKey, &key);
	if (error != NMERR_SUCCESS)
		return error;
	if (!pExpertStartupInfo)
		return NMERR_INVALID_PARAMETER;
	*pExpertStartupInfo = key->startup;
	return NMERR_SUCCESS;
}

LPCSTR WINAPI ExpertGetOptions(HEXPERTKEY hExpertKey)
{
	struct nexp_key *key;

	if (nexp_key_check(hExpertKey, &key) != NMERR_SUCCESS)
		return NULL;
	WRITE_ONCE(key->options_asked, true);
	return key->options;
}

DWORD WINAPI ExpertGetLosses(HEXPERTKEY hExpertKey, PEXPERTLOSSES pLosses)
{
	struct netexpert_losses losses;
	struct nexp_key *key;
	DWORD error;

	error = nexp_key_check(hExpertKey, &key);
	if (error != NMERR_SUCCESS)
		return error;
	if (!pLosses)
		return NMERR_INVALID_PARAMETER;
	error = nexp_netmon_error(netexpert_losses(key->nx, &losses));
	if (error != NMERR_SUCCESS)
		return error;
	*pLosses = (EXPERTLOSSES) {
		.Lost = losses.lost,
		.Pending = losses.pending,
		.Late = losses.late,
		.Causes = losses.causes,
	};
	return NMERR_SUCCESS;
}

DWORD WINAPI ExpertGetOutput(HEXPERTKEY hExpertKey, int *pFile)
{
	struct nexp_key *key;
	DWORD error;

	error = nexp_key_check(hExpertKey, &key);
	if (error != NMERR_SUCCESS)
		return error;
	if (!pFile)
		return NMERR_INVALID_PARAMETER;
	if (key->output < 0)
		return NMERR_FILE_NOT_FOUND;
	WRITE_ONCE(key->output_asked, true);
	*pFile = key->output;
	return NMERR_SUCCESS;
}
