# SPDX-License-Identifier: BSD-2-Clause
#
# The GDB scripts against live guests and cores: one known system under the debug and the release
# kernel, and one with 10,000 capabilities more.
GDB_TEST_IMAGES := gdb-debug gdb-release gdb-many
$(eval $(call user-prog,gdb-system,tests/gdb/system/main.c,root sel4))
$(eval $(call user-prog,gdb-many,tests/gdb/system/many.c,root sel4))
$(eval $(call boot-image,gdb-debug,debug,gdb-system))
$(eval $(call boot-image,gdb-release,release,gdb-system))
$(eval $(call boot-image,gdb-many,release,gdb-many))
TEST_DEPS += $(foreach i,$(GDB_TEST_IMAGES),$(B)/images/$i.elf) $(GDB_CONSTANTS)
TAP_TESTS += $(sort $(wildcard tests/gdb/*.t))
