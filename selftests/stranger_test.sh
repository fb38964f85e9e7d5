#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# stranger_test - plug-ins by people who have read half of the manual, or none
#
# They run beside each other and beside a bystander, which must get every frame.
# What is no expert at all is refused with words that name it. At the end there is
# one that was made of the template.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

run=$tmp/run.json text=$tmp/text log=$tmp/numbers
port=5999

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
action() { json_get "$run" "lifecycle.action=$1" "lifecycle.name=$2" lifecycle.reason; }
happened() { json_get "$run" "lifecycle.action=$1" "lifecycle.name=$2" timestamp; }
verdict() { json_get "$run" event_type=expert "expert.name=$1" expert.event=verdict expert.summary; }
final() { json_get "$run" event_type=stats stats.final=true "stats.name=$1" "stats.$2"; }
has_noted() { [ "$(wc -l <"$log")" = "$1" ]; }

# plugin NAME [FILE]: a copy under another name, which everybody may read.
plugin() {
	cp "${2:-$experts/stranger.so}" "$tmp/$1.so" && chmod 755 "$tmp/$1.so"
}

adds_up() { # NAME
	local lost=0 cause
	for cause in $(json_get "$run" event_type=stats stats.final=true "stats.name=$1" stats.dropped |
		grep -oE '[0-9]+'); do
		lost=$((lost + cause))
	done
	equal "$(final "$1" seen)" "$(($(final "$1" filtered) + $(final "$1" delivered) + $(final "$1" lost)))" &&
		equal "$(final "$1" lost)" "$lost"
}

# The most memory that the command has had, in KiB.
most_kib() { awk '$1 == "VmHWM:" { print $2 }' "/proc/$1/status"; }

net_up || give_up "the network can be set up"
net_fix_neighbours

# --- what an expert may do wrong while it runs

quick=(return twice foreign nothing far)
slow=(never deaf)
misbehaving=()
for how in "${quick[@]}" "${slow[@]}"; do
	plugin "$how"
	misbehaving+=("$tmp/$how.so=$how")
done
spawn "$run" left netexpert run --json --grace 2 -i veth-l -f "udp dst port $port" \
	"${misbehaving[@]}" "$experts/number-log.so=$log,$port"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
left udp_numbers $right4 $port 0 400 400
all_quick_are_done() {
	local how
	for how in "${quick[@]}"; do happened finished "$how" || return; done
}
becomes 60 all_quick_are_done || show "$run" "$run.err"
becomes 60 has_noted 400 || show "$run" "$run.err"
stop "$run_pid"
for how in "${quick[@]}"; do
	check "$how: it has finished" happened finished "$how"
done
for how in twice foreign nothing far; do
	check "$how: it was answered as promised" equal "$(verdict "$how")" 'as promised'
done
for how in "${slow[@]}"; do
	check "$how: it is killed after the time of grace" says 'time' <(action died "$how"; action failed "$how")
done
check "that is a failure of the run" equal "$stopped" 1
for how in "${quick[@]}" "${slow[@]}" number-log; do
	check "$how: its counters add up" adds_up "$how"
	check "$how: it was started once" equal "$(final "$how" incarnation)" 1
done
check "the bystander has got every frame" has_noted 400
check "and lost none" equal "$(final number-log lost) $(final number-log delivered)" '0 400'
check "nothing is left of them" left_nothing

# --- words without end, for people: JSON lines would be the disk's affair

rm -f "$log"
plugin flood
spawn "$text" left netexpert run -i veth-l -f "udp dst port $port" "$tmp/flood.so=flood,10000000" \
	"$experts/number-log.so=$log,$port"
run_pid=$spawned
becomes 60 grep -q capturing "$text.err" || give_up "captures are attached" "$text" "$text.err"
left udp_numbers $right4 $port 0 400 100
becomes 60 has_noted 400 || show "$text" "$text.err"
most=$(most_kib "$run_pid")
stop "$run_pid"
check "flood: the bystander has got every frame" has_noted 400
check "flood: the run ends well when it is asked to" equal "$stopped" 0
events=$(grep -oE 'verdict +[0-9]+ events' "$text" | grep -oE '[0-9]+')
echo "# $events events, and the command had $most KiB at most"
check "flood: it has submitted thousands until then" test "${events:-0}" -ge 2000
check "flood: those that are not shown are counted" says '^\([0-9]+ more events were not kept\)' "$text"
check "flood: the command's memory is bounded" test "$most" -le 65536
check "nothing is left of it" left_nothing

# --- what is no expert

