/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints: who waits, who is served first, what a message carries. */
#include "test.h"

/* What a thread of these tests works on. */
typedef struct {
    seL4_CPtr endpoint;
    char letter; /* for the log */
    seL4_MessageInfo_t info;
    seL4_Word badge;
    seL4_Word words[seL4_MsgMaxLength];
} job_t;

#define JOB(cap, c) \
    { \
        .endpoint = (cap), .letter = (c) \
    }
#define INFO(label, length) seL4_MessageInfo_new(label, 0, 0, length)

static void receive_once(u4_thread_t *self)
{
    job_t *job = self->argument;

    job->info = seL4_Recv(job->endpoint, &job->badge);
    for (int i = 0; i < seL4_MsgMaxLength; i++)
        job->words[i] = seL4_GetMR(i);
    log_add(job->letter);
}

static void send_once(u4_thread_t *self)
{
    job_t *job = self->argument;

    seL4_SetMR(0, (seL4_Word)job->letter);
    seL4_Send(job->endpoint, INFO(0, 1));
    log_add(job->letter);
}

static void call_once(u4_thread_t *self)
{
    job_t *job = self->argument;

    seL4_SetMR(0, (seL4_Word)job->letter);
    job->info = seL4_Call(job->endpoint, INFO(0, 1));
    job->words[0] = seL4_GetMR(0);
    log_add(job->letter);
}

/* Answers each call with label + 1 and every word + 1. */
static void echo(u4_thread_t *self)
{
    seL4_CPtr endpoint = ((job_t *)self->argument)->endpoint;
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(endpoint, &badge);

    for (;;) {
        seL4_Word length = seL4_MessageInfo_get_length(info);

        for (int i = 0; i < (int)length; i++)
            seL4_SetMR(i, seL4_GetMR(i) + 1);
        info = seL4_ReplyRecv(endpoint, INFO(seL4_MessageInfo_get_label(info) + 1, length), &badge);
    }
}

TEST(endpoint, send, "Send hands a message to a waiting receiver")
{
    job_t job = JOB(make_endpoint(), 'r');

    start(thread("receiver", PRIO_HIGH, receive_once, &job));
    CHECK_LOG("");
    seL4_SetMR(0, 11);
    seL4_SetMR(1, 22);
    seL4_Send(job.endpoint, INFO(77, 2));
    CHECK_LOG("r");
    CHECK_EQ(seL4_MessageInfo_get_label(job.info), 77);
    CHECK_EQ(seL4_MessageInfo_get_length(job.info), 2);
    CHECK_EQ(job.badge, 0);
    CHECK_EQ(job.words[0], 11);
    CHECK_EQ(job.words[1], 22);
}

TEST(endpoint, recv, "Recv takes the message of a waiting sender")
{
    job_t job = {.endpoint = make_endpoint(), .letter = 's'};
    seL4_CPtr badged = mint(job.endpoint, seL4_AllRights, 0xbad6e);
    seL4_CPtr endpoint = job.endpoint;
    seL4_Word badge;

    job.endpoint = badged;
    start(thread("sender", PRIO_HIGH, send_once, &job));
    CHECK_LOG("");
    CHECK_EQ(seL4_MessageInfo_get_length(seL4_Recv(endpoint, &badge)), 1);
    CHECK_EQ(seL4_GetMR(0), 's');
    CHECK_EQ(badge, 0xbad6e);
    CHECK_LOG("s");
}

TEST(endpoint, lengths, "messages of every length arrive whole, both ways")
{
    static const seL4_Word lengths[] = {0, 1, 2, 3, 4, 5, 6, 60, 119, 120};
    job_t job = {.endpoint = make_endpoint()};

    start(thread("echo", PRIO_HIGH, echo, &job));
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        seL4_MessageInfo_t info;

        for (int i = 0; i < seL4_MsgMaxLength; i++)
            seL4_SetMR(i, 1000 + (seL4_Word)i);
        info = seL4_Call(job.endpoint, INFO(k, lengths[k]));
        CHECK_EQ(seL4_MessageInfo_get_label(info), k + 1);
        CHECK_EQ(seL4_MessageInfo_get_length(info), lengths[k]);
        for (int i = 0; i < seL4_MsgMaxLength; i++)
            CHECK_EQ(seL4_GetMR(i), 1000 + (seL4_Word)i + (i < (int)lengths[k]));
    }
}

