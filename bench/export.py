#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares what u4 needs to read and export a trace with what other tools need for as many events.

usage: bench/export.py [-n EVENTS] [-r RUNS] [-m EVENTS] [-o FILE] BUILD-DIR

Makes a synthetic trace of EVENTS records (default 2000000), then runs each command RUNS times
(default 3) with its output to /dev/null and takes the least processor time (user + system) and
the peak memory: u4's commands on the trace, babeltrace2 on its CTF export, and uftrace dump
--chrome on a program that was traced for as many entries and exits. Prints events a second and
how many times u4's Perfetto export is as fast; how many bytes each kind of packet, and all packets of
each kind of event, take; and, with -m, the exporter's peak memory for so many events and for ten times as many (their trace is
compressed, and takes some 6 bytes an event on disk). -o stores the figures as JSON. Tools that are
not installed are left out with a message.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

CALLS_A_ROUND = 9  # of the traced program
SAMPLE_SECONDS = 0.005
PROGRAM = """
static volatile unsigned sum;
static void leaf(unsigned n) { sum += n; }
static void inner(unsigned n) { for (unsigned i = 0; i < 8; i++) leaf(n + i); }
int main(void) { for (unsigned i = 0; i < ROUNDS; i++) inner(i); return 0; }
"""


def peak(pid):
    """Peak memory of a process that runs, in KiB. What wait4() tells is at least this script's."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        match = re.search(r"VmHWM:\s*(\d+) kB", status.read())
    return int(match.group(1)) if match else 0


def run_once(command):
    """Seconds of processor time, and peak memory in KiB."""
    memory, name, ended = 0, command[0].rpartition("/")[2], 0
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=errors)
        while not ended:
            time.sleep(SAMPLE_SECONDS)
            memory = max(memory, peak(process.pid))
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            sys.exit(f"export bench: {name} failed (status {process.returncode}): "
                     f"{' '.join(command)}\n{errors.read().decode(errors='replace')[-2000:]}")
    return used.ru_utime + used.ru_stime, memory


def measure(command, runs):
    """Least seconds of processor time, and the most memory in KiB."""
    results = [run_once(command) for _ in range(runs)]
    return min(r[0] for r in results), max(r[1] for r in results)


def missing(tool):
    if shutil.which(tool):
        return False
    print(f"export bench: no {tool}, left out: run 'make setup'", file=sys.stderr)
    return True


def u4_commands(build, trace, ctf):
    u4 = f"{build}/host/bin/u4"
    null = ["-o", "/dev/null", trace]
    yield "u4 export, Perfetto", [u4, "export", "--to", "perfetto", *null]
    yield "u4 export, Perfetto, deflated", [u4, "export", "--to", "perfetto", "-O", "compress",
                                            *null]
    yield "u4 export, JSON", [u4, "export", "--to", "json", *null]
    yield "u4 export, CSV", [u4, "export", "--to", "csv", *null]
    yield "u4 report", [u4, "report", trace]
    yield "u4 stat", [u4, "stat", trace]
    if not missing("babeltrace2"):
        yield "babeltrace2, dummy sink", ["babeltrace2", ctf, "-c", "sink.utils.dummy"]
        yield "babeltrace2, text", ["babeltrace2", ctf]


def traced_program(directory, events):
    """A uftrace directory of about so many entries and exits, and their true number."""
    program, data = f"{directory}/program", f"{directory}/program.uftrace"
    rounds = max(1, events // (2 * CALLS_A_ROUND))
    subprocess.run(["gcc", "-O1", "-pg", "-fno-inline", f"-DROUNDS={rounds}", "-x", "c", "-o",
                    program, "-"], input=PROGRAM.encode(), check=True)
    subprocess.run(["uftrace", "record", "--no-libcall", "--no-event", "--no-sched", "--no-pager",
                    "-d", data, program], check=True, stdout=subprocess.DEVNULL, cwd=directory)
    dump = subprocess.Popen(["uftrace", "dump", "--chrome", "-d", data], stdout=subprocess.PIPE)
    found = sum(b'"ph":"' in line for line in dump.stdout)
    if dump.wait() or found < events // 2:
        sys.exit(f"export bench: uftrace found {found} events of its program, expected {events}")
    return data, found


def synthesize(build, events, trace, *options):
    """Writes a trace of about so many events; their true number."""
    command = [f"{build}/tests/e2e/synth", "-n", str(events), "-r", "4", *options, trace]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(re.search(r"count records=(\d+)", said).group(1))


def sizes(args, directory):
    """Bytes of the export by kind of packet, and by kind of event (of all packets that it makes)."""
    trace, out = f"{directory}/sizes.u4t", f"{directory}/sizes.perfetto-trace"
    events = synthesize(args.build, 200000, trace)
    told = subprocess.run([f"{args.build}/host/bin/u4", "export", "-O", "sizes", "-o", out, trace],
                          check=True, capture_output=True, text=True).stderr
    script = os.path.dirname(__file__) + "/../tests/e2e/perfetto/sizes.mjs"
    said = subprocess.run(["node", script, out, str(events)], check=True, capture_output=True,
                          text=True).stdout
    row = re.compile(r"(\w+) +(\d+) +([\d.]+) bytes each +([\d.]+) an event")
    packets = {kind: {"packets": int(packets), "bytes_each": float(each), "bytes_an_event": float(event)}
               for kind, packets, each, event in row.findall(said)}
    return packets, {kind: float(each)
                     for kind, each in re.findall(r"(\S+) +\d+ events +([\d.]+) bytes each", told)}


def memory(args, directory):
    """Peak memory in KiB for args.m events and ten times as many."""
    peaks, trace = {}, f"{directory}/memory.u4t"
    for events in (args.m, 10 * args.m):
        synthesize(args.build, events, trace, "-k", "1")
        command = [f"{args.build}/host/bin/u4", "export", "--to", "perfetto", "-o", "/dev/null",
                   trace]
        peaks[events] = run_once(command)[1]
        os.remove(trace)
    return peaks


def figures(args, directory):
    """Rows: (name, events, seconds, KiB)."""
    trace, ctf = f"{directory}/trace.u4t", f"{directory}/trace.ctf"
    events = synthesize(args.build, args.n, trace)
    subprocess.run([f"{args.build}/host/bin/u4", "export", "-o", ctf, trace], check=True)
    for name, command in u4_commands(args.build, trace, ctf):
        yield (name, events, *measure(command, args.r))
    if not missing("uftrace") and not missing("gcc"):
        data, found = traced_program(directory, events)
        dump = ["uftrace", "dump", "--chrome", "--no-pager", "-d", data]
        yield ("uftrace dump --chrome", found, *measure(dump, args.r))


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("-n", type=int, default=2000000)
    parser.add_argument("-r", type=int, default=3)
    parser.add_argument("-m", type=int, default=0)
    parser.add_argument("-o")
    parser.add_argument("build")
    args = parser.parse_args()
    if args.n < 1000 or args.r < 1:
        parser.error("expected at least 1000 events and one run")
    results, packets, kinds, peaks = [], {}, {}, {}
    with tempfile.TemporaryDirectory() as directory:
        for name, events, seconds, kib in figures(args, directory):
            rate = events / max(seconds, 1e-3)
            fastest = results[0]["events_per_second"] if results else rate
            results.append({"name": name, "events": events, "cpu_seconds": round(seconds, 3),
                            "events_per_second": round(rate), "peak_kib": kib,
                            "u4_times_as_fast": round(fastest / rate, 2)})
            print(f"{name:30} {events:>9} events {seconds:8.2f} s {rate / 1e6:7.2f} M/s "
                  f"{kib / 1024:7.1f} MiB {fastest / rate:7.2f} x", flush=True)
        if not missing("node"):
            packets, kinds = sizes(args, directory)
        for kind, size in packets.items():
            print(f"{kind:30} {size['packets']:>9} packets {size['bytes_each']:6.1f} bytes each "
                  f"{size['bytes_an_event']:7.2f} an event")
        for kind, size in kinds.items():
            print(f"{kind:30} {size:8.1f} bytes an event of this kind")
        if args.m:
            peaks = memory(args, directory)
        for events, kib in peaks.items():
            print(f"peak memory {events:>28} events {kib / 1024:8.2f} MiB", flush=True)
    if args.o:
        with open(args.o, "w", encoding="utf-8") as file:
            json.dump({"speed": results, "packets": packets, "kinds": kinds,
                       "peak_kib": peaks}, file, indent=1)
    if peaks and max(peaks.values()) > 1.1 * min(peaks.values()):
        sys.exit("export bench: memory grows with the trace")
    return 0


if __name__ == "__main__":
    sys.exit(main())
