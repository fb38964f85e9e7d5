#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kunit_test - parts of the module under KUnit; see kunit/
#
# Each case is a point here. They run when the module with them is loaded, and
# the kernel's log has the results: a suite's cases behind four blanks, with what
# failed in front of them.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

kunit=${module%/kmod/*}/kunit/netexpert_kunit.ko

if [ ! -e /sys/module/kunit ]; then
	echo "1..0 # SKIP a kernel without KUnit (CONFIG_KUNIT)"
	exit 4
fi

mark="kunit_test: $$ begins"
echo "$mark" >/dev/kmsg
check "the suites load" insmod "$kunit"
dmesg --notime | sed "1,/$mark/d" >"$tmp/log"
check "the suites unload" rmmod netexpert_kunit

nr_suites=0
while IFS= read -r line; do
	case $line in
	"    # Subtest: "*)
		suite=${line##* }
		planned=-1 ran=0
		;;
	"    1.."*)
		planned=${line##*..}
		;;
	"    ok "* | "    not ok "*)
		ran=$((ran + 1))
		[[ $line == "    ok "* ]]
		point $? "$suite: ${line#*ok * }"
		;;
	"ok "* | "not ok "*)
		nr_suites=$((nr_suites + 1))
		check "$suite ran to its end" equal "$ran" "$planned"
		;;
	"    # "*)
		echo "# $line"
		;;
	esac
done <"$tmp/log"
check "every suite ran" equal "$nr_suites" "$(grep -lx 'kunit_test_suite.*' "$here"/kunit/*.c | wc -l)"
