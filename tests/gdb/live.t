#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The GDB scripts on live guests, under the debug and the release kernel: what each command shows
of the known system, stopping on events, stepping, stacks, symbols, and what is said before there
is anything to see."""

import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bench import Bench
from expected import COMMANDS, EXPECTED
from harness import BUILD, LIMIT, Guest, Tap, image, run_gdb, steady


def known_system(tap, name):
    with Guest(name) as guest:
        for line, found in zip(COMMANDS, guest.ready(*COMMANDS)):
            tap.same(steady(found), EXPECTED[line], f"{name}: {line}")


def before_boot(tap):
    other = image("gdb-release")
    with Guest("gdb-debug") as guest:
        out = guest.gdb("u4 threads", "u4 boot", "u4 threads name=rootserver", f"u4 kernel {other}",
                        "u4 threads", f"u4 kernel {os.path.join(BUILD, 'user/gdb-system.elf')}",
                        "u4 kernel /nowhere")
        tap.has(out[0], "no kernel in memory yet", "asked before the kernel is loaded")
        tap.has(out[1], "1 threads; stopped on the way to user mode", "u4 boot")
        tap.has(out[2], "rootserver", "the first thread")
        tap.has(out[4], "the kernel in memory is not", "the wrong kernel's file is noticed")
        tap.has(out[5], "no u4 kernel in it", "a program is no kernel")
        tap.has(out[6], "/nowhere: cannot be read", "a file that is not there")
    out = run_gdb(["u4 threads", f"u4 kernel {other}", "u4 threads", "u4 core /nowhere"])
    tap.has(out[0], "no kernel yet", "asked without a kernel")
    tap.has(out[2], "no memory to look at", "asked without memory")
    tap.has(out[3], "/nowhere: cannot be read", "a core that is not there")


def stopping(tap, name):
    """From the first user instruction on."""
    with Guest(name) as guest:
        out = guest.gdb("u4 boot", "u4 break ipc label=7", "continue", "backtrace 5", "u4 break list",
                        "u4 break delete", "u4 break fault", "continue", "u4 break delete",
                        "tbreak gdb_test_ready", "continue", "u4 break list", "u4 break frog")
        tap.has(out[1], "u4 break 1: ipc label=7", f"{name}: break on a label")
        tap.ok(re.search(r"u4 break 1: ping: Call label 0x7 by endpoint 0x\w+ -W-P badge 0x11 to "
                         r"pong", out[2]), f"{name}: stops at ping's call", out[2])
        tap.ok(re.search(r"#[1-4] .*\bping \(", out[3]),
               f"{name}: the kernel's backtrace goes on in the thread", out[3])
        tap.has(out[4], "ipc label=7", f"{name}: the list of breaks")
        tap.has(out[7], "reader faults at", f"{name}: break on a fault")
        tap.has(out[7], "load from 0xdead000: no page table is mapped there", f"{name}: why")
        tap.has(out[11], "(none)", f"{name}: breaks are deleted")
        tap.has(out[12], "cannot break on 'frog'", f"{name}: no such break")


def invocations(tap, name):
    """Stops at invocations by name and by type, and at the making of a capability to an object."""
    server = ("python import json; gdb.execute('u4 break cap %d' % json.loads(gdb.execute("
              "'u4 find type=endpoint in=server -json', to_string=True))['rows'][0]['object'])")
    with Guest(name) as guest:
        out = guest.gdb("u4 boot", "u4 break invoke label=TCBResume", "continue", "u4 break list",
                        "u4 break invoke label=Nothing", "u4 break invoke type=nothing",
                        "u4 break delete", "u4 break invoke type=untyped thread=root", "continue",
                        "u4 break delete", "tbreak make_faulty", "continue", server, "continue")
    tap.ok(re.search(r"u4 break 1: root: TCBResume of tcb 0x\w+, 0 words", out[2]),
           f"{name}: break on an invocation by its name", out[2])
    tap.ok(re.search(r"invoke label=TCBResume +1 +\d\d+ +1$", out[3], re.M),
           f"{name}: passes and hits are counted", out[3])
    tap.has(out[4], "no invocation is called 'Nothing' (in this kernel: InvalidInvocation, ",
            f"{name}: names are told")
    tap.has(out[5], "no capability type 'nothing'; there are:", f"{name}: types are told")
    tap.ok(re.search(r"root: UntypedRetype of untyped 0x.* words", out[8]),
           f"{name}: break on an object's type", out[8])
    tap.ok(re.search(r"u4 break 3: root: made endpoint 0x\w+ R---, slot 0x\w+", out[13]),
           f"{name}: break on the making of a capability", out[13])


def triggers(tap):
    """Stops by the kernel's own triggers: it alone tests the conditions, GDB is not asked in vain."""
    with Guest("viewed") as guest:
        out = guest.gdb("u4 boot", "u4 break ipc label=1", "continue", "u4 break delete",
                        "u4 when ipc.transfer kind=call badge=0xf5 thread=fs", "continue",
                        "continue", "u4 break list", "backtrace 1", "u4 break delete",
                        "u4 when sched.switch next=disk skip=3", "continue", "u4 break delete",
                        "u4 break ipc badge=0xf5", "continue", "u4 break list",
                        "u4 when ipc.transfer wrong=1", "u4 when ipc.transfer kind=frog",
                        "u4 when ipc.transfer badge", "u4 when ipc.nothing",
                        "u4 when ipc.transfer length=512", "complete u4 when ipc.tr",
                        "u4 when ipc.transfer kind=1 length=2 caps=0 side=0 badge=1")
    found = [re.search(r"u4 break 2: fs: ipc.transfer .*kind=call .*peer=disk .*badge=0xf5", text)
             for text in out[5:7]]
    tap.ok(all(found), "u4 when: stops at the message asked for, again and again", *out[5:7])
    tap.ok(re.search(r"thread=fs +1 +2 +2$", out[7], re.M), "GDB looked as often as it was right",
           out[7])
    tap.has(out[8], "u4_trace_stop", "the kernel went there itself")
    tap.ok(re.search(r"u4 break 3: \w+: sched.switch .*next=disk", out[11]), "with some skipped",
           out[11])
    passed = re.search(r"badge=0xf5 +\d+ +(\d+) +1$", out[15], re.M)
    tap.ok(passed and int(passed[1]) > 5, "u4 break has to look at what is not meant", out[15])
    for text, part in zip(out[16:], ("no field 'wrong'; there are: thread kind", "one of: send ",
                                     "expected FIELD=VALUE", "no event 'ipc.nothing'; there are: ",
                                     "does not fit the field", "u4 when ipc.transfer",
                                     "tests 4 at most")):
        tap.has(text, part, f"u4 when: {part}")


