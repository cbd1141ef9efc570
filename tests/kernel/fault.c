/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults: the message of each kind, what an answer does, threads without a handler. */
#include "faulting.h"
#include "test.h"

#define UNMAPPED 0x3000000000ull
#define BADGE 0xfa017

/* A thread that calls FUNCTION(a, b) and keeps the result. */
typedef struct {
    seL4_Word (*function)(seL4_Word a, seL4_Word b);
    seL4_Word a, b, result;
} job_t;

static seL4_CPtr handler;

static void run(u4_thread_t *self)
{
    job_t *job = self->argument;

    job->result = job->function(job->a, job->b);
    log_add('d');
}

static u4_thread_t *faulting(job_t *job)
{
    u4_thread_t *t;

    handler = make_endpoint();
    t = thread_faulting("faulting", PRIO_HIGH, run, job, mint(handler, seL4_AllRights, BADGE));
    start(t);
    return t;
}

/* Receive the fault message: it must be of that kind and length, and come with the badge. */
static void receive_fault(seL4_Word label, seL4_Word length)
{
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_NBRecv(handler, &badge);

    CHECK_EQ(badge, BADGE);
    CHECK_EQ(seL4_MessageInfo_get_label(info), label);
    CHECK_EQ(seL4_MessageInfo_get_length(info), length);
    CHECK_EQ(seL4_MessageInfo_get_extraCaps(info), 0);
    CHECK_LOG("");
}

static void answer(seL4_Word label, seL4_Word length)
{
    seL4_Reply(seL4_MessageInfo_new(label, 0, 0, length));
}

#define FUNCTION(f) ((seL4_Word(*)(seL4_Word, seL4_Word))(void (*)(void))(f))
#define ADDRESS(f) ((seL4_Word)(f))
#define JOB(f, x, y) \
    { \
        .function = FUNCTION(f), .a = (x), .b = (y) \
    }

TEST(fault, load, "a load from an unmapped page; it is done again after the answer")
{
    job_t job = JOB(fault_load, UNMAPPED + 0x18, 0);
    seL4_Word *page = (seL4_Word *)UNMAPPED;

    faulting(&job);
    receive_fault(seL4_Fault_VMFault, 4);
    CHECK_WORDS(ADDRESS(fault_load), UNMAPPED + 0x18, 0, 5);
    CHECK_OK(u4_vspace_map(&test_vspace, make_frame(), UNMAPPED, seL4_ReadWrite, 0));
    page[3] = 0x600d;
    answer(0, 0);
    CHECK_LOG("d");
    CHECK_EQ(job.result, 0x600d);
}

TEST(fault, store, "a store to an unmapped page")
{
    job_t job = JOB(fault_store, UNMAPPED + 8, 1);

    faulting(&job);
    receive_fault(seL4_Fault_VMFault, 4);
    CHECK_WORDS(ADDRESS(fault_store), UNMAPPED + 8, 0, 7);
}

TEST(fault, store_read_only, "a store to a read-only page")
{
    job_t job = JOB(fault_store, UNMAPPED, 1);

    CHECK_OK(u4_vspace_map(&test_vspace, make_frame(), UNMAPPED, seL4_CanRead, 0));
    faulting(&job);
    receive_fault(seL4_Fault_VMFault, 4);
    CHECK_WORDS(ADDRESS(fault_store), UNMAPPED, 0, 7);
}

TEST(fault, fetch, "a jump to an unmapped page")
{
    job_t job = JOB(UNMAPPED + 0x100, 0, 0);

    faulting(&job);
    receive_fault(seL4_Fault_VMFault, 4);
    CHECK_WORDS(UNMAPPED + 0x100, UNMAPPED + 0x100, 1, 1);
}

TEST(fault, execute_never, "a jump to a page that must not be executed")
{
    job_t job = JOB(UNMAPPED, 0, 0);

    CHECK_OK(u4_vspace_map(&test_vspace, make_frame(), UNMAPPED, seL4_ReadWrite,
                           seL4_RISCV_ExecuteNever));
    faulting(&job);
    receive_fault(seL4_Fault_VMFault, 4);
    CHECK_WORDS(UNMAPPED, UNMAPPED, 1, 1);
}

TEST(fault, kernel_address, "a load from the kernel's addresses")
{
    job_t job = JOB(fault_load, 0xffffffff80200000ull, 0);

    faulting(&job);
    receive_fault(seL4_Fault_VMFault, 4);
    CHECK_WORDS(ADDRESS(fault_load), 0xffffffff80200000ull, 0, 5);
}

