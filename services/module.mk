# SPDX-License-Identifier: BSD-2-Clause
#
# The demo system: a root task with its programs packed in. services/demo.h says who does what.

DEMO_PROGRAMS := fs shell logger timer spin
$(foreach p,$(DEMO_PROGRAMS),$(eval $(call user-prog,$p,services/$p/main.c services/demo.c,sel4)))
$(eval $(call user-prog,root,$(wildcard services/root/*.c) services/demo.c,root sel4,,$(DEMO_PROGRAMS)))
$(eval $(call boot-image,demo,debug,root))

# The same with a planted bug: fs has a spinner's priority. docs/investigation.md finds it.
$(eval $(call user-prog,root-slow,$(wildcard services/root/*.c) services/demo.c,root sel4,-DDEMO_PRIO_FS=60,$(DEMO_PROGRAMS)))
$(eval $(call boot-image,demo-slow,debug,root-slow))

# The same on the MCS kernel, with budgets and a passive server.
DEMO_MCS_PROGRAMS := $(DEMO_PROGRAMS) calc
$(foreach p,$(DEMO_MCS_PROGRAMS),$(eval $(call user-prog,$p-mcs,services/$p/main.c services/demo.c,\
                   sel4-mcs,-DU4_MCS=1)))
$(eval $(call user-prog,root-mcs,$(wildcard services/root/*.c) services/demo.c,root-mcs sel4-mcs,\
                   -DU4_MCS=1,$(foreach p,$(DEMO_MCS_PROGRAMS),$p=$p-mcs)))
$(eval $(call boot-image,demo-mcs,mcs-debug,root-mcs))

# The same on several harts: its programs are spread over them.
$(foreach p,$(DEMO_PROGRAMS),$(eval $(call user-prog,$p-smp,services/$p/main.c services/demo.c,sel4-smp,-DU4_SMP=1)))
$(eval $(call user-prog,root-demo-smp,$(wildcard services/root/*.c) services/demo.c,root-smp sel4-smp,-DU4_SMP=1,\
                   $(foreach p,$(DEMO_PROGRAMS),$p=$p-smp)))
$(eval $(call boot-image,demo-smp,smp-debug,root-demo-smp))

# make demo MCS=1 and make demo HARTS=4 run those.
HARTS ?= 1
DEMO_SMP := $(filter-out 1,$(HARTS))
DEMO_IMAGE := demo$(if $(filter 1,$(MCS)),-mcs,$(if $(DEMO_SMP),-smp))
DEMO_DEPS += $(B)/images/$(DEMO_IMAGE).elf $(B)/host/bin/u4 $(if $(DEMO_SMP),$(QEMU_UINTC))
DEMO_CMD := services/run-demo $(B) $(DEMO_IMAGE) $(HARTS)
