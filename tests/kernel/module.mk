# SPDX-License-Identifier: BSD-2-Clause
#
# The in-guest tests: one root task with a file per kernel object, run by tests/kernel/run.

$(eval $(call user-prog,kernel-tests-child,tests/kernel/child/main.c,sel4))
$(eval $(call user-prog,kernel-tests,$(sort $(wildcard tests/kernel/*.[cS])),root uintr sel4,\
                   -Itests/kernel -fno-toplevel-reorder,kernel-tests-child))
$(eval $(call boot-image,kernel-tests,debug,kernel-tests))
$(eval $(call boot-image,kernel-tests-release,release,kernel-tests))
TEST_DEPS += $(B)/images/kernel-tests.elf $(B)/images/kernel-tests-release.elf
TAP_TESTS += tests/kernel/run tests/kernel/run-release tests/kernel/run-uintc
