/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities in messages: granted, unwrapped, refused. */
#include "test.h"

/* A receiver that waits with a receive slot, and what it got. */
typedef struct {
    seL4_CPtr endpoint;
    seL4_CPtr slot;
    seL4_MessageInfo_t info;
    seL4_Word badges[seL4_MsgMaxExtraCaps];
} receiver_t;

static void receive(u4_thread_t *self)
{
    receiver_t *r = self->argument;

    if (r->slot)
        seL4_SetCapReceivePath(CNODE, r->slot, DEPTH);
    r->info = seL4_Recv(r->endpoint, NULL);
    for (int i = 0; i < seL4_MsgMaxExtraCaps; i++)
        r->badges[i] = seL4_GetBadge(i);
}

static receiver_t *waiting(receiver_t *r)
{
    start(thread("receiver", PRIO_HIGH, receive, r));
    return r;
}

static void send_caps(seL4_CPtr endpoint, seL4_Word count, const seL4_CPtr *caps)
{
    for (seL4_Word i = 0; i < count; i++)
        seL4_SetCap((int)i, caps[i]);
    seL4_Send(endpoint, seL4_MessageInfo_new(0, 0, count, 0));
}

#define CAPS(r) seL4_MessageInfo_get_extraCaps((r)->info)
#define UNWRAPPED(r) seL4_MessageInfo_get_capsUnwrapped((r)->info)

TEST(captransfer, grant, "a granted capability arrives in the receive slot")
{
    seL4_CPtr ntfn = make_notification(), badged = mint(ntfn, seL4_AllRights, 0x42);
    receiver_t r = {.endpoint = make_endpoint(), .slot = make_slot()};
    seL4_Word badge;

    send_caps(waiting(&r)->endpoint, 1, &badged);
    CHECK_EQ(CAPS(&r), 1);
    CHECK_EQ(UNWRAPPED(&r), 0);
    seL4_Signal(r.slot);
    (void)seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0x42);
    CHECK(!slot_empty(badged));
}

TEST(captransfer, derived, "a transferred capability is a child of the sent one's original")
{
    seL4_CPtr ntfn = make_notification();
    receiver_t r = {.endpoint = make_endpoint(), .slot = make_slot()};

    send_caps(waiting(&r)->endpoint, 1, &ntfn);
    CHECK(!slot_empty(r.slot));
    CHECK_OK(seL4_CNode_Revoke(CNODE, ntfn, DEPTH));
    CHECK(slot_empty(r.slot));
}

TEST(captransfer, no_grant, "without the grant right no capability goes along")
{
    seL4_CPtr ntfn = make_notification();
    receiver_t r = {.endpoint = make_endpoint(), .slot = make_slot()};

    send_caps(copy(waiting(&r)->endpoint, seL4_CapRights_new(1, 0, 1, 1)), 1, &ntfn);
    CHECK_EQ(CAPS(&r), 0);
    CHECK(slot_empty(r.slot));
}

TEST(captransfer, no_slot, "without a receive slot the message arrives alone")
{
    seL4_CPtr ntfn = make_notification();
    receiver_t r = {.endpoint = make_endpoint()};

    send_caps(waiting(&r)->endpoint, 1, &ntfn);
    CHECK_EQ(CAPS(&r), 0);
}

TEST(captransfer, used_slot, "a receive slot that is in use takes nothing")
{
    seL4_CPtr ntfn = make_notification();
    receiver_t r = {.endpoint = make_endpoint(), .slot = make_notification()};

    send_caps(waiting(&r)->endpoint, 1, &ntfn);
    CHECK_EQ(CAPS(&r), 0);
}

TEST(captransfer, unwrap, "a capability to the endpoint itself arrives as its badge")
{
    receiver_t r = {.endpoint = make_endpoint(), .slot = make_slot()};
    seL4_CPtr caps[3];

    for (seL4_Word i = 0; i < 3; i++)
        caps[i] = mint(r.endpoint, seL4_AllRights, 10 + i);
    send_caps(waiting(&r)->endpoint, 3, caps);
    CHECK_EQ(CAPS(&r), 3);
    CHECK_EQ(UNWRAPPED(&r), 7);
    for (seL4_Word i = 0; i < 3; i++)
        CHECK_EQ(r.badges[i], 10 + i);
    CHECK(slot_empty(r.slot));
}

