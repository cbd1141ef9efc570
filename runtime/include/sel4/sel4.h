/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole interface, under the names of libsel4. */
#ifndef SEL4_SEL4_H
#define SEL4_SEL4_H

#include <sel4/bootinfo.h>
#include <sel4/constants.h>
#include <sel4/faults.h>
#include <sel4/functions.h>
#include <sel4/stubs.h>
#include <sel4/syscalls.h>
#include <sel4/types.h>

#endif
