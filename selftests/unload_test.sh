#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# unload_test - the module stays while anything needs it, goes when nothing does,
# and comes back as new

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

is_loaded() { [ -e /sys/module/netexpert ]; }

load() { is_loaded || insmod "$module"; }

# The rest of the run needs it.
restore() { load >/dev/null 2>&1; }
clean_ups+=(restore)

unload() { rmmod netexpert; }

refuses() {
	if rmmod netexpert 2>"$tmp/rmmod"; then
		echo "it unloaded"
		load
		return 1
	fi
	grep -q 'in use' "$tmp/rmmod" || { cat "$tmp/rmmod"; return 1; }
	is_loaded
}

# hold WHAT: refused while it is held, not any more afterwards.
hold() {
	coproc HOLDER { exec holder "$1"; }
	local pid=$HOLDER_PID answer=
	read -r -t $((60 * patience)) answer <&"${HOLDER[0]}"
	[ "$answer" = ready ] || { echo "holder says '$answer'"; return 1; }
	refuses || return
	eval "exec ${HOLDER[1]}>&-"
	wait "$pid" || return
	becomes 30 unload || { lsmod; return 1; }
	load
}

works() {
	[ -e /sys/kernel/btf/netexpert ] && [ -c /dev/netexpert ] &&
		holder attachment </dev/null
}

again_and_again() {
	local i
	for i in 1 2 3 4 5 6; do
		if ! unload || ! load || ! works; then
			echo "round $i"
			return 1
		fi
	done
}

is_capturing() { json_get "$tmp/run" lifecycle.action=capturing timestamp; }

check "it is loaded and works" works
whats=(session attachment husk window view program)
for what in "${whats[@]}"; do
	check "it stays while there is a $what" hold "$what"
done
check "it goes while the last of them does" unload_race "$module" 6 "${whats[@]}"
sed 's/^/# /' "$tmp/check.out"

net_up || give_up "the network can be set up"
spawn "$tmp/run" left netexpert run --json -i veth-l "$experts/frame-writer.so=$tmp/frames"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$tmp/run" "$tmp/run.err"
check "it stays while experts run" refuses
stop "$run_pid" KILL
check "it goes when their supervisor was killed" becomes 30 unload
check "nothing of it is left" \
	test ! -e /dev/netexpert -a ! -e /sys/kernel/btf/netexpert -a ! -e /sys/module/netexpert

check "without it the command says so" \
	fails_with 69 netexpert run -i lo "$experts/frame-writer.so=$tmp/frames"
fails_with 69 netexpert run -i lo "$experts/frame-writer.so=$tmp/frames" \
	>"$tmp/said" 2>&1
check "and what to do" says 'modprobe netexpert' "$tmp/said"
netexpert doctor >"$tmp/said" 2>&1
check "the doctor finds it missing" says '^FAIL +module .*modprobe netexpert' "$tmp/said"
check "and blames nothing else for it" says '^NOTE +module BTF ' "$tmp/said"

check "it loads with a limit" insmod "$module" max_mbytes=1
netexpert run -i lo "$experts/frame-writer.so=$tmp/frames" >"$tmp/said" 2>&1
check "a run beyond the limit fails and says so" \
	says 'max_mbytes|limit' "$tmp/said"
check "it unloads again" becomes 30 unload
check "it loads again" load
check "it unloads and loads six times" again_and_again
check "it works as on the first day" works