TEST(fault, breakpoint, "a breakpoint is an exception; the answer sets the program counter")
{
    job_t job = JOB(fault_breakpoint, 0x77, 0);

    faulting(&job);
    receive_fault(seL4_Fault_UserException, 4);
    CHECK_EQ(seL4_GetMR(seL4_UserException_FaultIP), ADDRESS(fault_breakpoint));
    CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 3);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Code), 0);
    seL4_SetMR(0, ADDRESS(fault_breakpoint) + 4);
    answer(0, 1);
    CHECK_LOG("d");
    CHECK_EQ(job.result, 0x77);
}

TEST(fault, illegal, "an instruction that user programs may not execute")
{
    job_t job = JOB(fault_illegal, 0x78, 0);

    faulting(&job);
    receive_fault(seL4_Fault_UserException, 4);
    CHECK_EQ(seL4_GetMR(seL4_UserException_FaultIP), ADDRESS(fault_illegal));
    CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 2);
    seL4_SetMR(0, ADDRESS(fault_illegal) + 4);
    answer(0, 2);
    CHECK_LOG("d");
}

TEST(fault, exception_again, "an empty answer executes the instruction again")
{
    job_t job = JOB(fault_breakpoint, 0, 0);

    faulting(&job);
    receive_fault(seL4_Fault_UserException, 4);
    answer(0, 0);
    receive_fault(seL4_Fault_UserException, 4);
    CHECK_EQ(seL4_GetMR(seL4_UserException_FaultIP), ADDRESS(fault_breakpoint));
}

TEST(fault, exception_stop, "an answer with a label stops the thread")
{
    job_t job = JOB(fault_breakpoint, 0, 0);
    seL4_Word badge;

    faulting(&job);
    receive_fault(seL4_Fault_UserException, 4);
    seL4_SetMR(0, ADDRESS(fault_breakpoint) + 4);
    answer(1, 1);
    (void)seL4_NBRecv(handler, &badge);
    CHECK_EQ(badge, 0);
    CHECK_LOG("");
}

static seL4_Word unknown_syscall(seL4_Word number, seL4_Word unused)
{
    (void)unused;
    return fault_ecall(number, 10, 11, 12, 13, 14);
}

TEST(fault, unknown_syscall, "an unknown system call brings its registers")
{
    static const seL4_Word numbers[] = {0, 1, 1000, (seL4_Word)-1000, ~(seL4_Word)0 >> 1};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        job_t job = JOB(unknown_syscall, numbers[i], 0);
        u4_thread_t *t = faulting(&job);

        receive_fault(seL4_Fault_UnknownSyscall, 11);
        CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_FaultIP), ADDRESS(fault_ecall_at));
        CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_Syscall), numbers[i]);
        for (int a = 0; a < 5; a++)
            CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_A0 + a), 10 + (seL4_Word)a);
        CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_A5), 0x55);
        CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_A6), 0x66);
        CHECK_OK(seL4_TCB_Suspend(t->tcb));
    }
}

TEST(fault, emulate_syscall, "an answer can be the result of an emulated system call")
{
    job_t job = JOB(unknown_syscall, 42, 0);

    faulting(&job);
    receive_fault(seL4_Fault_UnknownSyscall, 11);
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, ADDRESS(fault_ecall_at) + 4);
    seL4_SetMR(seL4_UnknownSyscall_A0, 4242);
    answer(0, 10);
    CHECK_LOG("d");
    CHECK_EQ(job.result, 4242);
}

/* ---- Capability faults ---- */

static seL4_Word send_to(seL4_Word cptr, seL4_Word unused)
{
    (void)unused;
    seL4_Send(cptr, seL4_MessageInfo_new(0, 0, 0, 0));
    return 1;
}

static seL4_Word call_to(seL4_Word cptr, seL4_Word unused)
{
    (void)unused;
    (void)seL4_Call(cptr, seL4_MessageInfo_new(0, 0, 0, 0));
    return 1;
}

static seL4_Word nbsend_to(seL4_Word cptr, seL4_Word unused)
{
    (void)unused;
    seL4_NBSend(cptr, seL4_MessageInfo_new(0, 0, 0, 0));
    return 1;
}

static seL4_Word receive_from(seL4_Word cptr, seL4_Word unused)
{
    (void)unused;
    (void)seL4_Recv(cptr, NULL);
    return 1;
}

static seL4_Word poll_from(seL4_Word cptr, seL4_Word unused)
{
    (void)unused;
    (void)seL4_NBRecv(cptr, NULL);
    return 1;
}

/* After the first message that it gets. */
static seL4_Word receive_and_call(seL4_Word from, seL4_Word to)
{
    (void)seL4_Recv(from, NULL);
    return seL4_MessageInfo_get_label(seL4_Call(to, seL4_MessageInfo_new(77, 0, 0, 0)));
}

