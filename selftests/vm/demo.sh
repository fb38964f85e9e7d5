#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demonstration, inside the VM: live traffic, an expert that watches it, its
# death, and what becomes of its memory and its frames. Exits with 0 only if all
# that it shows is so.
#
#   netns people                              netns site
#   curl, dig, ping, iperf3 -- veth0 == veth0 -- nginx, dnsmasq, iperf3
#   10.9.0.2, fd09::2                         10.9.0.1, fd09::1
#                                             netexpert run -i veth0 top-users
#
# The rings are sized for the outage: 16 MiB hold many seconds of this traffic.
set -uo pipefail

rate=4M			# bits per second of each iperf3 stream
ring=16384		# KiB of a ring; there is one for each CPU
watched=6000		# frames to watch before the death, and as many after it
work=$(mktemp -d)
story=$work/story
mkfifo "$work/never"
trap 'kill $(jobs -p) 2>/dev/null' EXIT

title() { printf '\n== %s\n' "$*"; }
note() { echo "  $*" >>"$story"; }
wrong() { note "NOT SO: $*"; }

# CLOCK_MONOTONIC, the kernel's clock for what it reports, to ten milliseconds.
milliseconds() {
	local uptime
	read -r uptime _ </proc/uptime
	echo "${uptime/./}0"
}

pause() { read -r -t "$1" <>"$work/never" || :; } # nobody writes there

# within SECONDS COMMAND...: poll until the command works.
within() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || return 1
		pause 0.1
	done
}

topology() {
	local ns
	modprobe veth
	ip netns add people
	ip netns add site
	ip link add veth0 netns people type veth peer name veth0 netns site
	ip -n people addr add 10.9.0.2/24 dev veth0
	ip -n people addr add fd09::2/64 dev veth0 nodad
	ip -n site addr add 10.9.0.1/24 dev veth0
	ip -n site addr add fd09::1/64 dev veth0 nodad
	for ns in people site; do
		ip -n $ns link set lo up
		ip -n $ns link set veth0 up
	done
}

listening() { # t|u PORT...
	local protocol=$1 port
	shift
	for port in "$@"; do
		ip netns exec site ss "-Hln$protocol" "sport = :$port" | grep -q . || return 1
	done
}

servers() {
	mkdir -p "$work/www"
	head -c 60000 /dev/zero | tr '\0' x >"$work/www/index.html"
	cat >"$work/nginx.conf" <<-END
		daemon off; user root; worker_processes 1; pid $work/nginx.pid;
		events { }
		http { access_log off; server { listen 80; listen [::]:80; root $work/www; } }
	END
	ip netns exec site nginx -e "$work/nginx.log" -c "$work/nginx.conf" &
	ip netns exec site dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv \
		--no-hosts --user=root --pid-file= --listen-address=10.9.0.1,fd09::1 \
		--bind-interfaces --address=/site.example/10.9.0.1 --address=/site.example/fd09::1 &
	ip netns exec site iperf3 -s -p 5201 >/dev/null 2>&1 &
	ip netns exec site iperf3 -s -p 5202 >/dev/null 2>&1 &
	within 30 listening t 80 5201 5202 && within 30 listening u 53
}

traffic() {
	ip netns exec people iperf3 -c 10.9.0.1 -p 5201 -u -b $rate -l 1200 -t 600 >/dev/null 2>&1 &
	ip netns exec people iperf3 -6 -c fd09::1 -p 5202 -b $rate -t 600 >/dev/null 2>&1 &
	ip netns exec people ping -q -i 0.5 10.9.0.1 >/dev/null &
	ip netns exec people ping -q -i 0.5 fd09::1 >/dev/null &
	while :; do
		ip netns exec people curl -s http://10.9.0.1/ "http://[fd09::1]/"
		ip netns exec people dig +short @10.9.0.1 site.example A
		ip netns exec people dig +short @fd09::1 site.example AAAA
		pause 1
	done >/dev/null 2>&1 &
}

