# SPDX-License-Identifier: BSD-2-Clause
"""seL4's packed words: which bits of which word have which field. Debug information does not say;
the kernel's generated accessors do, if its build directory is there, else the table below of
version 16.0 for RISC-V 64 holds."""

import os
import re

POINTER_BITS = 39  # Sv39: above, addresses repeat their top bit

# structure field word high:low [<<left] [pointer]
RELEASE_16 = """
cap_untyped_cap capFreeIndex 1 63:25
cap_untyped_cap capIsDevice 1 6:6
cap_untyped_cap capBlockSize 1 5:0
cap_untyped_cap capPtr 0 38:0 pointer
cap_endpoint_cap capEPBadge 1 63:0
cap_endpoint_cap capCanGrantReply 0 58:58
cap_endpoint_cap capCanGrant 0 57:57
cap_endpoint_cap capCanReceive 0 56:56
cap_endpoint_cap capCanSend 0 55:55
cap_endpoint_cap capEPPtr 0 38:0 pointer
cap_notification_cap capNtfnBadge 1 63:0
cap_notification_cap capNtfnCanReceive 0 58:58
cap_notification_cap capNtfnCanSend 0 57:57
cap_notification_cap capNtfnPtr 0 38:0 pointer
cap_reply_cap capTCBPtr 1 63:0
cap_reply_cap capReplyCanGrant 0 1:1
cap_reply_cap capReplyMaster 0 0:0
cap_cnode_cap capCNodeGuard 1 63:0
cap_cnode_cap capCNodeGuardSize 0 58:53
cap_cnode_cap capCNodeRadix 0 52:47
cap_cnode_cap capCNodePtr 0 37:0 <<1 pointer
cap_thread_cap capTCBPtr 0 38:0 pointer
cap_irq_handler_cap capIRQ 1 11:0
cap_zombie_cap capZombieID 1 63:0
cap_zombie_cap capZombieType 0 6:0
cap_frame_cap capFMappedASID 1 63:48
cap_frame_cap capFBasePtr 1 47:9 pointer
cap_frame_cap capFSize 0 58:57
cap_frame_cap capFVMRights 0 56:55
cap_frame_cap capFIsDevice 0 54:54
cap_frame_cap capFMappedAddress 0 38:0 pointer
cap_page_table_cap capPTMappedASID 1 63:48
cap_page_table_cap capPTBasePtr 1 47:9 pointer
cap_page_table_cap capPTIsMapped 0 39:39
cap_page_table_cap capPTMappedAddress 0 38:0 pointer
cap_asid_pool_cap capASIDBase 0 58:43
cap_asid_pool_cap capASIDPool 0 36:0 <<2 pointer
mdb_node mdbNext 1 38:2 <<2 pointer
mdb_node mdbRevocable 1 1:1
mdb_node mdbFirstBadged 1 0:0
mdb_node mdbPrev 0 63:0
endpoint epQueue_head 1 63:0
endpoint epQueue_tail 0 38:2 <<2 pointer
endpoint state 0 1:0
notification ntfnBoundTCB 3 38:0 pointer
notification ntfnMsgIdentifier 2 63:0
notification ntfnQueue_head 1 38:0 pointer
notification ntfnQueue_tail 0 63:25 pointer
notification state 0 1:0
thread_state tsType 0 3:0
thread_state blockingObject 0 38:4 <<4 pointer
thread_state blockingIPCBadge 2 63:0
lookup_fault lufType 0 1:0
lookup_fault_missing_capability bitsLeft 0 8:2
lookup_fault_depth_mismatch bitsFound 0 15:9
lookup_fault_depth_mismatch bitsLeft 0 8:2
lookup_fault_guard_mismatch guardFound 1 63:0
lookup_fault_guard_mismatch bitsLeft 0 15:9
lookup_fault_guard_mismatch bitsFound 0 8:2
seL4_Fault seL4_FaultType 0 3:0
seL4_Fault_CapFault address 1 63:0
seL4_Fault_CapFault inReceivePhase 0 63:63
seL4_Fault_UnknownSyscall syscallNumber 1 63:0
seL4_Fault_UserException number 0 63:32
seL4_Fault_UserException code 0 31:4
seL4_Fault_VMFault address 1 63:0
seL4_Fault_VMFault FSR 0 31:27
seL4_Fault_VMFault instructionFault 0 19:19
"""
CLASSIC = """
thread_state blockingIPCCanGrant 1 3:3
thread_state blockingIPCCanGrantReply 1 2:2
thread_state blockingIPCIsCall 1 1:1
thread_state tcbQueued 1 0:0
"""
MCS = """
thread_state replyObject 1 39:5 <<4 pointer
thread_state blockingIPCCanGrant 1 4:4
thread_state blockingIPCCanGrantReply 1 3:3
thread_state blockingIPCIsCall 1 2:2
thread_state tcbQueued 1 1:1
thread_state tcbInReleaseQueue 1 0:0
cap_reply_cap capReplyPtr 1 63:0
cap_reply_cap capReplyCanGrant 0 58:58
cap_sched_context_cap capSCPtr 1 54:16 pointer
cap_sched_context_cap capSCSizeBits 1 15:10
call_stack isHead 0 48:48
call_stack callStackPtr 0 38:0 pointer
notification ntfnSchedContext 4 38:0 pointer
"""
ACCESSOR = re.compile(r"^(\w+?)_get_(\w+)\([^)]*\) \{(.*?)^\}", re.M | re.S)
READS = re.compile(r"ret = \(\w+(?:\.|->)words\[(\d)\] & (0x[0-9a-f]+)ull\) (>>|<<) (\d+);")
EXTENDS = re.compile(r"!!\(1 && \(ret & ")


