#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# config_test - configurations that are stored, and come back in later runs
#
# With our own experts, and with one whose configuration is bytes and who does in
# Configure what should not be done. How files can be damaged is stored_test's, and what
# a Configure can leave is config_test's among the unit tests; here is the command.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

export NETEXPERT_CONFIG=$tmp/config
out=$tmp/out
run=$tmp/run.json
file=$tmp/frames.pcap

# Ten frames from ten addresses.
python3 - "$file" <<'END' || give_up "there is a capture file"
import struct, sys
with open(sys.argv[1], 'wb') as f:
    f.write(struct.pack('<IHHIIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(10):
        ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20, 0, 0, 64, 17, 0,
                         bytes([10, 0, 0, i + 1]), bytes([10, 0, 1, i + 1]))
        frame = bytes(12) + b'\x08\x00' + ip
        f.write(struct.pack('<IIII', 1000, i, len(frame), len(frame)) + frame)
END

config() { timeout $((90 * patience)) netexpert config "$@" >"$out" 2>"$out.err"; }

# The last command did, on its output or its error output.
says_out() { says "$1" "$out"; }
says_err() { says "$1" "$out.err"; }

# run_file ARGUMENT...: the run has ended well.
run_file() {
	timeout $((120 * patience)) netexpert run -r "$file" --json "$@" >"$run" 2>"$out.err" ||
		{ cat "$run" "$out.err"; return 1; }
}

rows() { json_get "$run" event_type=expert expert.name=top-users expert.columns.Address | grep -vc '^('; }
got() { json_get "$run" event_type=expert expert.event=got expert.summary; }
grown() { json_get "$run" event_type=expert expert.event=grown expert.summary; }

# fails WORDS EXPERT: netexpert config does, with these words.
fails() {
	fails_with 1 config "$2" && says_err "$1"
}

# as_user COMMAND...: without any right.
as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

# keeper NAME: one of the name.
keeper() { cp "$experts/config-keeper.so" "$tmp/$1.so" && chmod 755 "$tmp/$1.so"; }

# This one takes a minute.
keeper hanging
spawn "$tmp/hanging" netexpert config "$tmp/hanging.so=hang"
hanging=$spawned

# Our own experts

check "nothing is stored at first" config top-users
check "which is told, with the place" says_out "^top-users: nothing is stored in $tmp/config"
check "options are stored" config top-users=top=3
check "and it is told where" says_err "top-users: 10 bytes stored in $tmp/config/top-users.conf\$"
check "what is stored is shown" config top-users
check "as text if it is one" says_out '^top=3$'
check "with its size and its place" says_out "^top-users: 10 bytes in $tmp/config/top-users.conf\$"
check "a run without options begins with it" run_file top-users
check "and shows as many rows" equal "$(rows)" 3
check "and says so" says_err "top-users: begins with what is stored in $tmp/config/top-users.conf; --no-config leaves it out"
check "--quiet does not" run_file -q top-users
check "but begins with it, too" equal "$(rows)" 3
check "... says nothing" equal "$(cat "$out.err")" ''
check "options of a run change it" run_file top-users=top=5
check "for the run" equal "$(rows)" 5
check "which is told" says_err 'begins with what is stored in .*, and its options change that;'
check "and is not stored" config top-users
check "as one sees" says_out '^top=3$'
check "--no-config leaves it out" run_file --no-config top-users
check "completely" test "$(rows)" -ge 9
check "and does not tell of it" fails_with 1 says_err 'stored'
check "options are put to those that are stored" config top-users=interval=7
config top-users
check "in place of those of the same name" says_out '^top=3,interval=7$'
check "options that the expert refuses change nothing" fails 'top must be a number' top-users=top=0
config top-users
check "of what is stored" says_out '^top=3,interval=7$'
check "--defaults drops it" config --defaults top-users
check "and says so" says_err "top-users.conf is gone, it has its defaults"
check "so that there is none" test ! -e "$tmp/config/top-users.conf"
check "--defaults without any is no failure" config --defaults top-users
check "a run has the expert's defaults then" run_file top-users
check "all of them" test "$(rows)" -ge 9

check "an expert may make a block of bytes of its options" \
	config property-distribution=property=ip.src,top=2
check "and change it by others" config property-distribution=top=4
config property-distribution
check "which is shown as bytes" says_out '^00000000  [0-9a-f]{2} 00 00 00  *.*\|$'
check "a run begins with it" run_file --heap 256M property-distribution
check "and has both" equal \
	"$(json_get "$run" event_type=expert expert.columns.Value | grep -c '^10\.0\.0\.')" 4

# An expert with a block of bytes

keeper mine
mine=$tmp/mine.so
check "a block is stored" config "$mine=grow"
check "and grows by ExpertReallocMemory" config "$mine=grow"
check "a run gets it as it was" run_file "$mine"
check "as a block that ExpertReallocMemory takes" equal "$(grown)" 'yes'
check "with no startup data before it" equal "$(got)" "2208 bytes, count 2, intact, flags 0"
check "with options a run gets what Configure makes of it" run_file "$mine=grow"
check "which is larger" equal "$(got)" "3208 bytes, count 3, intact, flags 0"
check "each expert of a run has its own" run_file --no-config "$mine" "$mine=grow"
check "or none" equal "$(got | sort)" $'1208 bytes, count 1, intact, flags 0\nnone'
check "Configure may leave it as it is" config "$mine=keep"
check "it needs no right, no module and no capture" \
	as_user env -u NETEXPERT_CONFIG "XDG_CONFIG_HOME=$tmp/user" \
	netexpert config "$mine=frames"
check "what a user stores is where XDG wants it" test -s "$tmp/user/netexpert/mine.conf"
check "by HOME, too" as_user env -u NETEXPERT_CONFIG "HOME=$tmp/home" netexpert config "$mine=frames"
check "below .config" test -s "$tmp/home/.config/netexpert/mine.conf"
check "a user without any of these is told" fails_with 1 \
	as_user env -u NETEXPERT_CONFIG -u HOME -u XDG_CONFIG_HOME netexpert config "$mine"
check "what an expert says in Configure is passed on" config "$mine=chatty"
check "line by line" says_err 'mine: a line of its own'
check "and events are counted, not shown" says_err 'it submitted 3 events, which only a run shows'

before=$(sha256sum <"$tmp/config/mine.conf")
check "FALSE is told with its reason" fails 'mine: not today$' "$mine=false"
check "a crash is told" fails 'mine: its process ended before .*SIGABRT' "$mine=crash"
check "an exit is told" fails 'mine: its process ended before .*exited with status 0' "$mine=exit"
check "a RawConfigLength that is a lie is told" \
	fails 'RawConfigLength is 4209 in a block of 4208 bytes' "$mine=lie"
check "a foreign pointer is told" fails 'that is no block of Expert memory' "$mine=foreign"
check "a block that is too large is told" \
	fails 'of 61441 bytes, and no more than 61440 can be stored' "$mine=huge"
check "none of this has changed what is stored" \
	equal "$(sha256sum <"$tmp/config/mine.conf")" "$before"
check "nor left anything beside it" equal "$(cd "$tmp/config" && echo mine.*)" 'mine.conf'
check "the largest block is stored" config "$mine=most"
check "and comes back" run_file "$mine"
check "as it was" equal "$(got)" "61440 bytes, count 4, intact, flags 0"
check "Configure may want none" config "$mine=none"
check "which drops it" test ! -e "$tmp/config/mine.conf"
run_file "$mine"
check "and a run gets NULL" equal "$(got)" none

check "an expert that dies has it again" config "$mine=die=$tmp/died"
check "in its next incarnation" run_file "$mine"
check "as it was, whatever was done to it" equal "$(got)" \
	$'1208 bytes, count 1, intact, flags 0\n1208 bytes, count 1, intact, flags 0'

spawn "$tmp/workers.json" netexpert run --json -i lo --workers 3 "$mine"
told_all() { [ "$(json_get "$tmp/workers.json" event_type=expert expert.event=got expert.summary | grep -c 'count 1, intact')" = 3 ]; }
check "every worker has it" becomes 60 told_all
stop "$spawned"

# What is not the expert's

cp "$experts/number-log.so" "$mine"
check "another expert of the same name does not get it" \
	fails "is one of 'config-keeper', and this is 'number-log'" "$mine=x"
check "in a run neither" fails_with 1 run_file "$mine"
check "which is told with what to do" says 'drops it, .*--no-config.* leaves it out' "$run"
keeper mine

truncate -s -1 "$tmp/config/mine.conf"
before=$(sha256sum <"$tmp/config/mine.conf")
check "a damaged one is not shown" fails "$tmp/config/mine.conf: it is damaged: .* 'netexpert config --defaults" "$mine"
check "nor changed" fails 'it is damaged' "$mine=grow"
check "and no run begins with it" fails_with 1 run_file "$mine"
check "but without it one does" run_file --no-config "$mine"
check "it is still there" equal "$(sha256sum <"$tmp/config/mine.conf")" "$before"
check "until it is dropped" config --defaults "$mine"
check "and another one stored" config "$mine=grow"
mv "$tmp/config/mine.conf" "$tmp/elsewhere"
ln -s "$tmp/elsewhere" "$tmp/config/mine.conf"
check "one behind a symbolic link is refused" fails 'mine.conf: a symbolic link' "$mine"
config --defaults "$mine"
check "and --defaults drops the link alone" test -s "$tmp/elsewhere"
mkdir "$tmp/open" && chmod 777 "$tmp/open"
check "nothing is stored where others may write" fails_with 77 \
	env "NETEXPERT_CONFIG=$tmp/open" netexpert config "$mine=grow"

# Several at the same time

writers=()
for i in 1 2 3 4 5; do
	spawn "$tmp/writer$i" netexpert config "$mine=grow"
	writers+=("$spawned")
done
for i in "${writers[@]}"; do
	wait "$i" || point 1 "writer $i ends well"
done
run_file "$mine"
check "writers at the same time lose nothing of each other" \
	equal "$(got)" "5208 bytes, count 5, intact, flags 0"

keeper stopped
spawn "$tmp/stopped" netexpert config "$tmp/stopped.so=hang"
stopped_host() { pgrep -f 'netexpert-host --configure .*stopped.so'; }
becomes 30 stopped_host || show "$tmp/stopped.err"
stop "$spawned"
no_host() { ! stopped_host; }
check "Ctrl-C ends Configure, too" becomes 10 no_host
check "and is in nobody's way" config "$tmp/stopped.so=grow"

# The command line

check "an expert is needed" fails_with 2 config
check "and one alone" fails_with 2 config top-users "$mine"
check "--defaults takes no options" fails_with 2 config --defaults top-users=top=3
check "an expert that is not there is named" fails "no expert 'nobody' in" nobody
cp "$experts/arp-count.so" "$tmp/plain.so"
check "one that takes no options says so" fails 'it takes no options' "$tmp/plain.so=x"
check "help is printed" config --help

has_ended() { ! kill -0 "$hanging" 2>/dev/null; }
becomes 90 has_ended
stop "$hanging"
check "a Configure that does not return is ended" equal "$stopped" 1
check "and it is told" says 'hanging: its Configure has not returned within 60 s' "$tmp/hanging.err"
check "nothing of it is left" left_nothing
