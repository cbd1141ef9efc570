/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calc: a server without time of its own, which works on what its callers lend it (MCS only). It
 * has no time to report its count on, so that goes to the last caller with the last answer.
 */
#include <u4/receive.h>
#include <u4/start.h>

#include "services/demo.h"

enum { CLIENTS = 2 };

int main(void)
{
    seL4_CPtr endpoint = u4_cap("endpoint");
    seL4_Word answers = 0, closed = 0;
    /* Root takes the time away while this waits already, so that nothing is done on it. */
    seL4_MessageInfo_t info =
        seL4_NBSendRecv(u4_cap("exit"), seL4_MessageInfo_new(DEMO_PASSIVE, 0, 0, 0), endpoint, NULL,
                        u4_cap("reply"));

    for (;;) {
        answers++;
        if (seL4_MessageInfo_get_label(info) == FS_CLOSE)
            closed++;
        else
            demo_work(200 * 1000);
        seL4_SetMR(0, closed == CLIENTS ? answers : 0);
        info = u4_ep_reply_recv(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), NULL);
    }
}
