/* SPDX-License-Identifier: BSD-2-Clause */
/* Here because code written for libsel4 includes it. */
#include <sel4/constants.h>