TEST(endpoint, too_long, "a length above 120 is delivered as 120")
{
    job_t job = JOB(make_endpoint(), 'r');

    start(thread("receiver", PRIO_HIGH, receive_once, &job));
    seL4_Send(job.endpoint, INFO(0, 127));
    CHECK_EQ(seL4_MessageInfo_get_length(job.info), 120);
}

TEST(endpoint, label, "labels have 52 bits")
{
    job_t job = JOB(make_endpoint(), 'r');
    seL4_Word label = ((seL4_Word)1 << 52) - 2;

    start(thread("receiver", PRIO_HIGH, receive_once, &job));
    seL4_Send(job.endpoint, INFO(label, 0));
    CHECK_EQ(seL4_MessageInfo_get_label(job.info), label);
}

TEST_CLASSIC(endpoint, senders_fifo, "senders are served in the order in which they came")
{
    seL4_CPtr endpoint = make_endpoint();
    job_t jobs[3] = {JOB(endpoint, 'a'), JOB(endpoint, 'b'), JOB(endpoint, 'c')};

    start(thread("a", PRIO_HIGH, send_once, &jobs[0]));
    start(thread("b", PRIO_HIGH + 20, send_once, &jobs[1]));
    start(thread("c", PRIO_HIGH + 10, send_once, &jobs[2]));
    for (int i = 0; i < 3; i++) {
        (void)seL4_Recv(endpoint, NULL);
        CHECK_EQ(seL4_GetMR(0), 'a' + i);
    }
    CHECK_LOG("abc");
}

TEST_CLASSIC(endpoint, receivers_fifo, "receivers are served in the order in which they came")
{
    seL4_CPtr endpoint = make_endpoint();
    job_t jobs[3] = {JOB(endpoint, 'a'), JOB(endpoint, 'b'), JOB(endpoint, 'c')};

    start(thread("a", PRIO_HIGH, receive_once, &jobs[0]));
    start(thread("b", PRIO_HIGH + 20, receive_once, &jobs[1]));
    start(thread("c", PRIO_HIGH + 10, receive_once, &jobs[2]));
    for (seL4_Word i = 0; i < 3; i++) {
        seL4_SetMR(0, i);
        seL4_Send(endpoint, INFO(0, 1));
        CHECK_EQ(jobs[i].words[0], i);
    }
    CHECK_LOG("abc");
}

TEST(endpoint, nbsend, "NBSend without a receiver does nothing, with one it delivers")
{
    job_t job = JOB(make_endpoint(), 'r');
    seL4_Word badge = 9;

    seL4_NBSend(job.endpoint, INFO(1, 0));
    (void)seL4_NBRecv(job.endpoint, &badge);
    CHECK_EQ(badge, 0);
    start(thread("receiver", PRIO_HIGH, receive_once, &job));
    seL4_NBSend(job.endpoint, INFO(2, 0));
    CHECK_LOG("r");
    CHECK_EQ(seL4_MessageInfo_get_label(job.info), 2);
}

TEST(endpoint, nbrecv, "NBRecv takes a waiting message")
{
    seL4_CPtr endpoint = make_endpoint();
    job_t job = {.endpoint = mint(endpoint, seL4_AllRights, 4), .letter = 's'};
    seL4_Word badge;

    start(thread("sender", PRIO_HIGH, send_once, &job));
    CHECK_EQ(seL4_MessageInfo_get_length(seL4_NBRecv(endpoint, &badge)), 1);
    CHECK_EQ(badge, 4);
    CHECK_EQ(seL4_GetMR(0), 's');
    CHECK_LOG("s");
}

TEST(endpoint, nbrecv_registers, "NBRecv with nothing to receive changes a0 only, to 0")
{
    seL4_CPtr endpoint = make_endpoint();
    u4_sys_regs_t r =
        u4_sys(seL4_SysNBRecv, (u4_sys_regs_t){endpoint, 1, {2, 3, 4, 5}}, TEST_REPLY);

    CHECK_EQ(r.a0, 0);
    CHECK_EQ(r.info, 1);
    for (seL4_Word i = 0; i < 4; i++)
        CHECK_EQ(r.mr[i], i + 2);
}

