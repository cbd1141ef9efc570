/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <u4/elf.h>
#include <u4/process.h>
#include <u4/start.h>
#include <u4/u4.h>

enum { PAGE = 1 << seL4_PageBits };
#if U4_MCS
enum { SLOT_TCB = 1, SLOT_CNODE, SLOT_VSPACE, SLOT_EXIT, SLOT_REPLY, SLOT_GRANTS };
#else
enum { SLOT_TCB = 1, SLOT_CNODE, SLOT_VSPACE, SLOT_EXIT, SLOT_GRANTS };
#endif

/* The parts of one creation, so that its steps need few arguments. */
typedef struct {
    u4_process_t *p;
    const u4_process_env_t *env;
    const u4_process_config_t *config;
    seL4_Word window; /* address where the creator sees the page that it fills */
    u4_elf_t elf;
} job_t;

static seL4_Word page_down(seL4_Word address)
{
    return address & ~(seL4_Word)(PAGE - 1);
}

static seL4_Word guard_data(seL4_Word bits)
{
    return seL4_CNode_CapData_new(0, seL4_WordBits - bits).words[0];
}

/* Copy what of SEGMENT lies on the page at VADDR to the page that the creator sees. */
static void fill_page(const u4_elf_segment_t *segment, seL4_Word vaddr, char *page)
{
    seL4_Word from = segment->vaddr > vaddr ? segment->vaddr : vaddr;
    seL4_Word end = segment->vaddr + segment->file_size;

    if (end > vaddr + PAGE)
        end = vaddr + PAGE;
    if (from < end)
        memcpy(page + (from - vaddr), segment->content + (from - segment->vaddr), end - from);
}

/* Fill FRAME through the creator's window, then map it into the program. */
static seL4_Error place_page(job_t *job, seL4_RISCV_Page frame, seL4_Word vaddr,
                             const u4_elf_segment_t *segment)
{
    seL4_RISCV_VMAttributes attr =
        segment->flags & U4_ELF_EXECUTE ? seL4_RISCV_Default_VMAttributes : seL4_RISCV_ExecuteNever;
    seL4_CapRights_t rights = segment->flags & U4_ELF_WRITE ? seL4_ReadWrite : seL4_CanRead;
    seL4_Error error = seL4_NoError;

    if (vaddr < segment->vaddr + segment->file_size) {
        error = u4_vspace_map(job->env->vspace, frame, job->window, seL4_ReadWrite,
                              seL4_RISCV_ExecuteNever);
        if (error)
            return error;
        fill_page(segment, vaddr, (char *)job->window);
        error = seL4_RISCV_Page_Unmap(frame);
    }
    return error ? error : u4_vspace_map(&job->p->vspace, frame, vaddr, rights, attr);
}

static seL4_Error load_segment(job_t *job, const u4_elf_segment_t *segment)
{
    seL4_Word vaddr = page_down(segment->vaddr);
    seL4_Word end = segment->vaddr + segment->memory_size;
    seL4_Error error = seL4_NoError;
    seL4_CPtr frame;

    for (; !error && vaddr < end; vaddr += PAGE) {
        error = u4_alloc_object(job->env->alloc, seL4_RISCV_4K_Page, 0, &frame);
        if (!error)
            error = place_page(job, frame, vaddr, segment);
    }
    if (end > job->p->image_end)
        job->p->image_end = page_down(end + PAGE - 1);
    return error;
}

static seL4_Error load_image(job_t *job)
{
    seL4_Error error = seL4_NoError;
    u4_elf_segment_t segment;

    job->p->image_end = 0;
    job->p->entry = job->elf.entry;
    for (unsigned i = 0; !error && i < job->elf.count; i++)
        if (u4_elf_segment(&job->elf, i, &segment))
            error = load_segment(job, &segment);
    return error;
}