# What the kernel counts, into the associative array "pool".
declare -A pool
look() {
	local line key
	line=$(netexpert stat --json)
	for key in incarnation pid heap_bytes delivered delivered_bytes lost ring_bytes rings \
		ended_ns back_ns back_bytes; do
		[[ $line =~ \"$key\":\ *([0-9]+) ]] || return
		pool[$key]=${BASH_REMATCH[1]}
	done
}

alive() { look && [ "${pool[incarnation]}" = "$1" ] && [ "${pool[heap_bytes]}" -gt 0 ]; }
gone_from_memory() { look && [ "${pool[back_ns]}" -gt 0 ] && [ "${pool[heap_bytes]}" = 0 ]; }
delivered() { look && [ "${pool[delivered]}" -ge "$1" ]; }

row() { # WHEN
	note "$(printf '%-24s %4s %8s %11s %9s %5s' "$1" "${pool[incarnation]}" "${pool[pid]}" \
		"${pool[heap_bytes]}" "${pool[delivered]}" "${pool[lost]}")"
}

# Bytes that the frames so far took in the rings, record headers included.
taken() { echo $((pool[delivered_bytes] + 80 * pool[delivered])); }

# Kill the expert while its supervisor cannot act: what the counters say then is
# the kernel's doing alone. After that the supervisor may go on.
death() { # PID-OF-SUPERVISOR
	local began bytes killed spent rate back
	within 60 alive 1 || { wrong "the expert does not run"; return; }
	began=$(milliseconds) bytes=$(taken)
	within 60 delivered $watched || { wrong "there is hardly any traffic"; return; }

	kill -STOP "$1"
	look
	note "when                     life  process  heap bytes    frames  lost"
	row "before"
	killed=$(milliseconds)
	kill -SEGV "${pool[pid]}"
	within 30 gone_from_memory || wrong "the memory is not back"
	spent=$(($(milliseconds) - killed))
	row "$spent ms after SIGSEGV"
	back=$((pool[back_ns] / 1000000 - killed))
	rate=$((($(taken) - bytes) / ($(milliseconds) - began)))

	kill -CONT "$1"
	within 30 alive 2 || wrong "the expert does not run again"
	spent=$(($(milliseconds) - killed))
	row "$spent ms after SIGSEGV"
	within 60 delivered $((pool[delivered] + watched)) || wrong "nothing arrives any more"
	row "a while later"
	[ "${pool[lost]}" = 0 ] || wrong "frames were lost"
	echo >>"$story"
	[ $back -lt 1000 ] || wrong "that took longer than a second"
	note "By the kernel's clock all ${pool[back_bytes]} bytes of heap were back $((back < 0 ? 0 : back)) ms" \
		"after the signal,"
	note "$(((pool[back_ns] - pool[ended_ns]) / 1000)) us after the end of the process was noticed;" \
		"the supervisor was stopped all the while."
	note "The rings take $rate KB/s of this traffic, so one of $((pool[ring_bytes] / 1024)) KiB alone" \
		"holds an outage of $((pool[ring_bytes] / rate / 1000)) s."
	note "This one was shorter than $spent ms: frames lost: ${pool[lost]}."
}

storyteller() {
	local pid
	within 30 pgrep -x netexpert || return
	pid=$(pgrep -xo netexpert)
	death "$pid"
	kill -INT "$pid"
}

gone() {
	local links users processes
	links=$(bpftool -j link | grep -o '"id"' | wc -l)
	users=$(cat /sys/module/netexpert/refcnt)
	processes=$(pgrep -c netexpert)
	echo "  netexpert stat:    $(netexpert stat 2>&1)"
	echo "  BPF links:         $links"
	echo "  processes:         $processes"
	echo "  users of module:   $users"
	[ "$links $users $processes" = "0 0 0" ]
}

title "two network namespaces and a veth pair, servers in one, clients in the other"
topology
servers || { echo "the servers do not start" >&2; exit 1; }
traffic
echo "  nginx and curl, dnsmasq and dig, ping, iperf3 (UDP on IPv4, TCP on IPv6, ${rate}bit/s each)"

title "netexpert run -i veth0 -B $ring top-users"
storyteller &
teller=$!
ip netns exec site netexpert run -i veth0 -B $ring top-users
status=$?
[ $status = 0 ] || wrong "netexpert run ended with status $status"
wait $teller

title "what the kernel's counters said, by netexpert stat"
cat "$story"
title "what is left after Ctrl-C"
gone || wrong "something is left"
! grep 'NOT SO' "$story"
