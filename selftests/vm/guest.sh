#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The VM's first process once the root file system is in place: load the module,
# run the command, unload, write the result.
#
# The result port is the only witness of success: what is not written there did
# not happen.

# shellcheck source=/dev/null # written by run.sh
. /run/nexp-vm.env
export HOME=/root LANG=C.UTF-8 TERM="$VM_TERM"
export PATH=$VM_REPO/build/user:$VM_CACHE/root/usr/sbin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
export LD_LIBRARY_PATH=$VM_REPO/build/user
export NETEXPERT_LIBEXEC=$VM_REPO/build/user NETEXPERT_EXPERTS=$VM_REPO/build/user/experts
export NETEXPERT_CACHE=$VM_CACHE NETEXPERT_MODULE=$VM_MODULE NETEXPERT_PATIENCE=$VM_PATIENCE
[ -z "$VM_CI" ] || export CI=$VM_CI

# finish STATUS [WHY]: tell the host and switch off.
finish() {
	[ -z "${2:-}" ] || echo "vm: $2"
	stty -onlcr # answers when the output is out
	for port in /sys/class/virtio-ports/*; do
		[ -e "$port/name" ] && [ "$(<"$port/name")" = result ] &&
			echo "$1" >"/dev/${port##*/}"
	done
	echo o >/proc/sysrq-trigger
	while :; do read -r; done # until the power is off
}

exec </dev/hvc0 >/dev/hvc0 2>&1
stty -onlcr rows "$VM_LINES" cols "$VM_COLUMNS"

# nginx is unpacked, not installed: it misses its folders.
mkdir -p /var/lib/nginx /var/log/nginx

# From here on the kernel has nothing to complain about. (With KCSAN it has: of
# itself. Who reads the log sorts that out.)
echo "vm: begin" >/dev/kmsg
[ -e /sys/kernel/debug/kcsan ] || echo 1 >/proc/sys/kernel/panic_on_warn

if [ -n "$VM_MODULE" ]; then
	insmod "$VM_MODULE" ||
		finish 125 "the module does not load; see the kernel log"
	[ -e /sys/kernel/btf/netexpert ] ||
		finish 125 "the module has no BTF, so BPF cannot call it; is pahole installed?"
fi

cd "$VM_REPO" || finish 125 "the repository is not visible in the VM"

# See hold_keys.c. The first memory cgroup has code patched, too, and so has the
# first trace event, in the scheduler, unless it is to do without names of tasks. Not
# where instructions are counted: there it would cost some, and with one processor
# there is nothing to fear.
hold_keys() {
	[ "$VM_SMP" -gt 1 ] || return 0
	echo norecord-cmd >/sys/kernel/tracing/trace_options || return
	if grep -qw memory /sys/fs/cgroup/cgroup.controllers; then
		echo +memory >/sys/fs/cgroup/cgroup.subtree_control &&
			mkdir /sys/fs/cgroup/hold_keys || return
	fi
	[ ! -x build/selftests/hold_keys ] || build/selftests/hold_keys
}

hold_keys || finish 125 "the kernel's static keys cannot be held"

# All that was patched until here was patched with nobody looking on.
for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do
	[ ! -e "$cpu" ] || echo 1 >"$cpu"
done
[ "$(nproc)" = "$VM_SMP" ] || finish 125 "there are $(nproc) processors, not $VM_SMP"

if [ -n "$VM_TTY" ]; then
	setsid --ctty --wait bash -c "$VM_COMMAND"
	status=$?
else
	# Nobody watches, so programs shall not see a terminal.
	exec {output}> >(exec cat)
	cat=$!
	setsid --wait bash -c "$VM_COMMAND" </dev/null >&$output 2>&1 {output}>&-
	status=$?
	exec {output}>&-
fi

# On a kernel with kmemleak: an object is lost if two scans find no pointer to
# it, the second when it is older than five seconds. The scan itself complains in
# the kernel's log; what there is to say about each object follows it.
look_for_leaks() {
	local line leaks=/sys/kernel/debug/kmemleak
	[ -e $leaks ] && echo scan >$leaks || return 0
	sleep 6
	echo scan >$leaks
	while IFS= read -r line; do
		echo "$line" >/dev/kmsg
	done <$leaks
	echo "vm: looked for leaks" >/dev/kmsg
}

# On a kernel with page owner: pages that the module itself took and nobody gave
# back. Not slabs and page tables, which the kernel keeps for the next time: in
# their stacks something stands between the page allocator and the module. Pages
# go back a moment after the last process, so look until there are none.
look_for_pages() {
	local tries left stacks=/sys/kernel/debug/page_owner_stacks/show_stacks
	[ -e $stacks ] || return 0
	for ((tries = 0; tries < 5; tries++)); do
		left=$(awk -v RS= '{
			for (i = 1; i <= NF; i++)
				if ($i ~ /^nexp_/ && $(i + 1) == "[netexpert]")
					{ print $i, $(NF - 1), $NF; next }
				else if ($i !~ /alloc_pages|get_free_pages|post_alloc|prep_new_page|get_page_from|^register_|^save_|^__set_page_owner/)
					next
		}' <$stacks)
		[ -n "$left" ] || break
		sleep 1
	done
	[ -z "$left" ] || echo "vm: pages leaked: $left" >/dev/kmsg
	echo "vm: looked for pages" >/dev/kmsg
}

look_for_pages
# Once with the module's names at hand, once without what only it points to.
look_for_leaks
if [ -n "$VM_MODULE" ] && [ -e /sys/module/netexpert ]; then
	rmmod netexpert || finish 125 "the module is still in use after the command"
	look_for_leaks
fi
echo "vm: end" >/dev/kmsg
if [ -n "${cat:-}" ]; then
	# What the command left running may still hold the pipe.
	for process in /proc/[1-9]*; do
		case ${process#/proc/} in
		1 | "$cat") ;;
		*) kill -KILL "${process#/proc/}" 2>/dev/null ;;
		esac
	done
	wait "$cat"
fi
finish "$status"
