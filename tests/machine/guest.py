# SPDX-License-Identifier: BSD-2-Clause
"""Run the machine tests' guest programs in QEMU, and speak TAP about it."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

BUILD = os.environ.get("U4_BUILD", "build")
MODEL = os.path.join(BUILD, "qemu", "qemu-system-riscv64")
STOCK = "qemu-system-riscv64"

ON = ["-cpu", "rv64,x-n=on"]
ICOUNT = ["-seed", "1", "-icount", "shift=0,sleep=off"]
THREADS = ["-accel", "tcg,thread=multi"]


def machine(*options):
    """The -M argument of a machine with the UINTC."""
    return ["-M", ",".join(["virt", "uintc=on", *options])]


def command(program, arguments, qemu=MODEL, firmware=False):
    """The command line for a guest program; its serial port is not connected yet."""
    line = [qemu, "-display", "none", "-monitor", "none"]
    line += [] if firmware else ["-bios", "none"]
    return line + ["-kernel", os.path.join(BUILD, "tests", "machine", program + ".elf"), *arguments]


class Tap:
    """Numbered TAP lines, the plan last."""

    def __init__(self):
        self.count = 0

    def ok(self, good, name, *notes):
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        if not good:
            for note in notes:
                for line in str(note).splitlines():
                    print(f"# {line}")
        sys.stdout.flush()
        return good

    def done(self):
        print(f"1..{self.count}")

    def guest(self, label, line, seconds=120):
        """Run a command line to its end; each check of the guest becomes one here."""
        try:
            run = subprocess.run(line + ["-serial", "stdio"], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 timeout=seconds, check=False)
            text, status = run.stdout.decode(errors="replace"), run.returncode
        except subprocess.TimeoutExpired as late:
            text, status = (late.stdout or b"").decode(errors="replace"), None
        checks = re.findall(r"^(ok|not ok) \d+ - (.*)$", text, re.M)
        for verdict, name in checks:
            self.ok(verdict == "ok", f"{label}: {name.strip()}", "see the end of its output below")
        plan = re.search(r"^1\.\.(\d+)", text, re.M)
        complete = plan and int(plan[1]) == len(checks) > 0
        ended = "did not end in %d s" % seconds if status is None else "ended with status %d" % status
        self.ok(complete and status == 0, f"{label}: runs to its end, all good", ended,
                "command: " + " ".join(line), "\n".join(text.splitlines()[-25:]))


class Guest:
    """A running guest: its console lines, and QEMU's control socket (QMP)."""

    def __init__(self, line):
        self.directory = tempfile.TemporaryDirectory(prefix="u4-machine-")
        path = os.path.join(self.directory.name, "qmp")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        listener.settimeout(20)
        self.process = subprocess.Popen(line + ["-serial", "stdio", "-qmp", "unix:" + path],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace")
        self.lines = []
        self.changed = threading.Condition()
        threading.Thread(target=self._collect, daemon=True).start()
        connection, _ = listener.accept()
        connection.settimeout(60)
        self.control = connection.makefile("rw")
        self.control.readline()
        self.qmp("qmp_capabilities")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.directory.cleanup()

    def _collect(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip())
                self.changed.notify_all()

    def qmp(self, execute, **arguments):
        self.control.write(json.dumps({"execute": execute, "arguments": arguments}))
        self.control.flush()
        while True:
            answer = json.loads(self.control.readline())
            if "error" in answer:
                raise RuntimeError(f"{execute}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def monitor(self, line):
        """A command of the human monitor; what it printed."""
        return self.qmp("human-monitor-command", **{"command-line": line}).strip()

    def wait_line(self, pattern, start=0, seconds=240):
        """Wait for a console line from number start on; returns its number."""
        end = time.monotonic() + seconds
        with self.changed:
            while True:
                for number in range(start, len(self.lines)):
                    if re.search(pattern, self.lines[number]):
                        return number
                left = end - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    raise RuntimeError(f"no line {pattern!r} in {seconds} s; last: {self.lines[-5:]}")
