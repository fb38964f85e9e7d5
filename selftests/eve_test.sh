#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eve_test - each JSON line of a run is as the schema has it
#
# Its own lines, of an expert that crashes and comes back and one that ends, and, in a
# run of all tests, what the scripts before it got from 'netexpert run --json'.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

schema=$here/../user/cli/eve.schema.json
run=$tmp/run.json

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
is_again() { json_get "$run" lifecycle.action=ready lifecycle.incarnation=2 timestamp; }
host_pid() { netexpert stat --json | json_get - name=top-users pid; }

# refuses SED-COMMAND: a line of each kind that was changed so.
refuses() {
	sed "$1" "$run" >"$tmp/changed"
	cmp -s "$run" "$tmp/changed" && { echo "that changes nothing"; return 1; }
	fails_with 1 "$here/eve_check.py" "$schema" "$tmp/changed"
}

net_up || give_up "the network can be set up"
spawn "$run" left netexpert run --json -i veth-l top-users top-users=base=mac
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
check "an expert crashes" kill -s SEGV "$(host_pid | head -n 1)"
check "and comes back" becomes 60 is_again
check "frames come" left ping -q -c 5 -i 0.1 "$right4"
stop "$run_pid"

check "its lines are as the schema has them" "$here/eve_check.py" "$schema" "$run"
for type in expert lifecycle stats status; do
	check "there are lines of the type $type" \
		json_get "$run" event_type=$type timestamp
done
check "an unknown key is refused" refuses 's/"incarnation":/"incarnate":/'
check "a number that is none is refused" refuses 's/"delivered":[0-9]*/"delivered":-1/'
check "an unknown action is refused" refuses 's/"action":"died"/"action":"perished"/'
check "a line that is cut is refused" refuses "\$s/.\$//"
if [ -s "$eve_lines" ]; then
	check "and so are all other tests' lines" "$here/eve_check.py" "$schema" "$eve_lines"
	tail -n 1 "$tmp/check.out" | sed 's/^/# /'
	rm "$eve_lines"
fi
check "nothing is left" left_nothing
