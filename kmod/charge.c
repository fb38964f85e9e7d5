// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - what memory is counted against: the session and the module
 *
 * A pool's own limit is its heap's business; what comes back as EDQUOT beyond
 * that is decided here, once for rings, windows, filters, page tables of a heap
 * and the heap itself. Memory cgroups are charged by the allocations themselves.
 */
#include <linux/mm.h>
#include <linux/module.h>

#include "charge.h"

static unsigned long max_mbytes;
module_param(max_mbytes, ulong, 0644);
MODULE_PARM_DESC(max_mbytes,
		 "Most MiB of all rings and heaps together (default 0: half of the machine's memory)");

static unsigned long max_session_mbytes;
module_param(max_session_mbytes, ulong, 0644);
MODULE_PARM_DESC(max_session_mbytes,
		 "Most MiB of all rings and heaps of one session (default 0: as many as max_mbytes)");

static struct nexp_account nexp_all;

static unsigned long nexp_mbytes(unsigned long mbytes)
{
	return min(mbytes, ULONG_MAX >> 20) << 20;
}

/** nexp_max_bytes() - the module's limit. */
unsigned long nexp_max_bytes(void)
{
	unsigned long max = READ_ONCE(max_mbytes);

	return max ? nexp_mbytes(max) : totalram_pages() / 2 << PAGE_SHIFT;
}

/** nexp_charged() - bytes of all rings and heaps. */
unsigned long nexp_charged(void)
{
	return atomic_long_read(&nexp_all.bytes);
}

/** nexp_account_max() - what a session may have: the lowest of the limits. */
unsigned long nexp_account_max(const struct nexp_account *account)
{
	unsigned long param = READ_ONCE(max_session_mbytes);
	unsigned long own = READ_ONCE(account->max);
	unsigned long max = nexp_max_bytes();

	if (param)
		max = min(max, nexp_mbytes(param));
	if (own)
		max = min(max, own);
	return max;
}

static bool nexp_account_add(struct nexp_account *account, unsigned long bytes,
			     unsigned long max)
{
	long old = atomic_long_read(&account->bytes);

	do {
		if (old > max || bytes > max - old)
			return false;
	} while (!atomic_long_try_cmpxchg(&account->bytes, &old, old + bytes));
	return true;
}

/**
 * nexp_charge() - count memory that is about to be allocated
 * @account: the session's.
 * @bytes: how much.
 *
 * Return: 0, or -EDQUOT with nothing counted.
 */
int nexp_charge(struct nexp_account *account, unsigned long bytes)
{
	/* Nothing always fits, even if a limit was lowered below what is. */
	if (!bytes)
		return 0;
	if (!nexp_account_add(account, bytes, nexp_account_max(account)))
		return -EDQUOT;
	if (!nexp_account_add(&nexp_all, bytes, nexp_max_bytes())) {
		atomic_long_sub(bytes, &account->bytes);
		return -EDQUOT;
	}
	return 0;
}

/** nexp_uncharge() - memory was freed. */
void nexp_uncharge(struct nexp_account *account, unsigned long bytes)
{
	atomic_long_sub(bytes, &account->bytes);
	atomic_long_sub(bytes, &nexp_all.bytes);
}
