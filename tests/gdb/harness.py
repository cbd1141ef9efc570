# SPDX-License-Identifier: BSD-2-Clause
"""TAP, guests and GDB for the tests of the GDB scripts.

Guests run under -icount and stop where root stays for ever, so all that is shown is the same each
time but for addresses, which move as kernel and compiler change: `steady` gives each its number,
in the order in which they appear."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.environ.get("U4_ROOT", os.path.join(os.path.dirname(__file__), "../..")))
BUILD = os.path.abspath(os.environ.get("U4_BUILD", os.path.join(ROOT, "build")))
SCRIPTS = os.path.join(ROOT, "gdbscripts/u4.py")
LIMIT = 600  # s, against hangs only: the machine may be busy
MARK = "=====u4-test====="


class Tap:
    def __init__(self):
        self.count, self.failed = 0, 0

    def ok(self, good, name, *why):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good:
            for text in why:
                for line in str(text).splitlines():
                    print(f"# {line}", flush=True)
        return good

    def same(self, found, expected, name):
        found, expected = found.strip("\n"), expected.strip("\n")
        return self.ok(found == expected, name, "expected:", expected, "found:", found)

    def has(self, text, part, name):
        return self.ok(part in text, name, f"expected to find: {part}", "found:", text)

    def done(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def image(name):
    path = os.path.join(BUILD, "images", name + ".elf")
    if not os.path.exists(path):
        print(f"Bail out! no image {path}: build it with make")
        sys.exit(1)
    return path


class Guest:
    """QEMU, halted at its first instruction. Several harts take turns, in the build's own QEMU; with
    uintc=True it is that one, too, with user interrupts."""

    def __init__(self, name, arguments=(), harts=1, uintc=False):
        self.image, self.harts = image(name), harts
        qemu, machine = "qemu-system-riscv64", ["-M", "virt", "-cpu", "rv64"]
        if uintc or harts > 1:
            qemu = os.path.join(BUILD, "qemu", qemu)
        if uintc:
            machine = ["-M", "virt,uintc=on", "-cpu", "rv64,x-n=on"]
        clock = ["-icount", "shift=0", "-rtc", "clock=vm"]
        if harts > 1:
            clock += ["-smp", str(harts), "-accel", "tcg,turn=1000"]
        # A socket's path has room for 107 characters.
        long = len(tempfile.gettempdir()) > 70
        self.directory = tempfile.mkdtemp(prefix="u4-gdb-test-", dir="/tmp" if long else None)
        self.stub = self.path("stub")
        # Sleep must stay on: with sleep=off QEMU 7.2 does not go on after GDB's single steps.
        self.process = subprocess.Popen(
            ["timeout", "-k", "5", str(LIMIT), qemu, *machine, "-m", "128M", "-display", "none",
             "-monitor", "none", "-serial", "file:" + self.path("console"), "-seed", "1", *clock,
             "-kernel", self.image, "-gdb", f"unix:{self.stub},server=on,wait=off", "-S",
             *arguments],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(self.stub):
            if self.process.poll() is not None:
                raise SystemExit(f"Bail out! QEMU ended, status {self.process.returncode}")
            time.sleep(0.05)

    def clock(self):
        """A Python expression: seconds of processor time that QEMU and who asks have used."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children",
                  encoding="ascii") as file:
            child = file.read().split()[0]
        return (f"sum(int(n) for n in open('/proc/{child}/stat').read().rpartition(')')[2].split()"
                "[11:13]) / __import__('os').sysconf('SC_CLK_TCK')"
                " + __import__('time').process_time()")

    def path(self, name):
        return os.path.join(self.directory, name)

    def gdb(self, *commands, kernel=None):
        """Each command's output, GDB connected and the kernel known."""
        return run_gdb([f"u4 kernel {kernel or self.image}", f"target remote {self.stub}",
                        *commands])[2:]

    def ready(self, *commands):
        """The same behind the point where the test system is set up. When GDB leaves, the guest
        goes on: what must be of the stopped one, as a core, is made by these commands."""
        before = ["u4 boot", "tbreak gdb_test_ready", "continue"]
        if self.harts > 1:
            before.append("u4 finish -all")
        return self.gdb(*before, *commands)[len(before):]

    def core(self, name="core"):
        """The path of a core of the guest as it is there."""
        path = self.path(name)
        said = self.ready(f"monitor dump-guest-memory {path}")[0]
        if not os.path.exists(path):
            raise SystemExit(f"Bail out! QEMU wrote no core: {said}")
        return path

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def run_gdb(commands):
    """Runs commands in one GDB and gives each one's output; errors do not end it."""
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as script:
        script.write(
            "import gdb, sys\n"
            f"for line in {list(commands)!r}:\n"
            "    try:\n"
            "        text = gdb.execute(line, to_string=True)\n"
            "    except gdb.error as problem:\n"
            "        text = 'error: ' + str(problem)\n"
            f"    sys.stdout.write(text + {MARK + chr(10)!r})\n"
            "    sys.stdout.flush()\n")
    gdb = os.environ.get("U4_GDB", "gdb-multiarch")
    # GDB takes the end of its input for a wish to quit, also while a guest runs.
    never, hold = os.pipe()
    try:
        done = subprocess.run(
            ["timeout", "-k", "5", str(LIMIT), gdb, "-nx", "-batch", "-iex",
             "set debuginfod enabled off", "-iex", "set width 0", "-ex", f"source {SCRIPTS}", "-ex",
             f"source {script.name}"], stdin=never, capture_output=True, text=True, check=False,
            cwd=ROOT)
    finally:
        os.close(never)
        os.close(hold)
        os.unlink(script.name)
    outputs = done.stdout.split(MARK + "\n")
    if len(outputs) <= len(commands):
        print(f"# GDB ended early, with status {done.returncode}")
        for line in (done.stdout + done.stderr).splitlines()[-20:]:
            print(f"# {line}")
    outputs += [""] * (len(commands) + 1 - len(outputs))
    return [re.sub(r"(?m)^warning: .*\n", "", o) for o in outputs[:len(commands)]]


