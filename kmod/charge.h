/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_CHARGE_H
#define NEXP_CHARGE_H

#include <linux/atomic.h>

/**
 * struct nexp_account - what one session's pools take
 * @bytes: of rings, windows, filters, tables and heaps.
 * @max: most of them by the session's own wish; 0 is none. Lowering it takes
 *	nothing away.
 */
struct nexp_account {
	atomic_long_t bytes;
	unsigned long max;
};

int nexp_charge(struct nexp_account *account, unsigned long bytes);
void nexp_uncharge(struct nexp_account *account, unsigned long bytes);
unsigned long nexp_account_max(const struct nexp_account *account);
unsigned long nexp_charged(void);
unsigned long nexp_max_bytes(void);

#endif /* NEXP_CHARGE_H */
