/* SPDX-License-Identifier: BSD-2-Clause */
/* Addressing in CSpaces: depths, guards, several levels, and the words of failed lookups. */
#include "test.h"

/* Bits of the root CNode's guard in front of its radix. */
static seL4_Word root_guard_bits(void)
{
    return seL4_WordBits - seL4_GetBootInfo()->initThreadCNodeSizeBits;
}

static seL4_Error copy_at(seL4_CPtr root, seL4_Word index, seL4_Word depth)
{
    return seL4_CNode_Copy(CNODE, make_slot(), DEPTH, root, index, (seL4_Uint8)depth,
                           seL4_AllRights);
}

TEST(lookup, depth_range, "depths are from 1 to 64")
{
    CHECK_ERROR(seL4_CNode_Delete(CNODE, 1, 0), seL4_RangeError);
    CHECK_WORDS(1, seL4_WordBits);
    CHECK_ERROR(seL4_CNode_Revoke(CNODE, 1, 65), seL4_RangeError);
    CHECK_WORDS(1, seL4_WordBits);
    CHECK_ERROR(copy_at(CNODE, 1, 0), seL4_RangeError);
    CHECK_WORDS(1, seL4_WordBits);
    CHECK_ERROR(seL4_CNode_CancelBadgedSends(CNODE, 1, 65), seL4_RangeError);
    CHECK_WORDS(1, seL4_WordBits);
#if !U4_MCS
    CHECK_ERROR(seL4_CNode_SaveCaller(CNODE, 1, 0), seL4_RangeError);
    CHECK_WORDS(1, seL4_WordBits);
#endif
}

/* Each operation with DEPTH as the depth of its source or, for the last three, destination. */
static void all_operations(seL4_Word index, seL4_Uint8 depth, seL4_Error expected)
{
    seL4_CPtr slot = make_slot(), frame = make_frame();

    CHECK_ERROR(seL4_CNode_Copy(CNODE, slot, DEPTH, CNODE, index, depth, seL4_AllRights), expected);
    CHECK_ERROR(seL4_CNode_Mint(CNODE, slot, DEPTH, CNODE, index, depth, seL4_AllRights, 1),
                expected);
    CHECK_ERROR(seL4_CNode_Move(CNODE, slot, DEPTH, CNODE, index, depth), expected);
    CHECK_ERROR(seL4_CNode_Mutate(CNODE, slot, DEPTH, CNODE, index, depth, 1), expected);
    CHECK_ERROR(
        seL4_CNode_Rotate(CNODE, slot, DEPTH, 0, CNODE, frame, DEPTH, 0, CNODE, index, depth),
        expected);
    CHECK_ERROR(
        seL4_CNode_Rotate(CNODE, slot, DEPTH, 0, CNODE, index, depth, 0, CNODE, frame, DEPTH),
        expected);
    CHECK_ERROR(
        seL4_CNode_Rotate(CNODE, index, depth, 0, CNODE, frame, DEPTH, 0, CNODE, slot, DEPTH),
        expected);
    CHECK_ERROR(seL4_CNode_Copy(CNODE, index, depth, CNODE, frame, DEPTH, seL4_AllRights),
                expected);
    CHECK_ERROR(seL4_CNode_Mint(CNODE, index, depth, CNODE, frame, DEPTH, seL4_AllRights, 1),
                expected);
    CHECK_ERROR(seL4_CNode_Move(CNODE, index, depth, CNODE, frame, DEPTH), expected);
    CHECK_ERROR(seL4_CNode_Mutate(CNODE, index, depth, CNODE, frame, DEPTH, 1), expected);
    CHECK_ERROR(seL4_CNode_Delete(CNODE, index, depth), expected);
    CHECK_ERROR(seL4_CNode_Revoke(CNODE, index, depth), expected);
    CHECK_ERROR(seL4_CNode_CancelBadgedSends(CNODE, index, depth), expected);
#if !U4_MCS
    CHECK_ERROR(seL4_CNode_SaveCaller(CNODE, index, depth), expected);
#endif
    CHECK_ERROR(seL4_IRQControl_Get(seL4_CapIRQControl, 40, CNODE, index, depth), expected);
    CHECK_ERROR(seL4_IRQControl_GetTrigger(seL4_CapIRQControl, 40, 0, CNODE, index, depth),
                expected);
    CHECK_ERROR(
        seL4_RISCV_ASIDControl_MakePool(seL4_CapASIDControl, make_untyped(12), CNODE, index, depth),
        expected);
}

TEST(lookup, every_operation, "each operation that looks up a slot fails on a bad one")
{
    all_operations(1, 0, seL4_RangeError);
    all_operations(1, 65, seL4_RangeError);
    all_operations((seL4_Word)1 << 63, DEPTH, seL4_FailedLookup);
    all_operations(1, 20, seL4_FailedLookup);
}

TEST(lookup, source_root, "a source root that is no CNode")
{
    CHECK_ERROR(copy_at(make_endpoint(), 1, DEPTH), seL4_FailedLookup);
    CHECK_WORDS(1, seL4_InvalidRoot);
    CHECK_ERROR(copy_at(make_slot(), 1, DEPTH), seL4_FailedLookup);
    CHECK_WORDS(1, seL4_InvalidRoot);
}

