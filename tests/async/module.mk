# SPDX-License-Identifier: BSD-2-Clause
#
# The runtime's coroutines, async IPC and async system calls, tested in the guest with the frame
# of tests/kernel; and the example of docs/async.md.
ASYNC_TESTS := $(sort $(filter-out %/example.c,$(wildcard tests/async/*.c))) \
               tests/kernel/test.c tests/kernel/helpers.c
$(eval $(call user-prog,async-tests,$(ASYNC_TESTS),async root uintr sel4,-Itests/kernel -Itests/async -fno-toplevel-reorder -DTEST_BITS=24))
$(eval $(call boot-image,async-tests,debug,async-tests))
$(eval $(call user-prog,async-example,tests/async/example.c,async root uintr sel4))
$(eval $(call boot-image,async-example,release,async-example))
# The same on the MCS kernel.
$(eval $(call user-prog,async-tests-mcs,$(ASYNC_TESTS) tests/async/mcs/time.c,async-mcs root-mcs uintr-mcs sel4-mcs,\
                   -Itests/kernel -Itests/async -fno-toplevel-reorder -DTEST_BITS=24 -DU4_MCS=1))
$(eval $(call boot-image,async-tests-mcs,mcs-debug,async-tests-mcs))
TEST_DEPS += $(B)/images/async-tests-mcs.elf
TAP_TESTS += tests/async/run-mcs
TEST_DEPS += $(B)/images/async-tests.elf $(B)/images/async-example.elf
TAP_TESTS += tests/async/run tests/async/run-uintc tests/async/example.t
# On several harts that take turns.
$(eval $(call user-prog,async-tests-smp,$(ASYNC_TESTS),async-smp root-smp uintr-smp sel4-smp,\
                   -Itests/kernel -Itests/async -fno-toplevel-reorder -DTEST_BITS=24 -DU4_SMP=1))
$(eval $(call boot-image,async-tests-smp,smp-debug,async-tests-smp))
TEST_DEPS += $(B)/images/async-tests-smp.elf $(QEMU_UINTC)
TAP_TESTS += tests/async/run-turns
# The MCS kernel on several harts.
$(eval $(call user-prog,async-tests-smp-mcs,$(ASYNC_TESTS) tests/async/mcs/time.c,async-smp-mcs root-smp-mcs uintr-smp-mcs sel4-smp-mcs,\
                   -Itests/kernel -Itests/async -fno-toplevel-reorder -DTEST_BITS=24 -DU4_SMP=1 -DU4_MCS=1))
$(eval $(call boot-image,async-tests-smp-mcs,smp-mcs-debug,async-tests-smp-mcs))
TEST_DEPS += $(B)/images/async-tests-smp-mcs.elf
TAP_TESTS += tests/async/run-smp-mcs
# Two in parallel, where the host's time is the guest's: without what judges by time.
$(eval $(call user-prog,async-tests-parallel,$(filter-out %/coro.c,$(ASYNC_TESTS)),async-smp root-smp uintr-smp sel4-smp,\
                   -Itests/kernel -Itests/async -fno-toplevel-reorder -DTEST_BITS=24 -DU4_SMP=1))
$(eval $(call boot-image,async-tests-parallel,smp-debug,async-tests-parallel))
TEST_DEPS += $(B)/images/async-tests-parallel.elf
TAP_TESTS += tests/async/run-smp
