#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# cli_test - the command's exit codes and messages, its JSON, several experts on
# several interfaces in one run, and what is left after it

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

writer=$experts/frame-writer.so
said=$tmp/said

# refuses STATUS PATTERN COMMAND...: that exit status and such words on stderr.
refuses() {
	local status=$1 pattern=$2
	shift 2
	fails_with "$status" timeout $((60 * patience)) "$@" >"$tmp/stdout" 2>"$said" || { cat "$said"; return 1; }
	[ ! -s "$tmp/stdout" ] || { echo "said on standard output:"; cat "$tmp/stdout"; return 1; }
	says "$pattern" "$said"
}

helps() { # COMMAND...
	timeout $((60 * patience)) "$@" >"$tmp/stdout" 2>"$said" || return
	[ ! -s "$said" ] || { cat "$said"; return 1; }
	says '^Usage: netexpert' "$tmp/stdout" && says '^EXIT STATUS' "$tmp/stdout"
}

is_capturing() { json_get "$tmp/run" lifecycle.action=capturing timestamp; }
final() { json_get "$tmp/run" event_type=stats stats.final=true "stats.name=$1" "stats.$2"; }

net_up || give_up "the network can be set up"

for command in '' run try list config stat doctor; do
	check "netexpert $command --help helps" helps netexpert $command --help
done
check "the version is told" equal "$(netexpert --version | cut -d' ' -f1)" netexpert

check "no command is a usage error" refuses 2 'command' netexpert
check "an unknown command is a usage error" refuses 2 "'frobnicate'" netexpert frobnicate
check "run without an interface is a usage error" refuses 2 'interface' netexpert run "$writer=x"
check "run without an expert is a usage error" refuses 2 'expert' netexpert run -i lo
check "an unknown option is a usage error" refuses 2 "'--frobnicate'" \
	netexpert run --frobnicate -i lo "$writer=x"
check "an unknown letter is named" refuses 2 "no option '-x'" netexpert run -qxi lo "$writer=x"
check "a value for an option that takes none is named" refuses 2 "'--quiet=1'" \
	netexpert run --quiet=1 -i lo "$writer=x"
for option in '-B 0' '-B x' '-B 1048577' '-s -1' '-s 1x' '-Q sideways' '--rings 0' \
	'--rings 257' '--heap 1T' '--heap 0' '--grace x' '--workers 0' '--workers 65' \
	'--workers x'; do
	# shellcheck disable=SC2086 # option and value
	check "run $option is a usage error" refuses 2 '' netexpert run $option -i lo "$writer=x"
done
check "a filter that is none is a usage error, in libpcap's words" \
	refuses 2 "does not accept this filter for 'lo': .*syntax error" \
	netexpert run -i lo -f 'udp prot 53' top-users
check "with the place below it" says '^ {8}\^$' "$said"
check "one that can't let anything pass is told so" refuses 2 'rejects all packets' \
	netexpert run -i lo -f 'tcp and udp' top-users
check "one that the kernel cannot run is told so" refuses 2 'protochain' \
	netexpert run -i lo -f 'ip6 protochain 58' top-users
check "a display filter without an expert is a usage error" \
	refuses 2 '-Y is for experts' netexpert run -i lo -Y tcp -w "$tmp/none.pcapng"
for option in '-f udp' '-s 100' '--workers 2' "--output $tmp/none"; do
	# shellcheck disable=SC2086 # option and value
	check "run $option behind the last expert is a usage error" \
		refuses 2 'holds for the experts behind it' netexpert run -i lo top-users $option
done
for words in "-w $tmp/x:a file has one writer" "-c 5 $writer=x:-c counts the frames of one process" \
	"--capture x.bpf.o $writer=x:a --capture program has one pool" \
	"--output $tmp/none $writer=x:an --output has one who writes it"; do
	# shellcheck disable=SC2086 # option, value and expert
	check "--workers does not go with: ${words%%[ =]*}" refuses 2 "--workers 2 does not .*${words##*:}" \
		netexpert run -i lo --workers 2 ${words%%:*}
done
output=(netexpert run -i lo --output "$tmp/none")
check "two files for one expert are refused" refuses 2 'both stand before one expert' \
	"${output[@]}" --output "$tmp/other" top-users
