#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run test programs with kselftest's runner: KTAP on standard output.
#
# Usage: runner.sh [-t SECONDS] NAME PROGRAM...
#
# NAME stands before each program in the results. The runner wants a folder of
# that name beside its own files, with the settings in it. After SECONDS no
# program begins any more; those left out are missing from the results.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
kselftest=${NETEXPERT_CACHE:-$repo/build/cache}/linux/tools/testing/selftests/kselftest
seconds=
[ "$1" != -t ] || { seconds=$2; shift 2; }
name=$1
shift

BASE_DIR=$(mktemp -d)
trap 'rm -rf "$BASE_DIR"' EXIT
ln -s "$kselftest" "$BASE_DIR/kselftest"
ln -s "$repo/selftests" "$BASE_DIR/$name"
cd "$BASE_DIR/$name"

# What a program may take in all, for the slowest of kernels; see settings.
[ "${NETEXPERT_PATIENCE:-1}" = 1 ] || export kselftest_override_timeout=3000

set +eu
# shellcheck source=/dev/null # from the kernel's source
. "$BASE_DIR/kselftest/runner.sh"
echo "TAP version 13"
echo "1..$#"
number=0
for program; do
	if [ -n "$seconds" ] && [ "$SECONDS" -ge "$seconds" ]; then
		echo "# no program begins after $seconds s"
		break
	fi
	number=$((number + 1))
	run_one "$name" "$program" "$number"
done
