# SPDX-License-Identifier: GPL-2.0
#
# netexpert: see 'make help'. Everything built is in build/.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-print-directory

# One part after the other, each with all processors.
.NOTPARALLEL:
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

ifneq ($(words $(CURDIR)),1)
$(error make cannot work in a folder with a blank in its path: $(CURDIR))
endif

PREFIX ?= /usr/local
B := $(CURDIR)/build
export NETEXPERT_CACHE ?= $(B)/cache
override NETEXPERT_CACHE := $(abspath $(NETEXPERT_CACHE))

# Headers of the kernel to build the module for; the VM's unless told otherwise.
KDIR ?= $(NETEXPERT_CACHE)/kdir
# Where the module is built.
KMOD ?= $(B)/kmod
KUNIT = $(dir $(KMOD))kunit
USER_MAKE = $(MAKE) -f user/Makefile B=$(B) PREFIX=$(PREFIX)
KBUILD = $(MAKE) -C $(KDIR) M=$(KMOD) W=1
# Of the debug kernel: kasan or kcsan.
FLAVOUR ?= kasan
# Parts of 'make check'. With kasan_if_time it runs on the debug kernel too.
CHECKS ?= unit vm

.PHONY: all deps modules bpf user selftests unit-tests unit check debug kunit check-debug \
	check-kcsan bench model check-fresh demo vm lint install modules_install clean help

all: modules user

help:
	@echo 'Build and try (Debian 12, amd64; root or sudo for the first run):'
	@echo '  make demo            boot a VM, watch live traffic, crash an expert, see it recover'
	@echo '  make check           every test, natively and in the VM: "N passed, N failed"'
	@echo '  make                 module, BPF and user space: modules, bpf, user'
	@echo '  make deps            only install what is missing and fetch the kernel of the VM'
	@echo 'Develop:'
	@echo '  make check-debug     the VM tests on a kernel with KASAN, lockdep, kmemleak, ...'
	@echo '  make check-kcsan     the same with KCSAN instead, which finds data races'
	@echo '  make unit            unit tests under ASan and UBSan, no VM'
	@echo '  make selftests       build the tests that run in the VM'
	@echo '  make vm CMD="..."    run a command in the VM as root; a shell without CMD'
	@echo '  make bench           allocator, reclaim and capture beside what others do; PARTS="heap" for one'
	@echo '  make model           every order of steps of the allocator'\''s threads, by spin'
	@echo '  make lint            W=1, sparse, checkpatch, clang, shellcheck, mandoc'
	@echo '  make check-fresh     both commands in a new minimal Debian 12; needs root'
	@echo '  make clean           remove what was built, keep $$NETEXPERT_CACHE (build/cache)'
	@echo 'Install on this machine (PREFIX=$(PREFIX), DESTDIR):'
	@echo '  make install         command, library, headers, experts, manuals, template'
	@echo '  make modules_install KDIR=/lib/modules/$$(uname -r)/build'

deps:
	@selftests/vm/deps.sh

# kbuild writes beside the sources, so it gets a folder of links to them.
modules: $(if $(filter command% environment%,$(origin KDIR)),,deps)
	@echo 'building the kernel module: $(KMOD:$(CURDIR)/%=%)/netexpert.ko'
	@[ "$$(readlink $(KMOD)/../kdir)" = $(KDIR) ] || rm -rf $(KMOD)
	@mkdir -p $(KMOD)
	@ln -sfn $(KDIR) $(KMOD)/../kdir && ln -sfn $(CURDIR)/include $(KMOD)/../include
	@find $(KMOD) -xtype l -delete
	@ln -sf $(CURDIR)/kmod/* $(KMOD)/
	@+$(KBUILD) KCFLAGS=-Werror modules
	@readelf -S $(KMOD)/netexpert.ko | grep -q '\.BTF ' || { \
		rm -f $(KMOD)/netexpert.ko; \
		echo 'netexpert.ko has no BTF, so BPF programs cannot call it: pahole (package' \
		     'dwarves) or vmlinux in $(KDIR) is missing' >&2; exit 1; }

bpf: deps
	@$(MAKE) -f bpf/Makefile B=$(B)

user: bpf
	@echo 'building user space: build/user'
	@+$(USER_MAKE)

selftests: user
	@echo 'building the tests: build/selftests'
	@$(MAKE) -C selftests OUTPUT=$(B)/selftests

unit-tests: user
	@echo 'building the unit tests: build/unit'
	@+$(USER_MAKE) unit

unit: unit-tests selftests
	@selftests/check.sh unit

check: all selftests unit-tests
	+@selftests/check.sh $(CHECKS)

# The debug kernel, and the module for it; everything else is the same.
debug:
	@kernel=$$(selftests/vm/kernel.sh $(FLAVOUR)) && $(MAKE) modules kunit \
		KDIR=$$kernel/kdir KMOD=$(B)/debug/$(FLAVOUR)/kmod

# Parts of the module with their KUnit tests, beside the module of a debug kernel.
kunit: modules
	@echo 'building the KUnit tests: $(KUNIT:$(CURDIR)/%=%)/netexpert_kunit.ko'
	@mkdir -p $(KUNIT)
	@find $(KUNIT) -xtype l -delete
	@ln -sf $(CURDIR)/kmod/* $(CURDIR)/selftests/kunit/* $(KUNIT)/
	@+$(MAKE) -C $(KDIR) M=$(KUNIT) W=1 KCFLAGS=-Werror modules

check-debug: all selftests
	+@selftests/check.sh $(FLAVOUR)

check-kcsan:
	@$(MAKE) check-debug FLAVOUR=kcsan

demo: all
	@echo 'booting the VM: kernel log in build/demo/console.log'
	@selftests/vm/run.sh --dir $(B)/demo --seconds 900 -- selftests/vm/demo.sh

CMD ?= bash -l
vm: all selftests
	@selftests/vm/run.sh --tty --seconds 86400 -- '$(subst ','\'',$(CMD))'

PARTS ?= heap reclaim capture
bench: all selftests
	@selftests/vm/deps.sh bench
	@selftests/bench/run.sh $(PARTS)

model:
	@selftests/vm/deps.sh model
	@selftests/check.sh model

check-fresh: deps
	@selftests/vm/fresh.sh

lint: all
	@selftests/vm/deps.sh lint
	@selftests/lint.sh

install: user
	@+$(USER_MAKE) install

modules_install: modules
	@[ '$(origin KDIR)' != file ] || { echo 'say for which kernel:' \
		'make modules_install KDIR=/lib/modules/$$(uname -r)/build' >&2; exit 1; }
	@+$(KBUILD) INSTALL_MOD_PATH=$(DESTDIR) CONFIG_MODULE_SIG_ALL= modules_install
	@[ -n '$(DESTDIR)' ] || /sbin/depmod -a "$$(cat $(KDIR)/include/config/kernel.release)"

clean:
	@find build -mindepth 1 -maxdepth 1 ! -path build/cache -exec rm -rf {} + 2>/dev/null || true