def capabilities(tap):
    """What was made since a snapshot; a stop at the making of a capability to an object."""
    with Guest("gdb-debug") as guest:
        out = guest.gdb("u4 boot", "tbreak make_senders", "continue", "u4 capdiff save before",
                        "u4 break cap pong", "u4 break delete", "tbreak make_faulty", "continue",
                        "u4 capdiff compare before", "u4 capdiff save after",
                        "u4 capdiff compare before after type=endpoint", "tbreak gdb_test_ready",
                        "continue", "u4 capdiff compare after type=cnode")
        tap.has(out[3], "capabilities remembered as 'before'", "a snapshot")
        tap.has(out[4], "u4 break 1: cap 0x", "break on an object's capabilities")
        tap.has(out[8], "badge 0xa1", "what was made since")
        tap.ok(re.search(r"\d+ made, 0 deleted, \d+ changed", out[8]), "and how many", out[8])
        tap.ok("0xa2" in out[10] and "tcb" not in out[10], "two snapshots compared", out[10])
        tap.ok(out[13].count("made") >= 4, "CNodes made since", out[13])


def stacks(tap, name):
    with Guest(name) as guest:
        out = guest.ready("u4 bt ping", "u4 bt reader", "u4 symbols", "u4 symbols off",
                          "u4 symbols auto", "backtrace", "u4 memory ping 0x10000 16",
                          f"u4 save pong {guest.path('pong.core')}", "u4 stepi 3")
        tap.ok(re.search(r"ping \(self=.*\) at tests/gdb/system/main.c:\d+\n#\d .* run \(", out[0]),
               f"{name}: backtrace of a thread that waits", out[0])
        tap.ok(re.search(r"#0 .*read_nothing .*main.c:\d+", out[1]), f"{name}: of a faulted one",
               out[1])
        tap.has(out[2], "user/gdb-system.elf, following the address space", f"{name}: symbols")
        tap.has(out[3], "none", f"{name}: symbols off")
        tap.has(out[5], "gdb_test_ready () at tests/gdb/system/ready.h", f"{name}: GDB's backtrace")
        tap.ok(re.match(r"0x10000: [0-9a-f ]{35}", out[6]), f"{name}: another thread's memory",
               out[6])
        tap.ok(re.search(r"pong.core: \d+ bytes", out[7]), f"{name}: a thread's core", out[7])
        tap.has(out[8], "gdb_test_ready", f"{name}: stepping stays in the thread")


