/* SPDX-License-Identifier: BSD-2-Clause */
#include "runinfo.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool runinfo_directory(char *path, size_t size, u4_error_t *err)
{
    const char *base = getenv("XDG_RUNTIME_DIR");
    snprintf(path, size, "%s/u4-%u", base && *base ? base : "/tmp", (unsigned)getuid());
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return u4_fail_errno(err, "%s: cannot make the run directory", path);
    }
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != getuid()) {
        return u4_fail(err, "%s: expected a directory of your own, found something else: remove it",
                       path);
    }
    return true;
}

static bool file_of(const char *name, char *path, size_t size, u4_error_t *err)
{
    char directory[512];
    if (!runinfo_directory(directory, sizeof(directory), err)) {
        return false;
    }
    int length = snprintf(path, size, "%s/%s.json", directory, name);
    return (length > 0 && (size_t)length < size) || u4_fail(err, "%s: name too long", name);
}

static void get_text(const json_t *object, const char *key, char *to, size_t size)
{
    const char *text = json_string_value(json_object_get(object, key));
    snprintf(to, size, "%s", text ? text : "");
}

static bool load(const char *path, runinfo_t *info)
{
    json_t *object = json_load_file(path, 0, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        return false;
    }
    *info = (runinfo_t){0};
    get_text(object, "name", info->name, sizeof(info->name));
    get_text(object, "image", info->image, sizeof(info->image));
    get_text(object, "kernel", info->kernel, sizeof(info->kernel));
    get_text(object, "ram", info->ram, sizeof(info->ram));
    get_text(object, "qmp", info->qmp, sizeof(info->qmp));
    get_text(object, "gdb", info->gdb, sizeof(info->gdb));
    get_text(object, "machine", info->machine, sizeof(info->machine));
    get_text(object, "command", info->command, sizeof(info->command));
    info->pid = (pid_t)json_integer_value(json_object_get(object, "pid"));
    info->ram_base = (uint64_t)json_integer_value(json_object_get(object, "ram_base"));
    info->memory = (uint64_t)json_integer_value(json_object_get(object, "memory"));
    info->harts = (unsigned)json_integer_value(json_object_get(object, "harts"));
    info->icount = json_is_true(json_object_get(object, "icount"));
    json_decref(object);
    return info->pid > 0 && info->ram[0];
}

static bool alive(const runinfo_t *info)
{
    return kill(info->pid, 0) == 0 && access(info->ram, R_OK) == 0;
}

/* "build/demo.elf" -> "demo" */
static void name_from_image(const char *image, char *name, size_t size)
{
    const char *slash = strrchr(image, '/');
    snprintf(name, size, "%.*s", (int)size - 1, slash ? slash + 1 : image);
    char *dot = strrchr(name, '.');
    if (dot && dot != name) {
        *dot = 0;
    }
}

bool runinfo_name(runinfo_t *info, const char *wanted, u4_error_t *err)
{
    char base[48], path[1024];
    if (wanted) {
        snprintf(base, sizeof(base), "%s", wanted);
    } else {
        name_from_image(info->image, base, sizeof(base));
    }
    for (char *c = base; *c; c++) {
        *c = isalnum((unsigned char)*c) || *c == '_' || *c == '-' ? *c : '_';
    }
    for (unsigned i = 1; i < 1000; i++) {
        runinfo_t other;
        snprintf(info->name, sizeof(info->name), i > 1 ? "%s-%u" : "%s", base, i);
        if (!file_of(info->name, path, sizeof(path), err)) {
            return false;
        }
        if (!load(path, &other) || !alive(&other)) {
            break;
        }
        if (wanted) {
            return u4_fail(err, "a guest of the name '%s' runs already (pid %d)", wanted,
                           other.pid);
        }
    }
    const char *shm = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(info->ram, sizeof(info->ram), "%s/u4-%u-%s-%d.ram", shm, (unsigned)getuid(),
             info->name, (int)getpid());
    char directory[512];
    if (!runinfo_directory(directory, sizeof(directory), err)) {
        return false;
    }
    int length = snprintf(info->qmp, sizeof(info->qmp), "%s/%s-%d.qmp", directory, info->name,
                          (int)getpid());
    return (length > 0 && length < 100) || /* sun_path */
           u4_fail(err, "%s: too long a path for a socket: set XDG_RUNTIME_DIR", info->qmp);
}

bool runinfo_write(const runinfo_t *info, u4_error_t *err)
{
    char path[1024], temporary[1100];
    if (!file_of(info->name, path, sizeof(path), err)) {
        return false;
    }
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(info->name));
    json_object_set_new(object, "pid", json_integer(info->pid));
    json_object_set_new(object, "image", json_string(info->image));
    json_object_set_new(object, "kernel", json_string(info->kernel));
    json_object_set_new(object, "ram", json_string(info->ram));
    json_object_set_new(object, "ram_base", json_integer((json_int_t)info->ram_base));
    json_object_set_new(object, "memory", json_integer((json_int_t)info->memory));
    json_object_set_new(object, "harts", json_integer(info->harts));
    json_object_set_new(object, "icount", json_boolean(info->icount));
    json_object_set_new(object, "qmp", json_string(info->qmp));
    json_object_set_new(object, "gdb", json_string(info->gdb));
    json_object_set_new(object, "machine", json_string(info->machine));
    json_object_set_new(object, "command", json_string(info->command));
    snprintf(temporary, sizeof(temporary), "%s.new", path);
    bool ok =
        json_dump_file(object, temporary, JSON_INDENT(2)) == 0 && rename(temporary, path) == 0;
    json_decref(object);
    return ok || u4_fail_errno(err, "%s: cannot write", path);
}

void runinfo_remove(const runinfo_t *info)
{
    char path[1024];
    u4_error_t ignored;
    unlink(info->ram);
    unlink(info->qmp);
    if (info->pid && file_of(info->name, path, sizeof(path), &ignored)) {
        unlink(path);
    }
}

bool runinfo_find(const char *name, runinfo_t *info, u4_error_t *err)
{
    char directory[512], names[256] = "";
    unsigned found = 0;
    if (!runinfo_directory(directory, sizeof(directory), err)) {
        return false;
    }
    DIR *dir = opendir(directory);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char path[1024];
        runinfo_t one;
        size_t length = strlen(entry->d_name);
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 5, ".json") != 0 || !load(path, &one) ||
            !alive(&one)) {
            continue;
        }
        if (name && strcmp(name, one.name) != 0 && atoi(name) != one.pid) {
            continue;
        }
        size_t used = strlen(names);
        snprintf(names + used, sizeof(names) - used, "%s%s", found ? ", " : "", one.name);
        *info = one;
        found++;
    }
    if (dir) {
        closedir(dir);
    }
    if (found == 1) {
        return true;
    }
    if (found > 1) {
        return u4_fail(err, "several guests run (%s): say which", names);
    }
    if (name) {
        return u4_fail(err, "no guest '%s' runs (started by u4 run, by this user)", name);
    }
    return u4_fail(err, "no guest runs: start one with u4 run, or give --ram and --kernel");
}
