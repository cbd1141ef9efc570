# SPDX-License-Identifier: BSD-2-Clause
"""The scripts' commands, without GDB, on memory that can be damaged."""

import os
import random
import sys
import time

from harness import ROOT

sys.path.insert(0, os.path.join(ROOT, "gdbscripts"))
from u4gdb import all_commands, registry  # noqa: F401
from u4gdb.context import Context
from u4gdb.errors import U4Error
from u4gdb.memory import open_file

SECONDS = 10  # of processor time, for one command on damaged memory


class Damaged:
    """A source with some of its words replaced."""
    live = False

    def __init__(self, source):
        self.source, self.words, self.name = source, {}, "damaged core"

    def read(self, paddr, length):
        data = self.source.read(paddr, length)
        if data is None:
            return None
        data = bytearray(data)
        for at, value in self.words.items():
            if paddr <= at and at + 8 <= paddr + length:
                data[at - paddr:at - paddr + 8] = (value & (1 << 64) - 1).to_bytes(8, "little")
        return bytes(data)

    def registers(self):
        return self.source.registers()

    def csrs(self, _hart, _names):
        return None

    def unreadable(self):
        return self.source.unreadable()


class Bench:
    """Commands on a core that can be damaged."""

    def __init__(self, image, core):
        self.context = Context()
        self.context.use_kernel(image)
        self.context.images.add_file(image)
        self.damaged = Damaged(open_file(core))
        self.context.use_source(self.damaged)
        self.kernel = self.context.kernel()

    def run(self, line):
        """(text or error, what went wrong otherwise)"""
        name, _, rest = line.partition(" ")
        try:
            return registry.run(self.context, name, rest), None
        except U4Error as problem:
            return "error: " + str(problem), None
        except Exception as problem:  # noqa: BLE001 (this is what is tested for)
            return "", f"{line}: {type(problem).__name__}: {problem}"

    def damage(self, words):
        self.damaged.words = {self.kernel.phys(at): v for at, v in words.items()}
        self.context.forget()

    def repair(self):
        self.damaged.words = {}
        self.context.forget()

    def damage_at_random(self, tap, places, lines, rounds):
        """Commands on memory with words at `places` replaced: they end soon, with messages."""
        dice = random.Random(9)
        values = [self.kernel.word(p) for p in places]
        worst, failures = (0.0, ""), []
        for number in range(rounds):
            self.damage({dice.choice(places): dice.choice(
                (dice.choice(values), dice.choice(places), dice.getrandbits(64),
                 dice.getrandbits(6), dice.choice(values) ^ 1 << dice.randrange(64)))
                for _ in range(dice.choice((1, 3, 30)))})
            for line in lines:
                start = time.process_time()
                _, wrong = self.run(line)
                spent = time.process_time() - start
                worst = max(worst, (spent, f"round {number}: {line}"))
                if wrong:
                    failures.append(f"round {number}: {wrong}")
        tap.ok(not failures, f"{rounds} random damages, {len(lines)} commands each: only messages",
               *failures[:10])
        tap.ok(worst[0] < SECONDS, "no command takes long on damaged memory", *worst)
        self.repair()
