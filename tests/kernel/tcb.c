/* SPDX-License-Identifier: BSD-2-Clause */
/* TCB: registers, spaces, flags, and each invocation's errors. Priorities are in sched.c. */
#include "faulting.h"
#include "test.h"

enum { REGISTERS = sizeof(seL4_UserContext) / sizeof(seL4_Word) };

#define SELF seL4_CapInitThreadTCB

static void nothing(u4_thread_t *self)
{
    (void)self;
    log_add('n');
}

static void spin(u4_thread_t *self)
{
    volatile seL4_Word *count = self->argument;

    for (;;)
        ++*count;
}

/* Does CONFIGURE, all arguments good but those given. */
typedef struct {
    seL4_CPtr cspace, vspace, buffer;
    seL4_Word cspace_data, address;
} configure_t;

static seL4_Error configure(const configure_t *c)
{
    return seL4_TCB_Configure(make_tcb(), 0, c->cspace ? c->cspace : CNODE, c->cspace_data,
                              c->vspace ? c->vspace : seL4_CapInitThreadVSpace, 0, c->address,
                              c->buffer);
}

TEST(tcb, read_write, "registers are written and read back, in the order of seL4_UserContext")
{
    seL4_CPtr tcb = make_tcb();
    seL4_UserContext in = {0}, out;
    seL4_Word *words = (seL4_Word *)&in, *back = (seL4_Word *)&out;

    for (int i = 0; i < REGISTERS; i++)
        words[i] = 0x1000 + (seL4_Word)i;
    CHECK_OK(seL4_TCB_WriteRegisters(tcb, 0, 0, REGISTERS, &in));
    CHECK_OK(seL4_TCB_ReadRegisters(tcb, 0, 0, REGISTERS, &out));
    for (int i = 0; i < REGISTERS; i++)
        CHECK_EQ(back[i], words[i]);
}

TEST(tcb, write_some, "a shorter count leaves the other registers alone")
{
    seL4_CPtr tcb = make_tcb();
    seL4_UserContext in = {0}, out;

    in.pc = 0x100;
    in.sp = 0x300;
    CHECK_OK(seL4_TCB_WriteRegisters(tcb, 0, 0, REGISTERS, &in));
    in.pc = 0x101;
    in.sp = 0x301;
    CHECK_OK(seL4_TCB_WriteRegisters(tcb, 0, 0, 1, &in));
    CHECK_OK(seL4_TCB_ReadRegisters(tcb, 0, 0, REGISTERS, &out));
    CHECK_EQ(out.pc, 0x101);
    CHECK_EQ(out.sp, 0x300);
}

TEST(tcb, fresh, "a new thread's registers are 0")
{
    seL4_UserContext out;
    const seL4_Word *words = (const seL4_Word *)&out;

    CHECK_OK(seL4_TCB_ReadRegisters(make_tcb(), 0, 0, REGISTERS, &out));
    for (int i = 0; i < REGISTERS; i++)
        CHECK_EQ(words[i], 0);
}

TEST(tcb, read_errors, "ReadRegisters: count out of range, own thread, short message")
{
    seL4_CPtr tcb = make_tcb();
    seL4_UserContext out;

    CHECK_ERROR(seL4_TCB_ReadRegisters(tcb, 0, 0, 0, &out), seL4_RangeError);
    CHECK_WORDS(1, REGISTERS);
    CHECK_ERROR(seL4_TCB_ReadRegisters(tcb, 0, 0, REGISTERS + 1, &out), seL4_RangeError);
    CHECK_WORDS(1, REGISTERS);
    CHECK_ERROR(seL4_TCB_ReadRegisters(SELF, 0, 0, REGISTERS, &out), seL4_IllegalOperation);
    CHECK_ERROR(raw(tcb, TCBReadRegisters, 0, 1), seL4_TruncatedMessage);
}

