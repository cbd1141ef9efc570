# SPDX-License-Identifier: BSD-2-Clause
"""seL4's names of enumerators, members and variables, and u4's for the same."""

STATES = {"ThreadState_Inactive": "inactive", "ThreadState_Running": "running",
          "ThreadState_Restart": "restart", "ThreadState_BlockedOnReceive": "blocked_recv",
          "ThreadState_BlockedOnSend": "blocked_send", "ThreadState_BlockedOnReply": "blocked_reply",
          "ThreadState_BlockedOnNotification": "blocked_ntfn",
          "ThreadState_IdleThreadState": "idle"}
SLOTS = {"tcbCTable": "cspace", "tcbVTable": "vspace", "tcbReply": "reply", "tcbCaller": "caller",
         "tcbBuffer": "buffer", "tcbFaultHandler": "fault", "tcbTimeoutHandler": "timeout"}
FAULTS = {"seL4_Fault_NullFault": "none", "seL4_Fault_CapFault": "cap",
          "seL4_Fault_UnknownSyscall": "syscall", "seL4_Fault_UserException": "exception",
          "seL4_Fault_VMFault": "vm", "seL4_Fault_Timeout": "timeout"}
QUEUE_STATES = {"EPState_Idle": "idle", "EPState_Send": "send", "EPState_Recv": "recv",
                "NtfnState_Idle": "idle", "NtfnState_Waiting": "waiting",
                "NtfnState_Active": "active"}
RIGHTS = {"VMKernelOnly": "kernel", "VMReadOnly": "r", "VMReadWrite": "rw"}
REGISTERS = ("ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 "
             "t3 t4 t5 t6").split()
# u4's field of a TCB: seL4's member, and whether it points to another TCB.
TCB = {"domain": ("tcbDomain", False), "mcp": ("tcbMCP", False), "priority": ("tcbPriority", False),
       "bound": ("tcbBoundNotification", False), "time_slice": ("tcbTimeSlice", False),
       "fault_handler": ("tcbFaultHandler", False), "buffer": ("tcbIPCBuffer", False),
       "ready_next": ("tcbSchedNext", True), "ready_prev": ("tcbSchedPrev", True),
       "ep_next": ("tcbEPNext", True), "ep_prev": ("tcbEPPrev", True),
       "sc": ("tcbSchedContext", False)}
SCHED_CONTEXT = {"period": ("scPeriod", False), "consumed": ("scConsumed", False),
                 "core": ("scCore", False), "tcb": ("scTcb", True), "reply": ("scReply", False),
                 "notification": ("scNotification", False), "badge": ("scBadge", False),
                 "yielder": ("scYieldFrom", True), "refill_max": ("scRefillMax", False),
                 "head": ("scRefillHead", False), "tail": ("scRefillTail", False),
                 "sporadic": ("scSporadic", False)}
IN_STATE = {"state": "tsType", "blocked_on": "blockingObject", "badge": "blockingIPCBadge",
            "can_grant": "blockingIPCCanGrant", "can_grant_reply": "blockingIPCCanGrantReply",
            "is_call": "blockingIPCIsCall", "queued": "tcbQueued", "reply": "replyObject",
            "released_later": "tcbInReleaseQueue"}
NODE = ("ksCurThread", "ksIdleThread", "ksSchedulerAction", "ksReadyQueues",
        "ksReadyQueuesL1Bitmap", "ksReadyQueuesL2Bitmap", "ksDebugTCBs")
