/* SPDX-License-Identifier: BSD-2-Clause */
/* Colour schemes: what each style looks like. */
#ifndef VIEWER_SCREEN_STYLES_H
#define VIEWER_SCREEN_STYLES_H

#include "screen.h"

void styles_choose(scheme_t scheme);
attr_t styles_attr(style_t what);

/* "running", "sending" ...; false: no style is called that. */
bool style_named(const char *name, style_t *what);
const char *style_name(style_t what);

/* "231 24 bold": text and background, each 0 to 255 or -1 for the terminal's own, and bold, dim,
 * underline, reverse. Holds in every scheme of colours; of the others only the attributes. False:
 * it is not that. */
bool styles_set(style_t what, const char *look);

/* The look that styles_set() has given, else that of 256 colours and false. */
bool styles_text(style_t what, char *look, size_t size);

#endif
