#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# workers_test - the flows of one expert spread over several processes: each flow is
# in one of them as a whole, together they got what tcpdump saw, one that dies costs
# the others nothing, and what one leaves behind is counted
#
# Servers on the right, clients on the left, on the cable and on a VLAN of it. The
# workers write files of their own, FILE#1 and so on.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

all=$tmp/all.pcap some=$tmp/some.pcap run=$tmp/run.json
vlan4=10.78.0.2 vlan6=fd78::2
port=5999 nr_workers=4 nr_each=10 nr_senders=8 nr_numbers=200

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
# of WORKER KEY: a counter of its last word.
of() { json_get "$run" event_type=stats stats.final=true "stats.name=$1" "stats.$2"; }
# in_all EXPERT KEY: of the sum over all workers.
in_all() { json_get "$run" lifecycle.action=workers_over "lifecycle.name=$1" "lifecycle.$2"; }
nothing_unread() { [ "$(netexpert stat --json | json_get - unread_bytes | sort -u)" = 0 ]; }
host_pid() { json_get "$run" lifecycle.action=started "lifecycle.name=$1" lifecycle.pid | tail -n 1; }

start() { # SIDE OPTION...
	local side=$1
	shift
	spawn "$run" "$side" netexpert run --json "$@"
	run_pid=$spawned
	becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
}

# law_holds EXPERT WORKERS: for each worker, and their sum is the sum that is told.
law_holds() {
	awk -v expert="$1" -v workers="$2" '
		/ frames seen / {
			together = $2 == expert ":"
			nr += index($2, expert "#") == 1
			for (i = 3; $i != "seen"; i++)
				;
			if ($(i + 1) != $(i + 4) + $(i + 7) + $(i + 10))
				bad = 1
			for (j = 1; j <= 10; j += 3)
				sum[j] += together ? -$(i + j) : $(i + j)
			all += together
		}
		END {
			for (j in sum)
				bad += sum[j] != 0
			exit bad || nr != workers || all != 1
		}' "$run.err" || { grep ' frames seen ' "$run.err"; return 1; }
}

# Flows of every kind: each connection is one, and each name that is asked for.
many_flows() {
	local host
	for host in "${hosts[@]}"; do
		[[ $host != *:* ]] || host="[$host]"
		left curl -sf -H 'Connection: close' -o /dev/null \
			"http://$host/small?[1-$nr_each]" || return
	done
	left dig +time=5 -f "$tmp/names" "@$right4" >/dev/null &&
		left dig +time=5 -f "$tmp/names" "@$right6" >/dev/null &&
		left curl -sfo /dev/null "http://$right4/large" &&
		left iperf3 -c $right4 -P 4 -t 1 -b 2M >/dev/null &&
		left iperf3 -c $right4 -u -l 4000 -t 1 -b 1M >/dev/null || return
	for host in "${hosts[@]}"; do
		left ping -q -c 2 -i 0.1 "$host" >/dev/null &&
			left ping -q -c 2 -i 0.1 -s 4000 "$host" >/dev/null || return
	done
	left ip neigh flush dev veth-l && left ping -q -c 1 $right4 >/dev/null || return
	[ -z "$tagged" ] ||
		{ left ip neigh flush dev veth-l.7 && left ping -q -c 1 $vlan4 >/dev/null; }
}

# flows_of FILE [-b]: flows in it, each once.
flows_of() { flow_list ${2:+"$2"} "$1" | cut -d' ' -f2- | sort -u; }

# No flow is in two files.
are_whole() { # FILE NR_WORKERS [-b]
	local i
	for ((i = 1; i <= $2; i++)); do
		flow_list ${3:+"$3"} "$1#$i" >/dev/null || return
		flows_of "$1#$i" "${3:-}"
	done | sort | uniq -d >"$tmp/split"
	equal "$(wc -l <"$tmp/split") in two: $(head -n 3 "$tmp/split")" "0 in two: "
}

# Connections that only one way of is in a file.
one_way() { # FILE
	flow_list "$1" | grep -E ' ip[46] 6 ' | sort -u | cut -d' ' -f2- | sort | uniq -u
}

