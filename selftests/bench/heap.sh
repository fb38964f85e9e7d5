#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Compare the library's allocator with what Debian has, on the same patterns.
#
# Usage: heap.sh [ROUNDS]
#
# Subjects take turns, ROUNDS times (5), and the least CPU time of each case
# counts: others may use this machine. The others allocate with calloc(), because
# ours is zero-filled. "nozero" is ours without that, for the record. Prints a
# table and writes build/bench/heap.json; fails if a ratio to mimalloc is missed.
set -euo pipefail

repo=$(cd "$(dirname "$0")/../.." && pwd)
out=$repo/build/bench
rounds=${1:-5}
subjects=(ours nozero glibc mimalloc jemalloc tcmalloc)

preload() {
	case $1 in
	mimalloc) echo libmimalloc.so.2.0 ;;
	jemalloc) echo libjemalloc.so.2 ;;
	tcmalloc) echo libtcmalloc_minimal.so.4 ;;
	esac
}

run() { # SUBJECT [PROGRAM...]
	local subject=$1
	shift
	case $subject in
	ours | nozero) LD_LIBRARY_PATH=$out/$subject "$@" "$out/heap_bench" ours ;;
	*) LD_LIBRARY_PATH=$out/ours LD_PRELOAD=$(preload "$subject") "$@" "$out/heap_bench" calloc ;;
	esac
}

# The library as it is, and without zeroing; the program finds either by its path.
flags=(-std=gnu11 -O2 -g -Wall -Wextra -Werror -fPIC -pthread -D_GNU_SOURCE=
	-I"$repo" -I"$repo/include" -I"$repo/include/uapi")
cc=${CC:-gcc}
library() { # SUBJECT [FLAG...]: these flags for what zeroes objects
	local dir=$out/$1 source
	shift
	mkdir -p "$dir"
	rm -f "$dir"/*.o
	for source in "$repo"/user/lib/*.c; do
		local more=()
		case $source in */heap*.c | */netmon.c) more=("$@") ;; esac
		"$cc" "${flags[@]}" "${more[@]}" -c "$source" \
			-o "$dir/$(basename "$source" .c).o"
	done
	"$cc" -pthread -shared -Wl,-Bsymbolic "$dir"/*.o -o "$dir/libnetexpert-bench.so"
}
library ours
library nozero -Wno-unused-value -include "$repo/selftests/bench/without_zeroing.h"
"$cc" "${flags[@]}" "$repo/selftests/bench/heap_bench.c" -L"$out/ours" -lnetexpert-bench \
	-o "$out/heap_bench"

echo "heap: $rounds rounds of ${subjects[*]}"
: >"$out/heap.raw"
for ((round = 1; round <= rounds; round++)); do
	for subject in "${subjects[@]}"; do
		run "$subject" | sed "s/^/$subject /" >>"$out/heap.raw"
	done
done
awk -f "$repo/selftests/bench/heap.awk" -v json="$out/heap.json" "$out/heap.raw"