check "a file for a file is refused" refuses 2 "--output .*/none is for an expert, and -w" \
	"${output[@]}" -w "$tmp/other"
check "two who write standard output are refused" refuses 2 '-w - and --output - both want' \
	netexpert run -i lo -w - --output - top-users
check "so are --json and an expert's file there" refuses 2 '--json and --output - both want' \
	netexpert run -i lo --json --output - top-users
check "nothing was opened for those" fails_with 2 ls "$tmp/none" "$tmp/other"
check "one file for an expert and a writer is refused" refuses 2 \
	"--output .*/none and -w .*/none are one file" "${output[@]}" top-users -w "$tmp/./none"
check "a folder is no file to write" refuses 1 "--output $tmp: Is a directory" \
	netexpert run -i lo --output "$tmp" top-users
check "nor is what is read" refuses 2 "-r .*/none and --output .*/none are one file" \
	netexpert run -r "$tmp/none" --output "$tmp/none" top-users
check "nor with -r" refuses 2 '--workers is about interfaces' \
	netexpert run -r x.pcap --workers 2 "$writer=x"
check "workers count as experts" refuses 2 'more than 64 experts, each worker counted' \
	netexpert run -i lo --workers 40 "$writer=x" "$writer=y"
cp "$writer" "$tmp/frame-writer#2.so"
check "who calls a plug-in as a worker is called is told" refuses 2 "something called 'frame-writer#2'" \
	netexpert run -i lo "$tmp/frame-writer#2.so=x" --workers 2 "$writer=y"
check "stat of nonsense is a usage error" refuses 2 'id of a pool' netexpert stat nonsense
check "doctor takes no arguments" refuses 2 'no arguments' netexpert doctor now

for name in '' . .. a/b 'a b' a:b 0123456789abcdef; do
	check "no interface can be called '$name'" refuses 2 "'$name' cannot be an interface" \
		netexpert run -i "$name" "$writer=$tmp/x"
done
check "a name twice is one interface" refuses 2 '-i veth-x and -i veth-x are one' \
	netexpert run -i veth-x -i veth-x "$writer=$tmp/x"
check "any beside a name is a usage error" refuses 2 'stands alone' \
	netexpert run -i lo -i any "$writer=$tmp/x"
check "a filter that fits no interface of any is a usage error" \
	refuses 2 'does not accept this filter' netexpert run -i any -f 'udp prot 53' top-users
ip link add nexp-d0 type dummy && ip link property add dev nexp-d0 altname nexp-other
check "an interface under two names is one" refuses 2 'nexp-d0 and -i nexp-other are one' \
	netexpert run -i nexp-d0 -i nexp-other "$writer=$tmp/x"
ip link del nexp-d0
check "an expert that does not exist is named" refuses 1 'frobnicator' \
	netexpert run -i lo frobnicator
check "a plug-in that is none is refused" refuses 1 'FAILED: [^:]*tap.sh: it is no shared object' \
	netexpert run -i lo "$here/tap.sh"
check "options that an expert refuses are told with its reason" \
	refuses 1 'nothing is known of such misbehaviour' \
	netexpert run -i lo "$experts/misbehave.so=nicely"
# shellcheck disable=SC2016 # the inner shell expands it
few_files=(bash -c 'ulimit -Sn 16 && ulimit -Hn "$0" && exec "$@"') # HARD COMMAND...
for files in 16 18 20 22 24; do
	check "a limit of $files files is told" refuses 1 'Too many open files' \
		"${few_files[@]}" "$files" netexpert run -i lo top-users top-users top-users
done
check "one that may be raised does not matter" refuses 1 'nothing is known of such' \
	"${few_files[@]}" 64 netexpert run -i lo "$experts/misbehave.so=a" "$experts/misbehave.so=b" \
	"$experts/misbehave.so=c"
check "an expert that has no memory to begin with fails" refuses 1 'no memory' \
	netexpert run --heap 4096 -i lo top-users
check "stat of a pool that does not exist fails" refuses 1 'no pool' \
	netexpert stat 0x1234567890abcdef
check "nothing is left of what failed" left_nothing

