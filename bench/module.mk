# SPDX-License-Identifier: BSD-2-Clause
#
# Instruction-exact benchmarks: one guest program, a boot image per kind of kernel; user interrupts
# are measured on the machine with the UINTC too. ($(B)/qemu/...: qemu/module.mk comes later.)
BENCH_KERNELS := notrace release slowpath
BENCH_MCS_KERNELS := mcs-notrace mcs-release mcs-slowpath
$(eval $(call user-prog,bench,bench/guest.c bench/uintr.c,root uintr sel4,-Ibench))
$(eval $(call user-prog,bench-mcs,bench/guest.c bench/uintr.c,root-mcs uintr-mcs sel4-mcs,\
                   -Ibench -DU4_MCS=1))
$(foreach k,$(BENCH_KERNELS),$(eval $(call boot-image,bench-$k,$k,bench)))
$(foreach k,$(BENCH_MCS_KERNELS),$(eval $(call boot-image,bench-$k,$k,bench-mcs)))
BENCH_DEPS += $(BENCH_KERNELS:%=$(B)/images/bench-%.elf) \
              $(BENCH_MCS_KERNELS:%=$(B)/images/bench-%.elf) $(B)/qemu/qemu-system-riscv64
BENCH_CMD := python3 bench/run.py $(B)

.PHONY: bench-export
bench-export: $(B)/host/bin/u4 $(B)/tests/e2e/synth ## compare exports with babeltrace2 and uftrace in one run
	$(Q)python3 bench/export.py -m 10000000 -o $(B)/export.json $(B)

# The async runtime, on the kernels with and without the fast path.
ASYNC_BENCH_KERNELS := notrace slowpath
$(eval $(call user-prog,bench-async,$(wildcard bench/async/*.c),async root uintr sel4,-Ibench/async))
$(foreach k,$(ASYNC_BENCH_KERNELS),$(eval $(call boot-image,bench-async-$k,$k,bench-async)))
BENCH_DEPS += $(ASYNC_BENCH_KERNELS:%=$(B)/images/bench-async-%.elf)
# The same with client, server and kernel on several harts.
$(eval $(call user-prog,bench-async-smp,$(wildcard bench/async/*.c),async-smp root-smp uintr-smp sel4-smp,\
                   -Ibench/async -DU4_SMP=1))
$(eval $(call boot-image,bench-async-smp-notrace,smp-notrace,bench-async-smp))
BENCH_DEPS += $(B)/images/bench-async-smp-notrace.elf

.PHONY: bench-plots
bench-plots: bench ## draw the async figures beside reL4's published ones (SVG)
	$(Q)python3 bench/plots.py $(B)/bench/results.json $(B)/bench
