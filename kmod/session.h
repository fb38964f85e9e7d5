/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_SESSION_H
#define NEXP_SESSION_H

#include <linux/types.h>

struct nexp_session;

struct nexp_account;

struct nexp_session *nexp_session_get(struct nexp_session *session);
void nexp_session_put(struct nexp_session *session);
struct nexp_account *nexp_session_account(struct nexp_session *session);
void nexp_session_wake(struct nexp_session *session);
u32 nexp_default_rings(void);

extern const struct file_operations nexp_session_fops;

#endif /* NEXP_SESSION_H */
