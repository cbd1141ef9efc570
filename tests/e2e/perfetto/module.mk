# SPDX-License-Identifier: BSD-2-Clause
#
# Exports to Perfetto, checked by Perfetto's own trace processor.

$(eval $(call objects,e2e/synth,tests/e2e/perfetto/synth.c,$(HOSTCC) $(HOST_CFLAGS) $(TRACER_CFLAGS),host))
$(eval $(call program,$(B)/tests/e2e/synth,e2e/synth,tests/e2e/perfetto/synth.c,$(B)/host/libu4trace.a,$(HOSTCC),$(TRACER_LDLIBS)))

TEST_DEPS += $(B)/tests/e2e/synth
TAP_TESTS += tests/e2e/perfetto/synthetic.t
