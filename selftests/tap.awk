#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0
#
# Count the results of a kselftest run: prints "PASSED FAILED SKIPPED" and then
# a line for each failure.
#
# A program's own test points stand before its line, behind "# ". They count;
# the program's line counts only if it had none. A program that failed after all
# its points passed, or that did not do what it planned, is one failure more. With
# -v cut=1 the run was stopped: that it did not come to its end is none.

function fail(what) { failed++; failures = failures what "\n" }

function name(line) {
	sub(/^(not )?ok [0-9]*[ -]*/, "", line)
	return line
}

# Count one test point and say whether it failed.
function point(line, where) {
	if (line ~ /^not ok/) {
		fail(where name(line))
		return 1
	}
	if (line ~ /# *SKIP/)
		skipped++
	else
		passed++
	return 0
}

function forget() { split("", points); nested = 0; nested_plan = -1 }

BEGIN { plan = -1; programs = 0; forget() }

{ sub(/\r$/, "") }

/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0 }

/^# 1\.\.[0-9]+/ { nested_plan = substr($2, 4) + 0 }

/^# (not )?ok [0-9]/ { points[nested++] = substr($0, 3) }

/^(not )?ok [0-9]/ {
	programs++
	program = name($0)
	sub(/ #.*/, "", program)
	bad = 0
	for (i = 0; i < nested; i++)
		bad += point(points[i], program ": ")
	if (nested_plan > 0 && nested != nested_plan)
		fail(program ": " nested_plan " tests planned, " nested " ran")
	else if (!nested)
		point($0, "")
	else if (/^not ok/ && !bad)
		fail(name($0))
	forget()
}

END {
	for (i = 0; i < nested; i++)
		point(points[i], "the last program: ")
	if (cut)
		plan = programs
	else if (plan <= 0)
		fail("no test program began")
	else if (programs != plan)
		fail(plan " test programs planned, " programs " ended")
	printf "%d %d %d\n%s", passed, failed, skipped, failures
}
