# SPDX-License-Identifier: BSD-2-Clause
#
# The host side: libu4trace and the u4 command.

TRACER_CFLAGS := -Itracer/include -Itracer/lib -pthread
TRACER_LDLIBS := -lelf -lzstd -lz -ljansson -pthread

HOST_GEN += $(B)/gen/trace/ids.h $(B)/gen/trace/table.h $(B)/gen/trace/pack.h

# What reads, merges, models and exports is run for each of many millions of records: -O3 is a tenth.
$(eval $(call host-lib,u4trace,$(wildcard tracer/lib/*.c tracer/lib/state/*.c tracer/export/*.c),$(TRACER_CFLAGS) -O3))
$(eval $(call host-prog,u4,$(wildcard tracer/cmd/*.c),u4trace u4view,$(TRACER_CFLAGS),$(TRACER_LDLIBS) -lncursesw -ltinfo))

# Unit tests. sim.c is a guest's memory with rings, and a writer that follows the protocol.
TRACER_TESTS := crc32 names schema ring merge model model_sc model_uintr u4t filter stats recorder user_rings join trigger
$(foreach t,$(TRACER_TESTS),$(eval $(call host-test,tracer-$t,tests/unit/tracer/$t.c tests/unit/tracer/sim.c,u4trace,$(TRACER_CFLAGS) -Itests/unit/tracer,$(TRACER_LDLIBS))))
$(eval $(call host-test,tracer-state,tests/unit/tracer/state.c tests/unit/tracer/state_sim.c tests/unit/tracer/sim.c,u4trace,$(TRACER_CFLAGS) -Itests/unit/tracer,$(TRACER_LDLIBS)))
