/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's lock on weakly ordered memory (kernel/smp/lock.h, request.h): tickets, taken by
 * an atomic instruction; the one behind lets in by an ordinary store. The holder may ask the other
 * hart for what only that one can do, and it answers while it waits for the lock.
 *
 * Between fences a hart's stores become visible in any order. Loads are in order where there is an
 * acquire. Checked: one holder at a time, each finds what the one before has written, the asker
 * finds what the asked has written, nobody waits for ever. Each must make the check fail:
 * -DNO_RELEASE (unlocking without its fence), -DNO_ANSWER_RELEASE (the answer without its),
 * -DNO_ASK_RELEASE, -DNO_ACQUIRE (what the lock guards may be loaded before it is had).
 */
#define HARTS 2
#define ROUNDS 2

/* Places in memory: */
#define SERVING 0
#define GUARDED 1 /* what the lock guards: counts the holders so far */
#define ASKED 2   /* + hart: asks of that hart */
#define OWN 4     /* + hart: what a hart itself changes, holding the lock or answering */
#define PLACES 6

byte memory[PLACES], next, holders, rounds;

/* Stores on their way, of each hart. */
byte value[HARTS * PLACES];
bool dirty[HARTS * PLACES];
byte on_the_way[HARTS];

#define AT(h, place) (h * PLACES + (place))

inline store(h, place, what) {
    d_step {
        on_the_way[h] = on_the_way[h] + (dirty[AT(h, place)] -> 0 : 1);
        value[AT(h, place)] = what;
        dirty[AT(h, place)] = true
    }
}

/* A hart sees its own stores at once. */
#define LOAD(h, place) (dirty[AT(h, place)] -> value[AT(h, place)] : memory[place])

inline fence(h) { on_the_way[h] == 0 }

proctype stores(byte h) {
    byte place;
end: do
    :: on_the_way[h] ->
        atomic {
            if
            :: dirty[AT(h, SERVING)] -> place = SERVING
            :: dirty[AT(h, GUARDED)] -> place = GUARDED
            :: dirty[AT(h, ASKED)] -> place = ASKED
            :: dirty[AT(h, ASKED + 1)] -> place = ASKED + 1
            :: dirty[AT(h, OWN)] -> place = OWN
            :: dirty[AT(h, OWN + 1)] -> place = OWN + 1
            fi;
            memory[place] = value[AT(h, place)];
            dirty[AT(h, place)] = false;
            on_the_way[h]--
        }
    od
}

inline answer(h) {
    /* What the asker wrote before is there. */
    assert(LOAD(h, GUARDED) == LOAD(h, ASKED + h));
    own = LOAD(h, OWN + h);
    store(h, OWN + h, own + 1);
#ifndef NO_ANSWER_RELEASE
    fence(h);
#endif
    store(h, ASKED + h, 0)
}

proctype hart(byte h) {
    byte ticket, guarded, own, round;
    do
    :: round < ROUNDS ->
        round++;
#ifdef NO_ACQUIRE
        guarded = LOAD(h, GUARDED);
#endif
        d_step { ticket = next; next++ }
        do
        :: LOAD(h, SERVING) == ticket -> break
        :: LOAD(h, SERVING) != ticket && LOAD(h, ASKED + h) -> answer(h)
        od;
        assert(holders == 0);
        holders++;
#ifndef NO_ACQUIRE
        guarded = LOAD(h, GUARDED);
#endif
        assert(guarded == ticket);
        store(h, GUARDED, guarded + 1);
        if
        :: skip
        :: next > ticket + 1 || rounds < HARTS ->
            /* Asks the other hart, which is on its way to the lock or out of the kernel. */
            own = LOAD(h, OWN + 1 - h);
#ifndef NO_ASK_RELEASE
            fence(h);
#endif
            store(h, ASKED + 1 - h, guarded + 1);
            LOAD(h, ASKED + 1 - h) == 0;
            assert(LOAD(h, OWN + 1 - h) == own + 1)
        fi;
        holders--;
#ifndef NO_RELEASE
        fence(h);
#endif
        store(h, SERVING, ticket + 1)
    :: round == ROUNDS -> break
    od;
    rounds++;
end: do
    :: LOAD(h, ASKED + h) -> answer(h)
    od
}

init {
    atomic { run hart(0); run hart(1); run stores(0); run stores(1) }
}
