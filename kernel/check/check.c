/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/check/check.h"
void check_all(void)
{
}
