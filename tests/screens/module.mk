# SPDX-License-Identifier: BSD-2-Clause
#
# The viewer on scripted screens: keys in, screen out, in tmux.

$(eval $(call objects,screens/trace,tests/screens/trace.c,$(HOSTCC) $(HOST_CFLAGS) -Itracer/include,host))
$(eval $(call program,$(B)/tests/screens-trace,screens/trace,tests/screens/trace.c,$(B)/host/libu4trace.a,$(HOSTCC),-lelf -lzstd -lz -ljansson -pthread))

# u4 with the sanitizers, for memory.t.
SANE_SOURCES := $(wildcard tracer/cmd/*.c)
$(eval $(call objects,screens/u4-sane,$(SANE_SOURCES),$(HOSTCC) $(HOST_CFLAGS) -Itracer/include -Itracer/lib -pthread $(SAN_CFLAGS),host))
$(eval $(call program,$(B)/tests/u4-sane,screens/u4-sane,$(SANE_SOURCES),$(B)/host-san/libu4trace.a $(B)/host-san/libu4view.a,$(HOSTCC) $(SAN_CFLAGS),-lelf -lzstd -lz -ljansson -pthread -lncursesw -ltinfo))
TEST_DEPS += $(B)/tests/u4-sane

# Guests to be viewed: one that runs for ever, one with coroutines.
$(eval $(call user-prog,viewed,tests/screens/guest/main.c,root sel4))
$(eval $(call boot-image,viewed,release,viewed))

$(eval $(call user-prog,viewed-async,tests/screens/guest/async.c,async root uintr sel4))
$(eval $(call boot-image,viewed-async,release,viewed-async))

TEST_DEPS += $(B)/images/viewed.elf $(B)/images/viewed-async.elf $(B)/images/demo-mcs.elf $(B)/tests/screens-trace $(B)/host/bin/u4
TAP_TESTS += $(sort $(wildcard tests/screens/*.t))