TEST(endpoint, send_registers, "Send, NBSend and Yield change no register")
{
    job_t job = JOB(make_endpoint(), 'r');
    static const seL4_Word calls[] = {seL4_SysSend, seL4_SysNBSend, seL4_SysYield};

    for (size_t k = 0; k < sizeof calls / sizeof *calls; k++) {
        u4_sys_regs_t in = {job.endpoint, INFO(3, 4).words[0], {6, 7, 8, 9}}, out;

        start(thread("receiver", PRIO_HIGH, receive_once, &job));
        out = u4_sys(calls[k], in, 0);
        CHECK_EQ(out.a0, in.a0);
        CHECK_EQ(out.info, in.info);
        for (int i = 0; i < 4; i++)
            CHECK_EQ(out.mr[i], in.mr[i]);
    }
}

TEST(endpoint, recv_registers, "a message changes as many registers as it has words")
{
    seL4_CPtr endpoint = make_endpoint();
    job_t job = {.endpoint = endpoint, .letter = 's'};
    u4_sys_regs_t r;

    start(thread("sender", PRIO_HIGH, send_once, &job));
    r = u4_sys(seL4_SysRecv, (u4_sys_regs_t){endpoint, 99, {1, 2, 3, 4}}, TEST_REPLY);
    CHECK_EQ(r.a0, 0);
    CHECK_EQ(r.info, INFO(0, 1).words[0]);
    CHECK_EQ(r.mr[0], 's');
    for (seL4_Word i = 1; i < 4; i++)
        CHECK_EQ(r.mr[i], i + 1);
}

TEST(endpoint, call, "Call waits for its answer; sender and receiver alternate")
{
    seL4_CPtr endpoint = make_endpoint();
    job_t job = JOB(endpoint, 'c');
    seL4_Word badge;

    start(thread("caller", PRIO_HIGH, call_once, &job));
    (void)seL4_Recv(endpoint, &badge);
    CHECK_EQ(seL4_GetMR(0), 'c');
    CHECK_LOG("");
    seL4_SetMR(0, 1234);
    seL4_Reply(INFO(5, 1));
    CHECK_LOG("c");
    CHECK_EQ(seL4_MessageInfo_get_label(job.info), 5);
    CHECK_EQ(job.words[0], 1234);
}

TEST(endpoint, call_badges, "one server tells its clients apart by badge")
{
    seL4_CPtr endpoint = make_endpoint();
    job_t jobs[3];
    seL4_Word badge;

    for (seL4_Word i = 0; i < 3; i++) {
        jobs[i] =
            (job_t){.endpoint = mint(endpoint, seL4_AllRights, i + 1), .letter = (char)('a' + i)};
        start(thread("client", PRIO_HIGH, call_once, &jobs[i]));
    }
    (void)seL4_Recv(endpoint, &badge);
    for (seL4_Word i = 0; i < 3; i++) {
        CHECK_EQ(badge, i + 1);
        seL4_SetMR(0, 100 * badge);
        if (i < 2)
            (void)seL4_ReplyRecv(endpoint, INFO(0, 1), &badge);
        else
            seL4_Reply(INFO(0, 1));
    }
    for (seL4_Word i = 0; i < 3; i++)
        CHECK_EQ(jobs[i].words[0], 100 * (i + 1));
}

TEST(endpoint, no_send_right, "Send without write right is dropped, Call gets an error")
{
    seL4_CPtr endpoint = copy(make_endpoint(), seL4_CapRights_new(1, 1, 1, 0));

    seL4_Send(endpoint, INFO(0, 0));
    CHECK_ERROR(raw(endpoint, 0, 0, 0), seL4_InvalidCapability);
    CHECK_WORDS(0);
}

TEST(endpoint, empty_slot, "Send to an empty slot is dropped, Call gets an error")
{
    seL4_CPtr slot = make_slot();

    seL4_Send(slot, INFO(0, 0));
    seL4_NBSend(slot, INFO(0, 0));
    CHECK_ERROR(raw(slot, 0, 0, 0), seL4_InvalidCapability);
    CHECK_WORDS(0);
}

TEST(endpoint, call_no_grant, "Call through a capability that can grant nothing stops the caller")
{
    seL4_CPtr endpoint = make_endpoint();
    job_t job = {.endpoint = copy(endpoint, seL4_ReadWrite), .letter = 'c'};

    start(thread("caller", PRIO_HIGH, call_once, &job));
    (void)seL4_Recv(endpoint, NULL);
    CHECK_EQ(seL4_GetMR(0), 'c');
    seL4_Reply(INFO(0, 0));
    let_run(PRIO_LOW);
    CHECK_LOG("");
}

