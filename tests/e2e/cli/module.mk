# SPDX-License-Identifier: BSD-2-Clause
#
# The u4 command as people use it: with a stand-in for QEMU whose guest does what a test needs,
# and with the real one.

CLI_GUEST_SRCS := tests/e2e/cli/guest.c tests/unit/tracer/sim.c
$(eval $(call objects,e2e/cli-guest,$(CLI_GUEST_SRCS),$(HOSTCC) $(HOST_CFLAGS) -Itracer/include -Itests/unit/tracer,host))
$(eval $(call program,$(B)/tests/e2e/cli-guest,e2e/cli-guest,$(CLI_GUEST_SRCS),$(B)/host/libu4trace.a,$(HOSTCC),-lelf -lzstd -lz -ljansson -pthread))

TEST_DEPS += $(B)/tests/e2e/cli-guest $(B)/tests/e2e/script $(B)/images/viewed-async.elf $(B)/images/gdb-debug.elf $(B)/images/demo-slow.elf $(B)/images/demo-mcs.elf $(B)/host/bin/u4 $(B)/images/demo.elf
TAP_TESTS += $(sort $(wildcard tests/e2e/cli/*.t))
