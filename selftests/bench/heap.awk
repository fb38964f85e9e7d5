# SPDX-License-Identifier: GPL-2.0
#
# Lines "subject case size threads ns", several of each: a table of the least
# ones, ratios to mimalloc, and the same as JSON into the file that json names.
# Exit status 1 if a ratio is beyond what it must be.

{
	cell = $2 " " $3 " " $4
	if (!(cell in seen)) {
		seen[cell] = 1
		cells[++nr_cells] = cell
	}
	if (!($1 in known)) {
		known[$1] = 1
		subjects[++nr_subjects] = $1
	}
	if (!(($1, cell) in least) || $5 < least[$1, cell])
		least[$1, cell] = $5
}

function mean(subject, most,   i, part, sum, nr) {
	for (i = 1; i <= nr_cells; i++) {
		split(cells[i], part, " ")
		if (part[2] > most)
			continue
		sum += log(ratio(subject, cells[i]))
		nr++
	}
	return exp(sum / nr)
}

function ratio(subject, cell) {
	return least[subject, cell] / least["mimalloc", cell]
}

function worst(subject,   i, most) {
	for (i = 1; i <= nr_cells; i++)
		if (ratio(subject, cells[i]) > most) {
			most = ratio(subject, cells[i])
			worst_cell = cells[i]
		}
	return most
}

function row(title, what, most,   i) {
	printf "%-28s", title
	for (i = 1; i <= nr_subjects; i++)
		if (what == "worst")
			printf " %9.2f", worst(subjects[i])
		else
			printf " %9.2f", mean(subjects[i], most)
	print ""
}

function must(what, value, most) {
	if (value <= most)
		return
	printf "heap: %s is %.2f, must be at most %.1f\n", what, value, most
	status = 1
}

END {
	if (!("mimalloc" in known) || !("ours" in known)) {
		print "heap: no results" > "/dev/stderr"
		exit 1
	}
	printf "%-19s%5s %3s %12s", "ratio to mimalloc", "size", "t", "mimalloc ns"
	for (i = 1; i <= nr_subjects; i++)
		printf " %9s", subjects[i]
	print ""
	for (c = 1; c <= nr_cells; c++) {
		split(cells[c], part, " ")
		printf "%-19s%5d %3d %12.1f", part[1], part[2], part[3],
		       least["mimalloc", cells[c]]
		for (i = 1; i <= nr_subjects; i++) {
			s = subjects[i]
			printf " %9.2f", ratio(s, cells[c])
			text = text sprintf("%s{\"case\": \"%s\", \"subject\": \"%s\", " \
				"\"size\": %d, \"threads\": %d, \"value\": %.3f, " \
				"\"unit\": \"ns\", \"ratio\": %.4f}",
				text == "" ? "" : ",\n", part[1], s, part[2], part[3],
				least[s, cells[c]], ratio(s, cells[c]))
		}
		print ""
	}
	printf "[%s]\n", text > json
	print ""
	printf "%-28s", ""
	for (i = 1; i <= nr_subjects; i++)
		printf " %9s", subjects[i]
	print ""
	row("geomean, sizes up to 1 KiB", "mean", 1024)
	row("geomean, all sizes", "mean", 1e9)
	row("worst single cell", "worst")
	w = worst("ours")
	print "heap: the worst cell is " worst_cell
	must("the geomean of sizes up to 1 KiB", mean("ours", 1024), 1.0)
	must("the geomean of all sizes", mean("ours", 1e9), 0.9)
	must("the worst cell", w, 1.8)
	exit status
}