TEST(tcb, write_errors, "WriteRegisters: own thread, short messages")
{
    seL4_UserContext in = {0};

    CHECK_ERROR(seL4_TCB_WriteRegisters(SELF, 0, 0, 1, &in), seL4_IllegalOperation);
    CHECK_ERROR(raw(make_tcb(), TCBWriteRegisters, 0, 1), seL4_TruncatedMessage);
    seL4_SetMR(0, 0);
    seL4_SetMR(1, 3);
    CHECK_ERROR(raw(make_tcb(), TCBWriteRegisters, 0, 4), seL4_TruncatedMessage);
}

TEST(tcb, write_resume, "WriteRegisters can resume the thread")
{
    u4_thread_t *t = thread("writer", PRIO_HIGH, nothing, NULL);
    seL4_UserContext regs;

    CHECK_OK(seL4_TCB_ReadRegisters(t->tcb, 0, 0, REGISTERS, &regs));
    CHECK_LOG("");
    CHECK_OK(seL4_TCB_WriteRegisters(t->tcb, 1, 0, REGISTERS, &regs));
    CHECK_LOG("n");
}

TEST(tcb, read_suspend, "ReadRegisters can suspend the thread")
{
    volatile seL4_Word count = 0;
    u4_thread_t *t = thread("spin", ROOT_PRIO, spin, (void *)(uintptr_t)&count);
    seL4_UserContext regs;
    seL4_Word seen;

    start(t);
    seL4_Yield();
    CHECK(count > 0);
    CHECK_OK(seL4_TCB_ReadRegisters(t->tcb, 1, 0, REGISTERS, &regs));
    seen = count;
    seL4_Yield();
    CHECK_EQ(count, seen);
}

TEST(tcb, copy_registers, "CopyRegisters copies frame and integer registers apart")
{
    seL4_CPtr from = make_tcb(), to = make_tcb();
    seL4_UserContext in = {0}, out;

    for (int i = 0; i < REGISTERS; i++)
        ((seL4_Word *)&in)[i] = 0x2000 + (seL4_Word)i;
    CHECK_OK(seL4_TCB_WriteRegisters(from, 0, 0, REGISTERS, &in));
    CHECK_OK(seL4_TCB_CopyRegisters(to, from, 0, 0, 1, 0, 0));
    CHECK_OK(seL4_TCB_ReadRegisters(to, 0, 0, REGISTERS, &out));
    CHECK_EQ(out.pc, in.pc);
    CHECK_EQ(out.sp, in.sp);
    CHECK_EQ(out.s11, in.s11);
    CHECK_EQ(out.a0, 0);
    CHECK_EQ(out.tp, 0);
    CHECK_OK(seL4_TCB_CopyRegisters(to, from, 0, 0, 0, 1, 0));
    CHECK_OK(seL4_TCB_ReadRegisters(to, 0, 0, REGISTERS, &out));
    CHECK_EQ(out.a0, in.a0);
    CHECK_EQ(out.t6, in.t6);
    CHECK_EQ(out.tp, in.tp);
}

