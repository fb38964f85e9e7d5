#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wake_options_test - a lone frame arrives when --wake-ms and --wake-bytes say, and who
# waits for frames costs nothing
#
# Three runs get the same datagrams, one a second. How long each took is measured from
# the kernel's own time stamp.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999 nr=4

is_capturing() { json_get "$1.json" lifecycle.action=capturing timestamp; }
host_pid() { json_get "$1.json" lifecycle.action=started lifecycle.pid; }
has_noted() { [ "$(wc -l <"$1")" = "$2" ]; }
# How often it has slept and been woken, and how often the kernel has woken it.
activity() {
	cat /proc/"$(host_pid "$1")"/task/*/status | awk '/_ctxt_switches/ { sum += $2 } END { print sum }'
	netexpert stat --json | json_get - "pid=$(host_pid "$1")" wakeups
}
least() { sort -n "$1" | head -n 1; }
most() { sort -n "$1" | tail -n 1; }

start() { # NAME OPTION...
	local name=$1
	shift
	spawn "$name.json" right netexpert run --json -i veth-r -Q in "$@" -f "udp dst port $port" \
		"$experts/delay-log.so=$name"
	becomes 60 is_capturing "$name" ||
		give_up "captures are attached" "$name.json" "$name.json.err"
}

for bad in "--wake-ms 0" "--wake-ms 10001" "--wake-bytes 0" "-B 4 --wake-bytes 4097"; do
	# shellcheck disable=SC2086 # several words
	check "$bad is refused" fails_with 2 netexpert run -i lo $bad "$experts/delay-log.so=x"
done

net_up || give_up "the network can be set up"
net_fix_neighbours
usual=$tmp/usual late=$tmp/late at_once=$tmp/at_once
start "$usual"
start "$late" --wake-ms 400
start "$at_once" --wake-ms 10000 --wake-bytes 1

# Until it sleeps, that is, and then for a while.
at_rest() { before=$(activity "$late"); sleep 1; equal "$(activity "$late")" "$before"; }
check "an expert that waits comes to rest" becomes 30 at_rest
before=$(activity "$late")
sleep 3
check "it is not woken while nothing comes" equal "$(activity "$late")" "$before"

left udp_numbers $right4 $port 0 $nr 1
for name in "$usual" "$late" "$at_once"; do
	becomes 60 has_noted "$name" $nr || show "$name.json.err" "$name"
	check "${name##*/}: each frame comes, within seconds" \
		test "$(wc -l <"$name")" = $nr -a "$(most "$name")" -lt $((5000000 * patience))
	echo "# microseconds: $(sort -n "$name" | tr '\n' ' ')"
done
check "with --wake-ms 400 no lone frame comes sooner" test "$(least "$late")" -ge 400000
check "without it one does" test "$(least "$usual")" -lt 400000
check "and so it does where --wake-bytes is reached" test "$(least "$at_once")" -lt 400000
