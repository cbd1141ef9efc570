# SPDX-License-Identifier: BSD-2-Clause
"""Does the kernel's state fit together? Each check tells what is broken and where, and goes on as
far as it can. What the debug kernel's own checker tests from inside, this does from outside."""

from . import fsck_caps, fsck_mcs, fsck_spaces, fsck_uintr
from .errors import BadMemory
from .output import Hex
from .queues import queue_members, ready_queues


class Fsck:
    def __init__(self, kernel):
        self.kernel = kernel
        self.found = []  # (area, where, what)
        self.checked = {}

    def tell(self, area, where, what):
        self.found.append((area, where, what))

    def run(self):
        for check in (Fsck.threads, Fsck.queues, fsck_caps.slots, fsck_caps.tree, fsck_caps.memory,
                      fsck_spaces.spaces, fsck_mcs.mcs, fsck_uintr.uintr):
            try:
                check(self)
            except BadMemory as problem:
                self.tell(check.__name__, Hex(problem.address), f"the check had to stop: {problem}")
        return self.found

    # ---- threads and queues ----

    def threads(self):
        k = self.kernel
        threads = k.threads()
        for problem in k.problems:
            self.tell("threads", None, problem)
        self.checked["threads"] = len(threads)
        harts = {h.address: h for h in k.harts()}
        for t in threads:
            where = Hex(t.address)
            state = t.enum("state")
            if state.startswith("?") or state == "idle":
                self.tell("threads", where, f"state {t.state} cannot be")
            if t.hart not in harts:
                self.tell("threads", where, f"belongs to hart 0x{t.hart:x}, which is none")
            if t.priority >= k.table.const("num_priorities") or \
                    t.domain >= k.table.const("domains"):
                self.tell("threads", where, f"priority {t.priority}, domain {t.domain} cannot be")
            runnable = state in ("running", "restart")
            if t.queued and not runnable:
                self.tell("threads", where, f"is in a ready queue, but {state}")
            without_time = t.has("sc") and not t.sc or t.has("released_later") and t.released_later
            if runnable and not t.queued and not without_time and not self._chosen(t, harts):
                self.tell("threads", where, f"is {state}, but in no ready queue")
            self._bound(t)
        for hart in harts.values():
            if k.thread_at(hart.current) is None:
                self.tell("threads", None, f"hart {hart.core} runs 0x{hart.current:x}, which is no "
                                           "thread")

    def _chosen(self, t, harts):
        hart = harts.get(t.hart)
        return hart and (hart.current == t.address or hart.enum("action") == "switch"
                         and hart.candidate == t.address)

    def _bound(self, t):
        if not t.bound:
            return
        try:
            back = self.kernel.view("notification", t.bound).bound
        except BadMemory as problem:
            self.tell("threads", Hex(t.address), f"bound notification: {problem}")
            return
        if back != t.address:
            self.tell("threads", Hex(t.address), f"is bound to notification 0x{t.bound:x}, which is "
                                                 f"bound to 0x{back:x}")

    def queues(self):
        k = self.kernel
        problems = []
        for hart in k.harts():
            for domain, priority, members in ready_queues(k, hart, problems):
                for member in members:
                    t = k.thread_at(member)
                    if not t.queued or t.priority != priority or t.domain != domain:
                        self.tell("queues", Hex(member), f"is in the ready queue of priority "
                                  f"{priority}, but has priority {t.priority}"
                                  + ("" if t.queued else " and says it is in none"))
        waiting = self._object_queues(problems)
        waiting.update(fsck_uintr.who_waits(k))
        for problem in problems:
            self.tell("queues", None, problem)
        for t in k.threads():
            state = t.enum("state")
            if state in ("blocked_recv", "blocked_send", "blocked_ntfn"):
                if waiting.get(t.address) != t.blocked_on:
                    self.tell("queues", Hex(t.address), f"is {state} on 0x{t.blocked_on:x}, but not "
                                                        "in its queue")

    def _object_queues(self, problems):
        k, waiting = self.kernel, {}
        names = {"endpoint": {"send": ("blocked_send",), "recv": ("blocked_recv",)},
                 "notification": {"waiting": ("blocked_ntfn",)}}
        count = 0
        for (kind, address) in sorted(k.census().objects()):
            if kind not in names:
                continue
            count += 1
            try:
                queue = k.view(kind, address)
            except BadMemory as problem:
                problems.append(f"{kind} 0x{address:x}: {problem}")
                continue
            state = k.queue_state(queue)
            if state is None:
                problems.append(f"{kind} 0x{address:x}: state {queue.head & 3} cannot be")
            members = queue_members(k, queue, problems)
            if bool(members) != (state in names[kind]):
                problems.append(f"{kind} 0x{address:x}: state {state}, with {len(members)} threads "
                                "in its queue")
            for member in members:
                waiting[member] = address
                self._member(kind, address, member, names[kind].get(state, ()))
        self.checked["endpoints and notifications"] = count
        return waiting

    def _member(self, kind, address, member, states):
        t = self.kernel.thread_at(member)
        if t.blocked_on != address or t.enum("state") not in states:
            self.tell("queues", Hex(member), f"is in the queue of {kind} 0x{address:x}, but is "
                                             f"{t.enum('state')} on 0x{t.blocked_on:x}")
