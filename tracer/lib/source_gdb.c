/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory through a GDB remote stub (GDB manual, appendix "Remote Protocol"): QEMU's, or that
 * of a debug probe in front of a board. The stub stops the guest when we come; it goes on when it
 * is not held. Memory is read by physical address where the stub offers that (QEMU's
 * Qqemu.PhyMemMode), else through the kernel's window onto physical memory.
 */
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "memory.h"
#include "u4trace/source.h"

enum {
    PACKET_MAX = 64 * 1024, /* characters that we take at most */
    PATIENCE_MS = 5000,
    READ_MAX = 1024, /* bytes asked for at once, unless the stub takes more */
};

typedef struct {
    source_t source;
    int fd;
    uint64_t window; /* added to physical addresses; 0: the stub takes those */
    size_t most;     /* bytes a packet can carry */
    bool running;
    char input[PACKET_MAX];
    size_t used, at;
    char packet[PACKET_MAX];
} gdb_t;

static int next_char(gdb_t *gdb)
{
    if (gdb->at == gdb->used) {
        struct pollfd fd = {.fd = gdb->fd, .events = POLLIN};
        if (poll(&fd, 1, PATIENCE_MS) <= 0) {
            return -1;
        }
        ssize_t got = recv(gdb->fd, gdb->input, sizeof(gdb->input), 0);
        if (got <= 0) {
            return -1;
        }
        gdb->used = (size_t)got;
        gdb->at = 0;
    }
    return (unsigned char)gdb->input[gdb->at++];
}

static bool send_all(gdb_t *gdb, const char *text, size_t length)
{
    while (length) {
        ssize_t done = send(gdb->fd, text, length, MSG_NOSIGNAL);
        if (done <= 0) {
            return false;
        }
        text += done;
        length -= (size_t)done;
    }
    return true;
}

static bool send_packet(gdb_t *gdb, const char *body)
{
    char text[2 * READ_MAX + 64];
    unsigned char sum = 0;
    for (const char *c = body; *c; c++) {
        sum = (unsigned char)(sum + (unsigned char)*c);
    }
    int length = snprintf(text, sizeof(text), "$%s#%02x", body, sum);
    return length > 0 && (size_t)length < sizeof(text) && send_all(gdb, text, (size_t)length);
}

/* The next packet's body into gdb->packet, acknowledged; runs ("0* ") are not asked for. */
static bool receive_packet(gdb_t *gdb)
{
    int c;
    size_t used = 0;
    do {
        c = next_char(gdb);
    } while (c >= 0 && c != '$');
    while (c >= 0 && (c = next_char(gdb)) >= 0 && c != '#' && used + 1 < sizeof(gdb->packet)) {
        gdb->packet[used++] = (char)(c == '}' ? next_char(gdb) ^ 0x20 : c);
    }
    gdb->packet[used] = 0;
    return c == '#' && next_char(gdb) >= 0 && next_char(gdb) >= 0 && send_all(gdb, "+", 1);
}

static bool is_stop_reply(const gdb_t *gdb)
{
    return gdb->packet[0] == 'T' || gdb->packet[0] == 'S';
}

/* Sends a request and takes its answer. Stubs also say unasked that the guest has stopped: when
 * we come, and late when we interrupt it. */
static bool ask(gdb_t *gdb, const char *body)
{
    bool ok = send_packet(gdb, body);
    do {
        ok = ok && receive_packet(gdb);
    } while (ok && is_stop_reply(gdb) && body[0] != '?');
    return ok;
}

