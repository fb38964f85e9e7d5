#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Install the tools that the build and the tests need, and fetch the VM's kernel.
#
# Usage: deps.sh [lint|fresh|debug|bench|model]...
#
# Tools and kernel headers are installed as Debian packages. What would change
# how this machine boots or which services it runs (the kernel image, the
# headers package that depends on it, nginx, samba) is downloaded with apt and only
# unpacked into the cache, $NETEXPERT_CACHE or build/cache:
#
#   release	kernel release, one for image and headers
#   kdir	headers to build modules with, vmlinux with BTF included
#   vmlinuz	the kernel that the VM boots
#   modules	its modules
#   linux	a few files of the kernel's source: kselftest, checkpatch
#   root	what the packages held
#
# A stamp keyed by this script makes the second run a matter of milliseconds.
# shellcheck disable=SC2046 # kernel_packages answers two words
set -euo pipefail

tools=(
	# build: module, BPF, user space
	gcc gcc-12 libc6-dev clang llvm dwarves bpftool pkg-config xz-utils
	libbpf-dev libelf-dev zlib1g-dev libjansson-dev libpcap-dev perl kmod
	libwireshark-dev libwiretap-dev libwsutil-dev libglib2.0-dev
	# the VM
	qemu-system-x86 busybox-static cpio
	# what the tests and the demo run in it
	iproute2 iputils-ping ethtool procps util-linux tcpdump tshark curl
	dnsmasq-base bind9-dnsutils iperf3 netbase openssl python3-fastjsonschema
	smbclient libcups2 # and what smbd needs
	# what experts are debugged with
	gdb valgrind
)
lint=(sparse shellcheck mandoc)
fresh=(debootstrap git)
debug=(bc bison flex libssl-dev)
bench=(libmimalloc2.0 libjemalloc2 libtcmalloc-minimal4 libxdp-dev)
model=(spin)

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
cache=${NETEXPERT_CACHE:-$repo/build/cache}
stamp=$cache/stamp
want=("${tools[@]}")
for group in "$@"; do
	case $group in
	lint) want+=("${lint[@]}") ;;
	fresh) want+=("${fresh[@]}") ;;
	debug) want+=("${debug[@]}") ;;
	bench) want+=("${bench[@]}") ;;
	model) want+=("${model[@]}") ;;
	*) echo "deps: unknown group '$group'; known are lint, fresh, debug, bench and model" >&2; exit 2 ;;
	esac
done

say() { echo "deps: $*"; }
die() { printf 'deps: %s\n' "$@" >&2; exit 1; }

# Packages of the list that are not installed, one per line.
missing() {
	local have
	have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
		awk '$1 == "installed" { print $2 }' || true)
	printf '%s\n' "$@" | grep -vxF "${have:-none}" || true
}

kernel_packages() {
	echo "linux-headers-${1%-amd64}-common" "linux-kbuild-${1%-amd64}"
}

unpacked() {
	[ "$(cat "$stamp" 2>/dev/null)" = "$key" ] &&
		[ -e "$cache/kdir/vmlinux" ] && [ -e "$cache/vmlinuz" ]
}

satisfied() {
	unpacked &&
		[ -z "$(missing "${want[@]}" $(kernel_packages "$(cat "$cache/release")"))" ]
}

key=$(sha256sum "$here/deps.sh" | cut -d' ' -f1)
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
satisfied && exit 0

