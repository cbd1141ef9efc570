/* SPDX-License-Identifier: BSD-2-Clause */
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "u4trace/format.h"

static unsigned width_of(const table_t *table)
{
    unsigned sum = 0;
    for (size_t i = 0; i < table->count; i++) {
        sum += table->shown[i] ? table->columns[i].width + 1 : 0;
    }
    return sum ? sum - 1 : 0;
}

static bool leave_one_out(table_t *table)
{
    size_t last = table->count;
    unsigned most = 0;
    for (size_t i = 0; i < table->count; i++) {
        if (table->shown[i] && table->columns[i].rank > most) {
            most = table->columns[i].rank;
            last = i;
        }
    }
    if (most) {
        table->shown[last] = false;
    }
    return most > 0;
}

void table_init(table_t *table, const table_column_t *columns, size_t count, unsigned width)
{
    table->columns = columns;
    table->count = count;
    table->width = width;
    table->begun = false;
    table->filled = 0;
    for (size_t i = 0; i < count; i++) {
        table->shown[i] = true;
    }
    while (width && width_of(table) > width && leave_one_out(table)) {}
}

/* Appends a cell; returns the new length. The last column is as wide as its text. */
static size_t add_cell(const table_t *table, size_t i, const char *text, char *line, size_t used,
                       size_t room)
{
    const table_column_t *column = &table->columns[i];
    int width = (int)column->width, most = width;
    for (size_t k = i + 1; k <= table->count; k++) {
        most = k == table->count ? (int)room : most;
        if (k < table->count && table->shown[k]) {
            break;
        }
    }
    int length = snprintf(line + used, room - used, "%s%*.*s", used ? " " : "",
                          column->left ? -width : width, column->left ? most : (int)room, text);
    used += length > 0 ? (size_t)length : 0;
    return used < room ? used : room - 1;
}

static void print_row(const table_t *table, const char *(*text)(const table_t *table, size_t i))
{
    char line[1024] = "";
    size_t used = 0;
    for (size_t i = 0; i < table->count; i++) {
        if (table->shown[i]) {
            used = add_cell(table, i, text(table, i), line, used, sizeof(line));
        }
    }
    used = table->width && used > table->width ? table->width : used;
    while (used && line[used - 1] == ' ') {
        used--;
    }
    printf("%.*s\n", (int)used, line);
}

static const char *title_of(const table_t *table, size_t i)
{
    return table->columns[i].title;
}

static const char *cell_of(const table_t *table, size_t i)
{
    return table->cells[i];
}

void table_text(table_t *table, const char *text)
{
    snprintf(table->cells[table->filled], TABLE_CELL, "%s", text);
    if (++table->filled < table->count) {
        return;
    }
    if (!table->begun) {
        putchar('\n');
        print_row(table, title_of);
        table->begun = true;
    }
    print_row(table, cell_of);
    table->filled = 0;
}

void table_number(uint64_t value, char text[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, value);
    size_t at = 0;
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0) {
            text[at++] = ',';
        }
        text[at++] = digits[i];
    }
    text[at] = 0;
}

void table_count(table_t *table, uint64_t value)
{
    char text[32];
    table_number(value, text);
    table_text(table, text);
}

void table_time(table_t *table, uint64_t ns, bool known)
{
    char text[32] = "-";
    if (known) {
        *format_duration(text, text + sizeof(text) - 1, ns) = 0;
    }
    table_text(table, text);
}

void table_percent(table_t *table, uint64_t part, uint64_t whole)
{
    char text[32];
    snprintf(text, sizeof(text), "%.1f", whole ? 100.0 * (double)part / (double)whole : 0);
    table_text(table, whole ? text : "-");
}
