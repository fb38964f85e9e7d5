#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boot the VM, run a command in it as root, exit with the command's status.
#
# Usage: run.sh [options] [--] COMMAND [ARG]...
#
#   --smp N		processors (2)
#   --memory MIB	memory (2048)
#   --seconds N		kill the VM after this long (600)
#   --icount		count instructions instead of time: one processor, slow
#   --append TEXT	more for the kernel's command line
#   --kernel DIR	boot the kernel in this folder, as kernel.sh makes it
#   --module FILE	load this module (build/kmod/netexpert.ko)
#   --no-module		load none
#   --tty		the command reads this terminal too
#   --dir DIR		keep the logs here (default: only if something fails)
#
# The host's file system is the VM's root, read-only, with a writable layer in
# memory: programs and this repository are where they are outside. Status 125
# means that the VM failed, not the command.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
cache=$(cd "${NETEXPERT_CACHE:-$repo/build/cache}" && pwd) || {
	echo "vm: no kernel to boot; run 'make deps'" >&2
	exit 125
}
kernel=$cache patience=1 module=$repo/build/kmod/netexpert.ko
smp=2 memory=2048 seconds=600 icount='' append='' tty='' dir='' probe='' input=''

usage() {
	sed -n '/^# Usage/,/^set/{/^set/d;s/^# \?//p}' "$0" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	case $1 in
	--smp) smp=$2; shift ;;
	--memory) memory=$2; shift ;;
	--seconds) seconds=$2; shift ;;
	--icount) icount=1 ;;
	--append) append=$2; shift ;;
	--kernel) kernel=$(cd "$2" && pwd) patience=10; shift ;;
	--module) module=$(realpath -e "$2"); shift ;;
	--no-module) module='' ;;
	--tty) input=1 ;;
	--dir) dir=$2; shift ;;
	--probe-kvm) probe=1 ;;
	--) shift; break ;;
	-*) usage ;;
	*) break ;;
	esac
	shift
done
[ -n "$probe" ] || [ $# -gt 0 ] || usage
[ -z "$icount" ] || smp=1

mkdir -p "$repo/build/vm"
if [ -n "$dir" ]; then
	rm -rf "$dir"
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
else
	dir=$(mktemp -d "$repo/build/vm/run.XXXXXX")
	temporary=1
fi

# KVM counts as there only if Debian's kernel gets as far as its first process:
# on some machines /dev/kvm opens and the kernel dies early. Tried once a boot.
accelerator() {
	local answer
	if [ -n "$icount" ]; then
		echo "-accel tcg,thread=single -icount shift=0,sleep=off -cpu max"
		return
	fi
	answer=$repo/build/vm/accel.$(cat /proc/sys/kernel/random/boot_id)
	if [ ! -e "$answer" ]; then
		echo "-accel tcg,thread=multi -cpu max" >"$answer.$$"
		if [ -w /dev/kvm ] && "$here/run.sh" --probe-kvm --seconds 20 >/dev/null 2>&1; then
			echo "-accel kvm -cpu host" >"$answer.$$"
		else
			echo "vm: KVM does not work here, so the VM is emulated" >&2
		fi
		mv "$answer.$$" "$answer"
	fi
	cat "$answer"
}

# Kernel modules that the root file system needs, in the order of loading.
boot_modules() {
	/sbin/modprobe -d "$kernel/root" -S "$(cat "$kernel/release")" --show-depends -a \
		9pnet_virtio 9p overlay | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

initramfs() {
	local tree=$dir/initramfs path name
	mkdir -p "$tree/bin" "$tree/modules"
	cp /bin/busybox "$tree/bin/busybox"
	cp "$here/init" "$tree/init"
	: >"$tree/modules/order"
	boot_modules | while read -r path; do
		name=$(basename "$path" .xz)
		xz -dc "$path" >"$tree/modules/$name"
		echo "$name" >>"$tree/modules/order"
	done
	{
		printf 'VM_REPO=%q\nVM_CACHE=%q\nVM_KERNEL=%q\nVM_MODULE=%q\n' \
			"$repo" "$cache" "$kernel" "$module"
		printf 'VM_COMMAND=%q\nVM_PROBE=%q\nVM_SMP=%q\n' "$command" "$probe" "$smp"
		printf 'VM_TERM=%q\nVM_COLUMNS=%q\nVM_LINES=%q\n' \
			"${TERM:-dumb}" "${columns:-80}" "${lines:-24}"
		printf 'VM_CI=%q\nVM_TTY=%q\nVM_PATIENCE=%q\n' "${CI:-}" "$tty" "$patience"
	} >"$tree/env"
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$dir/initramfs.cpio"
	rm -rf "$tree"
}

if [ $# -eq 1 ]; then
	command=$1
else
	command=$(printf '%q ' "$@")
fi
if [ -t 1 ]; then
	tty=1
	exec 4<&1
	read -r lines columns <<<"$(stty size <&4)"
fi
initramfs

if [ -n "$probe" ]; then
	accel="-accel kvm -cpu host"
else
	accel=$(accelerator)
fi
output="file,id=output,path=/dev/fdset/1,append=on"
[ -z "$input" ] || output="stdio,id=output,signal=off"

# QEMU takes over a file only if it is opened as QEMU would open it.
exec 3> >(trap '' INT; exec cat)
cat=$!
trap interrupted=1 INT
set +e
# shellcheck disable=SC2086 # $accel is several words
timeout --foreground -k 5 "$seconds" qemu-system-x86_64 \
	-nodefaults -no-user-config -no-reboot -display none \
	-machine pc $accel -smp "$smp" -m "$memory" \
	-kernel "$kernel/vmlinuz" -initrd "$dir/initramfs.cpio" \
	-append "console=ttyS0 loglevel=7 oops=panic panic=-1 nokaslr mitigations=off no5lvl maxcpus=1 \
		rcupdate.rcu_cpu_stall_timeout=60 watchdog_thresh=60 \
		sysctl.kernel.hung_task_timeout_secs=480 $append" \
	-serial "file:$dir/console.log" \
	-add-fd fd=3,set=1 \
	-device virtio-serial-pci \
	-chardev "$output" -device virtconsole,chardev=output \
	-chardev "file,id=result,path=$dir/result" -device virtserialport,chardev=result,name=result \
	-device virtio-rng-pci \
	-fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
	-device virtio-9p-pci,fsdev=host,mount_tag=host \
	2>"$dir/qemu.log"
ended=$?
exec 3>&-
wait $cat
set -e

if [ -s "$dir/result" ]; then
	status=$(cat "$dir/result")
elif [ -n "${interrupted:-}" ]; then
	status=130
	echo "vm: interrupted" >&2
else
	status=125
	if [ -z "$probe" ]; then
		tail -n 20 "$dir/console.log" "$dir/qemu.log" >&2
		if [ "$ended" = 124 ] || [ "$ended" = 137 ]; then
			echo "vm: killed after $seconds seconds (--seconds)" >&2
		else
			echo "vm: the VM ended without writing a result" >&2
		fi
	fi
fi
if [ -n "${temporary:-}" ] && { [ "$status" != 125 ] || [ -n "$probe" ]; }; then
	rm -rf "$dir"
else
	rm -f "$dir/initramfs.cpio"
	[ -n "$probe" ] || echo "vm: kernel log: $dir/console.log" >&2
fi
exit "$status"