def step_over_calls(tap):
    """At an ecall, one step goes on behind it, though other threads run in between."""
    with Guest("gdb-debug") as guest:
        out = guest.gdb("u4 boot", "tbreak make_senders", "continue", "u4 break ipc label=9",
                        "tbreak seL4_TCB_Resume", "u4 break delete", "delete",
                        "tbreak u4_thread_create", "continue",
                        "python\nwhile gdb.selected_inferior().read_memory(int(gdb.parse_and_eval("
                        "'$pc')), 4).tobytes() != b's\\0\\0\\0': gdb.execute('stepi', to_string="
                        "True)\nprint(hex(int(gdb.parse_and_eval('$pc')) + 4))\nend", "u4 stepi")
        behind = out[9].splitlines()[-1:]
        tap.ok(behind and out[10].startswith(behind[0] + " "), "a step over a system call", behind,
               out[10])


def step_through_calls(tap, name):
    """GDB's stepi goes into the kernel at an ecall; u4 finish comes back behind it. Leaving the
    kernel by single steps ends in the thread, too."""
    with Guest(name) as guest:
        steps = ("python\nfor i in range(99):\n    if {}: break\n"
                 "    gdb.execute('stepi', to_string=True)\n"
                 "print('at', hex(int(gdb.parse_and_eval('$pc'))))\nend")
        at_ecall = steps.format("gdb.selected_inferior().read_memory(int(gdb.parse_and_eval('$pc')),"
                                " 4).tobytes() == bytes([0x73, 0, 0, 0])")
        in_user = steps.format("int(gdb.parse_and_eval('$pc')) >> 63 == 0")
        out = guest.gdb("u4 boot", "tbreak seL4_TCB_Resume", "continue", at_ecall, "stepi",
                        "python print(gdb.selected_frame().name())", "u4 finish", "u4 finish",
                        "tbreak *restore_user", "continue", in_user)
    ecall = int(out[3].split()[-1], 16)
    tap.has(out[5], "trap_entry", f"{name}: stepi at an ecall goes into the kernel")
    tap.has(out[6], f"0x{ecall + 4:x} ", f"{name}: u4 finish comes back behind the ecall")
    tap.has(out[7], "user mode already", f"{name}: u4 finish in user mode")
    tap.ok(re.search(r"at 0x\w{5}$", out[10]), f"{name}: steps out of the kernel end in the thread",
           out[10])


def switches(tap, name):
    """Entering and leaving a thread, by the scheduler and by the fast path."""
    with Guest(name) as guest:
        out = guest.gdb("u4 boot", "tbreak make_waiter", "tbreak seL4_TCB_Resume", "continue",
                        "u4 break enter pong", "u4 break leave pong", "continue", "continue",
                        "continue", "backtrace 2", "continue", "u4 break list")
    tap.has(out[4], "u4 break 1: enter pong", f"{name}: break on entering a thread")
    told = [re.search(r"u4 break \d: .*", out[i]) for i in (6, 7, 8, 10)]
    tap.same("\n".join(m.group(0) if m else "" for m in told),
             "u4 break 1: from root to pong\nu4 break 2: from pong to root\n"
             "u4 break 1: from ping to pong\nu4 break 2: from pong to root",
             f"{name}: pong is entered and left twice")
    tap.has(out[9], "fastpath_call", f"{name}: once by the fast path")
    tap.ok(len(re.findall(r"pong +1 +\d+ +2$", out[11], re.M)) == 2, f"{name}: counted", out[11])


def machine_forms(tap):
    names = ["threads", "calls", "endpoints", "cspace deep", "fsck", "thread ping", "dump",
             "find type=tcb", "lookup lost 0x33", "untyped", "trace"]
    with Guest("gdb-debug", ["-append", "u4.trace=0xffffffffffffffff,0xffffffffffffffff"]) as guest:
        out = guest.ready(*[f"u4 {n} -json" for n in names], "u4 trace 8000 event=ipc.transfer",
                          "help u4", "help u4 lookup", "complete u4 thr", "complete u4 thread pi",
                          "complete u4 find type=not")
    for name, text in zip(names, out):
        try:
            body = json.loads(text)
            tap.ok(body["command"] == name.split()[0], f"JSON of u4 {name}", text[:300])
        except ValueError as problem:
            tap.ok(False, f"JSON of u4 {name}", problem, text[:300])
    threads = json.loads(out[0])["rows"]
    tap.ok(len(threads) == 12 and isinstance(threads[0]["tcb"], int), "rows are values", threads[:1])
    tap.ok(json.loads(out[4])["problems"] == 0, "fsck's verdict", out[4])
    tap.ok(json.loads(out[8])["failure"] == "GuardMismatch", "why a lookup failed", out[8])
    tap.has(out[11], "kind=call length=1", "the trace has ping's call")
    tap.has(out[12], "u4 threads -- List threads", "help lists the commands")
    tap.has(out[13], "usage: u4 lookup THREAD CPTR [DEPTH]", "help of a command")
    tap.has(out[14], "u4 threads", "a command's name is completed")
    tap.has(out[15], "u4 thread ping", "a thread's name is completed")
    tap.has(out[16], "u4 find type=notification", "a type is completed")