cp -r "$here/../build/user" "$tmp/user" && chmod -R a+rX "$tmp/user"
as_nobody=(env NETEXPERT_LIBEXEC="$tmp/user" LD_LIBRARY_PATH="$tmp/user"
	setpriv --reuid 65534 --regid 65534 --clear-groups)
check "nobody may not run experts" refuses 77 '' \
	"${as_nobody[@]}" "$tmp/user/netexpert" run -i lo "$tmp/user/experts/top-users.so"
check "nobody may not look at pools" refuses 77 '' "${as_nobody[@]}" "$tmp/user/netexpert" stat

netexpert doctor >"$said" 2>&1
check "doctor is content with this machine" fails_with 0 netexpert doctor
check "and says what it looked at" says '^OK +capture ' "$said"
check "doctor --json is JSON" equal "$(netexpert doctor --json | json_get - check=module verdict)" OK
check "list shows top-users" says '^top-users$' <(netexpert list)
check "list --json is JSON" \
	equal "$(netexpert list --json | json_get - name=top-users options)" true
check "list asks a plug-in by path" says 'frame-writer' <(netexpert list "$writer")
check "list of what is no plug-in fails" fails_with 1 netexpert list "$here/tap.sh"
check "and names the file as it is" \
	equal "$(netexpert list --json "$here/tap.sh" | json_get - name)" tap.sh
check "list asks one that forks" env MISBEHAVE_EARLY=yes netexpert list "$experts/misbehave.so"
check "and nothing is left of it" fails_with 1 pgrep -x -a -f 'sleep 1000'
check "stat without pools says so" says 'no pool' <(netexpert stat 2>&1)

for command in --help list doctor 'run --json -i lo top-users'; do
	for output in '>&-' '>/dev/full'; do
		check "netexpert $command $output fails and says so" refuses 1 \
			'writing to standard output' bash -c "exec netexpert $command $output"
	done
done

# Three experts on two ends of a cable and a loopback, from outside the namespaces.
right ip link set veth-r netns 1
ip addr add $right4/24 dev veth-r
ip addr add $right6/64 dev veth-r nodad
ip link set veth-r up
spawn "$tmp/run" netexpert run --json -i veth-r -i lo "$writer=$tmp/frames" \
	-f 'udp dst port 5999' -s 100 "$experts/number-log.so=$tmp/numbers,5999" -f '' top-users
run_pid=$spawned
becomes 60 is_capturing || give_up "three experts run" "$tmp/run" "$tmp/run.err"
left udp_numbers $right4 5999 0 50 200
udp_numbers 127.0.0.1 5999 50 50 200
for name in frame-writer number-log top-users; do
	check "stat shows $name attached" \
		equal "$(netexpert stat --json | json_get - "name=$name" state)" attached
done
check "stat shows each one's filter" equal "$(netexpert stat --json | json_get - filter | tr '\n' ,)" \
	'null,udp dst port 5999,null,'
check "which has a program for each link type" \
	equal "$(netexpert stat --json | json_get - name=number-log filter_link_types)" 2
check "stat for people shows it too" says '^  filter udp dst port 5999$' <(netexpert stat)
check "the run tells each one's filter and snaplen" equal \
	"$(json_get "$tmp/run" lifecycle.action=ready lifecycle.name=number-log lifecycle.filter) $(
		json_get "$tmp/run" lifecycle.action=ready lifecycle.name=top-users lifecycle.snaplen)" \
	'udp dst port 5999 100'
check "stat for people shows all three" equal "$(netexpert stat | grep -c ' pool 0x')" 3
check "stat -v tells how many frames were for no pool" \
	says '^module, since it was loaded: [0-9]+ frames for no pool$' <(netexpert stat -v)
check "and so does its JSON" test "$(netexpert stat -v --json | json_get - module.no_pool)" -ge 0
check "stat of one pool shows that one" equal \
	"$(netexpert stat --json "$(netexpert stat --json | json_get - name=top-users pool)" | json_get - name)" \
	top-users
check "each has a program and three links: cable in, cable out, loopback in" \
	equal "$(captures)" "9 3"
all_noted() { [ "$(wc -l <"$tmp/numbers")" = 100 ]; }
becomes 60 all_noted || show "$tmp/run" "$tmp/run.err"
check "frames of both interfaces arrive, those of loopback once" \
	equal "$(cut -d' ' -f2 "$tmp/numbers" | sort -n | uniq | wc -l) $(wc -l <"$tmp/numbers")" "100 100"
