# SPDX-License-Identifier: BSD-2-Clause
"""Costs on several harts: what bench/async/ prints on one, two and three of them, as (name, value,
unit). Harts take turns (qemu/README.md), so each run repeats. On two harts the instructions of both
are counted together; on three the third one counts how long the others take (bench/async/harts.c)."""
import re

from rings import SHARE

TURN = 50  # instructions; what is waited for is seen up to a turn late


def costs(boot, build):
    """BOOT(build, image, harts, turn) gives a guest's figures."""
    image = "async-smp-notrace"
    alone = boot(build, "async-notrace")
    one, both, clock = (boot(build, image, harts=n, turn=TURN) for n in (1, 2, 3))
    yield "smp.lock.uncontended", (one["sync_w0"] - alone["sync_w0"]) / 2, "instructions"
    yield "smp.lock.wait", clock["yield_contended"] - clock["yield_alone"], "instructions"
    yield "smp.stall", clock["stall"], "instructions"
    yield "smp.signal", clock["signal_and_back"] / 2, "instructions"
    yield "smp.shootdown", both["map_unmap_sync"] - one["map_unmap_sync"], "instructions"
    for name, value in clock.items():
        if SHARE.match(name):
            yield f"smp.{name}", value / 1000, "per call"
        elif re.match(r"(sync|async|looking|map)_", name):
            if name in one:
                yield f"smp.{name}.one_hart", one[name], "instructions"
            yield f"smp.{name}.both", both[name], "instructions"
            yield f"smp.{name}.elapsed", value, "instructions"
    yield "smp.sync.of_fast_path", clock["sync_w0"] / one["sync_w0"], "x"
    yield "smp.gain_at_32.sync", clock["sync_w0"] / clock["async_c32_w0"], "x"
    yield "smp.gain_at_32.sync_looking", clock["sync_w0"] / clock["looking_c32_w0"], "x"
