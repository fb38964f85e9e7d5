// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - pools and live frames for traffic analysers
 *
 * Ordered init and uninit; see DESIGN.md for the parts.
 */
#include <linux/module.h>

#include "dev.h"
#include "kfunc.h"

static int __init nexp_init(void)
{
	int err;

	err = nexp_kfunc_init();
	if (err)
		return err;
	return nexp_dev_init();
}

static void __exit nexp_exit(void)
{
	/* Files and loaded programs pin the module: there are none. */
	nexp_dev_exit();
}

module_init(nexp_init);
module_exit(nexp_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Memory pools and live frames for network experts");
