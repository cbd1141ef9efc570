# SPDX-License-Identifier: BSD-2-Clause
#
# Exports to Perfetto, checked by Perfetto's own trace processor. synth makes large traces by
# chance, script small ones by what a test says.

PERFETTO_TOOLS := synth script
$(foreach t,$(PERFETTO_TOOLS),$(eval $(call objects,e2e/$t,tests/e2e/perfetto/$t.c,$(HOSTCC) $(HOST_CFLAGS) -Itracer/include,host)))
$(foreach t,$(PERFETTO_TOOLS),$(eval $(call program,$(B)/tests/e2e/$t,e2e/$t,tests/e2e/perfetto/$t.c,$(B)/host/libu4trace.a,$(HOSTCC),-lelf -lzstd -lz -ljansson -pthread)))

TEST_DEPS += $(PERFETTO_TOOLS:%=$(B)/tests/e2e/%) $(B)/images/viewed-async.elf
TAP_TESTS += $(sort $(wildcard tests/e2e/perfetto/*.t))
