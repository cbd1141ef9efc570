/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace ring: one writer, and a reader that races it (abi/trace/layout.h, write.h; the
 * reader: tracer/lib/ring.c). The writer publishes records one by one or in batches
 * (kernel/trace/batch.h), goes on from the ring's end to its begin, and in the end the ring is
 * taken from it and its memory used for something else, as it happens to user rings.
 *
 * Memory is weakly ordered: between two fences the writer's stores become visible in any order
 * (RVWMO with fence w,w). The writer loads nothing, so waiting at a fence until memory has all
 * is the same as going on with stores queued behind it. The reader's loads are in order where it
 * has acquires and a fence; a copied record is looked at by itself: which other ones are copied
 * before or after it does not matter. The words of a record have no order among themselves
 * either, so one word stands for it: its position + 1.
 *
 * Checked: a record that the reader believes is the one of its position; the head does not go
 * back, and once the writer is done it is the number of records written. With -DONESHOT the writer stops at
 * the ring's end.
 *
 * Each must make the check fail: -DNO_PUBLISH_FENCE, -DNO_WRAP_FENCE, -DNO_PENDING (the wrap does
 * not announce itself), -DNO_RECHECK, -DNO_READER_FENCE (the second look at the head may come
 * before the copy), -DNO_GENERATION (the reader does not ask whether the ring is still there),
 * -DMARGIN=BATCH (right for a machine that keeps stores in order).
 */
#define BATCH 2
#ifndef MARGIN
#define MARGIN (2 * BATCH)
#endif
#define CAPACITY 6
#ifdef ONESHOT
#define RECORDS CAPACITY
#else
#define RECORDS 11
#endif
#define GARBAGE 99

/* Places in memory; slots first. */
#define NEXT CAPACITY
#define LAPS (CAPACITY + 1)
#define PENDING (CAPACITY + 2)
#define GENERATION (CAPACITY + 3)
#define PLACES (CAPACITY + 4)

byte memory[PLACES], on_the_way[PLACES];
bool dirty[PLACES];
byte waiting; /* stores on their way to memory */
bool done;    /* the writer is, with all in memory */

inline store(place, value) {
    d_step {
        waiting = waiting + (dirty[place] -> 0 : 1);
        on_the_way[place] = value;
        dirty[place] = true
    }
}

inline fence() { waiting == 0 }

active proctype stores() {
    byte place;
end: do
    :: waiting > 0 ->
        atomic {
            if
            :: dirty[0] -> place = 0
            :: dirty[1] -> place = 1
            :: dirty[2] -> place = 2
            :: dirty[3] -> place = 3
            :: dirty[4] -> place = 4
            :: dirty[5] -> place = 5
            :: dirty[NEXT] -> place = NEXT
            :: dirty[LAPS] -> place = LAPS
            :: dirty[PENDING] -> place = PENDING
            :: dirty[GENERATION] -> place = GENERATION
            fi;
            memory[place] = on_the_way[place];
            dirty[place] = false;
            waiting--
        }
    od
}

active proctype writer() {
    byte position, next, laps, n;
    do
    :: position < RECORDS ->
        /* A batch does not reach the ring's end. */
        if
        :: true -> n = 1
        :: next + BATCH < CAPACITY && position + BATCH <= RECORDS -> n = BATCH
        fi;
        do
        :: n > 0 ->
            store(next, position + 1);
            next++;
            position++;
            n--
        :: else -> break
        od;
        if
        :: next < CAPACITY ->
#ifndef NO_PUBLISH_FENCE
            fence();
#endif
            store(NEXT, next)
        :: else ->
            laps++;
            next = 0;
#ifndef NO_PENDING
            store(PENDING, laps);
#endif
#ifndef NO_WRAP_FENCE
            fence();
#endif
            store(NEXT, next);
            fence();
            store(LAPS, laps);
#ifdef NO_PENDING
            store(PENDING, laps);
#endif
            fence()
        fi
    :: position == RECORDS -> break
    od;
    fence();
    done = true;
#ifndef ONESHOT
    /* The ring ends: first the table says so, then the memory is somebody else's. */
    store(GENERATION, 1);
    fence();
    store((RECORDS - 1) % CAPACITY, GARBAGE)
#endif
}

/* The number of records published, as the reader finds it. Looking again, where that is not
 * consistent, would be the same as looking later only. */
inline read_head(head) {
    laps = memory[LAPS];
    pending = memory[PENDING];
    next = memory[NEXT];
    if
    :: memory[PENDING] != pending -> goto out
    :: else
    fi;
    if
    :: memory[LAPS] != laps || pending - laps > 1 -> goto out
    :: else
    fi;
    head = (laps == pending || next != 0 -> laps : pending) * CAPACITY + next
}

/* What more may be in the making: a batch and the next one, but not across the ring's end. */
#define LEFT(head) (CAPACITY - head % CAPACITY)
#define MADE(head) (head + (LEFT(head) < MARGIN -> LEFT(head) : MARGIN))
#define OVERWRITTEN(i, head) (i + CAPACITY < MADE(head))

/* Reads once, at any moment: what it has read before makes no difference. */
active proctype reader() {
    byte head, again, i, value, laps, pending, next;
    bool all = done, looked;
    read_head(head);
    assert(head <= RECORDS && (!all || head == RECORDS));
    /* One of the records that are not overwritten yet: any. */
    i = (MADE(head) > CAPACITY -> MADE(head) - CAPACITY : 0);
    do
    :: i >= head -> goto out
    :: i < head -> break
    :: i + 1 < head -> i++
    od;
#ifdef NO_READER_FENCE
    if
    :: read_head(again); looked = true
    :: skip
    fi;
#endif
    value = memory[i % CAPACITY];
    if
    :: !looked -> read_head(again)
    :: else
    fi;
    assert(again >= head);
#ifndef NO_GENERATION
    if
    :: memory[GENERATION] != 0 -> goto out
    :: else
    fi;
#endif
#ifdef NO_RECHECK
    assert(value == i + 1);
#else
    assert(OVERWRITTEN(i, again) || value == i + 1);
#endif
out: skip
}
