# SPDX-License-Identifier: BSD-2-Clause
#
# The runtime's coroutines, async IPC and async system calls, tested in the guest with the frame
# of tests/kernel.
ASYNC_TESTS := $(sort $(wildcard tests/async/*.c)) tests/kernel/test.c tests/kernel/helpers.c
$(eval $(call user-prog,async-tests,$(ASYNC_TESTS),async root sel4,-Itests/kernel -Itests/async -fno-toplevel-reorder -DTEST_BITS=24))
$(eval $(call boot-image,async-tests,debug,async-tests))
TEST_DEPS += $(B)/images/async-tests.elf
TAP_TESTS += tests/async/run
