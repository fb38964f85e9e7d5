# SPDX-License-Identifier: GPL-2.0
#
# Lines "case subject size instructions": tables for people, and the same as JSON
# into the file that json names, ratios to tpacket of the same case and size, of a
# tap to af_xdp, or to what the case is compared with. Exit status 1 if a ratio is beyond what it
# must be.

{
	value[$1, $2, $3] = $4
	lines[NR] = $0
}

# What a cell is compared with; 0 if with nothing.
function base(name, subject, size) {
	if (name ~ /^experts-/)
		return value[name ~ /reject/ ? "experts-reject-1" : "experts-1", subject, size]
	if (name ~ /^wake-/)
		return value["wake-1048576", subject, size]
	if (name == "full" || name == "workers")
		return value["deliver", subject, size]
	if (name == "workers-reject")
		return value["reject", subject, size]
	if (name ~ /^tap/)
		return value[name, "af_xdp", size]
	return value[name, "tpacket", size]
}

function json_line(line, last,   part, compared) {
	split(line, part, " ")
	compared = base(part[1], part[2], part[3])
	printf "{\"case\":\"%s\",\"subject\":\"%s\",\"size\":%d,\"value\":%s,", \
	       part[1], part[2], part[3], part[4] >json
	printf "\"unit\":\"instructions\",\"ratio\":%s}%s\n", \
	       compared ? sprintf("%.3f", part[4] / compared) : "null", \
	       last ? "" : "," >json
}

function row(title, name, size,   i, cell) {
	printf "%-28s %5d", title, size
	for (i = 1; i <= 3; i++) {
		cell = value[name, subjects[i], size]
		printf cell == "" ? " %12s" : " %12.0f", cell
	}
	printf " %8.2f\n", value[name, "netexpert", size] / value[name, "tpacket", size]
}

function tap_row(title, name, size) {
	printf "%-28s %5d %12.0f %12.0f %8.2f\n", title, size, \
	       value[name, "netexpert", size], value[name, "af_xdp", size], \
	       value[name, "netexpert", size] / value[name, "af_xdp", size]
}

function to_peer(name, size) {
	return value[name, "netexpert", size] / value[name, "tpacket", size]
}

# Of the second and each further one, on average up to @nr.
function further(name, nr) {
	return (value[name "-" nr, "netexpert", 64] - value[name "-1", "netexpert", 64]) / (nr - 1)
}

function must(what, is, most, aim) {
	printf "%-46s %6.2f   must %.2f   aim %.2f%s\n", what, is, most, aim, \
	       (is > most) ? "   MISSED" : ""
	if (is > most)
		status = 1
}

END {
	split("netexpert tpacket ringbuf", subjects)
	printf "[\n" >json
	for (i = 1; i <= NR; i++)
		json_line(lines[i], i == NR)
	printf "]\n" >json

	print "instructions a frame, over no capture at all, reader included"
	print "out: where frames leave, in: where they arrive; filter \"udp\""
	printf "%-28s %5s %12s %12s %12s %8s\n", "", "bytes", "netexpert", "tpacket", "ringbuf", "ratio"
	split("64 512 1500", sizes)
	for (i = 1; i <= 3; i++)
		row("out", "deliver-out", sizes[i])
	for (i = 1; i <= 3; i++)
		row("in", "deliver", sizes[i])
	for (i = 1; i <= 3; i++)
		row("in, no filter", "unfiltered", sizes[i])
	row("out, rejected", "reject-out", 64)
	row("in, rejected", "reject", 64)
	row("in, ring full", "full", 64)

	print "\nover consuming frames at XDP and nothing else; AF_XDP in copy mode, never woken"
	printf "%-28s %5s %12s %12s %8s\n", "", "bytes", "netexpert", "af_xdp", "ratio"
	for (i = 1; i <= 3; i++)
		tap_row("tap", "tap", sizes[i])
	tap_row("tap, rejected", "tap-reject", 64)
	tap_row("tap, ring full", "tap-full", 64)

	print "\nexperts, 64 bytes: all of them, and each further one"
	for (nr = 1; nr <= 32; nr *= 2)
		printf "%4d %12.0f %8s   rejecting %12.0f %8s\n", nr, \
		       value["experts-" nr, "netexpert", 64], \
		       nr == 1 ? "" : sprintf("%.0f", further("experts", nr)), \
		       value["experts-reject-" nr, "netexpert", 64], \
		       nr == 1 ? "" : sprintf("%.0f", further("experts-reject", nr))
	printf "\nspread over workers, 64 bytes: %.0f, rejected %.0f\n", \
	       value["workers", "netexpert", 64], value["workers-reject", "netexpert", 64]
	print "\nwoken when so many bytes are unread, 64 bytes"
	for (bytes = 1; bytes <= 1048576; bytes *= (bytes == 1) ? 1024 : 4)
		printf "%8d %12.0f\n", bytes, value["wake-" bytes, "netexpert", 64]
	print ""

	full = value["full", "netexpert", 64] / value["deliver", "netexpert", 64]
	split("0.38 0.46 0.56", most)
	split("0.25 0.35 0.45", aim)
	for (i = 1; i <= 3; i++)
		must("out, " sizes[i] " bytes, to tpacket", to_peer("deliver-out", sizes[i]),
		     most[i], aim[i])
	must("out, rejected, to tpacket rejecting it", to_peer("reject-out", 64), 0.5, 0.3)
	must("ring full, to a delivery", full, 0.8, 0.6)
	must("each further matching expert, to the first", further("experts", 32) / value["experts-1", "netexpert", 64], 0.9, 0.7)
	exit status
}
