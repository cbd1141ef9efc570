# SPDX-License-Identifier: BSD-2-Clause
#
# Hostile input for the kernel: a root task of threads that do whatever they can think of. A short
# run is a test; `make fuzz-kernel` is the long one.
.PHONY: fuzz-kernel fuzz-kernel-run

FUZZ_SRCS := $(filter-out tests/fuzz/kernel/own_%,$(wildcard tests/fuzz/kernel/*.c))
$(eval $(call user-prog,fuzz-kernel,$(FUZZ_SRCS) tests/fuzz/kernel/own_classic.c,root sel4,\
                   -Itests/fuzz/kernel))
$(eval $(call user-prog,fuzz-kernel-mcs,$(FUZZ_SRCS) tests/fuzz/kernel/own_mcs.c,\
                   root-mcs sel4-mcs,-Itests/fuzz/kernel -DU4_MCS=1))
$(eval $(call user-prog,fuzz-kernel-smp,$(FUZZ_SRCS) tests/fuzz/kernel/own_classic.c,\
                   root-smp sel4-smp,-Itests/fuzz/kernel -DU4_SMP=1))
$(eval $(call boot-image,fuzz-kernel-smp,smp-check,fuzz-kernel-smp))
$(eval $(call user-prog,fuzz-kernel-smp-mcs,$(FUZZ_SRCS) tests/fuzz/kernel/own_mcs.c,\
                   root-smp-mcs sel4-smp-mcs,-Itests/fuzz/kernel -DU4_SMP=1 -DU4_MCS=1))
$(eval $(call boot-image,fuzz-kernel-smp-mcs,smp-mcs-check,fuzz-kernel-smp-mcs))
$(eval $(call boot-image,fuzz-kernel,check,fuzz-kernel))
$(eval $(call boot-image,fuzz-kernel-mcs,mcs-check,fuzz-kernel-mcs))
TEST_DEPS += $(B)/images/fuzz-kernel.elf $(B)/images/fuzz-kernel-mcs.elf
TEST_DEPS += $(B)/images/fuzz-kernel-smp.elf $(B)/images/fuzz-kernel-smp-mcs.elf $(QEMU_UINTC)
TAP_TESTS += tests/fuzz/kernel/run tests/fuzz/kernel/run-mcs
TAP_TESTS += tests/fuzz/kernel/run-smp tests/fuzz/kernel/run-smp-mcs

FUZZ_OPERATIONS ?= 10000000
fuzz-kernel: ## 10 million hostile operations against each kernel, over several seeds
	@mk/setup.sh build demo
	@$(MAKE) fuzz-kernel-run
fuzz-kernel-run: $(B)/images/fuzz-kernel.elf $(B)/images/fuzz-kernel-mcs.elf
	@U4_BUILD=$(call squote,$(B)) tests/fuzz/kernel/run --long $(FUZZ_OPERATIONS)
	@U4_BUILD=$(call squote,$(B)) tests/fuzz/kernel/run-mcs --long $(FUZZ_OPERATIONS)