stop "$run_pid"
check "the run ends well" equal "$stopped" 0
for name in frame-writer number-log top-users; do
	check "$name: seen = filtered + delivered + lost, and nothing lost" \
		equal "$(final $name seen) 0" \
		"$(($(final $name filtered) + $(final $name delivered))) $(final $name lost)"
done
check "number-log got what its filter wants and nothing else" equal "$(final number-log delivered)" 100
# Captures begin and end one after the other: other frames may differ in number.
for name in frame-writer number-log top-users; do
	check "$name got all that was sent" test "$(final $name delivered)" -ge 100
done
check "every line of the run is JSON" json_get "$tmp/run" event_type
check "Ctrl-C leaves nothing behind" left_nothing

# A shell may call exec: children that it had are not an expert's.
# shellcheck disable=SC2016 # the inner shell expands it
spawn "$tmp/run" bash -c 'tail -f /dev/null & echo $! >"$1"; exec netexpert run --json -i lo top-users' \
	exec "$tmp/bystander"
run_pid=$spawned
becomes 60 is_capturing || give_up "an expert runs" "$tmp/run" "$tmp/run.err"
stop "$run_pid"
check "a run after exec ends well" equal "$stopped" 0
check "children from before exec live on" kill -s KILL "$(<"$tmp/bystander")"

# As killed as a supervisor can be, it leaves nothing either.
spawn "$tmp/run" netexpert run --json -i veth-r "$writer=$tmp/frames"
run_pid=$spawned
becomes 60 is_capturing || give_up "an expert runs" "$tmp/run" "$tmp/run.err"
check "there are links while it runs" equal "$(captures)" "2 1"
stop "$run_pid" KILL
check "a killed supervisor leaves nothing behind" left_nothing

# An interface goes away: the run goes on with the others, and waits for the last.
ip link add nexp-d0 type dummy && ip link set nexp-d0 up
odd=$'nexp-\xe9'	# the kernel takes it, UTF-8 it is not
ip link add "$odd" type dummy && ip link set "$odd" up
spawn "$tmp/run" netexpert run --json -i nexp-d0 -i "$odd" "$writer=$tmp/frames"
run_pid=$spawned
becomes 60 is_capturing || give_up "an expert runs on dummies" "$tmp/run" "$tmp/run.err"
vanished() { json_get "$tmp/run" lifecycle.action=interface_gone "lifecycle.interface=$1" timestamp; }
ip link del nexp-d0
check "an interface that vanishes is told" becomes 30 vanished nexp-d0
check "the run goes on without it" equal "$(captures)" "2 1"
ip link del "$odd"
check "a name that is no UTF-8 is told as well as it can be" \
	becomes 30 vanished $'nexp-\xef\xbf\xbd'
stop "$run_pid"
check "without any interface it goes on until it is ended" equal "$stopped" 0

spawn "$tmp/text" netexpert run -i veth-r top-users
run_pid=$spawned
becomes 60 grep -q capturing "$tmp/text.err"
left ping -q -c 20 -i 0.1 $right4 >/dev/null
becomes 20 grep -q 10.77.0.1 "$tmp/text"
stop "$run_pid" TERM
check "top-users reports who sent" says '10\.77\.0\.1' "$tmp/text"
check "SIGTERM ends a run well" equal "$stopped" 0
check "at the end the counters are told" says 'seen [0-9]+ = filtered' "$tmp/text.err"
spawn "$tmp/text" netexpert run -i veth-r "$experts/arp-count.so"
run_pid=$spawned
becomes 60 grep -q capturing "$tmp/text.err"
left ip neigh flush dev veth-l
left ping -q -c 1 $right4 >/dev/null
stop "$run_pid"
check "README's first expert ends well" equal "$stopped" 0
check "and has counted ARP frames" says '^ *[1-9][0-9]*$' "$tmp/text"
check "a pipe that closes ends a run" timeout $((60 * patience)) bash -c \
	"(ping -q -c 50 -i 0.1 -I lo 127.0.0.1 >/dev/null & netexpert run --json -i lo top-users 2>/dev/null | head -n 1 >/dev/null)"
check "at the end nothing is left" left_nothing
