#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the tests that 'make' has built and add them up in one line.
#
# Usage: check.sh [unit] [model] [vm] [kasan] [kasan_if_time] [kcsan]
#
# kasan_if_time is kasan until NETEXPERT_DEADLINE, a time as 'date +%s' has it (in
# 48 minutes): what of it was left out then is said, and is no failure.
set -euo pipefail

repo=$(cd "$(dirname "$0")/.." && pwd)
out=$repo/build/check
passed=0 failed=0 skipped=0
problems=()
left_out=()
deadline=${NETEXPERT_DEADLINE:-$(($(date +%s) + 2880))}

add() { # TAP-FILE [cut]
	local counts more
	mapfile -t more < <(awk -v cut="${2:-}" -f "$repo/selftests/tap.awk" "$1")
	read -r -a counts <<<"${more[0]}"
	[ -n "${2:-}" ] || [ $((counts[0] + counts[1])) -gt 0 ] || fail "no test ran: $1"
	passed=$((passed + counts[0]))
	failed=$((failed + counts[1]))
	skipped=$((skipped + counts[2]))
	problems+=("${more[@]:1}")
}

fail() {
	failed=$((failed + 1))
	problems+=("$1")
}

# GCC 12's sanitizers find no room for their tables where addresses are as random
# as newer kernels make them by default.
run_unit() {
	echo "unit tests, under AddressSanitizer and UBSan"
	setarch -R "$repo/selftests/runner.sh" unit "$repo"/build/unit/*_test 2>&1 |
		tee "$out/unit.tap" || true
	add "$out/unit.tap"
	echo "an expert of one's own, installed and debugged"
	setarch -R "$repo/selftests/runner.sh" try "$repo"/selftests/unit/try_test.sh 2>&1 |
		tee "$out/try.tap" || true
	add "$out/try.tap"
	echo "the allocator's threads under ThreadSanitizer"
	setarch -R "$repo/selftests/runner.sh" tsan "$repo"/build/unit/tsan/*_test 2>&1 |
		tee "$out/tsan.tap" || true
	add "$out/tsan.tap"
	echo "without sanitizers: the allocator against a shadow map, ten million operations; the parsers' memory"
	HEAP_FUZZ_OPERATIONS=10000000 "$repo/selftests/runner.sh" plain \
		"$repo"/build/unit/plain/*_test 2>&1 | tee "$out/plain.tap" || true
	add "$out/plain.tap"
}

run_model() {
	echo "models of the allocator's threads, a few minutes"
	kselftest_override_timeout=3000 \
		"$repo/selftests/runner.sh" model "$repo/selftests/model/model.sh" 2>&1 |
		tee "$out/model.tap" || true
	add "$out/model.tap"
}

# Whatever the kernel complained about since the module was loaded. The kernel has
# data races of its own: those count in which the module has a part. And it says
# "leaked" of a fault that found no page table, which fail_nth_test wants.
complaints() {
	sed -n '/vm: begin/,$p' "$1" | grep -aE \
		-e 'WARNING:|BUG:|BUG at|Oops|Kernel panic|Call trace aborted' \
		-e 'possible (circular|recursive|irq)|inconsistent lock|bad unlock balance' \
		-e 'suspicious RCU|rcu.*(stall|self-detected)|blocked for more than' \
		-e 'KASAN|KFENCE|UBSAN|KCSAN|Bad page|bad page|page dumped' \
		-e 'kmemleak: ([0-9]+ new|.*disabled)' \
		-e 'general protection fault,|unable to handle|double fault' \
		-e 'refcount_t:|list_(add|del) corruption|ODEBUG|scheduling while atomic' \
		-e 'Objects remaining|leaked|failed to validate module.*BTF' |
		sed -e '/BUG: KCSAN/{/\[netexpert\]/!d}' -e '/Huh VM_FAULT_OOM leaked out/d' || true
}

# judge_log LOG
judge_log() {
	local said
	[ -e "$1" ] || return 0
	said=$(complaints "$1")
	[ -z "$said" ] || fail "the kernel complained, see $1:"$'\n'"$said"
}

# Runs "${tests[@]}"; the VM's status is in $status then. With BEGIN-SECONDS no
# program begins after that.
run_tests_in_vm() { # NAME SECONDS BEGIN-SECONDS [OPTION-OF-RUN.SH]...
	local name=$1 seconds=$2 begin=$3
	shift 3
	mapfile -t tests < <(make -s -C "$repo/selftests" list-tests)
	echo "booting the VM: ${#tests[@]} test programs, kernel log in build/check/$name/console.log"
	status=0
	"$repo/selftests/vm/run.sh" --dir "$out/$name" --seconds "$seconds" "$@" -- \
		"$repo/selftests/runner.sh" ${begin:+-t "$begin"} netexpert "${tests[@]}" 2>&1 |
		tee "$out/$name.tap" || status=$?
}

# judge NAME [WHAT-THE-LOG-MUST-SAY]...
judge() {
	local log=$out/$1/console.log words
	add "$out/$1.tap"
	[ "$status" = 0 ] || fail "the VM did not report success (status $status)"
	for words in 'vm: end' "${@:2}"; do
		grep -q "$words" "$log" || fail "the VM did not get to its '$words'; see $log"
	done
	judge_log "$log"
}

run_vm() {
	run_tests_in_vm vm "${NETEXPERT_VM_SECONDS:-3600}" ''
	judge vm
}

# The checks cost memory, and time: five to ten times as much.
run_debug() { # FLAVOUR SECONDS BEGIN-SECONDS
	local kernel
	kernel=$("$repo/selftests/vm/kernel.sh" --cached "$1")
	run_tests_in_vm "$1" "$2" "$3" --memory 4096 \
		--kernel "$kernel" --module "$repo/build/debug/$1/kmod/netexpert.ko"
	echo "the $1 kernel took $(<"$kernel/seconds") s to build, once; it is in $kernel"
}

build_and_run_debug() { # FLAVOUR [WHAT-THE-LOG-MUST-SAY]...
	if make -C "$repo" debug FLAVOUR="$1"; then
		run_debug "$1" "${NETEXPERT_VM_SECONDS:-10800}" ''
		judge "$@"
	else
		fail "the $1 kernel does not build, or the module for it"
	fi
}

kcsan_says=('Subtest: netexpert_' 'vm: looked for pages')
kasan_says=("${kcsan_says[@]}" 'vm: looked for leaks')
run_kasan() { build_and_run_debug kasan "${kasan_says[@]}"; }
run_kcsan() { build_and_run_debug kcsan "${kcsan_says[@]}"; }

seconds_left() { echo $((deadline - $(date +%s))); }

leave_out() { left_out+=("the debug kernel did NOT $1; 'make check-debug' runs all of it"); }

# The time was up on the way: what was done until then counts.
judge_what_ran() { # NUMBER-OF-PROGRAMS
	local rest=("${tests[@]:$1}") log=$out/kasan/console.log what=''
	add "$out/kasan.tap" cut
	judge_log "$log"
	[ ${#rest[@]} = 0 ] || what=", not ${rest[*]##*/}"
	grep -q 'vm: end' "$log" || what+=", and nobody looked for leaks"
	leave_out "finish in time: $1 of ${#tests[@]} test programs ran$what"
}