TEST(lookup, guard, "an index that does not match the guard")
{
    seL4_Word bits = root_guard_bits();

    CHECK_ERROR(seL4_CNode_Delete(CNODE, (seL4_Word)1 << 63, DEPTH), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_GuardMismatch, DEPTH, 0, bits);
    CHECK_ERROR(copy_at(CNODE, (seL4_Word)1 << 63, DEPTH), seL4_FailedLookup);
    CHECK_WORDS(1, seL4_GuardMismatch, DEPTH, 0, bits);
    CHECK_ERROR(seL4_CNode_Delete(CNODE, 1, (seL4_Uint8)(bits - 1)), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_GuardMismatch, bits - 1, 0, bits);
}

TEST(lookup, too_shallow, "a depth that ends within a CNode's radix")
{
    CHECK_ERROR(seL4_CNode_Delete(CNODE, 1, 60), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_DepthMismatch, 60, seL4_WordBits);
    CHECK_ERROR(copy_at(make_cnode(4), 1, 3), seL4_FailedLookup);
    CHECK_WORDS(1, seL4_DepthMismatch, 3, 4);
}

TEST(lookup, too_deep, "a depth that goes on behind an object that is no CNode")
{
    seL4_CPtr node = make_cnode(4), endpoint = make_endpoint();

    CHECK_OK(seL4_CNode_Move(node, 3, 4, CNODE, endpoint, DEPTH));
    CHECK_ERROR(seL4_CNode_Delete(node, 3 << 2, 6), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_DepthMismatch, 2, 0);
    CHECK_ERROR(copy_at(node, 3 << 2, 6), seL4_FailedLookup);
    CHECK_WORDS(1, seL4_DepthMismatch, 2, 0);
}

TEST(lookup, levels, "a CSpace of three levels with guards")
{
    seL4_CPtr a = make_cnode(4), b = make_cnode(3), c = make_cnode(2);
    seL4_CPtr endpoint = make_endpoint();
    seL4_Word guard = seL4_CNode_CapData_new(2, 2).words[0];
    seL4_Word index = 0;

    /* a[5] is b behind guard 2 of 2 bits, b[6] is c without one, c[1] is the endpoint */
    CHECK_OK(seL4_CNode_Mint(a, 5, 4, CNODE, b, DEPTH, seL4_AllRights, guard));
    CHECK_OK(seL4_CNode_Copy(a, (5 << 2 | 2) << 3 | 6, 9, CNODE, c, DEPTH, seL4_AllRights));
    index = ((5 << 2 | 2) << 3 | 6) << 2 | 1;
    CHECK_OK(seL4_CNode_Move(a, index, 11, CNODE, endpoint, DEPTH));
    CHECK_OK(seL4_CNode_Delete(c, 0, 2));
    CHECK_ERROR(seL4_CNode_Move(c, 1, 2, CNODE, b, DEPTH), seL4_DeleteFirst);
    CHECK_ERROR(seL4_CNode_Delete(a, 5 << 2 | 1, 6), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_GuardMismatch, 2, 2, 2);
    CHECK_ERROR(seL4_CNode_Delete(a, (5 << 2 | 2) << 2, 8), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_DepthMismatch, 4, 5);
}

/* Signal at CPtr ARGUMENT of the thread's own CSpace; its own TCB has the CPtr after that. */
static void try_signal(u4_thread_t *self)
{
    seL4_CPtr *cptrs = self->argument;

    seL4_Signal(cptrs[0]);
    log_add('s');
    self->tcb = cptrs[1];
}

TEST(lookup, cptr, "a CPtr is looked up through the levels of the thread's CSpace")
{
    seL4_CPtr top = make_cnode(4), low = make_cnode(4), ntfn = make_notification();
    seL4_CPtr cptrs[] = {0x23, 0x24};
    seL4_Word guard = seL4_CNode_CapData_new(0, 56).words[0], badge;
    u4_thread_t *t = thread("signaller", PRIO_HIGH, try_signal, cptrs);

    CHECK_OK(seL4_CNode_Copy(top, 2, 4, CNODE, low, DEPTH, seL4_AllRights));
    CHECK_OK(seL4_CNode_Mint(low, 3, 4, CNODE, ntfn, DEPTH, seL4_AllRights, 0x77));
    CHECK_OK(seL4_CNode_Copy(low, 4, 4, CNODE, t->tcb, DEPTH, seL4_AllRights));
    CHECK_OK(seL4_TCB_SetSpace(t->tcb, 0, top, guard, seL4_CapInitThreadVSpace, 0));
    start(t);
    CHECK_LOG("s");
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0x77);
}

TEST(lookup, extra_bits, "a CPtr may have more bits than the object's depth")
{
    seL4_CPtr top = make_cnode(4), ntfn = make_notification();
    seL4_CPtr cptrs[] = {0x5ab, 0x6cd};
    seL4_Word guard = seL4_CNode_CapData_new(0, 52).words[0], badge;
    u4_thread_t *t = thread("signaller", PRIO_HIGH, try_signal, cptrs);

    CHECK_OK(seL4_CNode_Mint(top, 5, 4, CNODE, ntfn, DEPTH, seL4_AllRights, 0x78));
    CHECK_OK(seL4_CNode_Copy(top, 6, 4, CNODE, t->tcb, DEPTH, seL4_AllRights));
    CHECK_OK(seL4_TCB_SetSpace(t->tcb, 0, top, guard, seL4_CapInitThreadVSpace, 0));
    start(t);
    CHECK_LOG("s");
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0x78);
}