TEST(captransfer, mixed, "one slot takes one capability, beside unwrapped ones")
{
    seL4_CPtr ntfn = make_notification();
    receiver_t r = {.endpoint = make_endpoint(), .slot = make_slot()};
    seL4_CPtr caps[3] = {mint(r.endpoint, seL4_AllRights, 5), ntfn, ntfn};

    send_caps(waiting(&r)->endpoint, 3, caps);
    CHECK_EQ(CAPS(&r), 2);
    CHECK_EQ(UNWRAPPED(&r), 1);
    CHECK_EQ(r.badges[0], 5);
    CHECK(!slot_empty(r.slot));
}

TEST(captransfer, mixed_after, "unwrapping goes on behind the capability in the slot")
{
    seL4_CPtr ntfn = make_notification();
    receiver_t r = {.endpoint = make_endpoint(), .slot = make_slot()};
    seL4_CPtr caps[3] = {ntfn, mint(r.endpoint, seL4_AllRights, 6), ntfn};

    send_caps(waiting(&r)->endpoint, 3, caps);
    CHECK_EQ(CAPS(&r), 2);
    CHECK_EQ(UNWRAPPED(&r), 2);
    CHECK_EQ(r.badges[1], 6);
}

TEST(captransfer, not_derivable, "a capability that cannot be copied ends the transfer")
{
    receiver_t r = {.endpoint = make_endpoint(), .slot = make_slot()};
    seL4_CPtr caps[2] = {make_table(), make_notification()};

    send_caps(waiting(&r)->endpoint, 2, caps);
    CHECK_EQ(CAPS(&r), 0);
    CHECK(slot_empty(r.slot));
}

TEST(captransfer, empty, "an empty slot among the sent capabilities ends the transfer")
{
    receiver_t r = {.endpoint = make_endpoint(), .slot = make_slot()};
    seL4_CPtr caps[2] = {make_slot(), make_notification()};

    send_caps(waiting(&r)->endpoint, 2, caps);
    CHECK_EQ(CAPS(&r), 0);
    CHECK(slot_empty(r.slot));
}

/* ---- In answers ---- */

typedef struct {
    seL4_CPtr endpoint, slot;
    seL4_MessageInfo_t info;
} caller_t;

static void call(u4_thread_t *self)
{
    caller_t *c = self->argument;

    seL4_SetCapReceivePath(CNODE, c->slot, DEPTH);
    c->info = seL4_Call(c->endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
}

static void reply_with_cap(caller_t *c, seL4_CPtr receive_cap)
{
    start(thread("caller", PRIO_HIGH, call, c));
    (void)seL4_Recv(receive_cap, NULL);
    seL4_SetCap(0, make_notification());
    seL4_Reply(seL4_MessageInfo_new(0, 0, 1, 0));
}

TEST(captransfer, reply, "an answer carries a capability if its server may grant")
{
    caller_t c = {.endpoint = make_endpoint(), .slot = make_slot()};

    reply_with_cap(&c, c.endpoint);
    CHECK_EQ(seL4_MessageInfo_get_extraCaps(c.info), 1);
    CHECK(!slot_empty(c.slot));
}

TEST_CLASSIC(captransfer, reply_no_grant,
             "an answer carries none if its server received without grant")
{
    caller_t c = {.endpoint = make_endpoint(), .slot = make_slot()};

    reply_with_cap(&c, copy(c.endpoint, seL4_CapRights_new(0, 0, 1, 0)));
    CHECK_EQ(seL4_MessageInfo_get_extraCaps(c.info), 0);
    CHECK(slot_empty(c.slot));
}

TEST(captransfer, frame, "a mapped frame arrives unmapped and can be mapped elsewhere")
{
    receiver_t r = {.endpoint = make_endpoint(), .slot = make_slot()};
    seL4_CPtr frame;
    seL4_Word *page = make_page(&frame), *second;

    *page = 0x1badf00d;
    send_caps(waiting(&r)->endpoint, 1, &frame);
    CHECK_EQ(CAPS(&r), 1);
    CHECK_OK(u4_vspace_map_anywhere(&test_vspace, r.slot, (void **)&second));
    CHECK_EQ(*second, 0x1badf00d);
}