static seL4_Error make_objects(job_t *job)
{
    u4_process_t *p = job->p;
    u4_alloc_t *alloc = job->env->alloc;
    seL4_Error error = u4_alloc_object(alloc, seL4_TCBObject, 0, &p->tcb);

    if (!error)
        error = u4_alloc_object(alloc, seL4_CapTableObject, p->cnode_bits, &p->cnode);
    if (!error)
        error = u4_vspace_create(&p->vspace, alloc, job->env->asid_pool);
#if U4_MCS
    if (!error)
        error = u4_make_time(alloc, job->env->sched_control, job->config->budget_us,
                             job->config->period_us, &p->sched_context);
    if (!error)
        error = u4_alloc_object(alloc, seL4_ReplyObject, 0, &p->reply);
#endif
    return error;
}

/* Give the program a capability: DATA is a badge, or a CNode's guard; 0 copies as it is. */
static seL4_Error give(job_t *job, seL4_Word slot, seL4_CPtr cap, seL4_CapRights_t rights,
                       seL4_Word data)
{
    seL4_CNode own = job->env->alloc->cnode;
    u4_process_t *p = job->p;

    return data ? seL4_CNode_Mint(p->cnode, slot, (seL4_Uint8)p->cnode_bits, own, cap,
                                  seL4_WordBits, rights, data)
                : seL4_CNode_Copy(p->cnode, slot, (seL4_Uint8)p->cnode_bits, own, cap,
                                  seL4_WordBits, rights);
}

static seL4_Error give_all(job_t *job)
{
    const u4_process_config_t *c = job->config;
    u4_process_t *p = job->p;
    seL4_Error error = give(job, SLOT_TCB, p->tcb, seL4_AllRights, 0);

    if (!error)
        error = give(job, SLOT_CNODE, p->cnode, seL4_AllRights, guard_data(p->cnode_bits));
    if (!error)
        error = give(job, SLOT_VSPACE, p->vspace.root, seL4_AllRights, 0);
    if (!error)
        error = give(job, SLOT_EXIT, c->exit_ep, seL4_AllRights, c->exit_badge);
#if U4_MCS
    if (!error)
        error = give(job, SLOT_REPLY, p->reply, seL4_AllRights, 0);
#endif
    for (unsigned i = 0; !error && i < c->grant_count; i++)
        error =
            give(job, SLOT_GRANTS + i, c->grants[i].cap, c->grants[i].rights, c->grants[i].badge);
    return error;
}

static void name_cap(u4_start_t *start, const char *name, seL4_CPtr cptr)
{
    u4_start_cap_t *cap = &start->caps[start->ncaps++];

    strncpy(cap->name, name, sizeof cap->name - 1);
    cap->cptr = cptr;
}

/* Append an argument; false if there is no room for it. */
static bool add_argument(u4_start_t *start, const char *text)
{
    size_t size = strlen(text) + 1;

    if (start->argc == U4_START_ARGS - 1 || size > sizeof start->text - start->text_used)
        return false;
    start->argv[start->argc++] = (uint16_t)start->text_used;
    memcpy(start->text + start->text_used, text, size);
    start->text_used += (uint32_t)size;
    return true;
}

static bool fill_start(const job_t *job, u4_start_t *start, seL4_Word ipc_buffer)
{
    const u4_process_config_t *c = job->config;

    memset(start, 0, sizeof *start);
    start->magic = U4_START_MAGIC;
    start->ipc_buffer = (seL4_IPCBuffer *)ipc_buffer;
    start->first_free_slot = SLOT_GRANTS + c->grant_count;
    start->cnode_bits = job->p->cnode_bits;
    start->flags =
        (u4_kernel() ? U4_START_KERNEL_IS_U4 : 0) | (u4_debug_calls() ? U4_START_DEBUG_CALLS : 0);
    name_cap(start, "tcb", SLOT_TCB);
    name_cap(start, "cnode", SLOT_CNODE);
    name_cap(start, "vspace", SLOT_VSPACE);
    name_cap(start, "exit", SLOT_EXIT);
#if U4_MCS
    name_cap(start, "reply", SLOT_REPLY);
#endif
    for (unsigned i = 0; i < c->grant_count; i++)
        name_cap(start, c->grants[i].name, SLOT_GRANTS + i);
    if (!c->argv)
        return add_argument(start, c->name);
    for (unsigned i = 0; c->argv[i]; i++)
        if (!add_argument(start, c->argv[i]))
            return false;
    return true;
}

