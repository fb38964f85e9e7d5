#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# users_test - who sends and receives how much is what tshark's endpoints say
#
# Real programs talk, in a tunnel, too, and errors come back; tcpdump makes a file of it
# while top-users counts live, by either kind of address. Live and of the file, the
# counts of each address must be tshark's. A tunnel's inner addresses are the only ones
# that tshark has more of, and what it has less of are fragments of IPv6 but for the last
# ones of their datagrams, as the manual page says.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

all=$tmp/all.pcap
inner='^10\.99\.0\.[12] '

is_capturing() { json_get "$1" lifecycle.action=capturing timestamp; }

# endpoints KIND...: "ADDRESS FRAMES-SENT BYTES-SENT FRAMES-RECEIVED BYTES-RECEIVED"
endpoints() {
	HOME=$tmp/nobody tshark -n -r "$all" -q "${@/#/-zendpoints,}" 2>"$tmp/tshark.err" |
		awk '$1 ~ /^[0-9a-f]+[.:]/ { print $1, $4, $5, $6, $7 }' | sort
}

# parts: the fragments of IPv6 that tshark's endpoints don't count, as endpoints.
parts() {
	HOME=$tmp/nobody tshark -n -r "$all" -Y 'ipv6.fraghdr.more == 1' -T fields -e ipv6.src \
		-e ipv6.dst -e frame.len 2>>"$tmp/tshark.err" |
		awk '{ print $1, 1, $3, 0, 0; print $2, 0, 0, 1, $3 }'
}

# Sums of the same addresses.
add_up() {
	awk '{ for (i = 2; i <= 5; i++) sum[$1, i] += $i; seen[$1] }
		END { for (a in seen) print a, sum[a, 2], sum[a, 3], sum[a, 4], sum[a, 5] }' | sort
}

# users FILE: the same of the last report.
users() {
	local name columns=()
	for name in Address 'Frames sent' 'Bytes sent' 'Frames received' 'Bytes received'; do
		json_get "$1" event_type=expert "expert.columns.$name" >"$tmp/column.$name"
		columns+=("$tmp/column.$name")
	done
	paste -d ' ' "${columns[@]}" |
		awk '$1 == "(all)" { last = rows; rows = ""; next } $1 !~ /^\(/ { rows = rows $0 "\n" }
			END { printf "%s", last }' | sort
}

same() { # WANTED GOT
	[ -s "$1" ] || { echo "tshark finds none"; cat "$tmp/tshark.err"; return 1; }
	diff "$1" "$2"
}

counted() { # FILE
	json_get "$1" event_type=expert 'expert.columns.Address=(all)' 'expert.columns.Frames sent' |
		tail -n 1
}

same_users() { # WANTED FILE
	users "$2" >"$tmp/got"
	same "$1" "$tmp/got"
}

reads_file() { # FILE OPTIONS
	timeout $((120 * patience)) netexpert run --json -r "$all" "top-users=top=1000,interval=86400$2" \
		>"$1" 2>"$1.err" || { cat "$1.err"; return 1; }
}

serve_both() { serve_http && serve_dns; }
make_tunnel() {
	left ip link add tun-l type ipip local $left4 remote $right4 &&
		right ip link add tun-r type ipip local $right4 remote $left4 &&
		left ip addr add 10.99.0.1/30 dev tun-l && right ip addr add 10.99.0.2/30 dev tun-r &&
		left ip link set tun-l up && right ip link set tun-r up
}
traffic_of_users() {
	local host
	for host in $right4 "[$right6]"; do
		left curl -sfo /dev/null "http://$host/large" -o /dev/null "http://$host/small" || return
	done
	for host in $right4 $right6; do
		left dig +time=5 "@$host" one.selftest.test A >/dev/null || return
		left ping -q -c 2 -i 0.1 -s 3000 "$host" >/dev/null || return
		# Nobody is there, which an error says that quotes the question.
		left dig +time=1 +tries=1 -p 9999 "@$host" none.selftest.test >/dev/null && return 1
	done
	left ping -q -c 3 -i 0.1 10.99.0.2 >/dev/null
}

net_up || give_up "the network can be set up"
serve_both || give_up "the servers answer" "$tmp/nginx.out.err" "$tmp/dnsmasq.out.err"
make_tunnel || give_up "there can be a tunnel"
net_fix_neighbours
start_dump left veth-l "$all" "$of_programs"
run_pids=()
for base in network mac; do
	spawn "$tmp/$base.json" left netexpert run --json -B 16384 -i veth-l -f "$of_programs" \
		"top-users=top=1000,base=$base"
	run_pids+=("$spawned")
	becomes 60 is_capturing "$tmp/$base.json" || give_up "captures are attached" "$tmp/$base.json.err"
done
traffic_of_users || give_up "the traffic flows"
stop_dump "$dump" "$all"

frames=$(capinfos -TrcM "$all" | cut -f 2)
has_all() { equal "$(counted "$1")" "$frames"; }
endpoints ip ipv6 >"$tmp/with-tunnel"
parts >"$tmp/parts"
grep -v "$inner" "$tmp/with-tunnel" | cat - "$tmp/parts" | add_up >"$tmp/network"
endpoints eth >"$tmp/mac"
check "tshark counts a tunnel's inner addresses, too" equal "$(grep -c "$inner" "$tmp/with-tunnel")" 2
check "but not all fragments of IPv6" [ -s "$tmp/parts" ]
for i in 0 1; do
	base=network
	[ "$i" = 0 ] || base=mac
	check "live reports by $base come up to all frames" becomes 60 has_all "$tmp/$base.json"
	stop "${run_pids[i]}"
	check "the live run ends well" equal "$stopped" 0
	check "live, by $base: tshark's endpoints" same_users "$tmp/$base" "$tmp/$base.json"
	check "a run on the file ends well" reads_file "$tmp/file-$base.json" ",base=$base"
	check "from the file, by $base: tshark's endpoints" same_users "$tmp/$base" "$tmp/file-$base.json"
done
check "nothing is left" left_nothing
