# SPDX-License-Identifier: BSD-2-Clause
"""Costs of the async runtime: the figures that bench/async/ prints, as (name, value, unit)."""
import re

SHARE = re.compile(r"(notified|traps)_")  # printed in thousandths


def costs(boot, build):
    """BOOT(build, image) gives a guest's figures. The slow path's are those of its own kernel."""
    figures = boot(build, "async-notrace")
    slow = boot(build, "async-slowpath")
    for name, value in figures.items():
        if SHARE.match(name):
            yield f"async.{name}", value / 1000, "per call"
        else:
            yield f"async.{name}", value, "instructions"
    for name, value in slow.items():
        if name.startswith("sync_w"):
            yield f"async.{name}.no_fast_path", value, "instructions"
    fast, at_32 = figures["sync_w0"], figures["async_c32_w0"]
    yield "async.gain_at_32.fast_path", fast / at_32, "x"
    yield "async.gain_at_32.slow_path", slow["sync_w0"] / at_32, "x"
    yield "async.map_unmap_c8.traps", figures["map_unmap_c8"] / figures["map_unmap_sync"], "x"
    yield "async.loss_at_1.slow_path", figures["async_c1_w0"] / slow["sync_w0"], "x"