run_debug_in_time() {
	local ended
	run_debug kasan "$(seconds_left)" $(($(seconds_left) - to_end))
	ended=$(grep -cE '^(not )?ok [0-9]' "$out/kasan.tap") || true
	if [ ! -s "$out/kasan/result" ] && [ "$(seconds_left)" -le 0 ] ||
		[ "$status" = 0 ] && [ "$ended" -lt ${#tests[@]} ]; then
		judge_what_ran "$ended"
	else
		judge kasan "${kasan_says[@]}"
	fi
}

# Building the kernel takes 3 GB for the while, where kernel.sh keeps it.
has_kernel_or_room() {
	local folder=${XDG_CACHE_HOME:-${HOME:-}/.cache}
	"$repo/selftests/vm/kernel.sh" --cached kasan >/dev/null && return
	[ "$folder" != /.cache ] && mkdir -p "$folder" &&
		[ "$(df --output=avail -k "$folder" | tail -n 1)" -ge $((4 << 20)) ]
}

# Building the kernel takes as long as it leaves a few minutes to use it. No test
# program begins in the last ten minutes: they are for the end of the last one and
# the search for leaks, on a machine that is three times as slow as most.
run_kasan_if_time() {
	local to_end=600 to_build built=0
	to_build=$(($(seconds_left) - to_end - 180))
	if [ "$to_build" -le 0 ]; then
		leave_out "run: the other tests took too long"
		return
	fi
	if ! has_kernel_or_room; then
		leave_out "run: there is no room to build it in ${XDG_CACHE_HOME:-${HOME:-}/.cache}"
		return
	fi
	timeout -k 30 "$to_build" make -C "$repo" debug FLAVOUR=kasan || built=$?
	case $built in
	0) run_debug_in_time ;;
	124 | 137) leave_out "run: it takes more than $((to_build / 60)) minutes to build it" ;;
	*) fail "the kasan kernel does not build, or the module for it" ;;
	esac
}

export NETEXPERT_CACHE=${NETEXPERT_CACHE:-$repo/build/cache}
mkdir -p "$out"
for part in "$@"; do
	"run_$part"
done

[ $((passed + failed)) -gt 0 ] || fail "no test ran"
if [ "$failed" -gt 0 ]; then
	echo
	printf 'FAILED: %s\n' "${problems[@]}"
	echo "One test alone: selftests/vm/run.sh -- build/selftests/NAME, or build/unit/NAME"
fi
[ ${#left_out[@]} = 0 ] || printf 'LEFT OUT: %s\n' "${left_out[@]}"
tail=
[ "$skipped" = 0 ] || tail=", $skipped skipped"
echo "$passed passed, $failed failed$tail"
[ "$failed" = 0 ]
