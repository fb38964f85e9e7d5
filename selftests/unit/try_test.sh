#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# try_test - an expert that a stranger makes of the template, debugged on a file
#
# What was built is installed below a folder, and from there on nothing of the source
# is used but the plug-ins with bugs. Needs no module, no rights and no VM.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

repo=$(cd "$here/.." && pwd)
root=$tmp/root
said=$tmp/said
asan=$(gcc -print-file-name=libasan.so)

install_below() {
	make -s -f "$repo/user/Makefile" -C "$repo" B="$repo/build" \
		PREFIX="$(<"$repo/build/user/prefix")" DESTDIR="$root" install
}
install_below >"$said" 2>&1 || give_up "everything is installed" "$said"
prefix=$root$(<"$repo/build/user/prefix")
export PATH=$prefix/bin:$PATH NETEXPERT_LIBEXEC=$prefix/libexec/netexpert \
	NETEXPERT_EXPERTS=$prefix/lib/netexpert/experts \
	PKG_CONFIG_PATH=$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
# Where ldconfig would find it; what is for debuggers must come first nevertheless.
export LD_LIBRARY_PATH=$prefix/lib

octets() { # NUMBER-OF-BYTES VALUE, least significant first
	local i value=$2 text=
	for ((i = 0; i < $1; i++)); do
		text+=$(printf '\\x%02x' $((value >> (8 * i) & 255)))
	done
	printf '%b' "$text"
}

# pcap FRAMES: Ethernet, three of four with EtherType 0x0800, 60 to 99 bytes.
pcap() {
	local i size
	printf '\xd4\xc3\xb2\xa1\x02\x00\x04\x00' && octets 8 0 && octets 4 65535 && octets 4 1
	for ((i = 0; i < $1; i++)); do
		size=$((60 + i % 40))
		octets 4 $((1700000000 + i / 10)) && octets 4 $((i % 10 * 100000))
		octets 4 $size && octets 4 $size
		printf '\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x08'
		printf '%b' "\\x0$((i % 4 == 3 ? 6 : 0))"
		head -c $((size - 14)) /dev/zero
	done
}
pcap 200 >"$tmp/a.pcap"

asks_to_finish() {
	mkfifo "$tmp/fifo" && exec 9<>"$tmp/fifo" && head -c 2000 "$tmp/a.pcap" >&9
	spawn "$tmp/asked" netexpert try "$tmp/fifo" "$experts/memory-bugs.so=wait"
	becomes 30 grep -q 'has a frame' "$tmp/asked" || return
	stop "$spawned"
	equal "$stopped" 0 && says 'asked to finish' "$tmp/asked.err" && says 'finished after' "$tmp/asked.err"
}

# Meanwhile: an expert that has no end of words, and gets no end of memory for it.
# shellcheck disable=SC2016 # the inner shell expands it
spawn "$tmp/flood" bash -c 'ulimit -v 400000 && exec netexpert try "$@"' flood \
	"$tmp/a.pcap" "$experts/stranger.so=flood,10000000"
flood_pid=$spawned

# try ARGUMENT...: what it says in $said, its standard output in $said.out.
try() { timeout -k 10 $((60 * patience)) netexpert try "$@" >"$said.out" 2>"$said"; }
under_asan() { LD_PRELOAD=$asan try "$@"; }
under_valgrind() {
	timeout -k 10 $((120 * patience)) valgrind -q --trace-children=yes --leak-check=full \
		--error-exitcode=9 netexpert try "$@" >"$said.out" 2>"$said"
}

# refuses STATUS PATTERN ARGUMENT...
refuses() {
	local status=$1 pattern=$2
	shift 2
	fails_with "$status" try "$@" || { cat "$said"; return 1; }
	says "$pattern" "$said"
}

check "no arguments are a usage error" refuses 2 'a FILE and an EXPERT'
check "one too many is a usage error" refuses 2 'one FILE, and one EXPERT' a b c
check "a size that is none is a usage error" refuses 2 "--heap 'x'" --heap x a top-users
check "a file that is not there is named" refuses 1 'none.pcap' "$tmp/none.pcap" top-users
check "a file that is no capture is told" refuses 1 'tap.sh: .*known format' "$here/tap.sh" top-users
check "an expert that is not there is named" refuses 1 "no expert 'frobnicator'" \
	"$tmp/a.pcap" frobnicator
check "options that it refuses are told with its reason" refuses 1 'top-users: FAILED: .' \
	"$tmp/a.pcap" top-users=frob
check "a display filter that is none is told" refuses 1 'FAILED: -Y: ' \
	-Y 'frob ==' "$tmp/a.pcap" top-users
check "a limit for its objects holds" try --heap 4096 "$tmp/a.pcap" top-users
check "and the expert says so" says 'no memory' "$said"
head -c 5000 "$tmp/a.pcap" >"$tmp/cut.pcap"
check "a file that was cut is told, with the frames before that" refuses 1 \
	'reading .*/cut.pcap: after [0-9]+ frames' "$tmp/cut.pcap" top-users
check "and the expert has reported on them" says '^\(all\) +[1-9]' "$said.out"

check "an installed expert runs, on standard input too" try - top-users <"$tmp/a.pcap"
check "it has seen every frame" says 'finished after 200 frames$' "$said"
check "with properties, and a display filter" try -Y 'frame.len > 90' "$tmp/a.pcap" \
	property-distribution=property=frame.len