# What each command is tried with; a command without a line here fails the test.
SAMPLES = {
    "kernel": "", "images": "", "symbols": "", "debug": "off", "threads": "", "thread": "ping",
    "queues": "", "calls": "", "fault": "", "bt": "ping 2", "save": "pong {dir}/pong.core",
    "memory": "ping 0x10000 16", "endpoints": "", "notifications": "", "irqs": "", "untyped": "",
    "asids": "", "object": "ping", "cap": "pong:2", "cspace": "deep", "lookup": "lost 0x33",
    "tree": "pong:2", "holders": "ping", "find": "type=endpoint", "dump": "",
    "capdiff": "save here", "vspace": "ping", "translate": "ping 0x10000", "frame": "0x80400000",
    "trace": "", "fsck": "", "break": "fault", "stepi": "1", "finish": "", "boot": "",
    "core": "{dir}/guest.core", "coros": "", "coro": "nobody", "uintr": "", "senders": "",
    "scs": "", "replies": "", "when": "nothing"}
FAIL = {"finish": "user mode already", "coro": "no coroutine is called",
        "scs": "without MCS", "when": "no event 'nothing'"}  # here


def every_command(tap):
    """Each command has help with its usage, completion, a JSON form, and says so when an option is
    wrong."""
    with Guest("gdb-debug") as guest:
        listed = guest.ready("python import sys; print(' '.join(sys.modules['u4gdb.registry']."
                             "COMMANDS))")[0].split()
    tap.same(" ".join(sorted(listed)), " ".join(sorted(SAMPLES)), "every command has a sample")
    names = [n for n in SAMPLES if n in listed]
    with Guest("gdb-debug") as guest:
        core = guest.path("guest.core")
        lines = ["u4 boot -json", f"monitor dump-guest-memory {core}", "tbreak gdb_test_ready",
                 "continue"]
        for name in names:
            sample = SAMPLES[name].format(dir=guest.directory)
            lines += [f"help u4 {name}", f"complete u4 {name} -", f"u4 {name} -wrong",
                      "u4 threads" if name == "boot" else f"u4 {name} {sample} -json"]
        out = guest.gdb(*lines)
    booted, out = out[0], out[4:]
    listings = {}
    for i, name in enumerate(names):
        said, completed, wrong, form = out[4 * i:4 * i + 4]
        tap.ok(re.match(r"\S.*[.:,\w]\n", said) and f"usage: u4 {name}" in said, f"help u4 {name}",
               said)
        tap.has(completed, f"u4 {name} -json", f"u4 {name}: completion")
        tap.has(wrong, f"error: u4 {name}: no option '-wrong'", f"u4 {name}: a wrong option")
        form = booted if name == "boot" else form
        if name in FAIL:
            tap.has(form, FAIL[name], f"u4 {name}: why not")
            continue
        try:
            form = form.strip().splitlines()[-1]  # GDB shows the source line of a step itself
            body = json.loads(form)
            tap.ok(body["command"] == name, f"u4 {name} -json", form[:300])
            if body.get("rows"):
                listings[name] = body["rows"]
        except (ValueError, IndexError) as problem:
            tap.ok(False, f"u4 {name} -json", problem, form[:300])
    return listings


def chosen(rows):
    """(column, value as it is typed, the rows that have it): the column that tells most lines apart."""
    best = None
    for column, value in rows[-1].items():
        if not isinstance(value, (str, int)) or value == "" or set(str(value)) & set("*?[]'\""):
            continue
        same = [r for r in rows if r.get(column) == value]
        if best is None or len(same) < len(best[2]):
            best = column, str(value).lower() if isinstance(value, bool) else str(value), same
    return best


