/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring between two programs: positions, back-pressure, the flags `armed` and `starved`, and
 * the notification that wakes a sleeper (abi/u4/ring.h, runtime/async/run.c).
 *
 * Memory is weak: each side's stores go through a buffer that drains at any time, in order, and
 * at a full fence (the order that RISC-V's release stores keep). A notification is a binary
 * semaphore that remembers. Checked: messages come in order and none twice, a slot is never
 * overwritten before it was read, and nobody sleeps for ever (no invalid end state).
 *
 * -DNO_RECHECK leaves the second look at the ring out, -DNO_FENCE the fence before it: either
 * must make the check fail, which the test asks for too.
 */
#define CAPACITY 2
#define MESSAGES 4
#define BUFFER 4 /* stores that may be on their way */

byte head, tail, slots[CAPACITY]; /* as they are in memory */
bit armed, starved;
bool bell_producer, bell_consumer; /* notifications pending */

/* Store buffers: which place, which value. */
mtype = { HEAD, TAIL, SLOT0, SLOT1, ARMED, STARVED };
chan producer_stores = [BUFFER] of { mtype, byte };
chan consumer_stores = [BUFFER] of { mtype, byte };

inline to_memory(place, value) {
    if
    :: place == HEAD -> head = value
    :: place == TAIL -> tail = value
    :: place == SLOT0 -> slots[0] = value
    :: place == SLOT1 -> slots[1] = value
    :: place == ARMED -> armed = value
    :: place == STARVED -> starved = value
    fi
}

active proctype producer_memory() {
    mtype place; byte value;
end: do
    :: atomic { producer_stores?place, value -> to_memory(place, value) }
    od
}

active proctype consumer_memory() {
    mtype place; byte value;
end: do
    :: atomic { consumer_stores?place, value -> to_memory(place, value) }
    od
}

#ifdef NO_FENCE
#define FENCE(stores) skip
#else
#define FENCE(stores) empty(stores)
#endif

active proctype producer() {
    byte position, sent = 1, limit = CAPACITY;
    bool told = true; /* the consumer was asked since the last message */
    do
    :: sent <= MESSAGES && position < limit ->
        /* Publish: the words first, then the position. Any number before the peer is told. */
        if
        :: position % CAPACITY == 0 -> producer_stores!SLOT0, sent
        :: else -> producer_stores!SLOT1, sent
        fi;
        position++;
        producer_stores!HEAD, position;
        sent++;
        told = false
    :: sent <= MESSAGES && position == limit ->
        limit = tail + CAPACITY;
        if
        :: limit != position -> skip
        :: else ->
            /* About to sleep: say so, tell the consumer, look again, sleep. */
            producer_stores!STARVED, 1;
            FENCE(producer_stores);
            if
            :: armed -> producer_stores!ARMED, 0; FENCE(producer_stores); bell_consumer = true
            :: else
            fi;
            told = true;
#ifndef NO_RECHECK
            limit = tail + CAPACITY;
#endif
            if
            :: limit != position -> skip
            :: else -> atomic { bell_producer -> bell_producer = false }
            fi
        fi
    :: !told ->
        FENCE(producer_stores);
        if
        :: armed -> producer_stores!ARMED, 0; FENCE(producer_stores); bell_consumer = true
        :: else
        fi;
        told = true
    :: sent > MESSAGES && told -> break
    od
}

active proctype consumer() {
    byte position, known, value, expected = 1;
    do
    :: expected > MESSAGES -> break
    :: expected <= MESSAGES && position < known ->
        value = slots[position % CAPACITY];
        assert(value == expected);
        expected++;
        position++
    :: expected <= MESSAGES && position == known ->
        /* The batch is read: give its places back, look for more. */
        consumer_stores!TAIL, position;
        known = head;
        if
        :: position != known -> skip
        :: else ->
            /* About to sleep: arm, tell the producer of the room, look again, sleep. */
            consumer_stores!ARMED, 1;
            FENCE(consumer_stores);
            if
            :: starved -> consumer_stores!STARVED, 0; FENCE(consumer_stores); bell_producer = true
            :: else
            fi;
#ifndef NO_RECHECK
            known = head;
#endif
            if
            :: position != known -> consumer_stores!ARMED, 0
            :: else -> atomic { bell_consumer -> bell_consumer = false }
            fi
        fi
    od;
    consumer_stores!TAIL, position;
    FENCE(consumer_stores);
    if
    :: starved -> bell_producer = true
    :: else
    fi
}
