# SPDX-License-Identifier: BSD-2-Clause
#
# The GDB scripts against live guests and cores: one known system under the debug and the release
# kernel, one with 10,000 capabilities more, one with coroutines and user interrupts, one for MCS
# kernels, one for several harts.
GDB_TEST_IMAGES := gdb-debug gdb-release gdb-many gdb-more gdb-mcs gdb-mcs-release gdb-smp gdb-smp-release
$(eval $(call user-prog,gdb-system,tests/gdb/system/main.c,root sel4))
$(eval $(call user-prog,gdb-many,tests/gdb/system/many.c,root sel4))
$(eval $(call boot-image,gdb-debug,debug,gdb-system))
$(eval $(call boot-image,gdb-release,release,gdb-system))
$(eval $(call boot-image,gdb-many,release,gdb-many))
$(eval $(call user-prog,gdb-more,tests/gdb/system/more.c,async uintr root sel4))
$(eval $(call boot-image,gdb-more,debug,gdb-more))
$(eval $(call user-prog,gdb-mcs,tests/gdb/system/mcs.c,root-mcs sel4-mcs,-DU4_MCS=1))
$(eval $(call boot-image,gdb-mcs,mcs-debug,gdb-mcs))
$(eval $(call boot-image,gdb-mcs-release,mcs-release,gdb-mcs))
$(eval $(call user-prog,gdb-smp,tests/gdb/system/smp.c,root-smp sel4-smp,-DU4_SMP=1))
$(eval $(call boot-image,gdb-smp,smp-debug,gdb-smp))
$(eval $(call boot-image,gdb-smp-release,smp-release,gdb-smp))
TEST_DEPS += $(foreach i,$(GDB_TEST_IMAGES),$(B)/images/$i.elf) $(GDB_CONSTANTS)

# The genuine seL4's structures, by our own declarations of them.
SEL4_STATE_FLAGS := $(KERNEL_ARCH) -ffreestanding -nostdlib -static $(filter-out -O2,$(COMMON_CFLAGS)) \
                    -O1 -fno-eliminate-unused-debug-types -T tests/gdb/sel4/state.ld \
                    -Wl,--no-warn-rwx-segments
SEL4_STATES := $(foreach f,debug release mcs,$(B)/tests/sel4/$f/kernel.elf)
$(B)/tests/sel4/release/kernel.elf: SEL4_STATE_FLAGS += -DRELEASE
$(B)/tests/sel4/mcs/kernel.elf: SEL4_STATE_FLAGS += -DMCS
$(SEL4_STATES): tests/gdb/sel4/state.c tests/gdb/sel4/state.ld
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(RVCC) $(SEL4_STATE_FLAGS) -o $@ $<
TEST_DEPS += $(SEL4_STATES) $(QEMU_UINTC) $(B)/images/viewed.elf
TAP_TESTS += $(sort $(wildcard tests/gdb/*.t))