TEST(endpoint, grant_reply, "the grant-reply right alone is enough to be answered")
{
    seL4_CPtr endpoint = make_endpoint();
    job_t job = {.endpoint = copy(endpoint, seL4_CapRights_new(1, 0, 0, 1)), .letter = 'c'};

    start(thread("caller", PRIO_HIGH, call_once, &job));
    (void)seL4_Recv(endpoint, NULL);
    seL4_Reply(INFO(0, 0));
    CHECK_LOG("c");
}

/* Three senders that wait: the first and the third with badge 1, the second with badge 2. */
static void three_senders(seL4_CPtr one, seL4_CPtr two)
{
    static job_t jobs[3];

    for (int i = 0; i < 3; i++) {
        jobs[i] = (job_t)JOB(i == 1 ? two : one, (char)('a' + i));
        start(thread("sender", PRIO_HIGH, send_once, &jobs[i]));
    }
}

TEST(endpoint, cancel_badged, "CancelBadgedSends makes senders of that badge send again")
{
    seL4_CPtr endpoint = make_endpoint();
    seL4_CPtr one = mint(endpoint, seL4_AllRights, 1);

    three_senders(one, mint(endpoint, seL4_AllRights, 2));
    CHECK_OK(seL4_CNode_CancelBadgedSends(CNODE, one, DEPTH));
    for (int i = 0; i < 3; i++)
        (void)seL4_Recv(endpoint, NULL);
    CHECK_LOG("bca");
}

TEST(endpoint, cancel_gone, "cancelled senders whose capability is gone do not send again")
{
    seL4_CPtr endpoint = make_endpoint();
    seL4_CPtr one = mint(endpoint, seL4_AllRights, 1), kept = make_slot();
    seL4_Word badge;

    three_senders(one, mint(endpoint, seL4_AllRights, 2));
    CHECK_OK(seL4_CNode_Move(CNODE, kept, DEPTH, CNODE, one, DEPTH));
    CHECK_OK(seL4_CNode_CancelBadgedSends(CNODE, kept, DEPTH));
    (void)seL4_Recv(endpoint, &badge);
    CHECK_EQ(badge, 2);
    (void)seL4_NBRecv(endpoint, &badge);
    CHECK_EQ(badge, 0);
}

TEST(endpoint, revoke_badged, "revoking and deleting a capability leaves messages that wait")
{
    seL4_CPtr endpoint = make_endpoint(), one = mint(endpoint, seL4_AllRights, 1);

    three_senders(one, mint(endpoint, seL4_AllRights, 2));
    CHECK_OK(seL4_CNode_Revoke(CNODE, one, DEPTH));
    CHECK_OK(seL4_CNode_Delete(CNODE, one, DEPTH));
    for (int i = 0; i < 3; i++)
        (void)seL4_Recv(endpoint, NULL);
    CHECK_LOG("abc");
}

TEST(endpoint, delete, "deleting an endpoint wakes its callers with an error")
{
    seL4_CPtr endpoint = make_endpoint();
    job_t job = JOB(endpoint, 'c');

    start(thread("caller", PRIO_HIGH, call_once, &job));
    CHECK_OK(seL4_CNode_Delete(CNODE, endpoint, DEPTH));
    CHECK_LOG("c");
    CHECK_EQ(seL4_MessageInfo_get_label(job.info), seL4_InvalidCapability);
}

/* ---- Threads without an IPC buffer ---- */

static void receive_registers(u4_thread_t *self)
{
    job_t *job = self->argument;
    u4_sys_regs_t r = u4_sys(seL4_SysRecv, (u4_sys_regs_t){job->endpoint, 0, {0}}, TEST_REPLY);

    job->info.words[0] = r.info;
    for (int i = 0; i < 4; i++)
        job->words[i] = r.mr[i];
    log_add(job->letter);
}

TEST(endpoint, no_buffer, "a thread without an IPC buffer receives four words")
{
    job_t job = JOB(make_endpoint(), 'r');
    u4_thread_t *t = thread("receiver", PRIO_HIGH, receive_registers, &job);

    CHECK_OK(seL4_TCB_SetIPCBuffer(t->tcb, 0, 0));
    start(t);
    for (int i = 0; i < 8; i++)
        seL4_SetMR(i, 50 + (seL4_Word)i);
    seL4_Send(job.endpoint, INFO(0, 8));
    CHECK_LOG("r");
    CHECK_EQ(seL4_MessageInfo_get_length(job.info), 4);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(job.words[i], 50 + (seL4_Word)i);
}