[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
	die "this is not Debian on amd64, the only machine that is supported so far."

if [ "$(id -u)" = 0 ]; then
	root=()
elif command -v sudo >/dev/null; then
	root=(sudo)
else
	die "neither root nor sudo is at hand to install what is missing. Run 'make deps' as root once." \
	    "Missing: kernel $(cat "$cache/release" 2>/dev/null || echo 6.12)" $(missing "${want[@]}")
fi

log=$cache/deps.log
: >"$log"
# Run a command quietly; on failure show the end of what it said.
quietly() {
	"$@" >>"$log" 2>&1 </dev/null && return
	tail -n 20 "$log" >&2
	die "this failed: $*" "All of it is in $log."
}

say "refreshing the package lists"
quietly "${root[@]}" apt-get -q update

# Image and headers must be of one version: whatever is the newest when the
# cache is filled, and that one for as long as the cache is in order.
if unpacked && [ -z "$(missing $(kernel_packages "$(cat "$cache/release")"))" ]; then
	release=$(cat "$cache/release")
	version=installed
else
	rm -f "$stamp"
	meta=linux-image-6.12-amd64
	version=$(apt-cache policy "$meta" | awk '$1 == "Candidate:" { print $2 }')
	[ "${version:-(none)}" != "(none)" ] ||
		die "apt knows no package $meta. Debian 12 has it in bookworm-security: add" \
		    "  deb http://deb.debian.org/debian-security bookworm-security main" \
		    "to /etc/apt/sources.list and try again."
	release=$(apt-cache show --no-all-versions "$meta=$version" |
		sed -n 's/^Depends:.*linux-image-\(6\.12[^ ,]*-amd64\) (= .*/\1/p')
	[ -n "$release" ] ||
		die "cannot tell the kernel release from the dependencies of $meta $version."
fi

mapfile -t install < <(missing "${want[@]}" $(kernel_packages "$release"))
for i in "${!install[@]}"; do
	case ${install[i]} in linux-*) install[i]+="=$version" ;; esac
done
if [ ${#install[@]} -gt 0 ]; then
	say "installing ${install[*]}"
	quietly "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y --no-install-recommends install "${install[@]}"
fi

debs=$cache/debs
fetch() {
	rm -rf "$debs"
	mkdir -p "$debs"
	(cd "$debs" && quietly apt-get -q -o APT::Sandbox::User=root download "$@")
}

if ! unpacked; then
	rm -rf "$cache/root" "$cache/linux" "$cache/release"
	say "downloading kernel $release for the VM (110 MB), unpacked only"
	fetch "linux-image-$release=$version" "linux-headers-$release=$version" nginx samba
	for deb in "$debs"/*.deb; do
		quietly dpkg-deb -x "$deb" "$cache/root"
	done

	say "downloading the kernel's source (150 MB) for kselftest and checkpatch"
	fetch "linux-source-6.12=$version"
	mkdir -p "$cache/linux"
	selftests=linux-source-6.12/tools/testing/selftests
	# shellcheck disable=SC2016 # the inner shell expands them
	quietly bash -o pipefail -c 'dpkg-deb --fsys-tarfile "$1" |
		tar -xO ./usr/src/linux-source-6.12.tar.xz | xz -dc |
		tar -x -C "$2" --strip-components=1 --wildcards "$3/lib.mk" "$3/kselftest*" \
			"linux-source-6.12/scripts/checkpatch.pl" \
			"linux-source-6.12/scripts/spelling.txt" \
			"linux-source-6.12/scripts/const_structs.checkpatch"' \
		unpack "$(echo "$debs"/*.deb)" "$cache/linux" "$selftests"
	rm -rf "$debs"

	# The packages point to each other by where they would be installed.
	kdir=usr/src/linux-headers-$release
	for dir in scripts tools; do
		ln -sfn "/usr/lib/linux-kbuild-${release%-amd64}/$dir" "$cache/root/$kdir/$dir"
	done
	modules=lib/modules/$release
	ln -sfn "../../../$kdir" "$cache/root/$modules/build"
	ln -sfn "/usr/src/linux-headers-${release%-amd64}-common" "$cache/root/$modules/source"
	quietly /sbin/depmod -b "$cache/root" "$release"
	ln -sfn "root/$kdir" "$cache/kdir"
	ln -sfn "root/boot/vmlinuz-$release" "$cache/vmlinuz"
	ln -sfn "root/$modules" "$cache/modules"
	echo "$release" >"$cache/release"
	echo "$key" >"$stamp"
fi

satisfied || die "something is still missing after the installation; see $log."
say "ready: kernel $release in $cache"
