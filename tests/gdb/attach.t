#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Ways to a guest: u4 gdb on one that u4 run --gdb has started, and a stub that knows no more than
the remote protocol."""

import os
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from expected import COMMANDS, EXPECTED
from harness import BUILD, LIMIT, Guest, Tap, image, run_gdb, steady
from proxy import Proxy

TOOL = os.path.join(BUILD, "host/bin/u4")


def u4_gdb(environment, *words):
    return subprocess.run([TOOL, "gdb", "-x", *words], stdin=subprocess.DEVNULL, env=environment,
                          capture_output=True, text=True, timeout=LIMIT, check=False)


def ask(environment, *words):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        done = u4_gdb(environment, *words)
        if "DEADLOCK" in done.stdout:
            break
        time.sleep(0.1)
    return done.stdout + done.stderr


def running_guest(tap):
    with tempfile.TemporaryDirectory(prefix="u4-gdb-attach-") as directory:
        environment = {**os.environ, "XDG_RUNTIME_DIR": directory}
        socket = os.path.join(directory, "stub")
        guest = subprocess.Popen([TOOL, "run", "--gdb", socket, image("gdb-debug")],
                                 env=environment, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not os.path.exists(socket) and guest.poll() is None:
                time.sleep(0.05)
            # The guest runs: ask until it has come to where nothing moves any more.
            for words in ([], ["gdb-debug"]):
                found = ask(environment, *words, "--", "-nx", "-ex", "u4 calls ping")
                tap.has(found, "DEADLOCK", f"u4 gdb {' '.join(words)} on a running guest")
            done = u4_gdb(environment, "nobody", "--", "-nx")
            tap.ok(done.returncode == 1 and "nobody" in done.stderr, "no guest of that name",
                   done.stderr)
        finally:
            guest.terminate()
            guest.wait()
        done = u4_gdb(environment, "--", "-nx")
        tap.ok(done.returncode == 1 and "u4 run" in done.stderr, "no guest at all", done.stderr)


def plain_stub(tap):
    """In user mode nothing of the kernel is mapped; in the kernel all commands work."""
    with Guest("gdb-debug") as guest:
        proxy = Proxy(guest.path("proxy"), guest.stub)
        out = run_gdb([f"u4 kernel {guest.image}", f"target remote {guest.path('proxy')}",
                       "u4 boot", "tbreak gdb_test_ready", "continue", "u4 threads",
                       "tbreak trap_interrupt", "continue", *COMMANDS])
    tap.ok(proxy.refused > 0, "the proxy refuses QEMU's packets", proxy.refused)
    tap.has(out[2], "1 threads; stopped on the way to user mode", "u4 boot by a plain stub")
    tap.has(out[5], "reads only what is mapped", "in user mode it is said what to do")
    for line, found in zip(COMMANDS, out[8:]):
        found = re.sub(r"(?m)^note: hart 0 is inside the kernel.*\n", "", found)  # fsck says so
        tap.same(steady(found), EXPECTED[line], f"plain stub: {line}")


def main():
    tap = Tap()
    running_guest(tap)
    plain_stub(tap)
    tap.done()


main()
