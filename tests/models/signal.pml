/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User interrupts to a receiver that runs, waits and moves between two harts (kernel/uintr/, and
 * the UINTC as in qemu/README.md): the sender posts without the kernel, while the receiver's
 * handler takes what is pending, while it goes to sleep, while it is taken off its hart, and while
 * it moves. What the kernel does, it does with its lock; accesses to the UINTC are atomic.
 *
 * Checked: when nobody can do anything more, the receiver has seen the last signal: each one was
 * delivered or merged with one that was, and none got stuck in the entry. Each must make the check
 * fail: -DLATE_EDGE (the pending bits are read before the edge is cleared), -DLATE_NOTICE (the
 * kernel looks for receivers to wake before it clears its interrupt), -DNO_EVALUATE (the UINTC does
 * not look at what is pending when an entry is written).
 */
#define SIGNALS 3

/* The receiver's entry: */
bool pending, on, supervisor;
byte entry_hart;
/* Each hart's interrupts: of the user, of the supervisor. */
bool usip[2], ssip[2];

mtype = { RUNS, READY, WAITS };
mtype state = READY;
byte hart;   /* the receiver's */
bool saved;  /* its edge, while it does not run */
bool locked; /* the kernel */
byte sent, seen, preemptions = 2, moves = 2;

inline evaluate() {
    if
    :: pending && supervisor -> ssip[entry_hart] = true
    :: pending && !supervisor && on -> usip[entry_hart] = true
    :: else
    fi
}

/* Writes the entry as it is right for the receiver's state. */
inline place(is_on, is_waiting) {
    d_step {
        on = is_on;
        supervisor = is_waiting;
        entry_hart = hart;
#ifndef NO_EVALUATE
        evaluate()
#endif
    }
}

/* The edge first: a signal after it raises it again. */
inline take(got) {
#ifndef LATE_EDGE
    usip[hart] = false; saved = false;
#endif
    d_step { got = pending; pending = false };
#ifdef LATE_EDGE
    usip[hart] = false; saved = false;
#endif
    if
    :: got -> seen = sent
    :: else
    fi
}

/* Takes it off its hart. */
inline leave(waits) {
    place(false, waits);
    saved = saved || usip[hart];
    usip[hart] = false;
    state = (waits -> WAITS : READY)
}

#define LOCK atomic { !locked -> locked = true }
#define UNLOCK locked = false

active proctype sender() {
    do
    :: sent < SIGNALS -> d_step { sent++; pending = true; evaluate() }
    :: sent == SIGNALS -> break
    od
}

/* In user mode: works and is interrupted, or waits, until it only works any more. The kernel may
 * take it off its hart in between. */
active proctype receiver() {
    bool got, works;
end: do
    :: state == RUNS && usip[hart] ->
#ifndef LATE_EDGE
        atomic { state == RUNS -> usip[hart] = false };
#endif
        atomic { state == RUNS -> pending = false; seen = sent };
#ifdef LATE_EDGE
        atomic { state == RUNS -> usip[hart] = false };
#endif
    :: atomic { state == RUNS && !works && !locked -> locked = true };
        take(got);
        if
        :: got
        :: !got -> leave(true)
        fi;
        UNLOCK
    :: !works -> works = true
    od
}

/* A hart's own part in the kernel: its interrupt, and running who is ready. */
proctype kernel(byte h) {
    bool got;
end: do
    :: ssip[h] ->
        LOCK;
#ifndef LATE_NOTICE
        ssip[h] = false;
#endif
        if
        :: state == WAITS ->
            take(got);
            if
            :: got -> state = READY; place(false, false)
            :: else
            fi
        :: else
        fi;
#ifdef LATE_NOTICE
        ssip[h] = false;
#endif
        UNLOCK
    :: state == READY && hart == h ->
        LOCK;
        if
        :: state == READY && hart == h ->
            usip[h] = saved;
            saved = false;
            place(true, false);
            state = RUNS
        :: else
        fi;
        UNLOCK
    :: state == RUNS && hart == h && preemptions ->
        LOCK;
        if
        :: state == RUNS && hart == h && preemptions -> preemptions--; leave(false)
        :: else
        fi;
        UNLOCK
    od
}

/* Somebody gives it another hart; if it runs, it is stalled first. */
active proctype mover() {
    do
    :: moves ->
        LOCK;
        moves--;
        if
        :: state == RUNS -> leave(false)
        :: else
        fi;
        hart = 1 - hart;
        place(false, state == WAITS);
        UNLOCK
    :: !moves -> break
    od
}

active proctype at_end() {
end: timeout -> assert(seen == SIGNALS && !pending)
}

init { atomic { run kernel(0); run kernel(1) } }
