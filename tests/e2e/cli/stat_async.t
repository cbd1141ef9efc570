#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# u4 stat on async IPC, coroutines and async system calls: first a script of which every figure is
# known (100 ns a tick), then a guest that runs.

. "$(dirname "$0")/tap.sh"

json() { # EXPRESSION over d
    python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}

# Two calls over connection 7, the second one behind the first, and a late answer; one system call.
"$build/tests/e2e/script" known.u4t <<'EOF'
ring 8 - 0x2000
ring 9 - 0x3000
100 0 0x1000 kernel.boot hart=0
100 0 0x1000 thread.create thread=0x2000
100 0 0x1000 thread.name thread=0x2000 text=client
100 0 0x1000 thread.create thread=0x3000
100 0 0x1000 thread.name thread=0x3000 text=server
510 9 0x3000 async.connect server=1 conn=7 lines=32 bit=3
520 8 0x2000 async.connect server=0 conn=7 lines=32 bit=5
600 8 0x2000 coro.spawn priority=4 coro=0x10001 name=ask
600 8 0x2000 coro.spawn priority=4 coro=0x10002 name=ask
610 8 0x2000 coro.run coro=0x10001
620 8 0x2000 async.request conn=7 token=1 depth=1
630 8 0x2000 coro.block why=call coro=0x10001 for=7 token=1
630 8 0x2000 coro.run coro=0x10002
640 8 0x2000 async.request conn=7 token=2 depth=2
650 8 0x2000 coro.block why=call coro=0x10002 for=7 token=2
650 8 0x2000 coro.run coro=0
660 8 0x2000 async.notify told=1 conn=7 lines=2
670 0 0x2000 ntfn.signal outcome=woke_bound ntfn=0x4000 woken=0x3000 badge=0x8000000000000008
680 0 0x2000 ntfn.signal outcome=woke ntfn=0x4000 woken=0x3000 badge=8
720 9 0x3000 async.take conn=7 token=1 depth=1
750 9 0x3000 async.reply conn=7 token=1 depth=1
760 9 0x3000 async.take conn=7 token=2 depth=0
800 9 0x3000 async.reply conn=7 token=2 depth=2
810 9 0x3000 async.notify told=0 conn=7 lines=2
811 9 0x3000 async.notify told=1 conn=7 lines=0
812 9 0x3000 async.bell conn=7
813 8 0x2000 uintr.handler vectors=0x8000000000000020
814 0 0x3000 ntfn.receive ntfn=0x4000 badge=0x8000000000000009
815 0 0x3000 uintr.wake entry=1 thread=0x2000 vectors=0x22
816 0 0x2000 uintr.take entry=1 vectors=0x21
820 8 0x2000 async.answer conn=7 token=1
830 8 0x2000 coro.wake coro=0x10001 status=ok
840 8 0x2000 async.answer conn=7 token=2
840 8 0x2000 async.answer conn=7 token=3 late=1
850 8 0x2000 coro.run coro=0x10001
860 8 0x2000 async.submit depth=1 token=4 label=1 cptr=5
870 8 0x2000 coro.block why=syscall coro=0x10001 token=4
870 8 0x2000 coro.run coro=0
880 0 0x2000 async.pickup queued=1 thread=0x2000 label=1 cptr=5 token=4
890 0 0x2000 async.complete error=RangeError thread=0x2000 token=4
920 8 0x2000 async.fetch error=RangeError token=4
930 8 0x2000 coro.wake coro=0x10001
940 8 0x2000 coro.run coro=0x10001
950 8 0x2000 coro.end coro=0x10001
950 8 0x2000 coro.run coro=0
960 9 0x3000 async.disconnect conn=7
970 0 0x2000 ntfn.signal outcome=woke ntfn=0x4000 woken=0x3000 badge=0x8000000000000008
EOF
run "$u4" stat --json known.u4t
exits 0 "u4 stat --json of a script"
is "$(json '[(c["connection"], c["calls"], c["answered"], c["late"], c["deepest"]) for c in d["connections"]]' <<<"$out")" \
    "[(7, 2, 2, 1, 2)]" "its calls"
is "$(json '[(h["count"], h["min"], h["max"]) for h in (d["connections"][0][k] for k in ("total_ns", "ring_ns", "serve_ns", "back_ns"))]' <<<"$out")" \
    "[(2, 20000, 20000), (2, 10000, 12000), (2, 3000, 4000), (2, 4000, 7000)]" "how long they take"
