// SPDX-License-Identifier: GPL-2.0
/*
 * unload_race - the last close against the unloading of the module
 *
 * unload_race MODULE ROUNDS WHAT...
 *
 * In each round, for each WHAT (see hold.h), one thread tries to unload the module
 * all the time and another lets go of what keeps it, so that the first try which
 * works comes right behind the last close, or in the middle of it. Then the module
 * is loaded again. Prints how often it was refused.
 */
#include "hold.h"

#include <pthread.h>

/**
 * struct unloader - the thread that unloads
 * @refused: how often it could not yet.
 * @error: why it gave up, or 0.
 */
struct unloader {
	unsigned long refused;
	int error;
};

static void *unload(void *arg)
{
	struct unloader *unloader = arg;
	__u64 deadline = nexp_now_ms() + NEXP_PATIENCE_MS;

	while (syscall(SYS_delete_module, "netexpert", O_NONBLOCK)) {
		if (errno != EWOULDBLOCK || nexp_now_ms() > deadline) {
			unloader->error = errno;
			break;
		}
		__atomic_add_fetch(&unloader->refused, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static int load(const char *module)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);
	int ret = fd < 0 ? -errno : 0;

	if (!ret && syscall(SYS_finit_module, fd, "", 0))
		ret = -errno;
	nexp_hold_close(fd);
	return ret;
}

/* Another moment in each round. */
static void delay(unsigned int round)
{
	volatile unsigned int i;

	for (i = 0; i < round * 500; i++)
		;
}

/* Whether the module went away when @what did. */
static bool race(const char *what, unsigned int round, unsigned long *refused)
{
	struct unloader unloader = {};
	struct nexp_hold hold;
	pthread_t thread;
	int ret = nexp_hold(what, &hold);

	if (!ret)
		ret = -pthread_create(&thread, NULL, unload, &unloader);
	if (ret) {
		fprintf(stderr, "unload_race: cannot hold %s: %s\n", what, strerror(-ret));
		return false;
	}
	/* It goes on when this fails, too: there is nothing left to wait for. */
	ret = nexp_becomes(__atomic_load_n(&unloader.refused, __ATOMIC_ACQUIRE));
	delay(round);
	nexp_hold_end(&hold);
	pthread_join(thread, NULL);
	*refused += unloader.refused;
	if (!ret)
		fprintf(stderr, "unload_race: nothing was refused while there was a %s\n", what);
	else if (unloader.error)
		fprintf(stderr, "unload_race: after the last %s: %s\n", what,
			strerror(unloader.error));
	else if (!access("/sys/module/netexpert", F_OK))
		fprintf(stderr, "unload_race: after the last %s it is still there\n", what);
	else
		return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned int round, rounds = argc > 3 ? atoi(argv[2]) : 0;
	unsigned long refused = 0;
	int i, ret;

	if (!rounds) {
		fprintf(stderr, "usage: unload_race MODULE ROUNDS WHAT...\n");
		return 2;
	}
	for (round = 0; round < rounds; round++) {
		for (i = 3; i < argc; i++) {
			if (!race(argv[i], round, &refused))
				return 1;
			ret = load(argv[1]);
			if (ret) {
				fprintf(stderr, "unload_race: loading %s again: %s\n",
					argv[1], strerror(-ret));
				return 1;
			}
		}
	}
	printf("%u rounds, refused %lu times\n", rounds * (argc - 3), refused);
	return 0;
}
