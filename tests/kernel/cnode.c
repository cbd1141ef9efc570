/* SPDX-License-Identifier: BSD-2-Clause */
/* CNode: what each operation does, and its own errors. Lookups are in lookup.c. */
#include "test.h"

/* Badge with which a signal through CAP arrives. */
static seL4_Word badge_of(seL4_CPtr cap, seL4_CPtr notification)
{
    seL4_Word badge = 0;

    seL4_Signal(cap);
    (void)seL4_Poll(notification, &badge);
    return badge;
}

static seL4_Word address_of(seL4_CPtr frame)
{
    seL4_RISCV_Page_GetAddress_t at = seL4_RISCV_Page_GetAddress(frame);

    CHECK_EQ(at.error, seL4_NoError);
    return at.paddr;
}

static seL4_Error copy_to(seL4_CPtr dest, seL4_CPtr source)
{
    return seL4_CNode_Copy(CNODE, dest, DEPTH, CNODE, source, DEPTH, seL4_AllRights);
}

static seL4_Error mint_to(seL4_CPtr dest, seL4_CPtr source, seL4_Word badge)
{
    return seL4_CNode_Mint(CNODE, dest, DEPTH, CNODE, source, DEPTH, seL4_AllRights, badge);
}

static seL4_Error move_to(seL4_CPtr dest, seL4_CPtr source)
{
    return seL4_CNode_Move(CNODE, dest, DEPTH, CNODE, source, DEPTH);
}

static seL4_Error mutate_to(seL4_CPtr dest, seL4_CPtr source, seL4_Word data)
{
    return seL4_CNode_Mutate(CNODE, dest, DEPTH, CNODE, source, DEPTH, data);
}

static seL4_Error rotate(seL4_CPtr dest, seL4_CPtr pivot, seL4_CPtr source)
{
    return seL4_CNode_Rotate(CNODE, dest, DEPTH, 0, CNODE, pivot, DEPTH, 0, CNODE, source, DEPTH);
}

TEST(cnode, copy, "Copy makes a second capability to the same object")
{
    seL4_CPtr ntfn = make_notification();

    CHECK_EQ(badge_of(copy(ntfn, seL4_AllRights), ntfn), 0);
    CHECK(!slot_empty(ntfn));
}

TEST(cnode, mint, "Mint gives a badge and masks rights")
{
    seL4_CPtr ntfn = make_notification();

    CHECK_EQ(badge_of(mint(ntfn, seL4_AllRights, 0x1234), ntfn), 0x1234);
    CHECK_EQ(badge_of(mint(ntfn, seL4_AllRights, ~(seL4_Word)0), ntfn), ~(seL4_Word)0);
    CHECK_EQ(badge_of(mint(ntfn, seL4_CanRead, 5), ntfn), 0);
    CHECK_EQ(badge_of(mint(ntfn, seL4_CanWrite, 6), ntfn), 6);
}

TEST(cnode, badge_once, "a badged capability cannot be badged again")
{
    seL4_CPtr ntfn = mint(make_notification(), seL4_AllRights, 3);
    seL4_CPtr endpoint = mint(make_endpoint(), seL4_AllRights, 3);

    CHECK_ERROR(mint_to(make_slot(), ntfn, 4), seL4_IllegalOperation);
    CHECK_ERROR(mint_to(make_slot(), endpoint, 4), seL4_IllegalOperation);
    CHECK_ERROR(mint_to(make_slot(), endpoint, 0), seL4_IllegalOperation);
    CHECK_OK(copy_to(make_slot(), endpoint));
}

TEST(cnode, mint_other, "Mint's badge means nothing for other objects")
{
    seL4_CPtr tcb = make_tcb(), slot = make_slot();

    CHECK_OK(mint_to(slot, tcb, 99));
    CHECK_OK(seL4_TCB_Suspend(slot));
}

TEST(cnode, move, "Move leaves its source empty")
{
    seL4_CPtr ntfn = make_notification(), badged = mint(ntfn, seL4_AllRights, 7);
    seL4_CPtr slot = make_slot();

    CHECK_OK(move_to(slot, badged));
    CHECK(slot_empty(badged));
    CHECK_EQ(badge_of(slot, ntfn), 7);
}

TEST(cnode, mutate, "Mutate moves a CNode capability and sets its guard, nothing else")
{
    seL4_CPtr node = make_cnode(4), slot = make_slot(), inside = make_endpoint();
    seL4_Word guard = seL4_CNode_CapData_new(5, 3).words[0];

    CHECK_OK(mutate_to(slot, node, guard));
    CHECK(slot_empty(node));
    CHECK_OK(seL4_CNode_Move(slot, 5 << 4 | 9, 7, CNODE, inside, DEPTH));
    CHECK_ERROR(seL4_CNode_Delete(slot, 9, 4), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_GuardMismatch, 4, 5, 3);
    CHECK_ERROR(mutate_to(make_slot(), make_endpoint(), 1), seL4_IllegalOperation);
    CHECK_ERROR(mutate_to(make_slot(), make_notification(), 1), seL4_IllegalOperation);
}

