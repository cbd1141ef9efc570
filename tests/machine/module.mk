# SPDX-License-Identifier: BSD-2-Clause
#
# The bare-metal tests of the machine with user interrupts: one guest program per subject,
# run by machine.t; snapshot.t and trace.t run some of them in their own way.

ifndef MACHINE_PROGRAMS
MACHINE_PROGRAMS := absent csr delivery mmio race reset smp traffic uipi
MACHINE_TESTS := machine.t snapshot.t trace.t

MACHINE_SUPPORT := $(addprefix tests/machine/,start.S enter.S machine.c harts.c receiver.c output.c)
MACHINE_CFLAGS := $(KERNEL_ARCH) -ffreestanding -fno-common -fno-stack-protector -fno-pic \
                  -fno-asynchronous-unwind-tables -msmall-data-limit=0 $(COMMON_CFLAGS)
MACHINE_LDFLAGS := $(KERNEL_ARCH) -nostdlib -static -Wl,--no-warn-rwx-segments

# $(call machine-program,NAME,SOURCES,SUPPORT,ORIGIN,DEFINES)
define machine-program
$(call linker-script,$(B)/tests/machine/$1.ld,tests/machine/machine.ld,-DORIGIN_ADDRESS=$4)
$(call objects,machine/$1,$2 $3,$(RVCC) $(MACHINE_CFLAGS) $5,kernel)
$(call program,$(B)/tests/machine/$1.elf,machine/$1,$2 $3,,$(RVCC) $(MACHINE_LDFLAGS) -T $(B)/tests/machine/$1.ld,$(KERNEL_LIBGCC),,$(B)/tests/machine/$1.ld)
TEST_DEPS += $(B)/tests/machine/$1.elf
endef
$(foreach p,$(MACHINE_PROGRAMS),$(eval $(call machine-program,$p,tests/machine/$p.c,$(MACHINE_SUPPORT),0x80000000)))

# Under the firmware, in S-mode.
$(eval $(call machine-program,sbi,tests/machine/sbi.c,$(addprefix tests/machine/,supervisor.S enter.S output.c),0x80200000,-DSUPERVISOR))

TAP_TESTS += $(addprefix tests/machine/,$(MACHINE_TESTS))
TEST_DEPS += $(QEMU_UINTC)
endif