class Position:
    """Bits high..low of a word, shifted left by `left`; a pointer's top bit is repeated above."""
    __slots__ = ("word", "low", "mask", "left", "pointer")

    def __init__(self, word, high, low, left=0, pointer=False):
        self.word, self.low, self.mask = word, low, (1 << high - low + 1) - 1
        self.left, self.pointer = left, pointer

    def of(self, words):
        value = (words[self.word] >> self.low & self.mask) << self.left
        if self.pointer and value >> POINTER_BITS - 1 & 1:
            value |= (1 << 64) - (1 << POINTER_BITS)
        return value


def parse_table(text):
    found = {}
    for line in text.split("\n"):
        if line:
            struct, field, word, bits, *more = line.split()
            high, low = (int(n) for n in bits.split(":"))
            left = next((int(m[2:]) for m in more if m.startswith("<<")), 0)
            found[struct, field] = Position(int(word), high, low, left, "pointer" in more)
    return found


def parse_accessors(text):
    """The positions that generated C accessor functions read."""
    found = {}
    for struct, field, body in ACCESSOR.findall(text):
        reads = READS.search(body)
        if not reads:
            continue
        word, mask, way, by = reads.groups()
        mask = int(mask, 16)
        low = (mask & -mask).bit_length() - 1
        left = low - int(by) if way == ">>" else low + int(by)
        if mask and left >= 0:
            name = struct[:-4] if struct.endswith("_ptr") else struct
            found[name, field] = Position(int(word), mask.bit_length() - 1, low, left,
                                          EXTENDS.search(body) is not None)
    return found


def positions(kernel_path, mcs):
    """((structure, field) -> Position, where they are from)."""
    found = parse_table(RELEASE_16 + (MCS if mcs else CLASSIC))
    beside = os.path.join(os.path.dirname(os.path.abspath(kernel_path)),
                          "generated/arch/object/structures_gen.h")
    try:
        with open(beside, encoding="utf-8") as file:
            read = parse_accessors(file.read())
    except OSError:
        return found, "fields of packed words as in seL4 16.0"
    found.update(read)
    return found, f"fields of packed words by {len(read)} accessors of {beside}"
