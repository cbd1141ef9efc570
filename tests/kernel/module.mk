# SPDX-License-Identifier: BSD-2-Clause
#
# The in-guest tests: one root task with a file per kernel object, run by tests/kernel/run.

$(eval $(call user-prog,kernel-tests-child,tests/kernel/child/main.c,sel4))
$(eval $(call user-prog,kernel-tests,$(sort $(wildcard tests/kernel/*.[cS])),root uintr sel4,\
                   -Itests/kernel -fno-toplevel-reorder,child=kernel-tests-child))
$(eval $(call boot-image,kernel-tests,debug,kernel-tests))
$(eval $(call boot-image,kernel-tests-release,release,kernel-tests))
# The same on the MCS kernel, and what only that has.
KERNEL_TESTS_MCS_FLAGS := -Itests/kernel -fno-toplevel-reorder -DU4_MCS=1
$(eval $(call user-prog,kernel-tests-child-mcs,tests/kernel/child/main.c,sel4-mcs,-DU4_MCS=1))
$(eval $(call user-prog,kernel-tests-mcs,\
                   $(sort $(wildcard tests/kernel/*.[cS]) $(wildcard tests/kernel/mcs/*.c)),\
                   root-mcs uintr-mcs sel4-mcs,$(KERNEL_TESTS_MCS_FLAGS),child=kernel-tests-child-mcs))
$(eval $(call boot-image,kernel-tests-mcs,mcs-debug,kernel-tests-mcs))
$(eval $(call boot-image,kernel-tests-mcs-release,mcs-release,kernel-tests-mcs))
TEST_DEPS += $(B)/images/kernel-tests-mcs.elf $(B)/images/kernel-tests-mcs-release.elf
TAP_TESTS += tests/kernel/run-mcs tests/kernel/run-mcs-release tests/kernel/run-mcs-uintc
TEST_DEPS += $(B)/images/kernel-tests.elf $(B)/images/kernel-tests-release.elf
TAP_TESTS += tests/kernel/run tests/kernel/run-release tests/kernel/run-uintc

# On several harts.
$(eval $(call user-prog,kernel-tests-child-smp,tests/kernel/child/main.c,sel4-smp,-DU4_SMP=1))
$(eval $(call user-prog,kernel-tests-smp,$(sort $(wildcard tests/kernel/*.[cS])),root-smp uintr-smp sel4-smp,\
                   -Itests/kernel -fno-toplevel-reorder -DU4_SMP=1,child=kernel-tests-child-smp))
$(eval $(call boot-image,kernel-tests-smp,smp-debug,kernel-tests-smp))
# In parallel the host's time is the guest's: without the tests that judge by it.
$(eval $(call user-prog,kernel-tests-parallel,$(sort $(filter-out %/irq.c %/sched.c %/process.c,\
                   $(wildcard tests/kernel/*.[cS]))),root-smp uintr-smp sel4-smp,\
                   -Itests/kernel -fno-toplevel-reorder -DU4_SMP=1))
$(eval $(call boot-image,kernel-tests-parallel,smp-debug,kernel-tests-parallel))
TEST_DEPS += $(B)/images/kernel-tests-parallel.elf
TEST_DEPS += $(B)/images/kernel-tests-smp.elf
TAP_TESTS += tests/kernel/run-smp tests/kernel/run-turns

# MCS on several harts: each has time of its own.
$(eval $(call user-prog,kernel-tests-child-smp-mcs,tests/kernel/child/main.c,sel4-smp-mcs,\
                   -DU4_SMP=1 -DU4_MCS=1))
$(eval $(call user-prog,kernel-tests-smp-mcs,\
                   $(sort $(wildcard tests/kernel/*.[cS]) $(wildcard tests/kernel/mcs/*.c)),\
                   root-smp-mcs uintr-smp-mcs sel4-smp-mcs,$(KERNEL_TESTS_MCS_FLAGS) -DU4_SMP=1,\
                   child=kernel-tests-child-smp-mcs))
$(eval $(call boot-image,kernel-tests-smp-mcs,smp-mcs-debug,kernel-tests-smp-mcs))
TEST_DEPS += $(B)/images/kernel-tests-smp-mcs.elf
TAP_TESTS += tests/kernel/run-smp-mcs
TEST_DEPS += $(QEMU_UINTC)

# Several harts in large, for an hour on two processors.
.PHONY: smp-check smp-check-run
smp-check: ## millions of user interrupts across harts, of operations of the fuzzer, of racing records
	@mk/setup.sh build demo test
	@$(MAKE) smp-check-run
smp-check-run: export U4_BUILD = $(abspath $(B))
smp-check-run: export U4_ROOT = $(CURDIR)
smp-check-run: $(B)/images/uintr-storm.elf $(B)/images/fuzz-kernel-smp.elf \
               $(B)/images/fuzz-kernel-smp-mcs.elf $(B)/images/tracing-race.elf $(QEMU_UINTC) $(B)/host/bin/u4
	tests/kernel/run-signals
	FUZZ_HARTS=2 tests/fuzz/kernel/run-smp --long 1000000
	FUZZ_HARTS=4 tests/fuzz/kernel/run-smp --long 1000000
	FUZZ_HARTS=4 tests/fuzz/kernel/run-smp-mcs --long 1000000
	U4_RACES=30 tests/e2e/tracing/race.t

STORM_SIGNALS ?= 200000
$(eval $(call user-prog,uintr-storm,$(addprefix tests/kernel/,test.c helpers.c uintr_helpers.c smp_uintr.c),\
                   root-smp uintr-smp sel4-smp,-Itests/kernel -DU4_SMP=1 -DSIGNALS=$(STORM_SIGNALS)))
$(eval $(call boot-image,uintr-storm,smp-debug,uintr-storm))