TEST(cnode, guard_too_long, "a guard that leaves no room for the radix")
{
    seL4_CPtr node = make_cnode(4);
    seL4_Word guard = seL4_CNode_CapData_new(0, 61).words[0];

    CHECK_ERROR(mint_to(make_slot(), node, guard), seL4_IllegalOperation);
    CHECK_ERROR(mutate_to(make_slot(), node, guard), seL4_IllegalOperation);
    CHECK_OK(mint_to(make_slot(), node, seL4_CNode_CapData_new(0, 60).words[0]));
}

TEST(cnode, delete, "Delete empties a slot; an empty one is no error")
{
    seL4_CPtr endpoint = make_endpoint();

    CHECK_OK(seL4_CNode_Delete(CNODE, endpoint, DEPTH));
    CHECK(slot_empty(endpoint));
    CHECK_OK(seL4_CNode_Delete(CNODE, endpoint, DEPTH));
    CHECK_OK(seL4_CNode_Revoke(CNODE, endpoint, DEPTH));
}

TEST(cnode, revoke, "Revoke deletes every descendant and keeps the capability")
{
    seL4_CPtr ntfn = make_notification();
    seL4_CPtr plain = copy(ntfn, seL4_AllRights), badged = mint(ntfn, seL4_AllRights, 1);
    seL4_CPtr grandchild = copy(badged, seL4_AllRights), other = make_notification();

    CHECK_OK(seL4_CNode_Revoke(CNODE, ntfn, DEPTH));
    CHECK(slot_empty(plain));
    CHECK(slot_empty(badged));
    CHECK(slot_empty(grandchild));
    CHECK(!slot_empty(ntfn));
    CHECK(!slot_empty(other));
}

TEST(cnode, revoke_badged, "revoking a badged capability reaches its own copies only")
{
    seL4_CPtr ntfn = make_notification(), one = mint(ntfn, seL4_AllRights, 1);
    seL4_CPtr two = mint(ntfn, seL4_AllRights, 2), copied = copy(one, seL4_AllRights);

    CHECK_OK(seL4_CNode_Revoke(CNODE, one, DEPTH));
    CHECK(slot_empty(copied));
    CHECK(!slot_empty(one));
    CHECK(!slot_empty(two));
    CHECK(!slot_empty(ntfn));
}

TEST(cnode, revoke_copy, "a copy has no descendants: its copies are its siblings")
{
    seL4_CPtr ntfn = make_notification(), first = copy(ntfn, seL4_AllRights);
    seL4_CPtr second = copy(first, seL4_AllRights);

    CHECK_OK(seL4_CNode_Revoke(CNODE, first, DEPTH));
    CHECK(!slot_empty(second));
    CHECK_OK(seL4_CNode_Revoke(CNODE, ntfn, DEPTH));
    CHECK(slot_empty(first));
    CHECK(slot_empty(second));
}

TEST(cnode, revoke_moved, "a moved capability keeps its place in the derivation tree")
{
    seL4_CPtr ntfn = make_notification(), child = mint(ntfn, seL4_AllRights, 1);
    seL4_CPtr parent_to = make_slot(), child_to = make_slot();

    CHECK_OK(move_to(parent_to, ntfn));
    CHECK_OK(move_to(child_to, child));
    CHECK_OK(seL4_CNode_Revoke(CNODE, parent_to, DEPTH));
    CHECK(slot_empty(child_to));
}

TEST(cnode, delete_parent, "descendants of a deleted capability stay, below its parent")
{
    seL4_CPtr untyped = make_untyped(10), ntfn = make_slot();
    seL4_CPtr badged;

    CHECK_OK(seL4_Untyped_Retype(untyped, seL4_NotificationObject, 0, CNODE, 0, 0, ntfn, 1));
    badged = mint(ntfn, seL4_AllRights, 1);
    CHECK_OK(seL4_CNode_Delete(CNODE, ntfn, DEPTH));
    CHECK(!slot_empty(badged));
    CHECK_OK(seL4_CNode_Revoke(CNODE, untyped, DEPTH));
    CHECK(slot_empty(badged));
}

