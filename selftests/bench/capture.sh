#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What it costs to capture a frame, in instructions of the VM's only processor,
# beside libpcap (TPACKET_V3), a BPF ring buffer and AF_XDP: see capture.c. Boots the
# VM; needs 'make all selftests'.
#
# Usage: capture.sh
#
# Prints a table and writes build/bench/capture.json; fails if a ratio is missed.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
out=$repo/build/bench
user=$repo/build/user/obj/user/supervisor
mkdir -p "$out"

PATH=$PATH:/usr/sbin
for name in ringbuf xdp; do
	"${CLANG:-clang}" -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror \
		-idirafter "/usr/include/$(${CC:-cc} -dumpmachine)" \
		-c "$here/$name.bpf.c" -o "$out/$name.bpf.o"
	bpftool gen skeleton "$out/$name.bpf.o" name "${name}_bpf" >"$out/$name.skel.h"
done
flags=(-std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror
	-I"$repo" -I"$repo/include" -I"$repo/include/uapi" -I"$out")
${CC:-cc} "${flags[@]}" "$here"/capture*.c "$user"/{capture,links,own,own_options,load,session,iface,error,tap}.o \
	"$repo/build/user/libnetexpert.a" -pthread -lpcap -lxdp -lbpf -lelf -lz -o "$out/capture"

guest() {
	cat <<-EOF
	set -e
	ip link add bench0 type veth peer name bench1
	for i in bench0 bench1; do
		ip link set "\$i" addrgenmode none up
	done
	exec '$out/capture' bench1 bench0
	EOF
}
"$repo/selftests/vm/run.sh" --icount --seconds 3000 -- bash -c "$(guest)" >"$out/capture.txt" || {
	status=$?
	cat "$out/capture.txt" >&2
	exit $status
}
awk -f "$here/capture.awk" -v json="$out/capture.json" "$out/capture.txt"
