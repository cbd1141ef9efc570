/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The demo system's protocol. Every program counts what it did and reports it to root before it
 * ends; root adds up and prints, so that a trace of the run can be compared with it exactly.
 *
 *   root    starts the others, answers their faults, collects their reports
 *   fs      the file server: calls, sends and ticks (a bound notification) on one endpoint
 *   shell   calls fs in bursts, one burst per tick; touches pages that root must map
 *   logger  sends to fs in bursts, without waiting for answers
 *   timer   turns alarms of the clock's interrupt into ticks for the three above
 *   spin    two of the same priority, which share what time is left; with MCS by budgets
 *   calc    with MCS: a passive server of the spinners, which runs on their time
 *   churn   a thread of root that makes and revokes kernel objects
 */
#ifndef SERVICES_DEMO_H
#define SERVICES_DEMO_H

#include <sel4/sel4.h>

enum { DEMO_TICKS = 24 };

/* The demo with a bug to be found has fs among the spinners, see docs/investigation.md. */
#ifndef DEMO_PRIO_FS
#define DEMO_PRIO_FS 120
#endif

enum {
    PRIO_ROOT = 200,
    PRIO_TIMER = 130,
    PRIO_FS = DEMO_PRIO_FS,
    PRIO_CLIENT = 100,
    PRIO_CHURN = 80,
    PRIO_SPIN = 60
};

/* Badges: of clients at fs, of programs at root, of events at the timer and at fs. */
enum { BADGE_SHELL = 1, BADGE_LOGGER = 2 };
enum { EVENT_ALARM = 1, EVENT_SHELL = 2, EVENT_LOGGER = 4, EVENT_TICK = 0x100 };

/* Labels of messages to fs. */
enum { FS_READ = 1, FS_WRITE, FS_BUFFER, FS_LOG, FS_LOG_NB, FS_CLOSE };
/* Labels to root: a report, one word per count; a server has no more need of time of its own. */
enum { DEMO_REPORT = 100, DEMO_PASSIVE };

/* With MCS: budgets of the spinners, microseconds; the second is told to root when used up. */
enum {
    SPIN_A_BUDGET = 3000,
    SPIN_B_BUDGET = 2000,
    SPIN_PERIOD = 10000,
};

/* First word of the buffer that fs shares. */
#define FS_BUFFER_MAGIC 0x7569346673627566ull

/* What is counted; each NAME is printed as it stands. */
#define DEMO_COUNTS(COUNT) \
    COUNT(ipc_call) \
    COUNT(ipc_reply) \
    COUNT(ipc_send) \
    COUNT(ipc_nbsend) \
    COUNT(ipc_nbsend_lost) \
    COUNT(cap_transfer) \
    COUNT(signal) \
    COUNT(irq) \
    COUNT(fault) \
    COUNT(fault_reply) \
    COUNT(mark) \
    COUNT(yield)

#define DEMO_COUNT_MEMBER(name) seL4_Word name;
typedef struct {
    DEMO_COUNTS(DEMO_COUNT_MEMBER)
} demo_counts_t;

extern demo_counts_t counts;

/* Report the counts to root; leave with STATUS. Both messages are counted as well. */
_Noreturn void demo_end(int status);

/* End with a message if ERROR says that something went wrong. */
void demo_check(seL4_Error error, const char *what);

/* Be busy for about ITERATIONS times two instructions. */
void demo_work(unsigned long iterations);

#endif
