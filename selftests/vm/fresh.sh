#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Prove the fresh machine: make a minimal Debian 12 in a folder, clone the
# committed state of this repository into it and run both commands there.
#
# Everything happens in mount and process namespaces of its own, so nothing
# stays mounted and nothing keeps running. Mirrors and proxies are the host's.
set -euo pipefail

repo=$(cd "$(dirname "$0")/../.." && pwd)
root=$repo/build/fresh
log=$repo/build/fresh.log
die() { printf 'fresh: %s\n' "$@" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die "making a Debian root needs root: sudo make check-fresh"
if [ "${1:-}" != inside ]; then
	"$repo/selftests/vm/deps.sh" fresh
	git -C "$repo" rev-parse -q --verify HEAD >/dev/null || die "nothing is committed yet"
	[ -z "$(git -C "$repo" status --porcelain)" ] ||
		echo "fresh: what is not committed is not tested"
	rm -rf --one-file-system "$root"
	mkdir -p "$root"
	trap 'rm -rf --one-file-system "$root"' EXIT
	unshare --mount --pid --fork --kill-child --propagation private "$0" inside 2>&1 |
		tee "$log" && exit
	mkdir -p "$repo/build/fresh-logs"
	cp -r "$root"/root/netexpert/build/{demo,check} "$repo/build/fresh-logs/" 2>/dev/null || true
	die "it does not work on a fresh machine. What was said: $log; kernel logs: $repo/build/fresh-logs"
fi

# The host's mirror of a suite; Debian's own where the host has none.
mirror() { # SUITE DEFAULT
	# shellcheck disable=SC2016 # apt expands them
	apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' |
		awk -v suite="$1" -v site="$2" '$2 == suite { site = $1 } END { print site }'
}

debian=$(mirror bookworm http://deb.debian.org/debian)
updates=$(mirror bookworm-updates "$debian")
security=$(mirror bookworm-security http://deb.debian.org/debian-security)

echo "fresh: debootstrap bookworm from $debian into $root"
debootstrap --variant=minbase bookworm "$root" "$debian" >"$root.log" 2>&1 ||
	{ tail -n 20 "$root.log"; die "debootstrap failed; see $root.log"; }
rm -f "$root.log"
cat >"$root/etc/apt/sources.list" <<-END
	deb $debian bookworm main
	deb $updates bookworm-updates main
	deb $security bookworm-security main
END
apt-config dump | grep -E '^Acquire::(https?::.*Proxy|Check-|Retries)' \
	>"$root/etc/apt/apt.conf.d/99host" || true
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"

mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sys "$root/sys"
mount --rbind /dev "$root/dev"

git -C "$repo" bundle create -q "$root/netexpert.bundle" HEAD
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
	TERM="${TERM:-dumb}" http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" \
	sh -ec "$1" </dev/null; }

echo "fresh: what README asks for: git and make"
inside 'export DEBIAN_FRONTEND=noninteractive
	apt-get -q update && apt-get -q -y upgrade &&
	apt-get -q -y install --no-install-recommends git make ca-certificates' >"$root/apt.log" 2>&1 ||
	{ tail -n 20 "$root/apt.log"; die "apt does not work in the new root"; }
inside 'git -c advice.detachedHead=false clone -q /netexpert.bundle /root/netexpert'

echo "fresh: make demo"
inside 'cd /root/netexpert && make demo'
echo "fresh: make check"
inside 'cd /root/netexpert && make check'
echo "fresh: make deps once more, with no network"
inside 'cd /root/netexpert && unshare --net make deps'
echo "fresh: both commands work on a fresh Debian 12"