TEST(tcb, copy_errors, "CopyRegisters: a source that is no TCB, short messages")
{
    seL4_CPtr tcb = make_tcb();

    CHECK_ERROR(seL4_TCB_CopyRegisters(tcb, make_endpoint(), 0, 0, 1, 1, 0),
                seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(raw(tcb, TCBCopyRegisters, 0, 1), seL4_TruncatedMessage);
    seL4_SetCap(0, tcb);
    CHECK_ERROR(raw(tcb, TCBCopyRegisters, 1, 0), seL4_TruncatedMessage);
}

TEST(tcb, suspend, "Suspend stops a thread, Resume lets it go on")
{
    volatile seL4_Word count = 0;
    u4_thread_t *t = thread("spin", ROOT_PRIO, spin, (void *)(uintptr_t)&count);
    seL4_Word seen;

    start(t);
    seL4_Yield();
    CHECK_OK(seL4_TCB_Suspend(t->tcb));
    seen = count;
    CHECK(seen > 0);
    seL4_Yield();
    CHECK_EQ(count, seen);
    CHECK_OK(seL4_TCB_Resume(t->tcb));
    seL4_Yield();
    CHECK(count > seen);
    CHECK_OK(seL4_TCB_Resume(t->tcb));
}

static void receive(u4_thread_t *self)
{
    (void)seL4_Recv((seL4_CPtr)(seL4_Word)self->argument, NULL);
    log_add('r');
}

TEST(tcb, suspend_blocked, "a blocked thread that is suspended and resumed blocks again")
{
    seL4_CPtr endpoint = make_endpoint();
    u4_thread_t *t = thread("receiver", PRIO_HIGH, receive, (void *)endpoint);

    start(t);
    CHECK_OK(seL4_TCB_Suspend(t->tcb));
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    CHECK_LOG("");
    CHECK_OK(seL4_TCB_Resume(t->tcb));
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    CHECK_LOG("r");
}

TEST(tcb, delete_running, "deleting a TCB ends its thread")
{
    volatile seL4_Word count = 0;
    u4_thread_t *t = thread("spin", ROOT_PRIO, spin, (void *)(uintptr_t)&count);
    seL4_Word seen;

    start(t);
    seL4_Yield();
    CHECK_OK(seL4_CNode_Delete(CNODE, t->tcb, DEPTH));
    seen = count;
    seL4_Yield();
    CHECK_EQ(count, seen);
}

static void delete_self(u4_thread_t *self)
{
    log_add('d');
    (void)seL4_CNode_Delete(CNODE, self->tcb, DEPTH);
    log_add('!');
}

TEST(tcb, delete_self, "a thread that deletes its own TCB ends there")
{
    u4_thread_t *t = thread("deleter", PRIO_HIGH, delete_self, NULL);

    start(t);
    let_run(PRIO_LOW);
    CHECK_LOG("d");
    CHECK(slot_empty(t->tcb));
}

static void suspend_self(u4_thread_t *self)
{
    log_add('s');
    (void)seL4_TCB_Suspend(self->tcb);
    log_add('r');
}

TEST(tcb, suspend_self, "a thread that suspends itself does so again when it is resumed")
{
    u4_thread_t *t = thread("sleeper", PRIO_HIGH, suspend_self, NULL);

    start(t);
    CHECK_LOG("s");
    CHECK_OK(seL4_TCB_Resume(t->tcb));
    CHECK_LOG("s");
}

TEST(tcb, configure_errors, "Configure: spaces and buffers of the wrong type")
{
    seL4_CPtr endpoint = make_endpoint(), frame = make_frame();

    CHECK_OK(configure(&(configure_t){0}));
    CHECK_OK(configure(&(configure_t){.buffer = frame, .address = 0x1000}));
    CHECK_ERROR(configure(&(configure_t){.cspace = endpoint}), seL4_IllegalOperation);
    CHECK_ERROR(configure(&(configure_t){.vspace = endpoint}), seL4_IllegalOperation);
    CHECK_ERROR(configure(&(configure_t){.vspace = make_table()}), seL4_IllegalOperation);
    CHECK_ERROR(configure(&(configure_t){.buffer = endpoint, .address = 0x1000}),
                seL4_IllegalOperation);
    CHECK_ERROR(configure(&(configure_t){.buffer = frame, .address = 0x1001}), seL4_AlignmentError);
    CHECK_ERROR(configure(&(configure_t){.cspace = make_cnode(4),
                                         .cspace_data = seL4_CNode_CapData_new(0, 61).words[0]}),
                seL4_IllegalOperation);
}

TEST_CLASSIC(tcb, configure_truncated, "Configure and SetSpace: messages that are too short")
{
    seL4_CPtr tcb = make_tcb();

    seL4_SetCap(0, CNODE);
    seL4_SetCap(1, seL4_CapInitThreadVSpace);
    seL4_SetCap(2, 0);
    CHECK_ERROR(raw(tcb, TCBConfigure, 3, 3), seL4_TruncatedMessage);
    CHECK_ERROR(raw(tcb, TCBConfigure, 2, 4), seL4_TruncatedMessage);
    CHECK_ERROR(raw(tcb, TCBSetSpace, 2, 2), seL4_TruncatedMessage);
    CHECK_ERROR(raw(tcb, TCBSetSpace, 1, 3), seL4_TruncatedMessage);
}

TEST(tcb, set_space_errors, "SetSpace: spaces of the wrong type")
{
    seL4_CPtr tcb = make_tcb(), endpoint = make_endpoint();

    CHECK_OK(seL4_TCB_SetSpace(tcb, 0, CNODE, 0, seL4_CapInitThreadVSpace, 0));
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, endpoint, 0, seL4_CapInitThreadVSpace, 0),
                seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, CNODE, 0, endpoint, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, CNODE, 0, make_table(), 0), seL4_IllegalOperation);
}

