/* SPDX-License-Identifier: BSD-2-Clause */
/* Rings of async system calls (abi/u4/ring.h), by threads that keep to the protocol or do not. */
#ifndef FUZZ_RING_H
#define FUZZ_RING_H

#include "message.h"

/* An invocation that gives some thread, mostly this one, a ring. */
void ring_registration(fuzz_block_t *b, message_t *m);
/* Puts M into a ring as a request, mostly if there is room; takes the answers that are there. */
void ring_submit(fuzz_block_t *b, const message_t *m);
/* Writes nonsense into a ring, which may be another thread's and served at this moment. */
void ring_spoil(fuzz_block_t *b);

#endif
