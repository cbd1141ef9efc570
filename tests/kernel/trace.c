/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace capability, and user rings from grant to end. */
#include <string.h>

#include <u4/trace.h>

#include "test.h"

static seL4_CPtr trace(void)
{
    seL4_CPtr cap = u4_trace_cap();

    if (!cap)
        test_skip("a kernel without tracing");
    return cap;
}

TEST_U4(trace, place, "the capability is behind BootInfo's empty slots")
{
    CHECK_EQ(trace(), seL4_GetBootInfo()->empty.end);
    CHECK_ERROR(raw(trace(), U4TraceEndRing + 7, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR(raw(copy(trace(), seL4_NoRights), U4TraceGetMask, 0, 0), seL4_TruncatedMessage);
}

TEST_U4(trace, mask, "masks of harts and of user rings are set bit by bit, by class and event")
{
    static const uint64_t ipc[] = TRACE_CLASS_MASK_IPC, cap[] = TRACE_CLASS_MASK_CAP;
    uint64_t before[TRACE_MASK_WORDS], now[TRACE_MASK_WORDS];
    uint64_t all[] = {~0ull, ~0ull, ~0ull, ~0ull};

    CHECK_OK(u4_trace_get_mask(trace(), 0, before));
    CHECK_OK(u4_trace_set_mask(trace(), 0, all, ipc));
    CHECK_OK(u4_trace_get_mask(trace(), 0, now));
    for (int i = 0; i < TRACE_MASK_WORDS; i++)
        CHECK_EQ(now[i], ipc[i]);
    CHECK_OK(u4_trace_set_mask(trace(), U4_TRACE_ALL_HARTS, NULL, cap));
    CHECK_OK(u4_trace_get_mask(trace(), 0, now));
    for (int i = 0; i < TRACE_MASK_WORDS; i++)
        CHECK_EQ(now[i], ipc[i] | cap[i]);
    CHECK_OK(u4_trace_set_mask(trace(), 0, all, before));

    CHECK_OK(u4_trace_get_mask(trace(), U4_TRACE_USER_RINGS, before));
    CHECK_OK(u4_trace_set_mask(trace(), U4_TRACE_USER_RINGS, before, cap));
    CHECK_OK(u4_trace_get_mask(trace(), U4_TRACE_USER_RINGS, now));
    CHECK_EQ(now[1], cap[1]);
    CHECK_OK(u4_trace_set_mask(trace(), U4_TRACE_USER_RINGS, all, before));
}

TEST_U4(trace, mask_errors, "a mask of no ring")
{
    CHECK_ERROR(u4_trace_get_mask(trace(), 77, (uint64_t[4]){0}), seL4_RangeError);
    CHECK_WORDS(0, seL4_GetBootInfo()->numNodes - 1);
    CHECK_ERROR(u4_trace_set_mask(trace(), 77, NULL, NULL), seL4_RangeError);
    CHECK_ERROR(raw(trace(), U4TraceSetMask, 0, 8), seL4_TruncatedMessage);
    CHECK_ERROR(raw(trace(), U4TraceGetMask, 0, 0), seL4_TruncatedMessage);
}

TEST_U4(trace, grant_errors, "what cannot be a ring is refused")
{
    seL4_CPtr tcb = make_tcb(), frame = make_frame();
    seL4_CPtr readable = copy(frame, seL4_CanRead);

    CHECK_ERROR(raw(trace(), U4TraceGrantRing, 0, 1), seL4_TruncatedMessage);
    CHECK_ERROR(u4_trace_grant_ring(trace(), frame, frame, 0x10000), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(u4_trace_grant_ring(trace(), tcb, tcb, 0x10000), seL4_InvalidCapability);
    CHECK_WORDS(2);
    CHECK_ERROR(u4_trace_grant_ring(trace(), tcb, readable, 0x10000), seL4_InvalidCapability);
    CHECK_ERROR(u4_trace_grant_ring(trace(), tcb, frame, 0x10800), seL4_InvalidArgument);
    CHECK_ERROR(u4_trace_grant_ring(trace(), tcb, frame, -4096ul), seL4_InvalidArgument);
    CHECK_ERROR(raw(trace(), U4TraceEndRing, 0, 0), seL4_TruncatedMessage);
    CHECK_ERROR(u4_trace_end_ring(trace(), frame), seL4_InvalidCapability);
    CHECK_ERROR(u4_trace_end_ring(trace(), tcb), seL4_IllegalOperation);
}

static trace_ring_t *ring_of(seL4_TCB tcb, seL4_CPtr *frame)
{
    trace_ring_t *ring = make_page(frame);

    CHECK_OK(u4_trace_grant_ring(trace(), tcb, *frame, (seL4_Word)ring));
    return ring;
}

TEST_U4(trace, control, "a granted frame holds an empty ring that its thread can write")
{
    seL4_CPtr frame;
    trace_ring_t *ring = ring_of(seL4_CapInitThreadTCB, &frame);

    CHECK_EQ(ring->magic, TRACE_RING_MAGIC);
    CHECK_EQ(ring->capacity, 64);
    CHECK_EQ(ring->base, (seL4_Word)ring + 2048);
    CHECK_EQ(ring->end, (seL4_Word)ring + 4096);
    CHECK_EQ(ring->next, ring->base);
    CHECK_EQ(ring->data_paddr, seL4_RISCV_Page_GetAddress(frame).paddr + 2048);
    CHECK(ring->owner != 0);
    ring->mask[TRACE_WORD_user_mark] |= TRACE_BIT_user_mark;
    CHECK(u4_trace_use(ring));
    for (seL4_Word i = 0; i < 70; i++)
        U4_TRACE(user_mark, 3, i, 0);
    CHECK_EQ(ring->laps, 1);
    CHECK_EQ(ring->next, ring->base + 6 * sizeof(trace_record_t));
    CHECK_EQ(((trace_record_t *)ring->base)[5].ab, 69);
    CHECK_EQ(((trace_record_t *)ring->base)[6].ab, 6);
    u4_trace_use(NULL);
    U4_TRACE(user_mark, 3, 0, 0);
    CHECK_EQ(ring->next, ring->base + 6 * sizeof(trace_record_t));
    CHECK_OK(u4_trace_end_ring(trace(), seL4_CapInitThreadTCB));
}

U4_EVENT(tested, "An event of the test's own.", number, uint, square, uint, small, hex)
U4_EVENT(bare, "Without fields.")
U4_COUNTER(level, "A counter.")

TEST_U4(trace, own_events, "events of the program's own are in the ring with their description")
{
    static const char text[] = "event 256 user tested \"An event of the test's own.\"\n"
                               "  ab number uint\n  c square uint\n  d small hex\n"
                               "event 257 user bare \"Without fields.\"\n"
                               "event 258 user level \"A counter.\"\n  ab value counter\n";
    seL4_CPtr frame;
    trace_ring_t *ring = ring_of(seL4_CapInitThreadTCB, &frame);
    const trace_user_schema_t *schema = (void *)(ring + 1);
    const trace_record_t *record = (void *)ring->base;

    CHECK(u4_trace_use(ring));
    CHECK_EQ(schema->length, sizeof text - 1);
    CHECK_EQ(memcmp(schema + 1, text, sizeof text - 1), 0);
    ring->mask[0] = 5;
    U4_EMIT(tested, 7, 49, 0xab);
    U4_EMIT(bare);
    U4_EMIT(level, -3);
    CHECK_EQ(ring->next, ring->base + 2 * sizeof *record);
    CHECK(record[0].event == 256 && record[0].ab == 7 && record[0].c == 49 && record[0].d == 0xab);
    CHECK(record[1].event == 258 && record[1].ab == -3ull);
    u4_trace_use(NULL);
    CHECK_OK(u4_trace_end_ring(trace(), seL4_CapInitThreadTCB));
}

TEST_U4(trace, end, "a ring ends with its frame, with its thread and when another takes its place")
{
    seL4_CPtr frame, tcb = make_tcb(), parent = make_untyped(12), derived = make_slot();

    (void)ring_of(tcb, &frame);
    CHECK_OK(seL4_CNode_Revoke(CNODE, frame, DEPTH));
    CHECK_ERROR(u4_trace_end_ring(trace(), tcb), seL4_IllegalOperation);

    CHECK_OK(seL4_Untyped_Retype(parent, seL4_RISCV_4K_Page, 0, CNODE, 0, 0, derived, 1));
    CHECK_OK(u4_trace_grant_ring(trace(), tcb, derived, 0x10000));
    CHECK_OK(u4_trace_grant_ring(trace(), tcb, frame, 0x10000));
    CHECK_OK(u4_trace_grant_ring(trace(), tcb, derived, 0x20000));
    CHECK_OK(seL4_CNode_Revoke(CNODE, parent, DEPTH));
    CHECK_ERROR(u4_trace_end_ring(trace(), tcb), seL4_IllegalOperation);

    CHECK_OK(u4_trace_grant_ring(trace(), tcb, frame, 0x10000));
    CHECK_OK(seL4_CNode_Delete(CNODE, tcb, DEPTH));
    CHECK_OK(seL4_CNode_Delete(CNODE, frame, DEPTH));
}

TEST_U4(trace, many, "there are so many rings and not one more, and all come back")
{
    enum { TCBS = TRACE_MAX_USER_RINGS + 1 };
    seL4_CPtr tcbs, frame = make_frame();

    (void)trace();
    CHECK_OK(u4_alloc_objects(&test_alloc, seL4_TCBObject, 0, TCBS, &tcbs));
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < TCBS - 1; i++)
            CHECK_OK(u4_trace_grant_ring(trace(), tcbs + i, frame, 0x10000));
        CHECK_ERROR(u4_trace_grant_ring(trace(), tcbs + TCBS - 1, frame, 0x10000),
                    seL4_NotEnoughMemory);
        CHECK_OK(u4_trace_grant_ring(trace(), tcbs, frame, 0x10000));
        CHECK_OK(seL4_CNode_Revoke(CNODE, frame, DEPTH));
    }
}
