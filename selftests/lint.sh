#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a reviewer's tools say about the sources. Fails on any finding. The
# builds that come before it already treat warnings as errors: W=1 for the
# module, -Wall -Wextra for BPF, user space and tests.
set -uo pipefail

repo=$(cd "$(dirname "$0")/.." && pwd -P)
cache=${NETEXPERT_CACHE:-$repo/build/cache}
cd "$repo" || exit 1
failed=0

# checkpatch types that are off, each with its reason.
ignored=(
	FILE_PATH_CHANGES	# asks for a MAINTAINERS entry; there is none here
	MACRO_ARG_REUSE		# NEXP_IOCTL takes the name of a type, which has no side effects
)
ignored_outside_the_kernel=(
	"${ignored[@]}"
	# macros and functions that only the kernel has
	ARRAY_SIZE
	BIT_MACRO
	PREFER_DEFINED_ATTRIBUTE_MACRO
	PREFER_FALLTHROUGH
	PREFER_KERNEL_TYPES
	STRCPY
	AVOID_EXTERNS		# environ has no header
	CAMELCASE		# the documented API's names, inttypes.h's too
	NEW_TYPEDEFS		# the documented API has typedefs
	ENOSYS			# how a test knows a kernel without the system call
	EMBEDDED_FUNCTION_NAME	# usage() prints "usage"
	GLOBAL_INITIALISERS	# BPF: what is set to 0 is in .rodata, else it is not
	SPLIT_STRING		# messages for people have more than one line
	STRING_FRAGMENTS	# a frame's bytes, field by field
	VOLATILE		# tests that touch memory on purpose
)

# Types that checkpatch cannot guess: the documented API's, and functions.
types=(BYTE DWORD EXPERTSTARTUPINFO FILTEROBJECT FRAME GHashTable HCAPTURE HEXPERTKEY HFILTER HFRAME
	HPROPERTY HPROTOCOL LARGE_INTEGER LPPROPERTYINFO LPPROPERTYINST LPPROPERTYTABLE
	LPPROTOCOLINFO LPPROTOCOLTABLE LPRECOGNIZEDATATABLE LPSTR LPVOID PEXPERTCONFIG STATUSPROC SYSTEMTIME
	ULPFRAME pattern_fn)

check() { # NAME COMMAND...
	local name=$1 said
	shift
	echo "  LINT    $name"
	if ! said=$("$@" 2>&1); then
		printf '%s\n' "$said"
		failed=1
	fi
}

checkpatch() { # IGNORED FILE...
	local ignore=$1 said status=0 file line finding clean=0
	shift
	said=$(perl "$cache/linux/scripts/checkpatch.pl" --no-tree --strict --terse --show-types \
		--no-summary --typedefsfile <(printf '%s\n' "${types[@]}") --ignore "$ignore" -f "$@" 2>&1) || status=$?
	[ "$status" = 0 ] && return
	[ "$status:${said:+words}" = 1:words ] || { echo "checkpatch: status $status: $said"; return 1; }
	while IFS=: read -r file line finding; do
		# It takes the stars of FIXTURE_DATA(x) *self and (WINAPI *X) for products.
		case $finding in
		# It does not know _Alignas, and misses a blank line in front of such a member.
		*:LINE_SPACING:*) sed -n "${line}p" "$file" | grep -q '_Alignas(' && continue ;;
		# Tracepoints are laid out as the kernel's are.
		*:PARENTHESIS_ALIGNMENT:* | *:OPEN_ENDED_LINE:*) [ "${file##*/}" = trace.h ] && continue ;;
		*:SPACING:*) sed -n "${line}p" "$file" | grep -qE 'FIXTURE_(DATA|VARIANT)\(.*\) \*|\(WINAPI \*' && continue ;;
		esac
		echo "$file:$line:$finding"
		clean=1
	done <<<"$said"
	return $clean
}

# sparse speaks on stderr and kbuild goes on, so what it said decides. Findings
# in the kernel's own headers are not ours.
sparse() {
	local said
	said=$(make -C "$cache/kdir" M="$repo/build/kmod" C=2 CF=-D__CHECK_ENDIAN__ W=1 \
		modules 2>&1) || { echo "$said"; return 1; }
	! grep -E "^$repo/build/kmod/.*(warning|error):" <<<"$said"
}

comma() { local IFS=,; echo "$*"; }
sources() { git ls-files --cached --others --exclude-standard -- "$@"; }

mapfile -t kernel < <(sources 'kmod/*.[ch]' 'include/uapi/*.h' 'selftests/kunit/*.c')
mapfile -t outside < <(sources 'bpf/*.[ch]' 'user/*.[ch]' 'include/*.h' 'selftests/*.[ch]' |
	grep -vE '^(include/uapi|selftests/kunit)/')
mapfile -t scripts < <(sources 'selftests/*.sh' .ci/run selftests/vm/init)

check 'sparse kmod' sparse
check 'checkpatch kmod include/uapi selftests/kunit' checkpatch "$(comma "${ignored[@]}")" "${kernel[@]}"
check 'checkpatch bpf user include selftests' \
	checkpatch "$(comma "${ignored_outside_the_kernel[@]}")" "${outside[@]}"
mapfile -t programs < <(sources 'user/*.c')
read -ra wireshark < <(pkg-config --cflags-only-I wireshark | sed 's/-I/-isystem /g')
check 'clang user' clang -fsyntax-only -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE= \
	-Iinclude -Iinclude/uapi -Ibuild/bpf -DNEXP_LIBEXECDIR='""' -DNEXP_EXPERTDIR='""' \
	"${wireshark[@]}" \
	"${programs[@]}"
mapfile -t manuals < <(sources 'user/*.7')
check 'mandoc' mandoc -T lint -W style "${manuals[@]}"
check 'shellcheck' shellcheck -x "${scripts[@]}"

[ "$failed" = 0 ] || { echo "lint: findings, see above" >&2; exit 1; }
echo "lint: clean"
