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

# make demo MCS=1 runs that one.
DEMO_IMAGE := demo$(if $(filter 1,$(MCS)),-mcs)
DEMO_DEPS += $(B)/images/$(DEMO_IMAGE).elf $(B)/host/bin/u4
DEMO_CMD := services/run-demo $(B) $(DEMO_IMAGE)