static seL4_Word send_cap(seL4_Word cptr, seL4_Word cap)
{
    seL4_SetCap(0, cap);
    seL4_Send(cptr, seL4_MessageInfo_new(0, 0, 1, 0));
    return 1;
}

static seL4_Word guard_bits(void)
{
    return seL4_WordBits - seL4_GetBootInfo()->initThreadCNodeSizeBits;
}

TEST(fault, send_guard, "a CPtr that misses the guard: fault in the send phase")
{
    seL4_Word bad = (seL4_Word)1 << 62;
    job_t jobs[2] = {JOB(send_to, bad, 0), JOB(call_to, bad, 0)};

    for (int i = 0; i < 2; i++) {
        faulting(&jobs[i]);
        receive_fault(seL4_Fault_CapFault, 7);
        CHECK_EQ(seL4_GetMR(seL4_CapFault_Addr), bad);
        CHECK_EQ(seL4_GetMR(seL4_CapFault_InRecvPhase), 0);
        CHECK_EQ(seL4_GetMR(seL4_CapFault_LookupFailureType), seL4_GuardMismatch);
        CHECK_EQ(seL4_GetMR(seL4_CapFault_BitsLeft), seL4_WordBits);
        CHECK_EQ(seL4_GetMR(seL4_CapFault_GuardMismatch_GuardFound), 0);
        CHECK_EQ(seL4_GetMR(seL4_CapFault_GuardMismatch_BitsFound), guard_bits());
    }
}

TEST(fault, nbsend_guard, "NBSend to such a CPtr does nothing")
{
    job_t job = JOB(nbsend_to, (seL4_Word)1 << 62, 0);

    faulting(&job);
    CHECK_LOG("d");
}

TEST(fault, receive, "receiving without a capability to receive from")
{
    seL4_CPtr caps[] = {make_slot(), make_tcb(), make_frame(), copy(make_endpoint(), seL4_CanWrite),
                        copy(make_notification(), seL4_CanWrite)};

    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
        job_t jobs[2] = {JOB(receive_from, caps[i], 0), JOB(poll_from, caps[i], 0)};

        for (int k = 0; k < 2; k++) {
            u4_thread_t *t = faulting(&jobs[k]);

            receive_fault(seL4_Fault_CapFault, 5);
            CHECK_EQ(seL4_GetMR(seL4_CapFault_Addr), caps[i]);
            CHECK_EQ(seL4_GetMR(seL4_CapFault_InRecvPhase), 1);
            CHECK_EQ(seL4_GetMR(seL4_CapFault_LookupFailureType), seL4_MissingCapability);
            CHECK_EQ(seL4_GetMR(seL4_CapFault_BitsLeft), 0);
            CHECK_OK(seL4_TCB_Suspend(t->tcb));
        }
    }
}

TEST(fault, receive_guard, "receiving from a CPtr that misses the guard")
{
    job_t job = JOB(receive_from, (seL4_Word)1 << 62, 0);

    faulting(&job);
    receive_fault(seL4_Fault_CapFault, 7);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_InRecvPhase), 1);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_LookupFailureType), seL4_GuardMismatch);
}

TEST(fault, extra_cap, "a capability to be sent that cannot be looked up")
{
    job_t job = JOB(send_cap, make_endpoint(), (seL4_Word)1 << 61);

    faulting(&job);
    receive_fault(seL4_Fault_CapFault, 7);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_Addr), (seL4_Word)1 << 61);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_InRecvPhase), 0);
}

TEST(fault, cap_given, "a receive goes on when the handler has put a capability there")
{
    seL4_CPtr slot = make_slot(), ntfn = make_notification();
    job_t job = JOB(receive_from, slot, 0);

    faulting(&job);
    receive_fault(seL4_Fault_CapFault, 5);
    CHECK_OK(seL4_CNode_Move(CNODE, slot, DEPTH, CNODE, ntfn, DEPTH));
    answer(1, 0); /* the label makes no difference here */
    CHECK_LOG("");
    seL4_Signal(slot);
    CHECK_LOG("d");
}

/* ---- Handlers that are not there, and threads that are stopped ---- */

TEST(fault, no_handler, "a thread without a handler stops; Resume lets it try again")
{
    job_t job = JOB(fault_load, UNMAPPED, 0);
    u4_thread_t *t = thread("faulting", PRIO_HIGH, run, &job);

    start(t);
    CHECK_LOG("");
    CHECK_OK(u4_vspace_map(&test_vspace, make_frame(), UNMAPPED, seL4_ReadWrite, 0));
    let_run(PRIO_LOW);
    CHECK_LOG("");
    CHECK_OK(seL4_TCB_Resume(t->tcb));
    CHECK_LOG("d");
}

