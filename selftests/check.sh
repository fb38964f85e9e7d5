#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the tests that 'make' has built and add them up in one line.
#
# Usage: check.sh [unit] [model] [vm] [kasan] [kasan_if_time] [kcsan]
set -euo pipefail

repo=$(cd "$(dirname "$0")/.." && pwd)
out=$repo/build/check
passed=0 failed=0 skipped=0
problems=()

add() { # TAP-FILE
	local counts more
	mapfile -t more < <(awk -f "$repo/selftests/tap.awk" "$1")
	read -r -a counts <<<"${more[0]}"
	[ $((counts[0] + counts[1])) -gt 0 ] || fail "no test ran: $1"
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
	echo "the allocator's threads under ThreadSanitizer"
	setarch -R "$repo/selftests/runner.sh" tsan "$repo"/build/unit/tsan/*_test 2>&1 |
		tee "$out/tsan.tap" || true
	add "$out/tsan.tap"
	echo "the allocator against a shadow map, ten million operations"
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
		sed -e '/BUG: KCSAN/{/nexp_/!d}' -e '/Huh VM_FAULT_OOM leaked out/d' || true
}

# run_tests_in_vm NAME [OPTION-OF-RUN.SH]...
run_tests_in_vm() {
	local name=$1 tests status=0 log=$out/$1/console.log said
	shift
	mapfile -t tests < <(make -s -C "$repo/selftests" list-tests)
	[ ${#tests[@]} -gt 0 ] || { fail "there are no VM tests"; return; }
	echo "booting the VM: ${#tests[@]} test programs, kernel log in build/check/$name/console.log"
	"$repo/selftests/vm/run.sh" --dir "$out/$name" "$@" -- \
		"$repo/selftests/runner.sh" netexpert "${tests[@]}" 2>&1 |
		tee "$out/$name.tap" || status=$?
	add "$out/$name.tap"
	[ "$status" = 0 ] || fail "the VM did not report success (status $status)"
	if [ -e "$log" ]; then
		grep -q 'vm: end' "$log" || fail "the VM did not come to its end; see $log"
		said=$(complaints "$log")
		[ -z "$said" ] || fail "the kernel complained, see $log:"$'\n'"$said"
	fi
}

run_vm() { run_tests_in_vm vm --seconds "${NETEXPERT_VM_SECONDS:-3600}"; }

# The checks cost memory, and time: five to ten times as much.
run_debug() { # FLAVOUR
	local kernel
	if ! make -C "$repo" debug FLAVOUR="$1"; then
		fail "the $1 kernel does not build, or the module for it"
		return
	fi
	kernel=$("$repo/selftests/vm/kernel.sh" --cached "$1")
	run_tests_in_vm "$1" --seconds "${NETEXPERT_VM_SECONDS:-10800}" --memory 4096 \
		--kernel "$kernel" --module "$repo/build/debug/$1/kmod/netexpert.ko"
	echo "the $1 kernel took $(<"$kernel/seconds") s to build, once; it is in $kernel"
}

run_kasan() {
	run_debug kasan
	grep -q 'vm: looked for leaks' "$out/kasan/console.log" ||
		fail "nobody looked for leaks; see $out/kasan/console.log"
}

run_kcsan() { run_debug kcsan; }

# What everybody waits for shall not take hours: a kernel that must be built
# first, or a machine that is slow already, is left for another day.
run_kasan_if_time() {
	local minutes=20
	"$repo/selftests/vm/kernel.sh" --cached kasan >/dev/null || minutes=12
	if [ $SECONDS -lt $((minutes * 60)) ]; then
		run_kasan
	else
		echo "the debug kernel did NOT run: the other tests took $((SECONDS / 60)) minutes," \
			"more than $minutes; 'make check-debug' runs it"
	fi
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
tail=
[ "$skipped" = 0 ] || tail=", $skipped skipped"
echo "$passed passed, $failed failed$tail"
[ "$failed" = 0 ]
