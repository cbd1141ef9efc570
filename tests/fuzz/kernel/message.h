/* SPDX-License-Identifier: BSD-2-Clause */
/* Random and near-valid invocations, from a table of all labels with the kinds of their arguments. */
#ifndef FUZZ_MESSAGE_H
#define FUZZ_MESSAGE_H

#include "layout.h"

enum { MESSAGE_WORDS = 40 };

typedef struct {
    seL4_CPtr service;
    seL4_Word label;
    seL4_Word length; /* may exceed MESSAGE_WORDS: the buffer's old content is sent */
    seL4_Word extra;
    seL4_Word word[MESSAGE_WORDS];
    seL4_CPtr cap[seL4_MsgMaxExtraCaps];
} message_t;

/* An invocation of some object in the pools. */
void message_invocation(fuzz_dice_t *dice, message_t *m);
/* A message to an endpoint or notification, or over a reply capability. */
void message_plain(fuzz_dice_t *dice, message_t *m);
/* A slot that a capability of this class may well be in; its CPtr in most CSpaces. */
seL4_CPtr message_cptr(fuzz_dice_t *dice, fuzz_class_t class);
/* An address that something may be mapped at, aligned to 2^BITS. */
seL4_Word message_address(uint64_t *random, unsigned bits);

/* Fills 32 words, in seL4_UserContext's order, for a thread to start with. */
void message_registers(fuzz_dice_t *dice, seL4_Word *words);
/* Number of a system call: any but those that would stop a debug kernel or flood its console. */
seL4_Word message_syscall(fuzz_dice_t *dice);

#endif