/* The start block goes on the second page behind the image, the IPC buffer on the fourth. */
static seL4_Error make_start(job_t *job, seL4_Word *start_vaddr, u4_tcb_config_t *tcb)
{
    static u4_start_t start;
    u4_process_t *p = job->p;
    seL4_CPtr frame;
    seL4_Error error = u4_alloc_object(job->env->alloc, seL4_RISCV_4K_Page, 0, &frame);

    *start_vaddr = p->image_end + PAGE;
    tcb->ipc_buffer = p->image_end + 3 * PAGE;
    if (!error && !fill_start(job, &start, tcb->ipc_buffer))
        error = seL4_RangeError;
    if (!error)
        error = place_page(job, frame, *start_vaddr,
                           &(u4_elf_segment_t){*start_vaddr, sizeof start, (const uint8_t *)&start,
                                               sizeof start, U4_ELF_READ});
    if (!error)
        error = u4_alloc_object(job->env->alloc, seL4_RISCV_4K_Page, 0, &tcb->ipc_frame);
    if (!error)
        error = u4_vspace_map(&p->vspace, tcb->ipc_frame, tcb->ipc_buffer, seL4_ReadWrite,
                              seL4_RISCV_ExecuteNever);
    return error;
}

/* The fault endpoint as u4_tcb_configure() wants it: MCS looks it up in the creator's CSpace. */
#if U4_MCS
static seL4_Error fault_endpoint(const job_t *job, seL4_CPtr *out)
{
    seL4_CNode own = job->env->alloc->cnode;

    *out = u4_alloc_slots(job->env->alloc, 1);
    return *out ? seL4_CNode_Mint(own, *out, seL4_WordBits, own, job->config->exit_ep,
                                  seL4_WordBits, seL4_AllRights, job->config->exit_badge)
                : seL4_RangeError;
}
#else
static seL4_Error fault_endpoint(const job_t *job, seL4_CPtr *out)
{
    (void)job;
    *out = SLOT_EXIT;
    return seL4_NoError;
}
#endif

static seL4_Error start_thread(job_t *job)
{
    u4_process_t *p = job->p;
    seL4_UserContext regs = {0};
    u4_tcb_config_t tcb = {
        .cspace = p->cnode,
        .cspace_data = guard_data(p->cnode_bits),
        .vspace = p->vspace.root,
        .authority = job->env->authority,
        .mcp = job->config->mcp,
        .priority = job->config->priority,
        .sched_context = p->sched_context,
    };
    seL4_Error error = fault_endpoint(job, &tcb.fault_ep);

    if (!error)
        error = make_start(job, &regs.a0, &tcb);
    if (!error)
        error = u4_tcb_configure(p->tcb, &tcb);
    regs.pc = p->entry;
    if (!error)
        error = seL4_TCB_WriteRegisters(p->tcb, 0, 0, sizeof regs / sizeof(seL4_Word), &regs);
    if (!error)
        u4_name_thread(p->tcb, job->config->name);
    return error;
}

const char *u4_process_create(u4_process_t *process, const u4_process_env_t *env,
                              const u4_process_config_t *config, seL4_Error *error)
{
    job_t job = {.p = process, .env = env, .config = config};
    const char *wrong = u4_elf_open(&job.elf, config->image, config->image_size);

    *error = seL4_NoError;
    if (wrong)
        return wrong;
    if (config->grant_count > U4_START_CAPS - (SLOT_GRANTS - 1) ||
        SLOT_GRANTS + config->grant_count > (seL4_Word)1 << config->cnode_bits)
        return "more capabilities than the program can be given";
    memset(process, 0, sizeof *process);
    process->cnode_bits = config->cnode_bits;
    job.window = u4_vspace_window(env->vspace, 1);
    if ((*error = make_objects(&job)))
        return "making its objects";
    if ((*error = load_image(&job)))
        return "loading its image";
    if ((*error = give_all(&job)))
        return "giving it its capabilities";
    if ((*error = start_thread(&job)))
        return "setting up its thread";
    return NULL;
}
