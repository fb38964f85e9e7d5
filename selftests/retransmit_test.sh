#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# retransmit_test - which TCP segments were sent again, as tshark has it
#
# On a bad line (netem: loss, reordering, doubles) real programs send; where it arrives
# tcpdump makes a file of it while the expert counts live. Of the file it must find the
# very frames that tshark finds, kind by kind. Live, as many: of which kind some are is a
# matter of milliseconds, and either capture has its own clock. All that sends is on one
# processor, so that both see one order.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

run=$tmp/run.json
live=$tmp/live.json
all=$tmp/all.pcap
kinds=(retransmission fast spurious 'out of order')
again=tcp.analysis.retransmission

is_capturing() { json_get "$live" lifecycle.action=capturing timestamp; }

# tshark_numbers FILTER: of the frames, from 0 on as the API counts them.
tshark_numbers() {
	HOME=$tmp/nobody tshark -n -r "$all" -Y "$1" -T fields -e frame.number 2>"$tmp/tshark.err" |
		awk '{ print $1 - 1 }' | sort -n
}

# tshark's notes of a fast or a spurious one come beside that of a retransmission.
filter_of() { # KIND
	case $1 in
	spurious) echo "tcp.analysis.spurious_retransmission" ;;
	fast) echo "tcp.analysis.fast_retransmission && !tcp.analysis.spurious_retransmission" ;;
	'out of order') echo "tcp.analysis.out_of_order" ;;
	*) echo "$again && !tcp.analysis.fast_retransmission && !tcp.analysis.spurious_retransmission" ;;
	esac
}

numbers() { # FILE KIND
	json_get "$1" event_type=expert "expert.columns.Kind=$2" expert.columns.Frame | sort -n
}

# "FRAME ORIGINAL SEQUENCE-NUMBER", of those whose original is known.
originals() {
	HOME=$tmp/nobody tshark -n -r "$all" -Y tcp.analysis.rto_frame -T fields \
		-e frame.number -e tcp.analysis.rto_frame -e tcp.seq_raw 2>"$tmp/tshark.err" |
		awk '{ print $1 - 1, $2 - 1, $3 }' | sort -n
}

found_originals() {
	paste -d ' ' <(json_get "$run" event_type=expert expert.ident=2 expert.columns.Frame) \
		<(json_get "$run" event_type=expert expert.ident=2 'expert.columns.Original frame') \
		<(json_get "$run" event_type=expert expert.ident=2 'expert.columns.Sequence number') |
		grep -v null | sort -n
}

same() { # WANTED GOT
	[ -s "$1" ] || { echo "tshark finds none"; cat "$tmp/tshark.err"; return 1; }
	diff "$1" "$2" | head -n 6
	cmp "$1" "$2"
}

finds_kind() { # FILE KIND
	tshark_numbers "$(filter_of "$2")" >"$tmp/want"
	numbers "$1" "$2" >"$tmp/got"
	same "$tmp/want" "$tmp/got"
}

# column FILE NAME: of the last report's sum of all flows.
column() { json_get "$1" event_type=expert 'expert.columns.Source=(all)' "expert.columns.$2" | tail -n 1; }

counts_all() { # FILE
	equal "$(column "$1" Segments)" "$(tshark_numbers tcp | wc -l)" || return
	equal "$(column "$1" Retransmitted)" "$(tshark_numbers $again | wc -l)" || return
	equal "$(column "$1" 'Out of order')" "$(tshark_numbers tcp.analysis.out_of_order | wc -l)"
}

counts_live() { # FILE
	equal "$(column "$1" Segments)" "$(tshark_numbers tcp | wc -l)" || return
	equal $(($(column "$1" Retransmitted) + $(column "$1" 'Out of order'))) \
		"$(tshark_numbers "$again || tcp.analysis.out_of_order" | wc -l)"
}

# The rows of the last report, but for the sum, are the sum.
adds_up() { # FILE COLUMN
	paste -d ' ' <(json_get "$1" event_type=expert expert.ident=1 expert.columns.Source) \
		<(json_get "$1" event_type=expert expert.ident=1 "expert.columns.$2") | awk '
		$1 == "(all)" { sum = rows; all = $2; rows = 0; next }
		{ rows += $2 }
		END { print sum, all; exit sum != all || !all }'
}

# No connection has anything to say any more, and nothing is on the line.
is_quiet() {
	local side
	for side in left right; do
		"$side" ss -Htan | grep -Eqv '^(LISTEN|TIME-WAIT)' && return 1
		"$side" tc -s qdisc show dev "veth-${side:0:1}" | grep -q 'backlog 0b 0p' || return
	done
}

net_up || give_up "the network can be set up"
processors=$(taskset -p $$ | sed 's/.*: //')
taskset -p 1 $$ >/dev/null
serve || give_up "the servers answer" "$tmp/nginx.out.err" "$tmp/dnsmasq.out.err"
taskset -p "$processors" $$ >/dev/null
net_fix_neighbours
# Segments as they are on a wire.
for side in left right; do
	"$side" ethtool -K "veth-${side:0:1}" tso off gso off gro off
done
left tc qdisc add dev veth-l root netem delay 5ms loss 4% reorder 8% duplicate 5% ||
	give_up "the line can be made bad"

some_traffic() {
	left taskset 1 iperf3 -c $right4 -n 800K >/dev/null &&
		left taskset 1 iperf3 -c $right6 -n 800K >/dev/null &&
		left taskset 1 curl -sfo /dev/null "http://$right4/small" -o /dev/null "http://[$right6]/small"
}
becomes 60 is_quiet || give_up "the line is quiet before"
start_dump right veth-r "$all"
spawn "$live" right netexpert run --json --heap 256M -B 16384 -i veth-r \
	tcp-retransmit=frames=1000
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$live" "$live.err"
some_traffic || give_up "the traffic flows"
becomes 60 is_quiet || give_up "the line is quiet again"
stop_dump "$dump" "$all"
segments=$(tshark_numbers tcp | wc -l)
has_all() { equal "$(column "$live" Segments)" "$segments"; }
check "live reports come up to all segments" becomes 120 has_all
stop "$run_pid"
check "the live run ends well" equal "$stopped" 0

reads_file() {
	timeout $((120 * patience)) netexpert run --json --heap 256M -r "$all" \
		tcp-retransmit=frames=1000,top=4 >"$run" 2>"$run.err" || { cat "$run.err"; return 1; }
}
check "a run on the file ends well" reads_file
for kind in "${kinds[@]}"; do
	check "from the file: $kind, the frames that tshark finds" finds_kind "$run" "$kind"
done
originals >"$tmp/want"
found_originals >"$tmp/got"
check "with their original frames" same "$tmp/want" "$tmp/got"
check "and as many as tshark counts" counts_all "$run"
check "live: as many" counts_live "$live"
check "rows add up to the sum" adds_up "$run" Segments
check "of what was found, too" adds_up "$run" Retransmitted
refuses() {
	fails_with 1 netexpert run -r "$all" "tcp-retransmit=$1" 2>"$tmp/err" && says "$2" "$tmp/err"
}
check "a wrong option is told" refuses frames=1001 'frames must be a number from 0 to 1000'
check "nothing is left" left_nothing
