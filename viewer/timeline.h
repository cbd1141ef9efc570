/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the timeline, drawn column by column from the index. */
#ifndef VIEWER_TIMELINE_H
#define VIEWER_TIMELINE_H

#include "app.h"

typedef struct {
    const app_t *app;
    int y, x, width; /* of the lanes' area, names not included */
    uint64_t start, end;
} canvas_t;

/* The time at which a column begins, and the column of a time (-1: left of it, width: right). */
uint64_t timeline_time(const canvas_t *canvas, int column);
int timeline_column(const canvas_t *canvas, uint64_t time);

void timeline_ruler(const canvas_t *canvas, int x, int names);
void timeline_density(const canvas_t *canvas, int x, int names);
void timeline_hart(const canvas_t *canvas, int y, unsigned hart);
void timeline_thread(const canvas_t *canvas, int y, const life_t *life);

/* `first`: the line below y at which thread lanes begin. */
void timeline_losses(const canvas_t *canvas, int y, int height, int first);
void timeline_arrows(const canvas_t *canvas, int y, int height, int first);

#endif
