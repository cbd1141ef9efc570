# SPDX-License-Identifier: BSD-2-Clause
#
# What abi/trace/generate.py makes of the event table, for each world.
define trace-generated
$(B)/gen/trace/$1: abi/trace/generate.py abi/trace/events.def
	$$(call say,GEN,$1)
	@mkdir -p $$(@D)
	$$(Q)python3 abi/trace/generate.py $2 abi/trace/events.def >$$@.new && mv $$@.new $$@
endef

$(eval $(call trace-generated,ids.h,ids))
$(eval $(call trace-generated,emit.h,emit))
$(eval $(call trace-generated,pack.h,pack))
$(eval $(call trace-generated,schema.txt,text))
$(eval $(call trace-generated,table.h,table))

# The reference page of events is kept in the tree; tests/unit/events-page.t says when it is old.
docs/events.md: abi/trace/generate.py abi/trace/events.def
	$(call say,GEN,$@)
	$(Q)python3 abi/trace/generate.py doc abi/trace/events.def >$@
DOCS += docs/events.md
TAP_TESTS += tests/unit/events-page.t tests/unit/notrace.t
