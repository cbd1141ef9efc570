/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A receiver ends while another hart sends to it, and another one gets its entry
 * (kernel/uintr/table.c, receiver.c; qemu/README.md, "The UINTC"): the sender table's entry is
 * made invalid in memory, which the UINTC reads in the same atomic step in which it posts; then,
 * behind a fence, what is pending is taken, and the entry is free.
 *
 * The kernel's stores become visible in any order between fences. Checked: nothing reaches the
 * entry's next receiver. Each must make the check fail: -DNO_FENCE (between making it invalid and
 * the access to the UINTC), -DNO_TAKE (pending bits stay in the entry).
 */
bool valid = true;  /* the sender's entry, in memory */
bool withdrawn;     /* the store that makes it invalid is on its way */
bool pending;
byte owner = 1;
byte sends = 3;

active proctype memory() {
end: do
    :: withdrawn -> atomic { valid = false; withdrawn = false }
    od
}

active proctype sender() {
    do
    :: sends -> atomic { sends--; if :: valid -> pending = true :: else fi }
    :: !sends -> break
    od
}

active proctype kernel() {
    withdrawn = true;
#ifndef NO_FENCE
    !withdrawn;
#endif
#ifndef NO_TAKE
    pending = false;
#endif
    owner = 2
}

active proctype next_receiver() {
    owner == 2;
end: pending -> assert(false)
}
