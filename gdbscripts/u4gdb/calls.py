# SPDX-License-Identifier: BSD-2-Clause
"""Who waits for whom. A thread that awaits a reply waits for the holder of the reply capability;
one that waits to send waits for any thread that may receive from the endpoint."""

from .mcs import server_of

RECEIVE = 2  # the right


class Edge:
    def __init__(self, how, targets):
        self.how, self.targets = how, targets


class Waits:
    def __init__(self, kernel):
        self.kernel = kernel
        self._receivers = {}
        self._edges = None
        self._stuck = None
        self._cycles = None

    def repliers(self, tcb):
        """Threads that can reply to this one: (addresses, where the capability is)."""
        k = self.kernel
        if "reply" not in k.tcb_slot:
            return self._object_repliers(tcb)
        master = k.tcb_slots(tcb)[k.tcb_slot["reply"]]
        slot = k.census().find(master.next) if master.next else None
        if slot is None or slot.cap.type != "reply" or slot.cap.ptr != tcb.address:
            return [], None
        return self._holders([slot], tcb), k.census().place(slot)

    def _object_repliers(self, tcb):
        """MCS: who runs on the time that was lent along with the call; if none was, whoever can
        name the reply object that the thread waits by."""
        k = self.kernel
        if not tcb.has("reply") or not tcb.reply:
            return [], None
        slots = k.census().objects().get(("reply", tcb.reply), ())
        server = server_of(k, tcb.reply)
        if k.thread_at(server) is not None:
            return [server], f"object 0x{tcb.reply:x}"
        return self._holders(slots, tcb), f"object 0x{tcb.reply:x}" if slots else None

    def _holders(self, slots, tcb):
        """Threads that can use a capability in one of the slots; who waits cannot reply itself."""
        census = self.kernel.census()
        roots, found = census.roots(), set()
        for slot in slots:
            if slot.array is not None and slot.array.kind == "tcb":
                found.add(slot.array.owner.address)
            for key, _ in census.paths().get(slot.address, ()):
                found.update(t.address for t in roots[key])
        return sorted(found - {tcb.address})

    def replier(self, tcb):
        holders, place = self.repliers(tcb)
        if holders:
            return " or ".join(self.kernel.thread_name(h) for h in holders)
        return place

    def receivers(self, endpoint):
        """Threads whose CSpace has a receive capability to the endpoint."""
        if endpoint not in self._receivers:
            census = self.kernel.census()
            roots = census.roots()
            found = set()
            for slot in census.objects().get(("endpoint", endpoint), ()):
                if slot.cap.rights & RECEIVE:
                    for key, _ in census.paths().get(slot.address, ()):
                        found.update(t.address for t in roots[key])
            self._receivers[endpoint] = sorted(found)
        return self._receivers[endpoint]

    def edge(self, tcb):
        state = tcb.enum("state")
        if state == "blocked_reply":
            holders, place = self.repliers(tcb)
            return Edge(f"reply ({place})" if place else "reply (lost)", holders)
        if state == "blocked_send":
            receivers = [r for r in self.receivers(tcb.blocked_on) if r != tcb.address]
            return Edge(f"send to 0x{tcb.blocked_on:x}", receivers)
        return None

    def edges(self):
        if self._edges is None:
            self._edges = {}
            for tcb in self.kernel.threads():
                edge = self.edge(tcb)
                if edge:
                    self._edges[tcb.address] = edge
        return self._edges

    def stuck(self):
        """Threads that wait for a message nobody will ever send: none of those they wait for can
        go on. A thread that waits to receive can, as something may still arrive."""
        if self._stuck is None:
            alive = {t.address for t in self.kernel.threads()
                     if t.address not in self.edges() and t.enum("state") != "inactive"}
            grown = True
            while grown:
                more = {a for a, e in self.edges().items() if a not in alive
                        and any(t in alive for t in e.targets)}
                grown = bool(more)
                alive |= more
            self._stuck = set(self.edges()) - alive
        return self._stuck

    def chain(self, tcb):
        """Names along the first target of each, up to a thread that does not wait or was there."""
        names, address, seen = [], tcb.address, set()
        while address is not None and address not in seen:
            seen.add(address)
            names.append(self.kernel.thread_name(address))
            edge = self.edges().get(address)
            address = edge.targets[0] if edge and edge.targets else None
        if address is not None:
            names.append(self.kernel.thread_name(address))
        return names

    def cycles(self):
        """Each circle of threads that wait for each other once, from its lowest address on."""
        if self._cycles is None:
            found = {}
            for start in sorted(self.edges()):
                for cycle in self._circles_from(start):
                    low = cycle.index(min(cycle))
                    cycle = cycle[low:] + cycle[:low]
                    found[tuple(cycle)] = cycle
            self._cycles = list(found.values())
        return self._cycles

    def _circles_from(self, start):
        """The shortest way from a thread back to itself, if there is one."""
        before, level = {}, [start]
        while level:
            following = []
            for at in level:
                for target in self.edges()[at].targets:
                    if target == start:
                        path = [at]
                        while path[-1] != start:
                            path.append(before[path[-1]])
                        yield path[::-1]
                        return
                    if target in self.edges() and target not in before:
                        before[target] = at
                        following.append(target)
            level = following

    def rescuers(self, cycle):
        """Threads that are not stuck and could answer one of the cycle, by the rights they have."""
        return sorted({t for a in cycle for t in self.edges()[a].targets
                       if t not in cycle and t not in self.stuck()})

    def verdict(self, tcb):
        for cycle in self.cycles():
            if tcb.address in cycle:
                return "DEADLOCK" + self.unless(cycle)
        if tcb.address not in self.stuck():
            return "waits"
        edge = self.edges()[tcb.address]
        if not edge.targets:
            return "nobody can answer"
        names = self.chain(tcb)
        return f"stuck behind {names[-1]}"

    def unless(self, cycle):
        rescuers = self.rescuers(cycle)
        if not rescuers:
            return ""
        return f" unless {' or '.join(self.kernel.thread_name(r) for r in rescuers)} receives"