both_ways() {
	local i nr=0
	for ((i = 1; i <= nr_workers; i++)); do
		equal "$(one_way "$some#$i")" '' || return
		nr=$((nr + $(flows_of "$some#$i" | grep -cE '^ip[46] 6 ')))
	done
	[ $nr -ge $((${#hosts[@]} * nr_each)) ] || { echo "only $nr connections"; return 1; }
}

# All workers' files as one.
join() { # FILE NR_WORKERS
	local i
	cp "$1#1" "$1"
	for ((i = 2; i <= $2; i++)); do
		tail -c +25 "$1#$i" >>"$1"
	done
}

all_used() { # EXPERT WORKERS LEAST
	local i
	for ((i = 1; i <= $2; i++)); do
		[ "$(of "$1#$i" delivered)" -ge "$3" ] || { echo "$i: $(of "$1#$i" delivered)"; return 1; }
	done
}

has_kinds() {
	local kind
	for kind in 'ip4 6' 'ip6 6' 'ip4 17' 'ip6 17' 'ip4 1' 'ip6 58' 'fragment4 1' 'fragment6 58' \
		'fragment4 17' 'ether 2054'; do
		flows_of "$some" | grep "^$kind " || { echo "no flow like: $kind"; return 1; }
	done
}

net_up || give_up "the network can be set up"
add_vlan() { # SIDE END ADDRESS4 ADDRESS6
	"$1" ip link add link "$2" name "$2.7" type vlan id 7 && "$1" ip link set "$2.7" up &&
		"$1" ip addr add "$3/24" dev "$2.7" && "$1" ip addr add "$4/64" dev "$2.7" nodad
}
hosts=("$right4" "$right6") tagged=
if modprobe -q 8021q; then
	add_vlan left veth-l 10.78.0.1 fd78::1 || give_up "there is a VLAN"
	add_vlan right veth-r $vlan4 $vlan6 || give_up "there is a VLAN"
	hosts+=("$vlan4" "$vlan6") tagged=1
fi
serve >"$tmp/serve" 2>&1 || give_up "the servers answer" "$tmp/serve" "$tmp/nginx.out.err"
for ((i = 0; i < nr_each; i++)); do
	echo "name$i.selftest.test A"
done >"$tmp/names"

start_dump left veth-l "$all"
start left -i veth-l -B 16384 --workers $nr_workers "$experts/frame-writer.so=$some"
check "one link for each direction serves all workers" equal "$(captures)" "2 2"
echo "# $SECONDS s: all capture"
from=$(date +%s.%N)
many_flows || give_up "the traffic flows"
until=$(date +%s.%N)
becomes 60 nothing_unread
stop "$run_pid"
check "the run ends well" equal "$stopped" 0
echo "# $SECONDS s: compare"
stop_dump "$dump" "$all"
check "each flow is in one worker as a whole" are_whole "$some" $nr_workers
check "connections with both directions" both_ways
check "every worker has some of the flows" all_used frame-writer $nr_workers 20
join "$some" $nr_workers
check "together they got what tcpdump saw, byte for byte" frames_diff "$all" "$some" "$from" "$until"
echo "# $(frames_diff "$all" "$some" "$from" "$until" | tail -n 1)"
check "flows of every kind were there" has_kinds
check "nothing was lost" equal "$(in_all frame-writer lost)" 0
check "the counters of each worker add up, and all of them to the sum" \
	law_holds frame-writer $nr_workers
check "what was delivered was stored" equal "$(flow_list "$some" | wc -l)" "$(in_all frame-writer delivered)"
check "the sum is told to people, too" says \
	"frame-writer: its $nr_workers workers together: frames seen $(in_all frame-writer seen) = " "$run.err"
check "nothing is left" left_nothing

# Numbered datagrams; each sender is a flow.
send() { # SENDERS FIRST COUNT
	local i senders=()
	for ((i = 0; i < $1; i++)); do
		left taskset -c 0 udp_numbers $right4 $port $((i * 1000000 + $2)) "$3" 1000 \
			$((20000 + i)) &
		senders+=($!)
	done
	wait "${senders[@]}"
}
noted() { cat "$1"'#'* 2>/dev/null; }
has_noted() { [ "$(noted "$1" | wc -l)" -ge "$2" ]; }
has_unread() { [ "$(netexpert stat --json | json_get - "name=$1" unread_bytes)" -gt 0 ]; }
# The worker that has noted the most.
busiest() { wc -l "$tmp/log#"* | grep -v total | sort -rn | sed -n '1s/.*#//p'; }

# Every number of every sender, each sender's in one file; of the worker that died, one
# number at most twice, by two processes.
numbers_are_there() { # VICTIM
	noted "$tmp/log" | cut -d' ' -f2 | sort -n | uniq -c >"$tmp/counts"
	equal "$(wc -l <"$tmp/counts") numbers" "$((nr_senders * nr_numbers)) numbers" || return
	awk '$1 > 1 { print $2 }' "$tmp/counts" >"$tmp/twice"
	[ "$(wc -l <"$tmp/twice")" -le 1 ] || { echo "twice:"; cat "$tmp/twice"; return 1; }
	[ ! -s "$tmp/twice" ] || grep -q " $(<"$tmp/twice") " "$tmp/log#$1" || return
	for i in "$tmp/log#"*; do
		awk '{ print int($2 / 1000000) }' "$i" | sort -u
	done | sort | uniq -d >"$tmp/split"
	equal "$(<"$tmp/split")" ''
}

echo "# $SECONDS s: numbers"
start right -i veth-r -Q in --workers $nr_workers -f "udp dst port $port" \
	"$experts/number-log.so=$tmp/log,$port"
send $nr_senders 0 $((nr_numbers / 2))
becomes 60 has_noted "$tmp/log" $((nr_senders * nr_numbers / 2)) || give_up "numbers arrive" "$run.err"
# The worker with the most of them dies with frames in its rings.
victim=$(busiest)
victim_pid=$(host_pid "number-log#$victim")
kill -STOP "$victim_pid"
send $nr_senders $((nr_numbers / 2)) $((nr_numbers / 2))
check "what a worker has not read waits for it" has_unread "number-log#$victim"
kill -KILL "$victim_pid"
left ping -q -c 3 -i 0.1 $right4 >/dev/null
becomes 60 nothing_unread
stop "$run_pid"
check "a run with a worker that died ends well" equal "$stopped" 0
check "the worker was started again, once, and nobody else" \
	equal "$(json_get "$run" lifecycle.action=restart lifecycle.name)" "number-log#$victim"
check "its flows and the others' are complete, but for the frame in hand none twice" \
	numbers_are_there "$victim"
check "nothing was lost meanwhile" equal "$(in_all number-log lost)" 0
check "what the filter wants was delivered, all of it" equal "$(in_all number-log delivered)" \
	$((nr_senders * nr_numbers))
check "other frames were filtered" test "$(in_all number-log filtered)" -ge 3
check "the counters add up" law_holds number-log $nr_workers

# The second worker can't write its file. Its flows go on being counted, in small rings.
echo "# $SECONDS s: half"
mkdir "$tmp/half#2"
start right -i veth-r -Q in -B 4 --workers 2 -f "udp dst port $port" \
	"$experts/frame-writer.so=$tmp/half"
check "a worker that fails leaves the others running" \
	becomes 60 json_get "$run" lifecycle.action=finished 'lifecycle.name=frame-writer#2' timestamp
send 24 0 40
check "what is lost by that is told while it happens" \
	becomes 60 says 'frame-writer#2: LOSES .*ring_full' "$run.err"
stop "$run_pid"
check "and makes the run a failure" equal "$stopped" 1
check "all frames were seen" equal $(($(in_all frame-writer seen) - $(in_all frame-writer filtered))) \
	$((24 * 40))
check "those of the worker that failed are delivered to nobody, or lost" \
	test "$(of frame-writer#2 dropped.ring_full)" -gt 0 -a "$(of frame-writer#2 unread_bytes)" -gt 0
check "the counters add up nevertheless" law_holds frame-writer 2
check "nothing is left of that" left_nothing

# Datagrams of which a packet socket leaves only the link header in one piece, because
# they are larger than a page; and short ones back, each of them whole.
udp_frame() { # FROM TO FROM_PORT TO_PORT BYTES
	printf '0200%s 0200%s 0800 4500 %04x 0000 4000 4011 0000 %s %s ' "$2" "$1" \
		$((28 + $5)) "$1" "$2"
	printf '%04x %04x %04x 0000 %0*d\n' "$3" "$4" $((8 + $5)) $((2 * $5)) 0
}
pieces() {
	local i a=0a510001 b=0a510002
	for ((i = 1; i <= 24; i++)); do
		udp_frame $a $b $((20000 + i)) 53 5000
		udp_frame $b $a 53 $((20000 + i)) 20
	done
}
echo "# $SECONDS s: pieces"
add_pieces() { left ip link add pieces mtu 9000 type dummy && left ip link set pieces up; }
add_pieces || give_up "there is an interface for large frames"
pieces >"$tmp/frames"
start left -i pieces --workers 2 "$experts/frame-writer.so=$tmp/pieces"
check "frames in pieces are sent" left send_frames pieces "$tmp/frames"
becomes 60 nothing_unread
stop "$run_pid"
join "$tmp/pieces" 2
check "they are spread as well" all_used frame-writer 2 1
check "each flow as a whole" are_whole "$tmp/pieces" 2
check "all of them, both ways" equal \
	"$(flows_of "$tmp/pieces" | grep -c '^ip4 17 ') $(flow_list "$tmp/pieces" | grep -c ' ip4 17 ')" "24 48"

# Frames without a link header.
echo "# $SECONDS s: a tunnel"
if modprobe -q tun && left ip tuntap add dev tun mode tun && left ip addr add 10.80.0.1/24 dev tun; then
	spawn "$tmp/mirror" left tun_mirror tun
	left ip link set tun up
	becomes 20 grep -q ready "$tmp/mirror" || give_up "the tunnel is there"
	start left -i tun --workers 2 "$experts/frame-writer.so=$tmp/tun"
	for ((i = 2; i < 26; i++)); do
		left ping -q -c 1 -s $((i % 2 * 3000 + 56)) 10.80.0.$i >/dev/null
	done
	becomes 60 nothing_unread
	stop "$run_pid"
	join "$tmp/tun" 2
	check "flows of a tunnel are spread as well" all_used frame-writer 2 1
	check "each of them as a whole" are_whole "$tmp/tun" 2 -b
	check "all of them" equal "$(flows_of "$tmp/tun" -b | grep -c ' 1 0a500001')" 24
fi
# What the first worker can't have nobody has.
echo "# $SECONDS s: interfaces that can't be captured"
left ip link add down-l type veth peer name down-r
check "a bad filter ends it, whatever is down" fails_with 2 left timeout $((60 * patience)) \
	netexpert run -i any --workers 2 -f 'no such thing' "$experts/frame-writer.so=$tmp/none"
left ip link del down-l
start left -i veth-l -i down-l --workers 2 -f udp "$experts/frame-writer.so=$tmp/none"
left ip link add down-l type veth peer name down-r
told() { json_get "$run" "lifecycle.action=interface_$1" timestamp; }
check "one that is down is told" becomes 30 told down
check "and not that it is captured" fails_with 1 told captured
left ip link set down-l up
check "that comes when it is up" becomes 30 told captured
stop "$run_pid"

# Frames of a tunnel begin with IP, as in tcpdump's files.
if modprobe -q ip_gre; then
	for side in left right; do
		"$side" ip tunnel add gre1 mode gre local "$([ $side = left ] && echo $left4 || echo $right4)" \
			remote "$([ $side = left ] && echo $right4 || echo $left4)" ttl 64
		"$side" ip link set gre1 up
	done
	left ip addr add 10.90.0.1/30 dev gre1
	right ip addr add 10.90.0.2/30 dev gre1
	start left -i gre1 -w "$tmp/gre.pcapng"
	left ping -q -c 3 -i 0.2 10.90.0.2 >/dev/null
	becomes 60 nothing_unread
	stop "$run_pid"
	check "a tunnel's frames can be read" equal \
		"$(tcpdump -nnr "$tmp/gre.pcapng" icmp and host 10.90.0.2 2>/dev/null | wc -l)" 6
fi
check "nothing is left at the end" left_nothing
