# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables for who sources this, and of tap.sh
#
# net - two network namespaces, a cable between them, and traffic
#
#   nexp-left                                nexp-right
#   curl, dig, iperf3, ping, smbclient       nginx, dnsmasq, iperf3 -s, smbd
#   ┌────────────────────────┐               ┌────────────────────────┐
#   │ veth-l  10.77.0.1/24   ├───────────────┤ veth-r  10.77.0.2/24   │
#   │         fd77::1/64     │               │         fd77::2/64     │
#   └────────────────────────┘               └────────────────────────┘
#
# No qdisc, default offloads: what tcx sees is what a packet socket sees. To be
# sourced after tap.sh.

left4=10.77.0.1 right4=10.77.0.2 left6=fd77::1 right6=fd77::2

left() { nsenter --net=/run/netns/nexp-left "$@"; }
right() { nsenter --net=/run/netns/nexp-right "$@"; }

net_down() {
	ip netns del nexp-left 2>/dev/null
	ip netns del nexp-right 2>/dev/null
	return 0
}

# Quiet: no address checks, no router solicitations.
net_up() {
	local side
	net_down
	clean_ups+=(net_down)
	ip netns add nexp-left && ip netns add nexp-right || return
	for side in left right; do
		"$side" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.all.router_solicitations=0 \
			net.ipv6.conf.default.router_solicitations=0
		"$side" ip link set lo up
	done
	left ip link add veth-l type veth peer name veth-r netns nexp-right &&
		left ip addr add $left4/24 dev veth-l &&
		left ip addr add $left6/64 dev veth-l nodad &&
		right ip addr add $right4/24 dev veth-r &&
		right ip addr add $right6/64 dev veth-r nodad &&
		left ip link set veth-l up && right ip link set veth-r up || return
	becomes 10 left ping -c1 -W1 $right4 && becomes 10 left ping -c1 -W1 $right6
}

# Both neighbours for ever, so that nothing but a test's own traffic is there.
net_fix_neighbours() {
	local l r
	l=$(net_mac left veth-l)
	r=$(net_mac right veth-r)
	left ip neigh replace $right4 lladdr "$r" dev veth-l nud permanent
	left ip neigh replace $right6 lladdr "$r" dev veth-l nud permanent
	right ip neigh replace $left4 lladdr "$l" dev veth-r nud permanent
	right ip neigh replace $left6 lladdr "$l" dev veth-r nud permanent
}

# net_mac SIDE DEVICE
net_mac() { "$1" ip -o link show "$2" | sed -n 's/.*link\/ether \([0-9a-f:]*\).*/\1/p'; }

# asleep PROCESS...: a tcpdump that has what is at hand at once doesn't sleep while there
# is any.
asleep() {
	local files=("${@/%//stat}")
	awk '$3 != "S" { exit 1 }' "${files[@]/#//proc/}"
}

# A filter for what programs send. What the kernel says by itself (groups it is in, routers,
# neighbours) comes when it likes, and tcpdump may listen already when an expert does not.
of_programs='not arp and not (ip6[6] == 0) and not (ip6[6] == 58 and ip6[40] >= 130)'

# start_dump SIDE DEVICE FILE [OPTION...]: a tcpdump, process $dump. Without immediate
# mode, those of the last second might be missing in its file.
start_dump() {
	spawn "$3.out" "$1" tcpdump -i "$2" -nn -U --immediate-mode -B 65536 -s 262144 \
		-w "${@:3}"
	dump=$spawned
	becomes 20 grep -q 'listening on' "$3.out.err" || give_up "tcpdump listens" "$3.out.err"
}

# stop_dump PROCESS FILE: when it has all.
stop_dump() {
	becomes 60 asleep "$1" || give_up "tcpdump reads all" "$2.out.err"
	stop "$1"
	check "tcpdump lost nothing" says '^0 packets dropped by kernel' "$2.out.err"
}

