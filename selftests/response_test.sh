#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# response_test - how long servers take to answer is what tshark has measured
#
# Real programs ask and answer; tcpdump makes a file of it while the expert counts live.
# Of the file, answers and average times of each server must be those of tshark's fields;
# of TCP ports, those that a few lines of awk find in tshark's list of segments. Live,
# the answers must be as many.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

run=$tmp/run.json
live=$tmp/live.json
all=$tmp/all.pcap

is_capturing() { json_get "$live" lifecycle.action=capturing timestamp; }
tshark_fields() { HOME=$tmp/nobody tshark -n -r "$all" -T fields "$@" 2>"$tmp/tshark.err"; }

# field_times SERVICE FIELD: "SERVER PORT SERVICE ANSWERS MICROSECONDS", of tshark's times.
field_times() {
	tshark_fields -Y "$2" -e ip.src -e ipv6.src -e udp.srcport -e tcp.srcport -e "$2" |
		awk -F '\t' -v service="$1" '
		{
			n = split($5, times, ",")
			server = $1 $2 " " $3 $4
			for (i = 1; i <= n; i++) {
				split(times[i], part, ".")
				us[server] += part[1] * 1000000 + substr(part[2], 1, 6)
				answers[server]++
			}
		}
		END { for (s in us) print s, service, answers[s], us[s] }'
}

# port_times PORT: the same, from a client's last data to the server's first.
port_times() {
	tshark_fields -Y "tcp.port == $1 && tcp.len > 0 && !tcp.analysis.retransmission" \
		-e ip.src -e ipv6.src -e tcp.stream -e tcp.srcport -e frame.time_relative |
		awk -F '\t' -v port="$1" '
		{ split($5, part, "."); now = part[1] * 1000000 + substr(part[2], 1, 6) }
		$4 != port { asked[$3] = now; next }
		$3 in asked { us[$1 $2] += now - asked[$3]; answers[$1 $2]++; delete asked[$3] }
		END { for (s in us) print s, port, "TCP", answers[s], us[s] }'
}

# last_report FILE COLUMN: of each row.
last_report() {
	json_get "$1" event_type=expert "expert.columns.$2" |
		awk -v rows="$(json_get "$1" event_type=expert expert.columns.Server | tac |
			awk 'NR > 1 && $1 == "(all)" { exit } { n++ } END { print n }')" '
		{ line[NR] = $0 }
		END { for (i = NR - rows + 1; i <= NR; i++) print line[i] }'
}

found() { # FILE
	paste -d ' ' <(last_report "$1" Server) <(last_report "$1" Port) <(last_report "$1" Service) \
		<(last_report "$1" Answers) <(last_report "$1" 'Average s') | grep -v '^('
}

# compare WANTED GOT MICROSECONDS: averages may differ by so much.
compare() {
	[ -s "$1" ] || { echo "tshark finds none"; cat "$tmp/tshark.err"; return 1; }
	awk -v most="$3" '
		NR == FNR { answers[$1 " " $2 " " $3] = $4; mean[$1 " " $2 " " $3] = $5 / $4; next }
		{
			key = $1 " " $2 " " $3
			difference = $5 * 1000000 - mean[key]
			if (answers[key] != $4 || difference > most || difference < -most) {
				print key ": " $4 " answers, " $5 " s; tshark: " answers[key] ", " mean[key] " us"
				bad = 1
			}
			delete answers[key]
		}
		END { for (key in answers) { print key " is missing"; bad = 1 } exit bad }' "$1" "$2"
}

# reads_file OPTIONS: with one report.
reads_file() {
	timeout $((120 * patience)) netexpert run --json --heap 256M -r "$all" \
		"response-time=interval=86400$1" >"$run" 2>"$run.err" || { cat "$run.err"; return 1; }
	found "$run" >"$tmp/got"
}

refuses() { # OPTIONS WORDS
	fails_with 1 netexpert run -r "$all" "response-time=$1" 2>"$tmp/err" && says "$2" "$tmp/err"
}

net_up || give_up "the network can be set up"
serve_all() { serve_http && serve_dns && serve_smb; }
serve_all || give_up "the servers answer" "$tmp/nginx.out.err" "$tmp/dnsmasq.out.err" \
	"$tmp/smbd.out" "$tmp/smbd.out.err"
net_fix_neighbours
some_traffic() {
	local host name
	for host in $right4 "[$right6]"; do
		left curl -sfo /dev/null "http://$host/small" -o /dev/null "http://$host/small" \
			-o /dev/null "http://$host/small" || return
		left curl -so /dev/null "http://$host/none" || return
	done
	for name in one two three; do
		left dig +time=5 "@$right4" $name.selftest.test A >/dev/null || return
		left dig +time=5 +tcp "@$right6" $name.selftest.test AAAA >/dev/null || return
	done
	for host in $right4 $right6; do
		smb "$host" "ls none*; get file $tmp/file; put $tmp/file $name; del $name; ls" || return
		cmp "$tmp/file" "$tmp/smb/share/file" || return
	done >"$tmp/smb.out" 2>&1
}
start_dump left veth-l "$all"
spawn "$live" left netexpert run --json --heap 256M -B 16384 -i veth-l response-time=ports=80
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$live" "$live.err"
some_traffic || give_up "the traffic flows" "$tmp/smb.out" "$tmp/smbd.out"
stop_dump "$dump" "$all"

field_times DNS dns.time >"$tmp/want"
field_times HTTP http.time >>"$tmp/want"
field_times SMB2 smb2.time >>"$tmp/want"
check "DNS, HTTP and SMB servers have answered, by both protocols" \
	equal "$(wc -l <"$tmp/want")" 6
check "a run on the file ends well" reads_file ''
check "answers and averages are tshark's" compare "$tmp/want" "$tmp/got" 0.001

port_times 80 >>"$tmp/want"
check "a run for a port ends well" reads_file ,ports=80+8080
check "its answers and averages are those of its segments" compare "$tmp/want" "$tmp/got" 1

answers=$(awk '{ n += $4 } END { print n }' "$tmp/want")
has_all() {
	equal "$(json_get "$live" 'expert.columns.Server=(all)' expert.columns.Answers | tail -n 1)" "$answers"
}
check "live: all answers" becomes 120 has_all
stop "$run_pid"
check "the live run ends well" equal "$stopped" 0
found "$live" >"$tmp/got"
check "live: of the same servers, as many" compare "$tmp/want" "$tmp/got" 1000000
check "a port that is none is told" refuses ports=80+x 'ports must be TCP ports with \+ between them'
check "nothing is left" left_nothing
