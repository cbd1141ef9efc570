# SPDX-License-Identifier: BSD-2-Clause
#
# What the GDB scripts need of abi/: events and labels in $(B)/gen/trace/gdb.py, which they find
# by the kernel's path and know by its schema hash.
GDB_CONSTANTS := $(B)/gen/trace/gdb.py
$(GDB_CONSTANTS): abi/trace/generate.py abi/trace/events.def gdbscripts/labels.py abi/sel4/invocation.h \
                  abi/u4/extensions.h
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)python3 abi/trace/generate.py gdb abi/trace/events.def >$@
	$(Q)python3 gdbscripts/labels.py abi/sel4/invocation.h abi/u4/extensions.h >>$@
ALL += $(GDB_CONSTANTS)
