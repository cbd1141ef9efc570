# SPDX-License-Identifier: GPL-2.0-only
#
# Kernel flavours. debug: assertions, debug system calls, checker; release: what benchmarks and
# comparisons use; notrace: release without a single trace instruction; slowpath: notrace
# without the fast path, to measure what is behind it; check: debug, and checks its invariants on
# the way out of every 64th entry.
TRACE_GEN := $(B)/gen/trace/ids.h $(B)/gen/trace/emit.h $(B)/gen/trace/schema.txt
KERNEL_GEN += $(TRACE_GEN)

CFLAGS_kernel/arch/riscv/trap.S := $(KERNEL_FPU)

$(eval $(call kernel-flavour,debug,-DU4_DEBUG=1 -DU4_TRACE=1))
$(eval $(call kernel-flavour,release,-DU4_TRACE=1))
$(eval $(call kernel-flavour,notrace,-DU4_TRACE=0))
$(eval $(call kernel-flavour,slowpath,-DU4_TRACE=0 -DU4_NO_FASTPATH=1))
# Four scheduling domains, as seL4 built with KernelNumDomains=4.
$(eval $(call kernel-flavour,domains,-DU4_DEBUG=1 -DU4_TRACE=1 -DU4_DOMAINS=4))
$(eval $(call kernel-flavour,check,-DU4_DEBUG=1 -DU4_TRACE=1 -DU4_CHECK=64))

# The MCS kernel, from the same tree, in the same flavours.
$(eval $(call kernel-flavour,mcs-debug,-DU4_MCS=1 -DU4_DEBUG=1 -DU4_TRACE=1,mcs))
$(eval $(call kernel-flavour,mcs-release,-DU4_MCS=1 -DU4_TRACE=1,mcs))
$(eval $(call kernel-flavour,mcs-notrace,-DU4_MCS=1 -DU4_TRACE=0,mcs))
$(eval $(call kernel-flavour,mcs-slowpath,-DU4_MCS=1 -DU4_TRACE=0 -DU4_NO_FASTPATH=1,mcs))
$(eval $(call kernel-flavour,mcs-domains,-DU4_MCS=1 -DU4_DEBUG=1 -DU4_TRACE=1 -DU4_DOMAINS=4,mcs))
$(eval $(call kernel-flavour,mcs-check,-DU4_MCS=1 -DU4_DEBUG=1 -DU4_TRACE=1 -DU4_CHECK=64,mcs))
# Several harts, up to eight, as seL4 built for SMP.
$(eval $(call kernel-flavour,smp-debug,-DU4_DEBUG=1 -DU4_TRACE=1 -DU4_SMP=1))
$(eval $(call kernel-flavour,smp-release,-DU4_TRACE=1 -DU4_SMP=1))
$(eval $(call kernel-flavour,smp-notrace,-DU4_TRACE=0 -DU4_SMP=1))
$(eval $(call kernel-flavour,smp-mcs-debug,-DU4_MCS=1 -DU4_DEBUG=1 -DU4_TRACE=1 -DU4_SMP=1,mcs))
$(eval $(call kernel-flavour,smp-mcs-release,-DU4_MCS=1 -DU4_TRACE=1 -DU4_SMP=1,mcs))
$(eval $(call kernel-flavour,smp-check,-DU4_DEBUG=1 -DU4_TRACE=1 -DU4_SMP=1 -DU4_CHECK=64))
$(eval $(call kernel-flavour,smp-mcs-check,-DU4_MCS=1 -DU4_DEBUG=1 -DU4_TRACE=1 -DU4_SMP=1 -DU4_CHECK=64,mcs))
