# SPDX-License-Identifier: GPL-2.0-only
#
# The machine with user interrupts: Debian's QEMU with our UINTC and N extension. Its first
# build takes minutes and is kept in the user's cache; see build.sh.

QEMU_UINTC := $(B)/qemu/qemu-system-riscv64

.PHONY: qemu
qemu: ## build QEMU with the UINTC (minutes the first time, then cached)
	@mk/setup.sh build demo qemu
	@qemu/build.sh $(call squote,$(B)/qemu)
	@echo "$(QEMU_UINTC)"

$(QEMU_UINTC): qemu/build.sh qemu/configure.options qemu/uintc.patch $(shell find qemu/src -type f)
	@mk/setup.sh demo qemu
	@qemu/build.sh $(call squote,$(B)/qemu)

include tests/machine/module.mk