TEST_CLASSIC(fault, handler_rights, "a handler capability needs write and one of the grant rights")
{
    static const struct {
        seL4_Word grant_reply, grant, read, write, works;
    } rights[] = {{0, 0, 1, 1, 0}, {1, 1, 1, 0, 0}, {1, 0, 0, 1, 1}, {0, 1, 0, 1, 1}};

    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++) {
        seL4_CPtr endpoint = make_endpoint();
        seL4_CPtr cap = mint(endpoint,
                             seL4_CapRights_new(rights[i].grant_reply, rights[i].grant,
                                                rights[i].read, rights[i].write),
                             5);
        job_t job = JOB(fault_breakpoint, 0, 0);
        seL4_Word badge;

        start(thread_faulting("faulting", PRIO_HIGH, run, &job, cap));
        (void)seL4_NBRecv(endpoint, &badge);
        CHECK_EQ(badge, rights[i].works ? 5 : 0);
    }
}

TEST(fault, suspended, "Suspend and Resume of a thread with a fault make it fault again")
{
    job_t job = JOB(fault_load, UNMAPPED, 0);
    u4_thread_t *t = faulting(&job);

    CHECK_OK(seL4_TCB_Suspend(t->tcb));
    CHECK_OK(seL4_TCB_Resume(t->tcb));
    receive_fault(seL4_Fault_VMFault, 4);
    CHECK_OK(seL4_TCB_Suspend(t->tcb));
    CHECK_OK(u4_vspace_map(&test_vspace, make_frame(), UNMAPPED, seL4_ReadWrite, 0));
    CHECK_OK(seL4_TCB_Resume(t->tcb));
    CHECK_LOG("d");
}

TEST_CLASSIC(fault, saved_reply, "a fault can be answered later, through a saved reply capability")
{
    job_t job = JOB(fault_breakpoint, 0x79, 0);
    seL4_CPtr slot = make_slot();

    faulting(&job);
    receive_fault(seL4_Fault_UserException, 4);
    CHECK_OK(seL4_CNode_SaveCaller(CNODE, slot, DEPTH));
    seL4_SetMR(0, ADDRESS(fault_breakpoint) + 4);
    seL4_Send(slot, seL4_MessageInfo_new(0, 0, 0, 1));
    CHECK_LOG("d");
}

TEST(fault, decoded, "seL4_getFault reads a fault message")
{
    job_t job = JOB(fault_store, UNMAPPED, 1);
    seL4_MessageInfo_t info;
    seL4_Fault_t fault;

    faulting(&job);
    info = seL4_Recv(handler, NULL);
    CHECK(seL4_isVMFault_tag(info));
    fault = seL4_getFault(info);
    CHECK_EQ(seL4_Fault_get_seL4_FaultType(fault), seL4_Fault_VMFault);
    CHECK_EQ(seL4_Fault_VMFault_get_Addr(fault), UNMAPPED);
    CHECK_EQ(seL4_Fault_VMFault_get_FSR(fault), 7);
    CHECK_EQ(seL4_Fault_VMFault_get_IP(fault), ADDRESS(fault_store));
}

TEST(fault, set_tls_base, "the SetTLSBase system call is unknown: programs write tp themselves")
{
    job_t job = JOB(unknown_syscall, seL4_SysSetTLSBase, 0);

    faulting(&job);
    receive_fault(seL4_Fault_UnknownSyscall, 11);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_Syscall), (seL4_Word)seL4_SysSetTLSBase);
}

TEST_CLASSIC(fault, resumed, "a fault that nobody received goes out in place of the next message")
{
    seL4_CPtr slot = make_slot(), ep = make_endpoint(), to = mint(ep, seL4_AllRights, 5);
    job_t job = JOB(receive_and_call, slot, to);
    u4_thread_t *t = faulting(&job);
    seL4_Word badge;
    seL4_MessageInfo_t info;

    CHECK_OK(seL4_TCB_Suspend(t->tcb));
    CHECK_OK(seL4_CNode_Copy(CNODE, slot, DEPTH, CNODE, handler, DEPTH, seL4_AllRights));
    CHECK_OK(seL4_TCB_Resume(t->tcb));
    seL4_Send(handler, seL4_MessageInfo_new(0, 0, 0, 0));
    info = seL4_NBRecv(ep, &badge);
    CHECK_EQ(badge, 5);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_CapFault);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_Addr), slot);
    /* Answered like a fault: the call is made again, and now with its own message. */
    answer(0, 0);
    info = seL4_NBRecv(ep, &badge);
    CHECK_EQ(badge, 5);
    CHECK_EQ(seL4_MessageInfo_get_label(info), 77);
    answer(99, 0);
    CHECK_LOG("d");
    CHECK_EQ(job.result, 99);
}
