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

DEMO_DEPS += $(B)/images/demo.elf $(B)/host/bin/u4
DEMO_CMD := services/run-demo $(B)
