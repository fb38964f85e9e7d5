#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# filter_names_test - a filter's host names are asked for once, and interfaces of
# one link type share what was compiled, unless libpcap has something else for them
#
# The name has several addresses, and the server begins with another one each time.

# shellcheck disable=SC2016 # check evaluates what stands in single quotes

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

run=$tmp/run.json
dns=$tmp/dns.out
is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
told() { json_get "$run" "lifecycle.action=interface_$1" "lifecycle.interface=$2" timestamp | grep -q .; }
reason() { json_get "$run" "lifecycle.action=interface_$1" "lifecycle.interface=$2" lifecycle.reason; }
asked() { grep -c 'query.* many\.test ' "$dns.err"; }

# Programs for a command in a mount namespace of its own: with this name server; and
# where d1 is of a switch that puts a tag of its own before frames.
cat >"$tmp/with_server" <<END
#!/bin/sh
exec unshare -m sh -c 'mount --bind $tmp/resolv.conf /etc/resolv.conf && exec "\$@"' run "\$@"
END
cat >"$tmp/with_switch" <<'END'
#!/bin/sh
exec unshare -m sh -c 'mount -t tmpfs switch /sys/class/net && mkdir -p /sys/class/net/d1/dsa &&
	echo brcm >/sys/class/net/d1/dsa/tagging && exec "$@"' run "$@"
END
chmod +x "$tmp/with_server" "$tmp/with_switch"

start() { # ARGUMENT...
	spawn "$run" left "$tmp/with_server" netexpert run --json "$@"
	run_pid=$spawned
	becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
}

end() {
	stop "$run_pid"
	check "the run ends well" equal "$stopped" 0
}

# dummy NAME [ADDRESS]
dummy() {
	left ip link add "$1" type dummy && left sysctl -qw "net.ipv6.conf.$1.disable_ipv6=1" &&
		{ [ -z "${2:-}" ] || left ip addr add "$2" dev "$1"; } && left ip link set "$1" up
}

# Datagrams to each of the name's addresses, and to one that it has not.
for host in 01 02 03 09; do
	echo "020000000002 020000000001 0800 4500001c00000000401100000a090001c00002$host 0001000200080000"
done >"$tmp/frames"

net_up || give_up "the network can be set up"
[ -e /etc/resolv.conf ] || : >/etc/resolv.conf
echo "nameserver 127.0.0.1" >"$tmp/resolv.conf"
printf '192.0.2.%d many.test\n' 1 2 3 >"$tmp/hosts"
spawn "$dns" left dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
	--user=root --group=root --pid-file= --bind-interfaces --listen-address=127.0.0.1 \
	--addn-hosts="$tmp/hosts" --log-queries --log-facility=-
dns_pid=$spawned
answers() { left dig +time=1 +tries=1 @127.0.0.1 other.test; }
becomes 20 answers || give_up "the name server answers" "$dns.err"

for i in 0 1 2; do
	dummy d$i || give_up "dummies can be made"
done
start -i d0 -i d1 -i d2 -f 'host many.test' -w "$tmp/many.pcapng"
check "a name of several addresses holds for several interfaces" equal "$(captures)" "6 1"
check "it was asked for" test "$(asked)" -gt 0
at_start=$(asked)

# Nobody answers any more.
kill -s STOP "$dns_pid"
dummy d3 && left ip link del d3
left ip link set d0 down && left ip link set d0 up
left ip link del d1 && dummy d1
check "without an answer an interface that is made again is captured" becomes 60 told captured d1
left ip link del d0 && left ip link del d1 && left ip link del d2
all_gone() { equal "$(captures)" "0 1"; }
becomes 60 all_gone || give_up "all interfaces go" "$run" "$run.err"
for i in 0 1 2; do
	dummy d$i
done
all_back() { equal "$(captures)" "6 1"; }
check "and so is one that comes when there was none left" becomes 60 all_back
for i in 0 1 2; do
	left send_frames d$i "$tmp/frames" >/dev/null
done
kill -s CONT "$dns_pid"
becomes 20 answers || give_up "the name server answers again" "$dns.err"
end
check "each of them has the frames of each address, and no others" equal \
	"$(json_get "$run" event_type=stats stats.final=true stats.delivered) $(
		json_get "$run" event_type=stats stats.final=true stats.filtered)" "9 3"
check "the name was not asked for again" equal "$(asked)" "$at_start"

# --- what depends on the netmask
for i in 0 1 2; do
	left ip addr add "10.9$i.0.1/$((i < 2 ? 16 : 24))" dev d$i
done
start -i d0 -i d1 -i later -f 'host many.test or ip broadcast' -w "$tmp/broad.pcapng"
check "interfaces of one netmask share such a filter" equal "$(captures)" "4 1"
left ip link set d2 down && left ip link set d2 name later && left ip link set later up
check "another netmask is refused" becomes 60 told refused later
check "with that reason" eval '[[ "$(reason refused later)" == "this filter depends on the netmask, as "* ]]'
left ip link del d0 && left ip link del d1 && left ip link del later
all_told() { equal "$(captures)" "0 1" && told gone later; }
becomes 60 all_told || give_up "all interfaces go" "$run" "$run.err"
dummy d0 10.90.0.1/24
check "when none is left another netmask can come" becomes 60 told captured d0
# In whichever byte order libpcap has a netmask: with 24 bits this is broadcast, with 16 not.
echo "ffffffffffff 020000000001 0800 4500001c00000000401100000a5a0001ff0102ff 0001000200080000" \
	>"$tmp/frame"
left send_frames d0 "$tmp/frame" >/dev/null
end
check "and the filter is for that one" equal \
	"$(json_get "$run" event_type=stats stats.final=true stats.delivered)" 1

# --- what libpcap knows of the device
dummy d1
left timeout -s INT $((30 * patience)) "$tmp/with_switch" netexpert run -i d0 -i d1 -f udp \
	-w "$tmp/switch.pcapng" 2>"$tmp/switch.err"
check "frames that are not alike for libpcap do not share" \
	says "cannot be had for 'd1': its frames are .* for libpcap" "$tmp/switch.err"
check "nothing is left" left_nothing