ends() { # KEY..., of the client and the server
    json '[[d["connections"][0][s][k] for k in "'"$*"'".split()] for s in ("client", "server")]' <<<"$out"
}
is "$(ends thread notified avoided)" "[['client', 1, 0], ['server', 1, 1]]" \
    "who notified, and who need not"
is "$(ends notified_by_trap woken traps interrupted)" "[[0, 2, 2, 1], [1, 2, 3, 0]]" \
    "which way notifications went, and came"
is "$(ends per_call)" \
    "[[{'notified': 0.5, 'traps': 1.0, 'interrupted': 0.5}], [{'notified': 0.5, 'traps': 1.5, 'interrupted': 0.0}]]" \
    "traps and interrupts per call"
is "$(json 'round(d["connections"][0]["server"]["per_second"]["traps"] * (d["last_ns"] - d["first_ns"]) / 1e9, 6)' <<<"$out")" \
    3.0 "and per second"
is "$(json '[tuple(c[k] for k in ("thread", "name", "count", "alive", "most", "runs", "ran_ns", "ready_ns")) for c in d["coroutines"]]' <<<"$out")" \
    "[('client', 'ask', 2, 1, 2, 4, 7000, 7000)]" "its coroutines: how many, and how long they ran"
is "$(json '[d["coroutines"][0][k] for k in ("waits", "waited_ns", "waiting")]' <<<"$out")" \
    "[{'call': 2, 'syscall': 1}, {'call': 52000, 'syscall': 6000}, {'call': 1}]" "and what they waited for"
is "$(json '[tuple(c[k] for k in ("thread", "submitted", "taken", "answered", "failed")) + tuple(c[k]["max"] for k in ("total_ns", "wait_ns", "latency_ns", "back_ns")) for c in d["async_calls"]]' <<<"$out")" \
    "[('client', 1, 1, 1, 1, 6000, 2000, 1000, 3000)]" "its system calls"
run "$u4" stat known.u4t
like "$out" "client -> server 7 +2 +20\.00 us" "a connection for people"
like "$out" "client 7 +1 +0 +0 +0\.0 +0\.50 +[0-9.]+ +2 +1\.00 +[0-9.]+ +1 +0\.50" \
    "its notifications, traps and interrupts a call"
like "$out" "client: ask +2 +2 +4 .*call 90%; 1 still wait: call" "its coroutines"

# ---- a guest ----
run "$u4" run --record live.u4t --icount --timeout 300s "$build/images/viewed-async.elf"
exits 0 "a guest that calls asynchronously"
run "$u4" stat --json live.u4t
exits 0 "u4 stat of it"
is "$(json 'all(c["answered"] == c["calls"] == c["total_ns"]["count"] > 0 for c in d["connections"]) and len(d["connections"]) > 0' <<<"$out")" \
    True "each call has its time"
is "$(json 'all(0 < c["total_ns"]["p50"] <= c["total_ns"]["p99"] <= c["total_ns"]["max"] for c in d["connections"])' <<<"$out")" \
    True "percentiles in order"
is "$(json 'sum(c[s]["notified"] + c[s]["avoided"] for c in d["connections"] for s in ("client", "server")) == d["per_event"]["async.notify"]' <<<"$out")" \
    True "each notification is somebody's"
# Nothing else in it signals, and it sends nothing else without blocking.
both() { # KEY: of all ends of connections
    echo "sum(c[s]['$1'] for c in d['connections'] for s in ('client', 'server'))"
}
is "$(json "$(both notified) == d['per_event']['ntfn.signal'] > 0" <<<"$out")" True \
    "the kernel has seen as many as the sides say"
is "$(json "$(both notified_by_trap) == d['kernel_entries']['syscalls']['NBSend']['count'] > 0" <<<"$out")" True \
    "and as many of them alone in a system call"
is "$(json "$(both woken) == sum(n['woke'] + n['received'] for n in d['notifications']) > 0" <<<"$out")" \
    True "each one that was taken, by its end"
is "$(json 'sum(c["runs"] for c in d["coroutines"]) > 0 and all(c["alive"] <= c["most"] <= c["count"] for c in d["coroutines"])' <<<"$out")" \
    True "coroutines ran"
finish
