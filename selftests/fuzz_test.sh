#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fuzz_test - random programs against the module; see fuzz/ioctl_fuzz.c
#
# fuzz_test.sh [NUMBER [SEED]]
#
# Programs that found something once come first, then NUMBER new ones (200, fewer
# on a slow kernel). A seed that found something says what to do again; what it
# printed goes to fuzz/corpus.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

number=${1:-$((200 / ${NETEXPERT_PATIENCE:-1}))}
seed=${2:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

# The kernel's log says which program ran last, if it was the last.
echo on >/proc/sys/kernel/printk_devkmsg

check "programs that found something find nothing any more" \
	ioctl_fuzz -n 0 "$here"/fuzz/corpus/*
echo "# ioctl_fuzz -s $seed -n $number"
check "$number random programs find nothing" ioctl_fuzz -s "$seed" -n "$number"
