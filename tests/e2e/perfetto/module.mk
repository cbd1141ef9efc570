# SPDX-License-Identifier: BSD-2-Clause
#
# Exports to Perfetto, checked by Perfetto's own trace processor.

$(eval $(call objects,e2e/synth,tests/e2e/perfetto/synth.c,$(HOSTCC) $(HOST_CFLAGS) -Itracer/include,host))
$(eval $(call program,$(B)/tests/e2e/synth,e2e/synth,tests/e2e/perfetto/synth.c,$(B)/host/libu4trace.a,$(HOSTCC),-lelf -lzstd -lz -ljansson -pthread))

TEST_DEPS += $(B)/tests/e2e/synth
TAP_TESTS += $(sort $(wildcard tests/e2e/perfetto/*.t))
