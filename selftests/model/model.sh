#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Let spin look at every order of steps of the models in this folder, store
# buffers included: TAP on standard output.
#
# Each model holds, and does not any more when it leaves out one step of those that
# its head names: then the search must find out, or it proves nothing.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
nr=0 failed=0

point() { # VERDICT DESCRIPTION
	nr=$((nr + 1))
	[ "$1" = 0 ] && echo "ok $nr $2" && return
	sed 's/^/# /' "$tmp/said"
	echo "not ok $nr $2"
	failed=1
}

search() { # MODEL [FLAG]...
	local model=$1
	shift
	(cd "$tmp" && rm -f pan* && spin -a "$@" "$here/$model.pml" &&
		"${CC:-gcc}" -w -O2 -DSAFETY -DNOFAIR -DCOLLAPSE -DMEMLIM=8192 -o pan pan.c &&
		./pan -m100000 -n) >"$tmp/said" 2>&1
}

says() { grep -q "$1" "$tmp/said"; }

holds() { # MODEL
	local states
	search "$1" && says 'errors: 0' && ! says 'search not completed\|max search depth\|out of memory'
	local verdict=$?
	states=$(awk '/states, stored/ { print $1 }' "$tmp/said")
	point $verdict "$1: holds in all ${states:-0} states"
}

fails() { # MODEL STEP
	search "$1" "-D$2"
	says 'assertion violated'
	point $? "$1: does not with $2"
}

steps() { # MODEL
	sed -n '/^ \*\//q; s/^ \*   \([A-Z]*_[A-Z_]*\)\t.*/\1/p' "$here/$1.pml"
}

echo "TAP version 13"
for model in settle collect reuse claim; do
	holds "$model"
	mapfile -t steps < <(steps "$model")
	[ ${#steps[@]} -gt 0 ] || { echo "# $model names no step"; failed=1; }
	for step in "${steps[@]}"; do
		fails "$model" "$step"
	done
done
echo "1..$nr"
exit $failed