def filters(tap, listings):
    """COLUMN=VALUE chooses lines of every command that lists; a column that is not there is told."""
    picks = {name: chosen(rows) for name, rows in listings.items()}
    lines = []
    for name, (column, value, _) in picks.items():
        line = f"u4 {name} {SAMPLES[name]}"
        lines += [f'{line} "{column}={value}" -json', f"{line} nothing=1"]
    with Guest("gdb-debug") as guest:
        out = guest.ready(*lines)
    for i, (name, (column, value, same)) in enumerate(picks.items()):
        try:
            found = json.loads(out[2 * i])["rows"]
        except ValueError:
            found = out[2 * i]
        tap.ok(found == same, f"u4 {name}: {column}={value} chooses {len(same)} of "
               f"{len(listings[name])}", found)
        tap.has(out[2 * i + 1], "no column 'nothing' to filter by; there are:",
                f"u4 {name}: a column that is not there")


def the_tool(tap):
    """u4 gdb IMAGE and u4 gdb CORE."""
    tool = os.path.join(BUILD, "host/bin/u4")
    never, hold = os.pipe()
    done = subprocess.run(
        [tool, "gdb", "--batch", "--console", "/dev/null", image("gdb-release"), "--", "-nx", "-ex",
         "tbreak gdb_test_ready", "-ex", "continue", "-ex", "u4 calls ping"], stdin=never,
        capture_output=True, text=True, timeout=LIMIT, check=False)
    os.close(never)
    os.close(hold)
    tap.ok(done.returncode == 0 and "DEADLOCK" in done.stdout, "u4 gdb IMAGE", done.returncode,
           done.stdout, done.stderr)
    with Guest("gdb-debug") as guest:
        core = guest.core()
        done = subprocess.run([tool, "gdb", "-x", "-k", guest.image, core, "--", "-nx", "-ex",
                               "u4 threads name=ping"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LIMIT, check=False)
        tap.ok(done.returncode == 0 and "blocked_reply" in done.stdout, "u4 gdb CORE",
               done.returncode, done.stdout, done.stderr)
        done = subprocess.run([tool, "gdb", "-x", core, "--", "-nx", "-ex", "u4 threads name=ping"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT, check=False, env={**os.environ, "U4_BUILD": BUILD})
        tap.ok(done.returncode == 0 and "gdb-debug.elf:kernel, symbols of" in done.stdout
               and "blocked_reply" in done.stdout, "u4 gdb CORE finds the kernel",
               done.returncode, done.stdout, done.stderr)
        the_check(tap, tool, guest, core)


def the_check(tap, tool, guest, core):
    """u4 fsck: on a core, on a damaged one, on a guest; the exit status is the verdict."""
    def check(*words):
        done = subprocess.run([tool, "fsck", *words], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=LIMIT, check=False,
                              env={**os.environ, "U4_BUILD": BUILD})
        return done.returncode, done.stdout, done.stderr
    status, out, err = check(core)
    tap.ok(status == 0 and "no problems" in out, "u4 fsck CORE", status, out, err)
    status, out, err = check("--json", "-k", guest.image, core)
    tap.ok(status == 0 and json.loads(out.splitlines()[-1])["problems"] == 0, "u4 fsck --json",
           status, out, err)
    status, out, err = check(guest.image)
    tap.ok(status == 0 and "no problems" in out, "u4 fsck IMAGE", status, out, err)
    bench = Bench(guest.image, core)
    thread = next(t for t in bench.kernel.threads() if t.name == "sender-a")
    place = bench.kernel.phys(thread.offset("state"))
    load = next(s for s in bench.damaged.source.loads if s.paddr <= place < s.paddr + s.filesz)
    with open(core, "r+b") as file:
        file.seek(load.offset + place - load.paddr)
        file.write((99).to_bytes(8, "little"))
    status, out, err = check(core)
    tap.ok(status == 1 and "state 99 cannot be" in out, "u4 fsck of a damaged core", status, out, err)
    status, out, err = check("--nothing")
    tap.ok(status == 2, "u4 fsck: a wrong option", status, err)
    status, out, err = check(core + ".not")
    tap.ok(status == 1 and ".not" in err, "u4 fsck: a core that is not there", status, out, err)


def main():
    tap = Tap()
    for name in ("gdb-debug", "gdb-release"):
        known_system(tap, name)
        stopping(tap, name)
        stacks(tap, name)
        step_through_calls(tap, name)
        switches(tap, name)
        invocations(tap, name)
    before_boot(tap)
    capabilities(tap)
    triggers(tap)
    step_over_calls(tap)
    machine_forms(tap)
    filters(tap, every_command(tap))
    the_tool(tap)
    tap.done()


main()
