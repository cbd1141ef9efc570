/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two harts meet in the kernel (docs/smp.md; kernel/smp/, trap.S, sched.c): thread 0 on hart 0
 * sends messages to thread 1 on hart 1, suspends and resumes it; thread 1 waits for messages and
 * now and then reads thread 0's registers. What another hart runs is stalled first: the lock's
 * holder asks, the other hart answers out of user mode, out of idling, or while it waits for the
 * lock itself. A trap whose thread was taken has never happened. What becomes ready for another
 * hart is told it by an interrupt, before the lock is given up.
 *
 * The lock orders memory (lock.pml), so memory is in order here. Checked: nobody waits for ever
 * (no invalid end state), each message arrives once, and no thread is changed while it runs.
 *
 * Each must make the check fail: -DNO_ANSWER (whoever waits for the lock does not answer), -DNO_DROP
 * (the trap goes on without its thread), -DNO_STALL, -DNO_IPI (no interrupt for who becomes ready),
 * -DLATE_WAIT (an idle hart forgets what is pending before it waits).
 */
#define MESSAGES 2
#define TICKETS 8

mtype = { READY, BLOCKED, INACTIVE };
mtype state[2] = READY;
bool current[2] = true; /* the hart runs its thread; else it idles */
bool queued[2];         /* the thread is in its hart's ready queue */
bool request[2], ipi[2];
bool kernel[2];         /* the hart holds the lock */
byte next, serving;     /* tickets */
byte sent, mailbox, received;
byte looks = 1, suspensions = 1; /* that may still come */

/* Gives up the thread, which will execute its instruction again. */
inline answer(h) {
    if
    :: request[h] ->
        d_step {
            if
            :: current[h] -> current[h] = false; queued[h] = true
            :: else
            fi;
            request[h] = false
        }
    :: else
    fi
}

inline lock(h) {
    d_step { ticket = next; next = (next + 1) % TICKETS }
    do
    :: serving == ticket -> break
#ifndef NO_ANSWER
    :: serving != ticket && request[h] -> answer(h)
#endif
    od;
    kernel[h] = true
}

inline unlock(h) {
    kernel[h] = false;
    serving = (serving + 1) % TICKETS
}

/* Of the other hart's thread. */
inline stall(o) {
#ifndef NO_STALL
    if
    :: current[o] -> request[o] = true; ipi[o] = true; !request[o]
    :: else
    fi;
#endif
    assert(!current[o])
}

inline ready(o) {
    state[o] = READY;
    queued[o] = true;
    note = true
}

inline thread_0() {
    if
    :: sent < MESSAGES ->
        sent++;
        if
        :: state[1] == BLOCKED -> received++; ready(1)
        :: else -> mailbox++
        fi
    :: suspensions && state[1] != INACTIVE ->
        suspensions--;
        stall(1);
        state[1] = INACTIVE;
        queued[1] = false
    :: state[1] == INACTIVE -> ready(1)
    fi
}

inline thread_1() {
    if
    :: looks -> looks--; stall(0) /* and reads its registers */
    :: mailbox -> mailbox--; received++
    :: !mailbox -> state[1] = BLOCKED; current[1] = false
    fi
}

#define BUSY(h) (h == 0 -> sent < MESSAGES || suspensions || state[1] == INACTIVE : \
                 received < MESSAGES)

proctype hart(byte h) {
    byte ticket;
    bool note, call;
user:
    if
    :: BUSY(h) -> call = true
    :: ipi[h] -> call = false
    :: !BUSY(0) && !BUSY(1) -> goto done
    fi;
    lock(h);
#ifndef NO_DROP
    if
    :: !current[h] -> goto leave
    :: else
    fi;
#endif
    assert(current[h]);
    if
    :: call && h == 0 && BUSY(0) -> thread_0()
    :: call && h == 1 -> thread_1()
    :: else -> ipi[h] = false
    fi;
leave:
    /* Chooses, tells whom it has made ready, gives up the lock. */
    if
    :: !current[h] && queued[h] ->
        assert(state[h] == READY);
        queued[h] = false;
        current[h] = true
    :: else
    fi;
    if
    :: note ->
#ifndef NO_IPI
        ipi[1 - h] = true;
#endif
        note = false
    :: else
    fi;
    if
    :: current[h] -> unlock(h); goto user
    :: else -> unlock(h)
    fi;
#ifdef LATE_WAIT
    ipi[h] = false;
#endif
    if
    :: ipi[h] -> lock(h); ipi[h] = false; goto leave
    :: !BUSY(0) && !BUSY(1) && !request[h] -> skip
    fi;
done:
end: do
    :: request[h] -> answer(h)
    od
}

active proctype at_end() {
end: (!BUSY(0) && !BUSY(1)) -> assert(received == MESSAGES && !mailbox)
}

init { atomic { run hart(0); run hart(1) } }
