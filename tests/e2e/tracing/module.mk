# SPDX-License-Identifier: BSD-2-Clause
#
# Tracing from the guest's side: programs' own events, masks, filters, modes, triggers.
$(eval $(call user-prog,tracing-events,tests/e2e/tracing/guest/events.c,root sel4))
$(eval $(call boot-image,tracing-events,debug,tracing-events))
TEST_DEPS += $(B)/images/tracing-events.elf
TEST_DEPS += $(B)/images/demo-smp.elf $(QEMU_UINTC)
TAP_TESTS += $(sort $(wildcard tests/e2e/tracing/*.t))