static int digit(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

static bool read_part(gdb_t *gdb, uint64_t address, uint8_t *to, size_t length)
{
    char body[64];
    snprintf(body, sizeof(body), "m%llx,%zx", (unsigned long long)address, length);
    if (!ask(gdb, body) || strlen(gdb->packet) != 2 * length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        int high = digit(gdb->packet[2 * i]), low = digit(gdb->packet[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        to[i] = (uint8_t)(16 * high + low);
    }
    return true;
}

/* Interrupts the guest, or lets it go on. */
static bool gdb_hold(source_t *source, bool hold)
{
    gdb_t *gdb = (gdb_t *)source;
    if (hold == !gdb->running) {
        return true;
    }
    if (!hold) {
        gdb->running = send_packet(gdb, "c");
        return gdb->running;
    }
    bool ok = send_all(gdb, "\x03", 1);
    do {
        ok = ok && receive_packet(gdb);
    } while (ok && !is_stop_reply(gdb));
    gdb->running = !ok;
    return ok;
}

static bool gdb_read(source_t *source, uint64_t paddr, void *to, size_t length)
{
    gdb_t *gdb = (gdb_t *)source;
    bool ran = gdb->running, ok = gdb_hold(source, true);
    for (size_t done = 0; ok && done < length;) {
        size_t part = length - done < gdb->most ? length - done : gdb->most;
        ok = read_part(gdb, paddr + done + gdb->window, (uint8_t *)to + done, part);
        done += part;
    }
    return (!ran || gdb_hold(source, false)) && ok;
}

static bool write_part(gdb_t *gdb, uint64_t address, const uint8_t *from, size_t length)
{
    char body[2 * READ_MAX + 40];
    int used = snprintf(body, sizeof(body), "M%llx,%zx:", (unsigned long long)address, length);
    for (size_t i = 0; i < length; i++) {
        used += snprintf(body + used, sizeof(body) - (size_t)used, "%02x", from[i]);
    }
    return ask(gdb, body) && strcmp(gdb->packet, "OK") == 0;
}

static bool gdb_write(source_t *source, uint64_t paddr, const void *from, size_t length)
{
    gdb_t *gdb = (gdb_t *)source;
    bool ran = gdb->running, ok = gdb_hold(source, true);
    for (size_t done = 0; ok && done < length;) {
        size_t part = length - done < READ_MAX ? length - done : READ_MAX;
        ok = write_part(gdb, paddr + done + gdb->window, (const uint8_t *)from + done, part);
        done += part;
    }
    return (!ran || gdb_hold(source, false)) && ok;
}

/* The guest goes on, whatever it did before. */
static void gdb_close(source_t *source)
{
    gdb_t *gdb = (gdb_t *)source;
    if (gdb->fd >= 0) {
        if (gdb_hold(source, true)) {
            ask(gdb, "D");
        }
        close(gdb->fd);
    }
    free(source->name);
    free(gdb);
}

static const source_ops_t gdb_ops = {
    .kind = "GDB stub",
    .read = gdb_read,
    .write = gdb_write,
    .hold = gdb_hold,
    .close = gdb_close,
};

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* "1234", ":1234", "host:1234" */
static int connect_tcp(const char *address)
{
    char host[256];
    const char *colon = strrchr(address, ':'), *port = colon ? colon + 1 : address;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    snprintf(host, sizeof(host), "%.*s", colon ? (int)(colon - address) : 0, address);
    if (getaddrinfo(host[0] ? host : "127.0.0.1", port, &hints, &found) != 0) {
        errno = EINVAL;
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

/* What the stub can do. False: it does not talk like one. */
static bool greet(gdb_t *gdb, uint64_t window)
{
    if (!send_all(gdb, "+", 1) || !ask(gdb, "qSupported")) {
        return false;
    }
    const char *size = strstr(gdb->packet, "PacketSize=");
    unsigned long most = size ? strtoul(size + 11, NULL, 16) / 2 : 0;
    gdb->most = most > 64 && most - 16 < READ_MAX * 16 ? most - 16 : READ_MAX;
    if (!ask(gdb, "?")) {
        return false;
    }
    bool physical = ask(gdb, "Qqemu.PhyMemMode:1") && strcmp(gdb->packet, "OK") == 0;
    gdb->window = physical ? 0 : window;
    return true;
}

source_t *source_open_gdb(const char *address, uint64_t window, u4_error_t *err)
{
    gdb_t *gdb = memory_new(1, sizeof(*gdb));
    gdb->source = (source_t){.ops = &gdb_ops, .name = memory_strdup(address), .live = true};
    gdb->fd = strchr(address, '/') ? connect_unix(address) : connect_tcp(address);
    if (gdb->fd < 0) {
        u4_fail_errno(err, "%s: cannot reach a GDB server there", address);
        source_close(&gdb->source);
        return NULL;
    }
    if (!greet(gdb, window)) {
        u4_fail(err, "%s: expected a GDB server, but what answers does not talk like one", address);
        close(gdb->fd);
        gdb->fd = -1;
        source_close(&gdb->source);
        return NULL;
    }
    gdb_hold(&gdb->source, false);
    return &gdb->source;
}
