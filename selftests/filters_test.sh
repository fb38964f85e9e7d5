#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# filters_test - an expert with a filter receives what tcpdump with the same filter
# receives, as a multiset, byte for byte, for each filter of filters/list.txt
#
# Filters come in batches: for each of a batch a tcpdump and an expert, all beside
# each other on the same traffic. The tcpdumps run from before the experts until
# after them; see frames_test for what is compared, and when.
#
# libpcap judges the first frame that comes after it has set a filter once more
# by itself, without what only the kernel knows of it, its direction: so it loses
# the first one that 'inbound' wants. A few frames that every filter wants go
# before the experts come.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

batch=42
run=$tmp/run.json

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
# final KEY: a counter of all experts, in their order.
final() { json_get "$run" event_type=stats stats.final=true "stats.$1"; }
nothing_unread() { [ "$(netexpert stat --json | json_get - unread_bytes | sort -u)" = 0 ]; }

# A signal for several processes fails if there is none.
none_left() { ! kill -0 "${dumps[@]}"; }

# all_say PATTERN: each tcpdump has said so.
all_say() { ! grep -L "$1" "$tmp"/dump*.err | grep -q .; }

# A tcpdump for each of the filters, all from one process in the namespace.
dump() {
	local i=0 filter
	cd "$1" || return
	shift
	for filter; do
		tcpdump -i veth-l -nn -U --immediate-mode -B 4096 -w "dump$i.pcap" \
			"$filter" 2>"dump$i.err" &
		i=$((i + 1))
	done
	jobs -p >pids
	wait
}

start_dumps() {
	rm -f "$tmp"/dump* "$tmp/pids"
	export -f dump
	spawn "$tmp/starter" left bash -c 'dump "$@"' dump "$tmp" "${filters[@]}"
	becomes 60 [ -s "$tmp/pids" ] || return
	mapfile -t dumps <"$tmp/pids"
	children+=("${dumps[@]}")
	becomes 300 all_say 'listening on'
}

# Real traffic in a VLAN, where the kernel has the driver for it.
vlans_up() {
	left ip link add link veth-l name veth-l.5 type vlan id 5 2>/dev/null || return
	right ip link add link veth-r name veth-r.5 type vlan id 5
	left ip addr add 10.78.0.1/24 dev veth-l.5
	right ip addr add 10.78.0.2/24 dev veth-r.5
	left ip link set veth-l.5 up
	right ip link set veth-r.5 up
}

few() {
	local host hosts=("$right4" "[$right6]")
	[ -z "$vlans" ] || hosts+=(10.78.0.2)
	for host in "${hosts[@]}"; do
		left curl -sfo /dev/null "http://$host/small" || return
		left curl -sfo "$tmp/got" -r 0-99999 "http://$host/large" || return
	done
	for host in $right4 $right6; do
		left dig +time=5 "@$host" one.selftest.test A two.selftest.test AAAA \
			>/dev/null || return
		left ping -q -c 1 "$host" >/dev/null || return
		left ping -q -c 1 -s 3000 "$host" >/dev/null || return
	done
	# Groups that this machine is in itself: it hears them, the cable doesn't.
	left ping -q -c 1 -W 1 -I veth-l 224.0.0.1 >/dev/null 2>&1
	left ping -q -c 1 ff02::1%veth-l >/dev/null || return
	left ip neigh flush dev veth-l
	left send_frames veth-l "$here/filters/frames.txt" >/dev/null &&
		right send_frames veth-r "$here/filters/frames.txt" >/dev/null &&
		left ping -q -c 1 $right4 >/dev/null
}

warm_up() {
	local i
	for i in 1 2; do
		left send_frames veth-l "$here/filters/frames.txt" >/dev/null &&
			right send_frames veth-r "$here/filters/frames.txt" >/dev/null || return
	done
}

# same I: whether expert and tcpdump have the same, and as much as there must be.
same() {
	local said
	said=$(frames_diff "$tmp/dump$1.pcap" "$tmp/expert$1.pcap" "$from" "$until") ||
		{ echo "$said"; return 1; }
	case ${wanted[$1]}:$said in
	some:*window=0\ *) echo "nothing was found: $said"; return 1 ;;
	none:*all=0\ window=0\ some=0\ *) ;;
	none:*) echo "something was found: $said"; return 1 ;;
	esac
	equal "${lost[$1]}" 0 &&
		equal "${seen[$1]}" $((filtered[$1] + delivered[$1]))
}

run_batch() {
	local i args=()
	start_dumps || give_up "tcpdumps listen" "$tmp"/dump*.err
	warm_up || give_up "frames are sent"
	echo "# $SECONDS s: tcpdumps listen"
	for i in "${!filters[@]}"; do
		args+=(-f "${filters[i]}" "$experts/frame-writer.so=$tmp/expert$i.pcap")
	done
	spawn "$run" left netexpert run --json -i veth-l -B 2048 "${args[@]}"
	becomes 300 is_capturing || give_up "captures are attached" "$run" "$run.err"

	echo "# $SECONDS s: experts capture"
	from=$(date +%s.%N)
	few || give_up "the traffic flows"
	until=$(date +%s.%N)
	echo "# $SECONDS s: traffic is over"
	becomes 120 nothing_unread || give_up "all experts read all" "$run.err"
	stop "$spawned"
	equal "$stopped" 0 || give_up "the run ends well" "$run.err"
	becomes 120 asleep "${dumps[@]}" || give_up "tcpdumps read all"
	kill -s TERM "${dumps[@]}"
	becomes 120 none_left || give_up "tcpdumps end"
	echo "# $SECONDS s: compare"
	mapfile -t seen < <(final seen)
	mapfile -t lost < <(final lost)
	mapfile -t filtered < <(final filtered)
	mapfile -t delivered < <(final delivered)
	check "tcpdumps lost nothing" all_say '^0 packets dropped by kernel'
	for i in "${!filters[@]}"; do
		check "${wanted[i]}: ${filters[i]:-(no filter)}" same "$i"
	done
}

net_up || give_up "the network can be set up"
{ serve_http && serve_dns; } >"$tmp/serve" 2>&1 ||
	give_up "the servers answer" "$tmp/serve" "$tmp/nginx.out.err"
vlans=
vlans_up && vlans=yes
[ -n "$vlans" ] || echo "# no driver for VLANs: only single frames are tagged"
mapfile -t lines < <(grep -E '^(some|none)( |$)' "$here/filters/list.txt")
[ ${#lines[@]} -ge 60 ] || give_up "there are sixty filters"
if [ "$patience" != 1 ]; then
	echo "# a kernel that is this slow gets every fourth of ${#lines[@]} filters"
	for i in "${!lines[@]}"; do
		[ $((i % 4)) = 0 ] || unset "lines[i]"
	done
	lines=("${lines[@]}")
fi

for ((first = 0; first < ${#lines[@]}; first += batch)); do
	filters=() wanted=()
	for line in "${lines[@]:first:batch}"; do
		wanted+=("${line%% *}")
		filters+=("${line:5}")
	done
	run_batch
done
check "nothing is left" left_nothing