TEST(cnode, revoke_many, "Revoke of 600 capabilities, through preemption points")
{
    seL4_CPtr ntfn = make_notification(), first = u4_alloc_slots(&test_alloc, 600);

    for (seL4_CPtr i = 0; i < 600; i++)
        CHECK_OK(mint_to(first + i, ntfn, i + 1));
    CHECK_OK(seL4_CNode_Revoke(CNODE, ntfn, DEPTH));
    for (seL4_CPtr i = 0; i < 600; i++)
        CHECK(slot_empty(first + i));
}

TEST(cnode, delete_cnode, "deleting the last capability to a CNode empties it")
{
    seL4_CPtr node = make_cnode(8), ntfn = make_notification();

    for (seL4_Word i = 0; i < 256; i++)
        CHECK_OK(seL4_CNode_Mint(node, i, 8, CNODE, ntfn, DEPTH, seL4_AllRights, i + 1));
    CHECK_OK(seL4_CNode_Delete(CNODE, node, DEPTH));
    CHECK(slot_empty(node));
    CHECK_EQ(badge_of(mint(ntfn, seL4_AllRights, 9), ntfn), 9);
}

TEST(cnode, delete_cyclic, "a CNode that holds the last capability to itself can be deleted")
{
    seL4_CPtr node = make_cnode(4), copied = copy(node, seL4_AllRights);

    CHECK_OK(seL4_CNode_Move(node, 3, 4, CNODE, copied, DEPTH));
    CHECK_OK(seL4_CNode_Delete(CNODE, node, DEPTH));
    CHECK(slot_empty(node));
}

TEST(cnode, rotate_three, "Rotate moves pivot to destination and source to pivot")
{
    seL4_CPtr dest = make_slot(), pivot = make_frame(), source = make_frame();
    seL4_Word first = address_of(pivot), second = address_of(source);

    CHECK_OK(rotate(dest, pivot, source));
    CHECK_EQ(address_of(dest), first);
    CHECK_EQ(address_of(pivot), second);
    CHECK(slot_empty(source));
}

TEST(cnode, rotate_swap, "Rotate with source as destination swaps two capabilities")
{
    seL4_CPtr pivot = make_frame(), source = make_frame();
    seL4_Word first = address_of(pivot), second = address_of(source);

    CHECK_OK(rotate(source, pivot, source));
    CHECK_EQ(address_of(source), first);
    CHECK_EQ(address_of(pivot), second);
}

TEST(cnode, rotate_endpoints, "Rotate takes no endpoints and notifications, as Mutate")
{
    seL4_CPtr node = make_cnode(2), ntfn = make_notification();

    CHECK_ERROR(rotate(make_slot(), make_endpoint(), node), seL4_IllegalOperation);
    CHECK_ERROR(rotate(make_slot(), node, ntfn), seL4_IllegalOperation);
}

TEST(cnode, rotate_guard, "Rotate sets the guards of CNode capabilities on their way")
{
    seL4_CPtr pivot = make_cnode(4), source = make_cnode(4), dest = make_slot();
    seL4_Word guard1 = seL4_CNode_CapData_new(1, 1).words[0];
    seL4_Word guard2 = seL4_CNode_CapData_new(2, 2).words[0];

    CHECK_OK(seL4_CNode_Rotate(CNODE, dest, DEPTH, guard1, CNODE, pivot, DEPTH, guard2, CNODE,
                               source, DEPTH));
    CHECK_OK(seL4_CNode_Delete(dest, 1 << 4, 5));
    CHECK_OK(seL4_CNode_Delete(pivot, 2 << 4, 6));
    CHECK_ERROR(seL4_CNode_Delete(pivot, 1 << 4, 6), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_GuardMismatch, 6, 2, 2);
}

TEST(cnode, rotate_errors, "Rotate: slots that are the same, used or empty")
{
    seL4_CPtr a = make_notification(), b = make_notification(), c = make_notification();
    seL4_CPtr empty = make_slot(), other = make_slot();

    CHECK_ERROR(rotate(empty, a, a), seL4_IllegalOperation);
    CHECK_ERROR(rotate(a, a, b), seL4_IllegalOperation);
    CHECK_ERROR(rotate(c, a, b), seL4_DeleteFirst);
    CHECK_ERROR(rotate(empty, a, other), seL4_FailedLookup);
    CHECK_WORDS(1, seL4_MissingCapability, DEPTH);
    CHECK_ERROR(rotate(empty, other, a), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_MissingCapability, DEPTH);
    CHECK_ERROR(seL4_CNode_Rotate(CNODE, empty, DEPTH, 1, CNODE, a, DEPTH, 0, CNODE, b, DEPTH),
                seL4_IllegalOperation);
}

