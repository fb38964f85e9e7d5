#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build a debug kernel for the VM, once, and say where it is.
#
# Usage: kernel.sh [--cached] kasan|kcsan
#
# Debian's source in the version of the VM's usual kernel, configured by
# selftests/config and kernel/*.config. What is kept, outside of any working
# tree, in ${XDG_CACHE_HOME:-~/.cache}/netexpert/kernel-HASH, has the layout of
# deps.sh's cache (release, vmlinuz, kdir, root) and these:
#
#   config	the whole configuration
#   seconds	how long the build took
#
# HASH is over this script, the configuration and the source's version. With
# --cached nothing is built: status 1 if the kernel is not there. Standard output
# has the folder's name, and nothing else.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
export NETEXPERT_CACHE=${NETEXPERT_CACHE:-$repo/build/cache}
kernels=${XDG_CACHE_HOME:-$HOME/.cache}/netexpert
cached=

say() { echo "kernel: $*" >&2; }
die() { printf 'kernel: %s\n' "$@" >&2; exit 1; }

[ "${1:-}" != --cached ] || { cached=1; shift; }
flavour=${1:-}
case $flavour in
kasan | kcsan) ;;
*) die "usage: kernel.sh [--cached] kasan|kcsan" ;;
esac

release=$(cat "$NETEXPERT_CACHE/release") || die "which kernel? Run 'make deps' first."
version=$(dpkg-query -W -f '${Version}' "linux-kbuild-${release%-amd64}")

# Drivers that the tests want as modules are built in.
fragment() {
	sed 's/=m$/=y/' "$here/kernel/base.config" "$repo/selftests/config" \
		"$here/kernel/debug.config" "$here/kernel/$flavour.config"
}

key=$({ cat "$here/kernel.sh"; fragment; echo "$version"; } | sha256sum | cut -c1-16)
out=$kernels/kernel-$key
log=$out.log
work=$out.building

found() { [ -e "$out/seconds" ] && echo "$out"; }

if found; then
	exit
elif [ -n "$cached" ]; then
	exit 1
fi

# Run a command quietly; on failure show the end of what it said.
quietly() {
	"$@" >>"$log" 2>&1 </dev/null && return
	tail -n 20 "$log" >&2
	die "this failed: $*" "All of it is in $log."
}

unpack() {
	local deb
	mkdir "$work/deb" "$work/linux"
	(cd "$work/deb" && quietly apt-get -q -o APT::Sandbox::User=root download \
		"linux-source-6.12=$version")
	deb=$(echo "$work"/deb/*.deb)
	# shellcheck disable=SC2016 # the inner shell expands them
	quietly bash -o pipefail -c 'dpkg-deb --fsys-tarfile "$1" |
		tar -xO ./usr/src/linux-source-6.12.tar.xz | xz -dc |
		tar -x -C "$2" --strip-components=1' unpack "$deb" "$work/linux"
	rm -rf "$work/deb"
}

# An option whose dependencies are not met vanishes without a word.
configure() {
	local missing
	fragment >"$work/fragment"
	quietly make -C "$work/linux" KCONFIG_ALLCONFIG="$work/fragment" allnoconfig
	missing=$(grep '^CONFIG_' "$work/fragment" | grep -vxFf "$work/linux/.config" || true)
	[ -z "$missing" ] || die "options that this kernel does not take:" "$missing"
}

# What it takes to boot it and to build modules for it. Of vmlinux the modules
# need the types only.
keep() {
	local new=$work/new linux=$work/linux
	mkdir "$new"
	quietly make -C "$linux" INSTALL_MOD_PATH="$new/root" modules_install
	find "$new/root" -type l -delete
	quietly make -C "$linux" run-command \
		KBUILD_RUN_COMMAND="scripts/package/install-extmod-build $new/kdir"
	quietly objcopy --only-section=.BTF "$linux/vmlinux" "$new/kdir/vmlinux"
	cp "$linux/arch/x86/boot/bzImage" "$new/vmlinuz"
	cp "$linux/.config" "$new/config"
	cp "$linux/include/config/kernel.release" "$new/release"
}

mkdir -p "$kernels"
exec 9>"$kernels/lock"
flock 9
if found; then
	exit
fi
"$here/deps.sh" debug >&2
begin=$SECONDS
rm -rf "$out" "$work"
mkdir "$work"
trap 'rm -rf "$work"' EXIT
: >"$log"
say "building Debian's kernel $version with $flavour, once: about 10 minutes on two cores"
unpack
configure
quietly make -C "$work/linux" -j"$(nproc)" bzImage modules
keep
echo $((SECONDS - begin)) >"$work/new/seconds"
mv "$work/new" "$out"
rm -f "$log"
say "built in $((SECONDS - begin)) s: $out"
found
