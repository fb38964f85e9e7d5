#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# chain_test - captures get along with other programs at the same hook: they come
# first, see what others drop, and let every frame go on

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999 nr=50
run=$tmp/run.json

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
all_noted() { [ "$(wc -l <"$tmp/numbers") $(wc -l <"$tmp/own")" = "$nr $nr" ]; }
reaches() { left ping -q -c 2 -i 0.1 -W 1 $right4; }

# others NUMBER VERDICT: held by an open pipe, let go by 'no_others'.
others() {
	coproc OTHERS { exec nsenter --net=/run/netns/nexp-right tcx_fill veth-r "$@"; }
	local answer=
	# shellcheck disable=SC2153 # coproc sets it
	others_pid=$OTHERS_PID
	exec {others_fd}>&"${OTHERS[1]}"
	read -r -t $((60 * patience)) answer <&"${OTHERS[0]}"
	[ "$answer" = ready ]
}

no_others() {
	eval "exec ${OTHERS[1]}>&-" 2>/dev/null
	exec {others_fd}>&-
	wait "$others_pid"
}

net_up || give_up "the network can be set up"
net_fix_neighbours

others 1 drop || give_up "another program is attached"
check "it drops everything" fails_with 1 reaches
spawn "$run" right netexpert run --json -i veth-r -Q in \
	"$experts/number-log.so=$tmp/numbers,$port" \
	--capture "$bin/own/verdict.bpf.o" "$experts/number-log.so=$tmp/own,$port"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
left udp_numbers $right4 $port 0 $nr 200
check "experts see what the other drops: their captures come first, people's own too" \
	becomes 30 all_noted
check "the other still drops: the capture lets frames go on" fails_with 1 reaches
no_others
check "without the other, traffic passes the capture" reaches
stop "$run_pid"
check "the run ends well" equal "$stopped" 0

# The kernel has room for 63 at a hook.
others 62 next || give_up "62 other programs are attached"
spawn "$run" right netexpert run --json -i veth-r -Q in \
	"$experts/number-log.so=$tmp/numbers,$port"
run_pid=$spawned
check "the last place is good enough" becomes 60 is_capturing
check "traffic passes 63 programs" reaches
stop "$run_pid"
no_others

others 63 next || give_up "63 other programs are attached"
right netexpert run -i veth-r -Q in "$experts/number-log.so=$tmp/numbers,$port" \
	>"$tmp/said" 2>&1
check "a full hook fails the run" equal $? 1
check "and says so" says "interface 'veth-r' has as many programs .* as the kernel takes" "$tmp/said"
check "what was there before is left alone" reaches
no_others
check "nothing is left" left_nothing
