# SPDX-License-Identifier: BSD-2-Clause
#
# The ncurses viewer: a library that u4 view calls.

VIEWER_CFLAGS := -Itracer/include -Itracer/lib -Itracer/export -pthread -DNCURSES_WIDECHAR=1

$(eval $(call host-lib,u4view,$(wildcard viewer/*.c),$(VIEWER_CFLAGS)))
