/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring between a program and the kernel: requests, completions, the wake call, and the
 * notification of completions (kernel/async/ring.c, runtime/async/sysring.c). The kernel's side
 * may run on another hart. It is `pending` from a wake call until it has found the request ring
 * empty, or the response ring full, behind having armed it; it may stop after each request and
 * goes on at a tick. A program that frees room in the response ring looks whether the kernel
 * waits for that.
 *
 * Checked: each request completes once and in order, no response is overwritten, nobody waits
 * for ever. -DNO_RECHECK leaves out the kernel's second look, -DNO_USER_RECHECK the program's,
 * -DNO_FENCE the fences: each must make the check fail.
 */
#define REQUESTS 4
#define CAPACITY 2

byte request_head, request_tail, response_head, response_tail;
bit kernel_armed = 1; /* the kernel wants a wake call */
bit user_armed;       /* the program wants a notification */
bool pending, bell;

/* Stores on their way to memory, of each side. */
mtype = { REQUEST_HEAD, REQUEST_TAIL, RESPONSE_HEAD, RESPONSE_TAIL, KERNEL_ARMED, USER_ARMED };
chan user_stores = [4] of { mtype, byte };
chan kernel_stores = [4] of { mtype, byte };

inline to_memory(place, value) {
    if
    :: place == REQUEST_HEAD -> request_head = value
    :: place == REQUEST_TAIL -> request_tail = value
    :: place == RESPONSE_HEAD -> response_head = value
    :: place == RESPONSE_TAIL -> response_tail = value
    :: place == KERNEL_ARMED -> kernel_armed = value
    :: place == USER_ARMED -> user_armed = value
    fi
}

active proctype user_memory() {
    mtype place; byte value;
end: do
    :: atomic { user_stores?place, value -> to_memory(place, value) }
    od
}

active proctype kernel_memory() {
    mtype place; byte value;
end: do
    :: atomic { kernel_stores?place, value -> to_memory(place, value) }
    od
}

#ifdef NO_FENCE
#define FENCE(stores) skip
#else
#define FENCE(stores) empty(stores)
#endif

/* Entering the kernel orders everything. */
inline wake_if_wanted() {
    FENCE(user_stores);
    if
    :: kernel_armed -> empty(user_stores); atomic { kernel_armed = 0; pending = true }
    :: else
    fi
}

active proctype user() {
    byte sent, done, head;
    do
    :: sent < REQUESTS && sent - request_tail < CAPACITY ->
        sent++;
        user_stores!REQUEST_HEAD, sent
    :: done < sent && response_head > done ->
        head = response_head;
        assert(head - done <= CAPACITY && head <= sent);
        done = head;
        user_stores!RESPONSE_TAIL, done
    :: else ->
        if
        :: done == REQUESTS -> break
        :: else
        fi;
        wake_if_wanted();
        user_stores!USER_ARMED, 1;
        FENCE(user_stores);
        if
#ifndef NO_USER_RECHECK
        :: response_head > done || (sent < REQUESTS && sent - request_tail < CAPACITY) ->
            user_stores!USER_ARMED, 0
        :: else -> atomic { bell -> bell = false }
#else
        :: atomic { bell -> bell = false }
#endif
        fi
    od
}

active proctype kernel() {
    byte taken, head, room;
end: do
    :: pending ->
        head = request_head;
        do
        :: head == taken || taken - response_tail == CAPACITY ->
            /* Nothing to do, or no room for what comes of it: say so and look again. */
            kernel_stores!KERNEL_ARMED, 1;
            FENCE(kernel_stores);
#ifndef NO_RECHECK
            head = request_head;
#endif
            if
#ifndef NO_RECHECK
            :: head != taken && taken - response_tail < CAPACITY ->
                kernel_stores!KERNEL_ARMED, 0;
                empty(kernel_stores)
#endif
            :: head == taken || taken - response_tail == CAPACITY ->
                atomic {
                    /* Under the kernel's lock, which the wake call takes too. */
                    pending = (kernel_armed == 0 && empty(kernel_stores))
                };
                break
            fi
        :: head != taken && taken - response_tail < CAPACITY ->
            taken++;
            kernel_stores!REQUEST_TAIL, taken;
            kernel_stores!RESPONSE_HEAD, taken;
            FENCE(kernel_stores);
            if
            :: user_armed -> kernel_stores!USER_ARMED, 0; FENCE(kernel_stores); bell = true
            :: else
            fi;
            if
            :: break /* preempted; the next tick goes on */
            :: skip
            fi
        od
    od
}
