# SPDX-License-Identifier: BSD-2-Clause
#
# Tracing from the guest's side: programs' own events, masks, filters, modes, triggers.
$(eval $(call user-prog,tracing-events,tests/e2e/tracing/guest/events.c,root sel4))
$(eval $(call boot-image,tracing-events,debug,tracing-events))
TEST_DEPS += $(B)/images/tracing-events.elf
# Writers that race with the reader; in large: make smp-check.
RACE_CALLS ?= 20000
$(eval $(call user-prog,tracing-race,tests/e2e/tracing/guest/race.c,root-smp sel4-smp,-DU4_SMP=1 -DCALLS=$(RACE_CALLS)))
$(eval $(call boot-image,tracing-race,smp-debug,tracing-race))
TEST_DEPS += $(B)/images/tracing-race.elf
TEST_DEPS += $(B)/images/demo-smp.elf $(QEMU_UINTC)
TAP_TESTS += $(sort $(wildcard tests/e2e/tracing/*.t))