check "JSON lines are what a run writes" try --json "$tmp/a.pcap" top-users
check "they are valid" "$here/eve_check.py" "$prefix/share/netexpert/eve.schema.json" "$said.out"
check "the end is among them" equal \
	"$(json_get "$said.out" lifecycle.action=finished lifecycle.frames)" 200

check "Ctrl-C asks it to finish, while the file stands still" asks_to_finish

# The template, as its manual says.
cp -r "$prefix/share/netexpert/template" "$tmp/my-expert"
cd "$tmp/my-expert" || exit
check "the template builds" make -s CFLAGS='-O2 -g -Wall -Wextra -Werror'
check "make try runs it" make -s try FILE="$tmp/a.pcap" OPTIONS=interval=5
make -s try FILE="$tmp/a.pcap" >"$said.out" 2>"$said"
equals_pcap() {
	equal "$(awk '$1 == "0x0800" { n = $2 } $1 == "0x0806" { m = $2 } END { print n, m }' \
		"$said.out")" '150 50'
}
check "it has counted what there is" equals_pcap
check "it reports while time goes by" test "$(grep -c '^EtherType' "$said.out")" -ge 15
check "it frees everything" fails_with 1 grep 'not freed' "$said"
check "what it does not understand it refuses" fails_with 2 \
	make -s try FILE="$tmp/a.pcap" OPTIONS=frob
check "make asan runs it, and finds nothing" make -s asan FILE="$tmp/a.pcap"
check "valgrind finds nothing either" under_valgrind "$tmp/a.pcap" ./my-expert.so
check "the list shows it" says 'my-expert' <(netexpert list ./my-expert.so)

# Bugs, each found where it is made.
# shellcheck disable=SC2046 # words for the compiler
gcc -g -O1 -fsanitize=address -fPIC -shared $(pkg-config --cflags netexpert) \
	"$here/experts/memory-bugs.c" -o "$tmp/asan-bugs.so" || give_up "a plug-in is compiled"
bugs=$experts/memory-bugs.so

finds() { # FUNCTION PATTERN COMMAND...: which fails, and says that, and names the place
	local function=$1 pattern=$2 status=0
	shift 2
	"$@" || status=$?
	[ "$status" != 0 ] || { echo "it ended well:"; cat "$said"; return 1; }
	says "$pattern" "$said" && says "(in|by 0x[0-9A-F]+:|at 0x[0-9A-F]+:) $function\b.*memory-bugs.c" "$said"
}

check "AddressSanitizer is content with what is in order" \
	under_asan "$tmp/a.pcap" "$tmp/asan-bugs.so=nothing"
check "and with Wireshark's parsers beside it" \
	under_asan "$tmp/a.pcap" property-distribution=property=frame.len
check "valgrind is" under_valgrind "$tmp/a.pcap" "$bugs=nothing"
while read -r how function asan_says; do
	check "AddressSanitizer finds: $how" finds "$function" "$asan_says" \
		under_asan "$tmp/a.pcap" "$tmp/asan-bugs.so=$how"
done <<-'END'
	overrun do_overrun AddressSanitizer: heap-buffer-overflow
	underrun do_underrun AddressSanitizer: heap-buffer-overflow
	late do_late AddressSanitizer: heap-use-after-free
	stale do_stale AddressSanitizer: heap-use-after-free
	twice do_twice AddressSanitizer: attempting double-free
	foreign do_foreign AddressSanitizer: attempting free on address which was not malloc
	leak Run Direct leak of 100 byte
END
while read -r how function valgrind_says; do
	check "valgrind finds: $how" finds "$function" "$valgrind_says" \
		under_valgrind "$tmp/a.pcap" "$bugs=$how"
done <<-'END'
	overrun do_overrun Invalid write of size 1
	late do_late Invalid read of size 1
	twice do_twice Invalid free
	leak Run 100 bytes in 1 blocks are definitely lost
END
check "without a tool, a second free ends the process there" \
	refuses 134 'freeing 0x[0-9a-f]+, which is no object' "$tmp/a.pcap" "$bugs=twice"
check "and a leak is told" try "$tmp/a.pcap" "$bugs=leak"
check "with its size" says 'not freed: 1, bytes of them: 100' "$said"
check "a crash is the process's end" fails_with 139 try "$tmp/a.pcap" "$bugs=crash"
check "what it said before is shown" says 'before it crashed' "$said.out"
gdb_shows() {
	gdb -q -batch -ex run -ex bt --args netexpert try "$tmp/a.pcap" "$bugs=crash" >"$said" 2>&1 </dev/null
	says 'SIGSEGV' "$said" && says '^#0 .* do_crash .*memory-bugs.c' "$said" && says '^#1 .* Run ' "$said"
}
check "a debugger shows where" gdb_shows

ends_well() { # PID
	becomes 600 is_gone "$1" && wait "$1"
}
check "ten million events are taken, in 400 MB of addresses" ends_well "$flood_pid"
check "all of them" says 'verdict +10000000 events' "$tmp/flood"
check "those that are not shown are counted" says '^\([0-9]+ more events were not kept\)' "$tmp/flood"
