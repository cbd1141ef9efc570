# SPDX-License-Identifier: BSD-2-Clause
#
# Random system calls with all their results, for holding kernels against each other.
COMPARE_FROM := $(addprefix tests/fuzz/kernel/,maze.c message.c own_classic.c ring.c round.c support.c worker.c)
COMPARE_SEED ?= 1
COMPARE_ROUNDS ?= 10
COMPARE_KERNELS := release slowpath debug

$(eval $(call user-prog,fuzz-compare,tests/fuzz/compare/main.c $(COMPARE_FROM),root sel4,-Itests/fuzz/kernel \
                   -DCOMPARE_SEED=$(COMPARE_SEED) -DCOMPARE_ROUNDS=$(COMPARE_ROUNDS)))
$(foreach k,$(COMPARE_KERNELS),$(eval $(call boot-image,fuzz-compare-$k,$k,fuzz-compare)))
TEST_DEPS += $(foreach k,$(COMPARE_KERNELS),$(B)/images/fuzz-compare-$k.elf)
TAP_TESTS += tests/fuzz/compare/run
