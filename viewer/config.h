/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys, macros, columns, styles, and the files that hold them. */
#ifndef VIEWER_CONFIG_H
#define VIEWER_CONFIG_H

#include <stdio.h>

#include "app.h"

/* Commands; false with a message. */
bool do_bind(app_t *app, const char *text);
bool do_macro(app_t *app, const char *text);
bool do_key(app_t *app, const char *text);
bool do_columns(app_t *app, const char *text);
bool do_style(app_t *app, const char *text);

/* Runs the macro of that name, with its success in *ok; false if there is none. */
bool macro_run(app_t *app, const char *name, size_t length, bool *ok);

/* Runs what is bound to a key; false if nothing is. */
bool binding_run(app_t *app, int key);

/* Every setting as it is now, as a configuration file. */
void config_print(const app_t *app, FILE *out);

#endif
