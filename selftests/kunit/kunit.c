// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert_kunit - parts of the module, called as no ioctl can call them
 *
 * Loading it runs the suites; what they found is in the kernel's log.
 */
#include <linux/module.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of parts of netexpert");
