/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages in the IPC buffer. All coroutines of a thread have the one buffer, so a message is
 * taken out of it before the wait, and put into it when the coroutine goes on.
 */
#include <rel4/rel4.h>
#include <string.h>

typedef struct {
    seL4_Word words[seL4_MsgMaxLength];
} message_t;

static void load(message_t *m, seL4_MessageInfo_t info)
{
    memcpy(m->words, seL4_GetIPCBuffer()->msg,
           seL4_MessageInfo_get_length(info) * sizeof(seL4_Word));
}

/* What came, or the label that says why nothing did. */
static seL4_MessageInfo_t store(const message_t *m, seL4_MessageInfo_t info, u4_status_t status)
{
    if (status != U4_OK)
        return seL4_MessageInfo_new(status == U4_CANCELLED ? reL4_Cancelled : reL4_Closed, 0, 0, 0);
    memcpy(seL4_GetIPCBuffer()->msg, m->words,
           seL4_MessageInfo_get_length(info) * sizeof(seL4_Word));
    return info;
}

seL4_MessageInfo_t reL4_Call(u4_conn_t *conn, seL4_MessageInfo_t info)
{
    message_t m;
    u4_status_t status;

    load(&m, info);
    status = u4_call(conn, &info, m.words, seL4_MsgMaxLength, U4_NEVER);
    return store(&m, info, status);
}

u4_status_t reL4_Send(u4_conn_t *conn, seL4_MessageInfo_t info)
{
    message_t m;

    load(&m, info);
    return u4_send(conn, info, m.words, U4_NEVER);
}

seL4_MessageInfo_t reL4_Recv(u4_port_t *port, u4_conn_t **from)
{
    message_t m;
    seL4_MessageInfo_t info = {{0}};
    u4_status_t status = u4_recv(port, from, &info, m.words, seL4_MsgMaxLength, U4_NEVER);

    return store(&m, info, status);
}

seL4_MessageInfo_t reL4_ReplyRecv(u4_port_t *port, seL4_MessageInfo_t info, u4_conn_t **from)
{
    message_t m;
    u4_status_t status;

    load(&m, info);
    status = u4_reply_recv(port, from, &info, m.words, seL4_MsgMaxLength, U4_NEVER);
    return store(&m, info, status);
}
