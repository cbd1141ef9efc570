/* SPDX-License-Identifier: BSD-2-Clause */
/* Here because code written for libsel4 includes it; all of it is in sel4/types.h. */
#include <sel4/types.h>
