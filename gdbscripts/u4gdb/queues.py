# SPDX-License-Identifier: BSD-2-Clause
"""Queues of threads, walked so that they end: what does not fit together goes to `problems`."""

MAX_QUEUE = 65536


def queue_members(kernel, queue, problems):
    """TCBs that wait at an endpoint or notification, in order; what is wrong goes to problems."""
    what = f"{queue.layout.name} 0x{queue.address:x}"
    if queue.layout.name == "notification" and kernel.queue_state(queue) != "waiting":
        return []
    members = walk_queue(kernel, kernel.queue_head(queue), "ep_next", "ep_prev", what, problems)
    if (members[-1] if members else 0) != queue.tail:
        problems.append(f"{what}: its queue ends with 0x{members[-1] if members else 0:x}, but its "
                        f"tail is 0x{queue.tail:x}")
    return members


def walk_queue(kernel, head, following, preceding, what, problems):
    members, seen, before, at = [], set(), 0, head
    while at:
        if at in seen:
            problems.append(f"{what}: the queue comes back to thread 0x{at:x}: a circle")
            break
        if kernel.thread_at(at) is None:
            problems.append(f"{what}: 0x{at:x}, after 0x{before:x} in its queue, is no thread")
            break
        tcb = kernel.thread_at(at)
        if getattr(tcb, preceding) != before:
            problems.append(f"{what}: thread 0x{at:x} follows 0x{before:x} in its queue, but points "
                            f"back at 0x{getattr(tcb, preceding):x}")
        seen.add(at)
        members.append(at)
        if len(members) >= MAX_QUEUE:
            problems.append(f"{what}: its queue has no end")
            break
        before, at = at, getattr(tcb, following)
    return members


def ready_queues(kernel, hart, problems):
    """(domain, priority, members) of each queue that is not empty; bitmaps are checked."""
    count = kernel.table.const("num_priorities")
    words, l1, l2 = count // 64, as_tuple(hart.ready_l1), as_tuple(hart.ready_l2)
    for number, (head, tail) in enumerate(kernel.ready_ends(hart)):
        domain, priority = divmod(number, count)
        what = f"hart {hart.core}, domain {domain}, priority {priority}"
        marked = bool(l2[domain * words + priority // 64] >> priority % 64 & 1)
        if marked != bool(head):
            problems.append(f"{what}: {'threads are' if head else 'no thread is'} ready, but the "
                            f"bitmap says {'some are' if marked else 'none is'}")
        if not head and not tail:
            continue
        members = walk_queue(kernel, head, "ready_next", "ready_prev", what, problems)
        if (members[-1] if members else 0) != tail:
            problems.append(f"{what}: the queue ends with 0x{members[-1] if members else 0:x}, but "
                            f"its tail is 0x{tail:x}")
        yield domain, priority, members
    for domain, top in enumerate(l1):
        for word in range(words):
            if bool(top >> word & 1) != bool(l2[domain * words + word]):
                problems.append(f"hart {hart.core}, domain {domain}: the two levels of the ready "
                                f"bitmap differ at word {word}")


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)
