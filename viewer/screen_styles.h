/* SPDX-License-Identifier: BSD-2-Clause */
/* Colour schemes: what each style looks like. */
#ifndef VIEWER_SCREEN_STYLES_H
#define VIEWER_SCREEN_STYLES_H

#include "screen.h"

void styles_choose(scheme_t scheme);
attr_t styles_attr(style_t what);

#endif
