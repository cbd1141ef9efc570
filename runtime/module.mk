# SPDX-License-Identifier: BSD-2-Clause
#
# User space: libsel4.a (interface, start-up, C library glue) and libroot.a (what root tasks and
# other resource managers need: memory, address spaces, threads, programs), libuintr.a (user
# interrupts), libasync.a (coroutines, async IPC, async system calls).

$(B)/gen/sel4/stubs.h: runtime/gen_stubs.py runtime/invocations.def
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)python3 $^ $@
$(B)/gen/rel4/stubs.h: runtime/gen_stubs.py runtime/invocations.def
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)python3 $< --async $(word 2,$^) $@
USER_GEN += $(B)/gen/sel4/stubs.h $(B)/gen/rel4/stubs.h $(B)/gen/trace/ids.h $(B)/gen/trace/emit.h

$(eval $(call user-lib,sel4,$(wildcard runtime/start/*.c runtime/start/*.S)))
$(eval $(call user-lib,root,$(wildcard runtime/root/*.c)))
$(eval $(call user-lib,sel4-mcs,$(wildcard runtime/start/*.c runtime/start/*.S),-DU4_MCS=1))
$(eval $(call user-lib,root-mcs,$(wildcard runtime/root/*.c),-DU4_MCS=1))
$(eval $(call user-lib,async,$(wildcard runtime/async/*.c runtime/async/*.S)))
$(eval $(call user-lib,async-mcs,$(wildcard runtime/async/*.c runtime/async/*.S),-DU4_MCS=1))
$(eval $(call user-lib,uintr,$(wildcard runtime/uintr/*.[cS])))
$(eval $(call user-lib,uintr-mcs,$(wildcard runtime/uintr/*.[cS]),-DU4_MCS=1))

# The same for kernels of several harts, whose invocations have other labels.
$(eval $(call user-lib,sel4-smp,$(wildcard runtime/start/*.c runtime/start/*.S),-DU4_SMP=1))
$(eval $(call user-lib,root-smp,$(wildcard runtime/root/*.c),-DU4_SMP=1))
$(eval $(call user-lib,sel4-smp-mcs,$(wildcard runtime/start/*.c runtime/start/*.S),-DU4_SMP=1 -DU4_MCS=1))
$(eval $(call user-lib,root-smp-mcs,$(wildcard runtime/root/*.c),-DU4_SMP=1 -DU4_MCS=1))
$(eval $(call user-lib,uintr-smp-mcs,$(wildcard runtime/uintr/*.[cS]),-DU4_SMP=1 -DU4_MCS=1))
$(eval $(call user-lib,uintr-smp,$(wildcard runtime/uintr/*.[cS]),-DU4_SMP=1))
$(eval $(call user-lib,async-smp,$(wildcard runtime/async/*.c runtime/async/*.S),-DU4_SMP=1))
$(eval $(call user-lib,async-smp-mcs,$(wildcard runtime/async/*.c runtime/async/*.S),-DU4_SMP=1 -DU4_MCS=1))