serve_http() {
	mkdir -p "$tmp/www" "$tmp/nginx"
	head -c $((4 << 20)) /dev/urandom >"$tmp/www/large"
	head -c 700 /dev/urandom >"$tmp/www/small"
	cat >"$tmp/nginx.conf" <<-END
		daemon off;
		user root;
		master_process off;
		pid $tmp/nginx/pid;
		error_log stderr;
		events { worker_connections 64; }
		http {
			access_log off;
			sendfile on;
			client_body_temp_path $tmp/nginx/body;
			proxy_temp_path $tmp/nginx/proxy;
			fastcgi_temp_path $tmp/nginx/fastcgi;
			uwsgi_temp_path $tmp/nginx/uwsgi;
			scgi_temp_path $tmp/nginx/scgi;
			server {
				listen 80;
				listen [::]:80;
				root $tmp/www;
			}
		}
	END
	spawn "$tmp/nginx.out" right nginx -p "$tmp/nginx" -c "$tmp/nginx.conf" -e stderr
	becomes 20 left curl -sfo /dev/null "http://$right4/small"
}

serve_dns() {
	spawn "$tmp/dnsmasq.out" right dnsmasq --keep-in-foreground --conf-file=/dev/null \
		--no-resolv --no-hosts --user=root --group=root --pid-file= \
		--bind-interfaces --listen-address=$right4 --listen-address=$right6 \
		--address=/selftest.test/192.0.2.1 --address=/selftest.test/2001:db8::1
	becomes 20 left dig +time=1 +tries=1 "@$right4" a.selftest.test
}

# A share for everybody, //$right4/share.
serve_smb() {
	local folder=$tmp/smb
	mkdir -p "$folder/share" "$folder/private"
	head -c 300000 /dev/urandom >"$folder/share/file"
	chmod -R a+rX "$folder/share" && chmod 777 "$folder/share"
	cat >"$folder/smb.conf" <<-END
		[global]
		server role = standalone server
		map to guest = bad user
		guest account = nobody
		disable netbios = yes
		disable spoolss = yes
		load printers = no
		printing = bsd
		printcap name = /dev/null
		private dir = $folder/private
		lock directory = $folder
		state directory = $folder
		cache directory = $folder
		pid directory = $folder
		ncalrpc dir = $folder/ncalrpc
		log file = $folder/log
		[share]
		path = $folder/share
		guest ok = yes
		read only = no
	END
	spawn "$tmp/smbd.out" right smbd -F -s "$folder/smb.conf" --no-process-group --debug-stdout
	becomes 60 left smbclient -N -s "$folder/smb.conf" "//$right4/share" -c ls
}

# smb SERVER COMMANDS: as smbclient has them.
smb() { left smbclient -N -s "$tmp/smb/smb.conf" "//$1/share" -c "$2"; }

serve_iperf() {
	spawn "$tmp/iperf.out" right iperf3 -s
	becomes 20 left iperf3 -c $right4 -n 1000
}

serve() {
	serve_http || { echo "nginx does not answer"; return 1; }
	serve_dns || { echo "dnsmasq does not answer"; return 1; }
	serve_iperf || { echo "iperf3 does not answer"; return 1; }
}

# Downloads small and large, names, streams at a rate, pings, fragments, and groups
# that this machine is in itself: it hears what it sends there, the cable does not.
traffic() {
	local host
	left ip neigh flush dev veth-l
	left ping -q -c 3 -i 0.1 -W 1 -I veth-l 224.0.0.1 >/dev/null 2>&1
	left ping -q -c 3 -i 0.1 ff02::1%veth-l >/dev/null || return
	for host in $right4 "[$right6]"; do
		left curl -sfo "$tmp/got" "http://$host/large" &&
			cmp -s "$tmp/got" "$tmp/www/large" || return
		left curl -sfo /dev/null "http://$host/small" \
			-o /dev/null "http://$host/small" || return
	done
	for host in $right4 $right6; do
		left dig +time=5 "@$host" one.selftest.test A two.selftest.test AAAA \
			>"$tmp/dig.out" || return
		left ping -q -c 5 -i 0.1 "$host" >/dev/null || return
		left ping -q -c 3 -i 0.1 -s 5000 "$host" >/dev/null || return
		left iperf3 -c "$host" -t 1 -b 8M >/dev/null || return
		left iperf3 -c "$host" -t 1 -b 2M -u >/dev/null || return
	done
	left iperf3 -c $right4 -t 1 -b 8M -R >/dev/null
}
