/* SPDX-License-Identifier: BSD-2-Clause */
/* Floating point: registers are each thread's own; a flag takes the unit away. */
#include "faulting.h"
#include "test.h"

typedef struct {
    double start;
    unsigned rounds;
    double result;
} job_t;

/* Many values in floating-point registers, across switches to the other thread. */
static double compute(double start, unsigned rounds)
{
    double a = start, b = start * 2, c = start * 3;

    for (unsigned i = 0; i < rounds; i++) {
        a += b * 0.5;
        b -= c * 0.25;
        c += a * 0.125;
        seL4_Yield();
    }
    return a + b + c;
}

static void run(u4_thread_t *self)
{
    job_t *job = self->argument;

    job->result = compute(job->start, job->rounds);
    log_add('f');
}

TEST(fpu, own_registers, "two threads that alternate compute as if alone")
{
    job_t jobs[2] = {{.start = 1.25, .rounds = 50}, {.start = -7.5, .rounds = 50}};
    double alone[2];

    for (int i = 0; i < 2; i++)
        alone[i] = compute(jobs[i].start, jobs[i].rounds);
    for (int i = 0; i < 2; i++)
        start(thread("float", ROOT_PRIO, run, &jobs[i]));
    let_run(ROOT_PRIO);
    CHECK_LOG("ff");
    for (int i = 0; i < 2; i++)
        CHECK(jobs[i].result == alone[i]);
}

static void use_float(u4_thread_t *self)
{
    *(seL4_Word *)self->argument = fault_float();
    log_add('u');
}

TEST(fpu, disabled, "with the fpuDisabled flag floating point is an illegal instruction")
{
    seL4_CPtr endpoint = make_endpoint();
    seL4_Word value = 1;
    u4_thread_t *t = thread_faulting("float", PRIO_HIGH, use_float, &value, endpoint);

    CHECK_EQ(seL4_TCB_SetFlags(t->tcb, 0, seL4_TCBFlag_fpuDisabled).error, seL4_NoError);
    start(t);
    CHECK_EQ(seL4_MessageInfo_get_label(seL4_Recv(endpoint, NULL)), seL4_Fault_UserException);
    CHECK_EQ(seL4_GetMR(seL4_UserException_FaultIP), (seL4_Word)fault_float);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 2);
    CHECK_EQ(seL4_TCB_SetFlags(t->tcb, seL4_TCBFlag_fpuDisabled, 0).error, seL4_NoError);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    CHECK_LOG("u");
    CHECK_EQ(value, 0);
}
