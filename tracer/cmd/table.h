/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables for people: columns of fixed width, of which the least important are left out until the
 * rest fits the terminal. The head is printed before the first row, so that a table without rows
 * prints nothing.
 */
#ifndef TRACER_TABLE_H
#define TRACER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TABLE_COLUMNS = 24, TABLE_CELL = 144 };

typedef struct {
    const char *title;
    unsigned width;
    bool left;     /* aligned; numbers are right */
    unsigned rank; /* the highest ranks are left out first; 0: never */
} table_column_t;

typedef struct {
    const table_column_t *columns;
    size_t count;
    unsigned width; /* of the terminal; 0: no limit */
    bool shown[TABLE_COLUMNS];
    bool begun;
    char cells[TABLE_COLUMNS][TABLE_CELL];
    size_t filled;
} table_t;

/* `width`: of the terminal; 0: show all columns. */
void table_init(table_t *table, const table_column_t *columns, size_t count, unsigned width);

/* The cells of a row, from left to right; the row is printed when the last one is given. Texts
 * longer than their column are cut, but in the last column. */
void table_text(table_t *table, const char *text);
void table_count(table_t *table, uint64_t value);                  /* 1,234,567 */
void table_time(table_t *table, uint64_t ns, bool known);          /* 12.4 us; "-" if not known */
void table_percent(table_t *table, uint64_t part, uint64_t whole); /* 12.3; "-" of nothing */

/* 1234567 -> 1,234,567 */
void table_number(uint64_t value, char text[32]);

#define TABLE(name, columns, width) \
    table_t name; \
    table_init(&name, columns, sizeof(columns) / sizeof((columns)[0]), width)

#endif
