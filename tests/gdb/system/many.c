/* SPDX-License-Identifier: BSD-2-Clause */
/* The same system with 10,000 capabilities more. */
#define MANY 10000
#include "main.c" /* NOLINT(bugprone-suspicious-include) */
