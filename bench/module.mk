# SPDX-License-Identifier: BSD-2-Clause
#
# Instruction-exact benchmarks: one guest program, a boot image per kind of kernel.
BENCH_KERNELS := notrace release slowpath
$(eval $(call user-prog,bench,bench/guest.c,root sel4))
$(foreach k,$(BENCH_KERNELS),$(eval $(call boot-image,bench-$k,$k,bench)))
BENCH_DEPS += $(BENCH_KERNELS:%=$(B)/images/bench-%.elf)
BENCH_CMD := python3 bench/run.py $(B)

.PHONY: bench-export
bench-export: $(B)/host/bin/u4 $(B)/tests/e2e/synth ## compare exports with babeltrace2 and uftrace in one run
	$(Q)python3 bench/export.py -o $(B)/export.json $(B)
