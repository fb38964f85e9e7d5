# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables for who sources this, and of tap.sh
#
# write - what tests of 'netexpert run -w' look at
#
# To be sourced after net.sh.

port=5999
numbers="udp dst port $port"
run=$tmp/run.json
log=$tmp/numbers

is_capturing() { json_get "${1:-$run}" lifecycle.action=capturing timestamp; }
is_incarnation() { json_get "$run" lifecycle.action=ready "lifecycle.incarnation=$1" timestamp; }
final() { json_get "$run" event_type=stats stats.final=true "stats.$1"; } # [NAME=]KEY
writer() { netexpert stat --json | json_get - "name=$1" "$2"; }
all_read() { [ "$(writer "$1" unread_bytes)" = 0 ]; }
has_state() { [ "$(awk '{ print $3 }' "/proc/$1/stat")" = "$2" ]; }
send() { left udp_numbers "$right4" $port "$@"; }

# list FILE: its blocks, a line each, in FILE.list; false if it is not whole.
list() { pcapng_list "$1" >"$1.list"; }
frames() { grep -c '^frame ' "$1.list"; }
# add FILE BLOCK KEY: the sum of KEY=NUMBER over such blocks.
add() {
	awk -v block="$2" -v key="$3" '$1 == block {
		for (i = 2; i <= NF; i++)
			if (index($i, key "=") == 1)
				sum += substr($i, length(key) + 2)
	} END { print sum + 0 }' "$1.list"
}
# lost_at_end FILE: what the statistics say of that.
lost_at_end() {
	sed -n 's/^statistics .*comment=\([0-9]*\) frames* .* lost after .*/\1/p' "$1.list"
}

# The datagrams' numbers, which are below 65536, in the order of the file.
numbers_in() {
	awk 'function hex(text) {
		return 16 * index(digits, substr(text, 1, 1)) + index(digits, substr(text, 2, 1)) - 17
	}
	BEGIN { digits = "0123456789abcdef" }
	/^frame / { data = $0; sub(/.* data=/, "", data)
		print hex(substr(data, 85, 2)) + 256 * hex(substr(data, 87, 2)) }' "$1.list"
}
# numbers_are FILE LAST: each from 0 to LAST once, in order.
numbers_are() { numbers_in "$1" | cmp - <(seq 0 "$2"); }

# reads FILE: whole, and tcpdump has nothing to complain of. Wireshark's reader is
# asked in the end, about all files at once.
files=()
reads() {
	files+=("$1")
	list "$1" && tcpdump -nr "$1" -w /dev/null
}

# Of all files that reads() was asked about.
check_wireshark_reads() {
	capinfos "${files[@]}" >"$tmp/capinfos" 2>&1
	check "Wireshark's reader reads every file" \
		equal "$? $(grep -c '^File name:' "$tmp/capinfos")" "0 ${#files[@]}"
	check "and finds nothing wrong" \
		fails_with 1 grep -i 'cut short\|error\|corrupt\|damaged\|less data' "$tmp/capinfos"
}