TEST(tcb, ipc_buffer_errors, "SetIPCBuffer: frames and addresses that will not do")
{
    seL4_CPtr tcb = make_tcb(), frame = make_frame();

    CHECK_OK(seL4_TCB_SetIPCBuffer(tcb, 0x400, frame));
    CHECK_OK(seL4_TCB_SetIPCBuffer(tcb, 0, 0));
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, 0x200, frame), seL4_AlignmentError);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, 0x400, make_endpoint()), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, 0x400, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, 0x400, u4_machine_uart_frame()), seL4_IllegalOperation);
    CHECK_ERROR(raw(tcb, TCBSetIPCBuffer, 1, 0), seL4_TruncatedMessage);
    CHECK_ERROR(raw(tcb, TCBSetIPCBuffer, 0, 1), seL4_TruncatedMessage);
}

TEST(tcb, tls_base, "SetTLSBase sets tp")
{
    seL4_CPtr tcb = make_tcb();
    seL4_UserContext regs;

    CHECK_OK(seL4_TCB_SetTLSBase(tcb, 0x7150));
    CHECK_OK(seL4_TCB_ReadRegisters(tcb, 0, 0, REGISTERS, &regs));
    CHECK_EQ(regs.tp, 0x7150);
    CHECK_ERROR(raw(tcb, TCBSetTLSBase, 0, 0), seL4_TruncatedMessage);
}

TEST(tcb, flags, "SetFlags clears, sets and returns the flags; unknown ones are not kept")
{
    seL4_CPtr tcb = make_tcb();
    seL4_TCB_SetFlags_t r = seL4_TCB_SetFlags(tcb, 0, ~(seL4_Word)0);

    CHECK_EQ(r.error, seL4_NoError);
    CHECK_EQ(r.flags, seL4_TCBFlag_fpuDisabled);
    r = seL4_TCB_SetFlags(tcb, 0, 0);
    CHECK_EQ(r.flags, seL4_TCBFlag_fpuDisabled);
    r = seL4_TCB_SetFlags(tcb, seL4_TCBFlag_fpuDisabled, 0);
    CHECK_EQ(r.flags, 0);
    CHECK_ERROR(raw(tcb, TCBSetFlags, 0, 1), seL4_TruncatedMessage);
}

TEST(tcb, label, "another label is an illegal operation")
{
    CHECK_ERROR(raw(make_tcb(), UntypedRetype, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR(raw(make_tcb(), nInvocationLabels, 0, 0), seL4_IllegalOperation);
}

TEST(tcb, registers_kept, "system calls keep every register that is no result")
{
    seL4_CPtr endpoint = make_endpoint(), ntfn = make_notification();

    CHECK_EQ(registers_kept(seL4_SysNBSend, endpoint, 0, TEST_REPLY), 0);
    CHECK_EQ(registers_kept(seL4_SysNBRecv, endpoint, 0, TEST_REPLY), 0);
    CHECK_EQ(registers_kept(seL4_SysYield, 0, 0, 9), 0);
    CHECK_EQ(registers_kept(seL4_SysSend, ntfn, 0, 9), 0);
    CHECK_EQ(registers_kept(seL4_SysRecv, ntfn, 0, 9), 0);
    CHECK_EQ(registers_kept(seL4_SysCall, ntfn, 0, 9), 0);
#if U4_MCS
    CHECK_EQ(registers_kept(seL4_SysNBWait, endpoint, 0, 9), 0);
    CHECK_EQ(registers_kept(seL4_SysReplyRecv, ntfn, 0, TEST_REPLY), 0);
    CHECK_EQ(registers_kept(seL4_SysNBSendWait, ntfn, 0, ntfn), 0);
#else
    CHECK_EQ(registers_kept(seL4_SysReply, 0, 0, 9), 0);
#endif
}
