# SPDX-License-Identifier: BSD-2-Clause
#
# Hostile input for the host tools: trace files, guest memory, event tables, filters. A short run
# of each is a test; `make fuzz` is the long one.
TRACER_FUZZERS := u4t memory schema filter
$(foreach f,$(TRACER_FUZZERS),$(eval $(call host-fuzz,$f,tests/fuzz/tracer/$f.c,u4trace,-Itracer/include -Itests/fuzz/tracer,-lelf -lzstd -lz -ljansson -pthread)))
$(eval $(call host-fuzz,state,tests/fuzz/tracer/state.c tests/unit/tracer/state_sim.c,u4trace,-Itracer/include -Itests/fuzz/tracer -Itests/unit/tracer,-lelf -lzstd -lz -ljansson -pthread))
TEST_DEPS += $(foreach f,$(TRACER_FUZZERS) state,$(B)/tests/fuzz/$f)
TAP_TESTS += tests/fuzz/tracer/run.t
