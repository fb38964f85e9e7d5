// SPDX-License-Identifier: GPL-2.0
/*
 * holder - hold the module in one way, until standard input ends
 *
 * holder session|attachment|husk|window|view|program
 *
 * Says "ready" when it does. What these are is in hold.h.
 */
#include "hold.h"

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "nothing";
	struct nexp_hold hold;
	int ret = nexp_hold(what, &hold);
	char byte;

	if (ret) {
		fprintf(stderr, "holder: cannot hold %s: %s\n", what, strerror(-ret));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
