# SPDX-License-Identifier: BSD-2-Clause
#
# The viewer on scripted screens: keys in, screen out, in tmux.

$(eval $(call objects,screens/trace,tests/screens/trace.c,$(HOSTCC) $(HOST_CFLAGS) -Itracer/include,host))
$(eval $(call program,$(B)/tests/screens-trace,screens/trace,tests/screens/trace.c,$(B)/host/libu4trace.a,$(HOSTCC),-lelf -lzstd -lz -ljansson -pthread))

# A guest to be viewed while it runs.
$(eval $(call user-prog,viewed,tests/screens/guest/main.c,root sel4))
$(eval $(call boot-image,viewed,release,viewed))

TEST_DEPS += $(B)/images/viewed.elf $(B)/tests/screens-trace $(B)/host/bin/u4
TAP_TESTS += $(sort $(wildcard tests/screens/*.t))
