# SPDX-License-Identifier: BSD-2-Clause
#
# Hostile input for the kernel: a root task of threads that do whatever they can think of. A short
# run is a test; `make fuzz-kernel` is the long one.
.PHONY: fuzz-kernel fuzz-kernel-run

$(eval $(call user-prog,fuzz-kernel,$(wildcard tests/fuzz/kernel/*.c),root sel4,-Itests/fuzz/kernel))
$(eval $(call boot-image,fuzz-kernel,check,fuzz-kernel))
TEST_DEPS += $(B)/images/fuzz-kernel.elf
TAP_TESTS += tests/fuzz/kernel/run

FUZZ_OPERATIONS ?= 10000000
fuzz-kernel: ## 10 million hostile operations against the kernel, over several seeds
	@mk/setup.sh build demo
	@$(MAKE) fuzz-kernel-run
fuzz-kernel-run: $(B)/images/fuzz-kernel.elf
	@U4_BUILD=$(call squote,$(B)) tests/fuzz/kernel/run --long $(FUZZ_OPERATIONS)
