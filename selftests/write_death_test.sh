#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# write_death_test - a file tells every loss, and holds each frame once however often its
# writer dies; and -c counts over all incarnations, for writers and experts

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"
# shellcheck source=selftests/write.sh
. "$here/write.sh"

net_up || give_up "the network can be set up"
net_fix_neighbours

#
# Losses: a writer that stands still, a ring of 4 KiB.
#
small=$tmp/small.pcapng
spawn "$run" left netexpert run --json -i veth-l -Q out -B 4 --rings 1 -f "$numbers" -w "$small"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
pid=$(writer small.pcapng pid)
send 0 10 100
stand_still() { kill -s STOP "$pid" && becomes 20 has_state "$pid" T; }
check "a writer can be stopped" stand_still
send 10 100 1000
kill -s CONT "$pid"
becomes 60 all_read small.pcapng || give_up "it reads on" "$run.err"
send 110 1 1000
becomes 60 all_read small.pcapng || give_up "it reads on" "$run.err"
check "and once more" stand_still
send 111 60 1000
kill -s CONT "$pid"
stop "$run_pid"
check "the run ends well" equal "$stopped" 0
check "the file is whole" reads "$small"
check "frames were lost" test "$(final lost)" -gt 100
check "those before a frame and those at the end are all that were lost" \
	equal $(($(add "$small" frame lost) + $(lost_at_end "$small"))) "$(final lost)"
check "there are some of both" \
	test "$(add "$small" frame lost)" -gt 50 -a "$(lost_at_end "$small")" -gt 20
check "the statistics have the sum" equal "$(add "$small" statistics lost)" "$(final lost)"
check "received is what was sent" equal "$(add "$small" statistics received)" 171
check "and the cause" says \
	'^frame .*lost=[1-9].* comment=[0-9]+ frames were lost just before this one: ring full$' "$small.list"

#
# Deaths.
#
kill_and_come_back() { # NAME
	local incarnation=1
	for incarnation in 2 3 4 5; do
		kill -s KILL "$(writer "$1" pid)" || return
		becomes 60 is_incarnation $incarnation || return
	done
}
file=$tmp/deaths.pcapng
spawn "$run" left netexpert run --json -i veth-l -Q out -B 8192 -f "$numbers" -w "$file"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
spawn "$tmp/sender" left udp_numbers $right4 $port 0 6000 1000
sender=$spawned
check "four deaths, four restarts" kill_and_come_back deaths.pcapng
becomes 120 is_gone "$sender" || give_up "all is sent"
stop "$run_pid"
check "the run ends well" equal "$stopped" 0
check "the file is whole after all that" reads "$file"
check "no frame is missing, and none is twice" numbers_are "$file" 5999
check "every frame is in the statistics" equal "$(add "$file" statistics delivered)" 6000
check "a frame's interface is described once" equal "$(grep -c ^interface "$file.list")" 1

# Once more from the start: whatever was in the file is gone.
spawn "$run" left netexpert run --json -i veth-l -Q out -f "$numbers" -c 50 -w "$file"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
send 0 20 500
kill -s KILL "$(writer deaths.pcapng pid)"
becomes 60 is_incarnation 2
send 20 20 500
kill -s KILL "$(writer deaths.pcapng pid)"
becomes 60 is_incarnation 3
send 40 30 500
check "after the last frame of -c the run ends by itself" becomes 60 is_gone "$run_pid"
stop "$run_pid"
check "and well" equal "$stopped" 0
check "the file is whole" reads "$file"
check "it holds so many frames, whoever wrote them" numbers_are "$file" 49
check "none is missing from it" equal "$(add "$file" statistics lost)" 0

# An expert that dies with the 10th, 20th and 30th frame in hand, and one that lives.
spawn "$run" left netexpert run --json -i veth-l -Q out -f "$numbers" -c 30 \
	"$experts/number-log.so=$log,$port,0,10" -c 45 "$experts/number-log.so=$log.2,$port"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
send 0 60 200
check "with experts, too" becomes 60 is_gone "$run_pid"
stop "$run_pid"
check "and that ends well" equal "$stopped" 0
check "a frame that was in hand at a death counts once" \
	equal "$(cut -d' ' -f2 "$log" | uniq | tr '\n' ' ')" "$(seq 0 29 | tr '\n' ' ')"
check "each has its own count" \
	equal "$(cut -d' ' -f2 "$log.2" | tr '\n' ' ')" "$(seq 0 44 | tr '\n' ' ')"

check_wireshark_reads
check "nothing is left" left_nothing
