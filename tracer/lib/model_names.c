/* SPDX-License-Identifier: BSD-2-Clause */
/* Names for threads that nobody named: the image that they started in, and the function. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model_private.h"
#include "u4trace/images.h"

void model_images(model_t *model, images_t *images)
{
    images_free(model->private->images);
    model->private->images = images;
}

static bool covers(const image_t *image, uint64_t pc)
{
    return pc >= image->start && pc < image->end;
}

/* How well an address fits an image, if it is where a thread starts. */
static int fit(const image_t *image, uint64_t pc)
{
    if (!covers(image, pc)) {
        return 0;
    }
    if (image->entry == pc) {
        return 4;
    }
    const image_symbol_t *symbol = image_symbol(image, pc);
    return symbol && symbol->value == pc ? 3 : symbol ? 2 : 1;
}

/* Programs are linked to the same addresses: a process keeps the image that fitted first. */
static const image_t *choose(const images_t *images, process_t *process, uint64_t pc)
{
    int best = 0;
    if (process->image && covers(&images->images[process->image - 1], pc)) {
        return &images->images[process->image - 1];
    }
    for (size_t i = 0; i < images->count; i++) {
        int this = fit(&images->images[i], pc);
        if (this > best) {
            best = this;
            process->image = (uint8_t)(i + 1);
        }
    }
    return best ? &images->images[process->image - 1] : NULL;
}

static bool taken(const model_t *model, const thread_t *but, const char *name)
{
    for (const thread_t *t = model->threads; t; t = t->next) {
        if (t != but && strcmp(t->name, name) == 0) {
            return true;
        }
    }
    return false;
}

void model_name_by_start(model_t *model, thread_t *t, uint64_t pc, event_t *event)
{
    const images_t *images = model->private->images;
    const image_t *image =
        images && !t->named && t->vspace && pc ? choose(images, t->process, pc) : NULL;
    char name[MODEL_NAME_MAX + 24];
    if (!image) {
        return;
    }
    const image_symbol_t *symbol = image_symbol(image, pc);
    if (pc == image->entry) {
        snprintf(name, sizeof(name), "%s", image->name);
    } else if (symbol) {
        snprintf(name, sizeof(name), "%s", symbol->name);
    } else {
        snprintf(name, sizeof(name), "%s:0x%" PRIx64, image->name, pc);
    }
    if (taken(model, t, name)) {
        size_t length = strnlen(name, MODEL_NAME_MAX - 12);
        snprintf(name + length, sizeof(name) - length, "#%u", t->uid);
    }
    snprintf(t->name, sizeof(t->name), "%.63s", name);
    if (strncmp(t->process->name, "vspace@", 7) == 0) {
        snprintf(t->process->name, sizeof(t->process->name), "%s", image->name);
    }
    event->effects |= EFFECT_THREAD_NAMED;
}