TEST(cnode, rotate_truncated, "Rotate: a message that is too short")
{
    seL4_SetCap(0, CNODE);
    seL4_SetCap(1, CNODE);
    CHECK_ERROR(raw(CNODE, CNodeRotate, 2, 7), seL4_TruncatedMessage);
    CHECK_ERROR(raw(CNODE, CNodeRotate, 1, 8), seL4_TruncatedMessage);
}

TEST(cnode, occupied, "operations do not overwrite a capability")
{
    seL4_CPtr a = make_endpoint(), b = make_endpoint();

    CHECK_ERROR(copy_to(b, a), seL4_DeleteFirst);
    CHECK_ERROR(mint_to(b, a, 1), seL4_DeleteFirst);
    CHECK_ERROR(move_to(b, a), seL4_DeleteFirst);
    CHECK_ERROR(mutate_to(b, a, 1), seL4_DeleteFirst);
    CHECK_ERROR(copy_to(a, a), seL4_DeleteFirst);
}

TEST(cnode, empty_source, "operations on an empty source slot")
{
    seL4_CPtr a = make_slot(), b = make_slot();

    CHECK_ERROR(copy_to(b, a), seL4_FailedLookup);
    CHECK_WORDS(1, seL4_MissingCapability, DEPTH);
    CHECK_ERROR(mint_to(b, a, 1), seL4_FailedLookup);
    CHECK_WORDS(1, seL4_MissingCapability, DEPTH);
    CHECK_ERROR(move_to(b, a), seL4_FailedLookup);
    CHECK_WORDS(1, seL4_MissingCapability, DEPTH);
    CHECK_ERROR(mutate_to(b, a, 1), seL4_FailedLookup);
    CHECK_WORDS(1, seL4_MissingCapability, DEPTH);
}

TEST(cnode, not_copyable, "capabilities that cannot be copied")
{
    CHECK_ERROR(copy_to(make_slot(), seL4_CapIRQControl), seL4_IllegalOperation);
    CHECK_ERROR(copy_to(make_slot(), make_table()), seL4_IllegalOperation);
    CHECK_OK(copy_to(make_slot(), seL4_CapASIDControl));
    CHECK_OK(copy_to(make_slot(), seL4_CapDomain));
}

TEST(cnode, truncated, "messages that are too short")
{
    seL4_CPtr ntfn = make_notification();

    seL4_SetCap(0, CNODE);
    seL4_SetMR(0, make_slot());
    seL4_SetMR(1, DEPTH);
    seL4_SetMR(2, ntfn);
    seL4_SetMR(3, DEPTH);
    CHECK_ERROR(raw(CNODE, CNodeDelete, 0, 1), seL4_TruncatedMessage);
    CHECK_ERROR(raw(CNODE, CNodeCopy, 1, 3), seL4_TruncatedMessage);
    CHECK_ERROR(raw(CNODE, CNodeCopy, 0, 5), seL4_TruncatedMessage);
    seL4_SetMR(0, make_slot());
    seL4_SetMR(1, DEPTH);
    CHECK_ERROR(raw(CNODE, CNodeCopy, 1, 4), seL4_TruncatedMessage);
    seL4_SetMR(0, make_slot());
    seL4_SetMR(1, DEPTH);
    CHECK_ERROR(raw(CNODE, CNodeMint, 1, 5), seL4_TruncatedMessage);
}

TEST(cnode, label, "another label is an illegal operation")
{
    seL4_CPtr node = make_cnode(2);

    CHECK_ERROR(raw(node, TCBSuspend, 0, 2), seL4_IllegalOperation);
    CHECK_ERROR(raw(node, nInvocationLabels, 0, 2), seL4_IllegalOperation);
    CHECK_ERROR(raw(make_slot(), CNodeDelete, 0, 2), seL4_InvalidCapability);
    CHECK_WORDS(0);
}

TEST(cnode, cancel_errors, "CancelBadgedSends needs an endpoint with all rights")
{
    seL4_CPtr endpoint = make_endpoint();

    CHECK_OK(seL4_CNode_CancelBadgedSends(CNODE, endpoint, DEPTH));
    CHECK_ERROR(seL4_CNode_CancelBadgedSends(CNODE, make_notification(), DEPTH),
                seL4_IllegalOperation);
    CHECK_ERROR(seL4_CNode_CancelBadgedSends(CNODE, copy(endpoint, seL4_ReadWrite), DEPTH),
                seL4_IllegalOperation);
}

TEST_CLASSIC(cnode, save_caller_errors, "SaveCaller without a caller, and into a used slot")
{
    seL4_CPtr slot = make_slot();

    CHECK_OK(seL4_CNode_SaveCaller(CNODE, slot, DEPTH));
    CHECK(slot_empty(slot));
    CHECK_ERROR(seL4_CNode_SaveCaller(CNODE, make_endpoint(), DEPTH), seL4_DeleteFirst);
}
