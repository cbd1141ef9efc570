/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The classic forms of the calls whose signatures differ, for tests that hold on both kernels:
 * with MCS a thread receives over a reply object of its own, which its IPC buffer's userData names.
 */
#ifndef TESTS_KERNEL_MCS_FORMS_H
#define TESTS_KERNEL_MCS_FORMS_H

/* The calling thread's reply object; the root thread's is made when it is first asked for. */
seL4_CPtr test_reply(void);
#define TEST_REPLY test_reply() /* for u4_sys() */

#define seL4_Recv(source, badge) seL4_Recv(source, badge, test_reply())
#define seL4_NBRecv(source, badge) seL4_NBRecv(source, badge, test_reply())
#define seL4_ReplyRecv(source, info, badge) seL4_ReplyRecv(source, info, badge, test_reply())
#define seL4_Reply(info) seL4_Send(test_reply(), info)

/* Handlers are capabilities; these tests give none. */
#define seL4_TCB_Configure(tcb, handler, ...) seL4_TCB_Configure(tcb, __VA_ARGS__)
#define seL4_TCB_SetSchedParams(tcb, authority, mcp, priority) \
    seL4_TCB_SetSchedParams(tcb, authority, mcp, priority, seL4_CapNull, seL4_CapNull)

/* There is no caller to save: what needs one is a TEST_CLASSIC. */
#define seL4_CNode_SaveCaller(cnode, index, depth) ((void)(index), seL4_IllegalOperation)
#define CNodeSaveCaller CNodeRotate

#endif
