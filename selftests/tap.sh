# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # variables for who sources this
#
# tap - test points and clean-up for test scripts
#
# To be sourced first. $here is this folder, $bin where the helper programs are,
# $tmp a folder of the test's own, which everybody may write to (experts run
# without rights). Whatever is still running when the script ends was started
# with 'spawn' and is killed.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$here/../build/selftests
experts=$bin/experts
module=${NETEXPERT_MODULE:-$here/../build/kmod/netexpert.ko}
tmp=$(mktemp -d)
chmod 1777 "$tmp"
# JSON lines of all scripts, for eve_test.sh.
eve_lines=${TMPDIR:-/tmp}/netexpert.eve
nr_points=0
nr_failed=0
children=()
clean_ups=()

export PATH=$bin:$bin/fuzz:$here/../build/user:$PATH

# point VERDICT DESCRIPTION: VERDICT is 0 for a pass.
point() {
	nr_points=$((nr_points + 1))
	if [ "$1" = 0 ]; then
		echo "ok $nr_points $2"
	else
		echo "not ok $nr_points $2"
		nr_failed=$((nr_failed + 1))
	fi
}

# check DESCRIPTION COMMAND...: passes if COMMAND does; shows what it said if not.
check() {
	local description=$1 status=0
	shift
	"$@" >"$tmp/check.out" 2>&1 || status=$?
	if [ "$status" != 0 ]; then
		echo "# failed with $status: $*"
		sed 's/^/#   /' "$tmp/check.out"
	fi
	point "$status" "$description"
}

# show FILE...: the ends of files, as diagnostics.
show() {
	local file
	for file; do
		echo "# the end of ${file##*/}:"
		tail -n 25 "$file" 2>/dev/null | sed 's/^/#   /'
	done
}

# give_up WHY [FILE...]: nothing after this would make sense.
give_up() {
	local why=$1
	shift
	show "$@"
	point 1 "$why"
	exit 1
}

# Debug kernels need more of it.
patience=${NETEXPERT_PATIENCE:-1}

# becomes SECONDS COMMAND...: true as soon as COMMAND is.
becomes() {
	local deadline=$((SECONDS + $1 * patience))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.1
	done
}

# fails_with STATUS COMMAND...
fails_with() {
	local wanted=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$wanted" ] || { echo "exit status $status, not $wanted"; return 1; }
}

# says PATTERN FILE: an extended regular expression.
says() {
	grep -Eq -- "$1" "$2" || { echo "nothing like '$1' in:"; tail -n 25 "$2"; return 1; }
}

equal() {
	[ "$1" = "$2" ] || { echo "'$1' is not '$2'"; return 1; }
}

# spawn OUT [left|right] COMMAND...: in the background, pid in $spawned. It is the
# program's own, and SIGINT reaches it, which a shell's '&' alone does not give.
spawn() {
	local out=$1
	shift
	case $1 in
	left | right) set -- nsenter "--net=/run/netns/nexp-$1" "${@:2}" ;;
	esac
	# At once, not when the process comes to it: what an earlier one said
	# there must not be taken for its words.
	truncate -s 0 "$out" "$out.err"
	env --default-signal=INT,QUIT "$@" >"$out" 2>"$out.err" </dev/null &
	spawned=$!
	children+=("$spawned")
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# stop PID [SIGNAL]: ask it to end and wait; its exit status in $stopped.
stop() {
	stopped=0
	kill -s "${2:-INT}" "$1" 2>/dev/null || true
	if ! becomes 60 is_gone "$1" 2>/dev/null; then
		echo "# process $1 does not end"
		kill -s KILL "$1"
	fi
	wait "$1" 2>/dev/null || stopped=$?
}

# No link, no program, no pool, no process: of a run, or what experts made of it.
nothing_left() {
	equal "$(captures)" "0 0" && equal "$(netexpert stat --json)" "" &&
		! pgrep -x -a netexpert-host && ! pgrep -x -f -a 'sleep 1000'
}

left_nothing() { becomes 10 nothing_left || nothing_left; }

finish() {
	local status=$? i
	trap - EXIT
	for i in "${children[@]}"; do
		kill -s KILL "$i" 2>/dev/null
	done
	wait 2>/dev/null
	for i in "${clean_ups[@]}"; do
		"$i"
	done
	grep -hs '^{"timestamp"' "$tmp"/*.json >>"$eve_lines"
	cd / && rm -rf "$tmp"
	if [ "$nr_points" -gt 0 ]; then
		echo "1..$nr_points"
		[ "$nr_failed" = 0 ] || status=1
	fi
	exit "$status"
}

trap finish EXIT
echo "TAP version 13"