plugin text "$here/tap.sh"
plugin cut && truncate -s 3000 "$tmp/cut.so"
plugin head && truncate -s 40 "$tmp/head.so"
plugin arm && printf '\xb7\x00' | dd of="$tmp/arm.so" bs=1 seek=18 conv=notrunc status=none
plugin empty /dev/null
plugin program "$bin/json_get"
mkdir "$tmp/folder.so" && mkfifo -m 644 "$tmp/fifo.so" && mknod -m 644 "$tmp/zero.so" c 1 5
for what in register run; do plugin "without-$what" "$experts/without-$what.so"; done
plugin boastful "$experts/without-configure.so"
for name in endless-name endless-vendor endless-words endless-all nameless unwilling; do
	plugin "$name"
done
plugin optionless "$experts/without-configure.so"

rm -f "$log"
mapfile -t refused <<'END'
text:it is no shared object: it does not begin as ELF files do
cut:it was cut: it has 3000 bytes, and [0-9]+ are the least
head:it was cut: it has 40 bytes, and 64 are the least
arm:it is for another machine .*machine 183; here it is 2, 1, 62
empty:it is empty
program:cannot dynamically load position-independent executable
folder:it is a directory, no plug-in
fifo:it is a FIFO, no plug-in
zero:it is a device, no plug-in
without-register:it does not export Register, so it is no expert
without-run:it does not export Run, so it is no expert
boastful:it says that it can be configured but does not export Configure
endless-name:Register left a string without an end
endless-vendor:Register left a string without an end
endless-words:Register left a string without an end
endless-all:Register left a string without an end
nameless:Register gave no name
unwilling:Register said FALSE
END
mapfile -t plugins < <(printf '%s\n' "${refused[@]}" | sed "s|^\([^:]*\):.*|$tmp/\1.so|")
spawn "$run" left netexpert run --json -i veth-l -f "udp dst port $port" -B 64 "${plugins[@]}" \
	"$tmp/optionless.so" "$experts/number-log.so=$log,$port"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
all_are_refused() {
	local line
	for line in "${refused[@]}"; do happened failed "${line%%:*}" || return; done
}
becomes 60 all_are_refused || show "$run" "$run.err"
left udp_numbers $right4 $port 0 200 400
becomes 60 has_noted 200 || show "$run" "$run.err"
check "Register and Run alone are enough" happened finished optionless
stop "$run_pid"
for line in "${refused[@]}"; do
	name=${line%%:*}
	check "$name: is refused with words" says "/$name.so: ${line#*:}" <(action failed "$name")
	check "$name: it was tried once" equal "$(final "$name" incarnation)" 1
	check "$name: its counters add up" adds_up "$name"
done
check "their run is a failure" equal "$stopped" 1
check "the bystander has got every frame" has_noted 200
check "and lost none" equal "$(final number-log lost)" 0
check "who takes no options is told of them" fails_with 1 \
	timeout $((60 * patience)) netexpert run -i lo "$tmp/optionless.so=x"
check "nothing is left of all that" left_nothing

# --- and what is one: the template, live

install_below() {
	make -s -f "$here/../user/Makefile" -C "$here/.." B="$here/../build" \
		PREFIX="$(<"$here/../build/user/prefix")" DESTDIR="$tmp/root" install
}
check "everything is installed" install_below
prefix=$tmp/root$(<"$here/../build/user/prefix")
cp -r "$prefix/share/netexpert/template" "$tmp/my-expert" && chmod -R a+rX "$tmp/my-expert"
check "the template builds" env PKG_CONFIG_PATH="$prefix/lib/pkgconfig" \
	PKG_CONFIG_SYSROOT_DIR="$tmp/root" make -s -C "$tmp/my-expert"
spawn "$text" left netexpert run -i veth-l -f "udp dst port $port" "$tmp/my-expert/my-expert.so"
run_pid=$spawned
becomes 60 grep -q capturing "$text.err" || give_up "captures are attached" "$text" "$text.err"
left udp_numbers $right4 $port 0 400 100
stop "$run_pid"
check "it runs live" equal "$stopped" 0
check "it has reported while frames came" test "$(grep -c '^EtherType' "$text")" -ge 2
check "its last word has all of them" equal "$(awk '$1 == "0x0800" { n = $2 } END { print n }' "$text")" 400
start_dump left veth-l "$tmp/a.pcap"
left udp_numbers $right4 $port 0 100 1000
stop_dump "$dump" "$tmp/a.pcap"
timeout $((60 * patience)) netexpert try "$tmp/a.pcap" top-users >"$tmp/tried" 2>"$text.err" ||
	show "$tmp/tried" "$text.err"
timeout $((60 * patience)) netexpert run -q -r "$tmp/a.pcap" top-users >"$text"
check "'try' of a file shows what a run shows" equal \
	"$(grep '^(all)' "$tmp/tried")" "$(grep '^(all)' "$text")"
check "at the end nothing is left" left_nothing
