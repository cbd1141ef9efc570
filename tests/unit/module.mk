# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of the kernel's parts that need no machine.

$(eval $(call host-test,dtb,tests/unit/dtb.c kernel/boot/dtb.c))
$(eval $(call host-test,regions,tests/unit/regions.c kernel/boot/regions.c))
$(eval $(call host-test,perfetto_pbwriter,tests/unit/perfetto_pbwriter.c tracer/export/pbwriter.c,,-Itracer/export))
$(eval $(call host-test,perfetto_packet,tests/unit/perfetto_packet.c tracer/export/perfetto_packet.c tracer/export/pbwriter.c,,-Itracer/export,-lz))
$(eval $(call host-test,perfetto_sink,tests/unit/perfetto_sink.c,u4trace,-Itracer/include -Itracer/export,-lelf -lzstd -lz -ljansson))
$(eval $(call host-test,viewer_series,tests/unit/viewer_series.c,u4view u4trace,-I. -Itracer/include -Itracer/lib,-lelf -lzstd -lz -ljansson -lncursesw -ltinfo -pthread))
