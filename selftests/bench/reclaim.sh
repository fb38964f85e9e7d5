#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How fast memory comes back from an expert that is killed, beside a process
# that has the same amount of ordinary memory: see reclaim.c. Boots the VM;
# needs 'make all selftests'.
#
# Usage: reclaim.sh [--icount] [ROUNDS [MIB]...]
#
# Prints a table and writes build/bench/reclaim.json. Fails if a pool of 1 GiB
# takes longer to come back than as much anonymous memory in 4 KiB pages, or if the
# end of an expert is not noticed within a millisecond, however large its pool.
# With --icount a microsecond is a thousand instructions of the only processor:
# the numbers say nothing about time, but they are the same in every run.
set -euo pipefail

repo=$(cd "$(dirname "$0")/../.." && pwd)
out=$repo/build/bench
icount=() rounds=5 sizes=(64 256 1024 4096)
if [ "${1:-}" = --icount ]; then
	icount=(--icount) rounds=2
	shift
fi
[ $# -lt 1 ] || rounds=$1
[ $# -lt 2 ] || sizes=("${@:2}")
must_mib=1024 must_ratio=1.0 must_notice=1000

mkdir -p "$out"
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -I"$repo/include/uapi" \
	-isystem "${NETEXPERT_CACHE:-$repo/build/cache}/linux/tools/testing/selftests" \
	-o "$out/reclaim" "$repo/selftests/bench/reclaim.c"

# Twice the largest size: the module's limit is half of the memory.
largest=$(printf '%s\n' "${sizes[@]}" | sort -n | tail -n 1)
"$repo/selftests/vm/run.sh" "${icount[@]}" --memory $((2 * largest + 1024)) --seconds 6000 -- \
	"$out/reclaim" "$rounds" "${sizes[@]}" >"$out/reclaim.txt" || {
	status=$?
	cat "$out/reclaim.txt" >&2
	exit $status
}

awk '
{
	printf "%s{\"case\":\"%s\",\"subject\":\"%s\",\"size\":%.0f,\"value\":%s,",
	       NR == 1 ? "[\n" : ",\n", $1, $2, $3 * 1048576, $4
	printf "\"median\":%s,\"unit\":\"us\",\"ratio\":%s}", $5, $6
}
END { print "\n]" }' "$out/reclaim.txt" >"$out/reclaim.json"

echo "microseconds from kill(2), least of $rounds (median); ratio to anon-4k gone"
awk '
{
	if ($3 != size)
		printf "%s MiB\n  %-12s %24s %24s %24s  %s\n", size = $3,
		       "", "noticed", "gone", "back", "ratio"
	cell[$1] = sprintf("%.0f (%.0f)", $4, $5)
	last[$2 " " $3] = $6
	if ($1 == "gone" && $2 ~ /^expert/)
		next
	if ($1 == "noticed")
		next
	printf "  %-12s %24s %24s %24s  %s\n", $2, cell["noticed"], cell["gone"],
	       cell["back"], $6
	delete cell
}' "$out/reclaim.txt"

awk -v mib="$must_mib" -v must="$must_ratio" -v notice="$must_notice" '
$1 == "back" && $3 == mib {
	if ($6 > must) {
		printf "reclaim: %s of %d MiB: ratio %s, must be at most %s\n",
		       $2, mib, $6, must
		missed = 1
	}
}
$1 == "noticed" && $4 > notice {
	printf "reclaim: %s of %d MiB: noticed after %s us, must be at most %d\n",
	       $2, $3, $4, notice
	missed = 1
}
END { exit missed }' "$out/reclaim.txt" >&2