def standalone(kernel, core, *words):
    """The scripts without GDB: (status, output, errors, seconds)."""
    start = time.monotonic()
    done = subprocess.run([sys.executable, SCRIPTS, kernel, core, *words], capture_output=True,
                          text=True, check=False, timeout=LIMIT)
    return done.returncode, done.stdout, done.stderr, time.monotonic() - start


def steady(text):
    """Kernel addresses as @1, @2... in the order in which they appear; what depends on the kernel's size
    or the compiler by a word in its place; columns pressed together."""
    seen = {}

    def number(match):
        return seen.setdefault(match.group(0), f"@{len(seen) + 1}")
    text = re.sub(r"0xffffff[0-9a-f]{10}", number, text)
    text = re.sub(r"\b0x(8|2)[0-9a-f]{7}\b", "PHYS", text)
    text = re.sub(r"\b0x(0{11})?1[0-9a-f]{4}\b", "PC", text)
    text = re.sub(r"\b0x[0-9a-f]{16}\b", "WORD", text)
    text = re.sub(r"\b[0-9a-f]{16}\b", "REGISTER", text)
    text = re.sub(r"\b\d+@\d+", "N@TIME", text)
    text = re.sub(r"(  \d+)  +\d+(  +\d+  N@TIME)", r"\1  USED\2", text)
    text = re.sub(r"\buntil \d{4,}", "until TIME", text)
    text = re.sub(r"is in the kernel, after \d+ times", "is in the kernel", text)
    text = re.sub(r"(?m)^((?:user|hart\d) +\d+ +)\d+", r"\1TIME", text)
    text = re.sub(r"\b\d+ ticks left", "N ticks left", text)
    text = re.sub(r"\b\d+ from \d+", "N from TIME", text)
    text = re.sub(r"(@\d+)\[\d{2,}\]", r"\1[SLOT]", text)
    text = re.sub(r"\broot:0x[0-9a-f]+", "root:CPTR", text)
    text = re.sub(r"2\^\d+, \d+ of \d+ bytes", "N of N bytes", text)
    text = re.sub(r"\d+ (capabilities|Untypeds|pages)", r"N \1", text)
    text = re.sub(r"\.([chS]):\d+", r".\1:LINE", text)
    text = re.sub(r"(?m)^\d+\t.*$", "SOURCE", text)
    text = re.sub(r"=\d{4,}\b", "=NUMBER", text)
    text = re.sub(r"line \d+\.", "line N.", text)
    text = re.sub(r"\bevent 0x[0-9a-f]+", "event PC", text)
    text = re.sub(r"(?m)^Thread \d+ hit ", "Thread N hit ", text)  # whichever hart comes first
    text = re.sub(r"(\w!\w+)\+0x[0-9a-f]+", r"\1", text)
    return "\n".join(re.sub(r"  +", "  ", line).rstrip() for line in text.splitlines())
