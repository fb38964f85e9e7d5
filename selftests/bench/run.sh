#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run parts of the benchmark. Results go to build/bench.
#
# Usage: run.sh PART...
#
# PART is a script of this folder. Goes on after a part that fails, and then says
# so with its exit status.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
status=0
for part in "$@"; do
	[ -x "$here/$part.sh" ] || { echo "bench: no part '$part'" >&2; exit 2; }
	"$here/$part.sh" || status=1
done
exit $status
