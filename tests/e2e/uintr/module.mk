# SPDX-License-Identifier: BSD-2-Clause
#
# User interrupts seen by the tools, on the UINTC and emulated.
$(eval $(call user-prog,uintr-traffic,tests/e2e/uintr/guest/traffic.c,root uintr sel4))
$(eval $(call boot-image,uintr-traffic,debug,uintr-traffic))
TEST_DEPS += $(B)/images/uintr-traffic.elf
TAP_TESTS += $(sort $(wildcard tests/e2e/uintr/*.t))
