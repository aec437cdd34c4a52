/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/fake_gpiod.h"

#include <errno.h>
#include <gpiod.h>
#include <stdio.h>
#include <string.h>

#define BIAS_FLAGS                                                                                           \
    (GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN |                         \
     GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP)

struct fake_gpiod_line fake_gpiod_lines[FAKE_GPIOD_LINES];
int fake_gpiod_open_chips;
static unsigned requests;

void fake_gpiod_reset(void)
{
    memset(fake_gpiod_lines, 0, sizeof(fake_gpiod_lines));
    fake_gpiod_open_chips = 0;
    requests = 0;
}

/* The library's struct is not defined here: a handle is the address of the fake's line. */
static struct fake_gpiod_line *fake_of(struct gpiod_line *handle)
{
    return (struct fake_gpiod_line *)(void *)handle;
}

static struct gpiod_line *handle_of(unsigned number)
{
    fake_gpiod_open_chips++;
    return (struct gpiod_line *)(void *)&fake_gpiod_lines[number];
}

struct gpiod_line *gpiod_line_get(const char *device, unsigned int offset)
{
    if (strcmp(device, "gpiochip0") == 0 && offset < FAKE_GPIOD_LINES)
        return handle_of(offset);
    errno = strcmp(device, "gpiochip0") == 0 ? EINVAL : ENOENT;
    return NULL;
}

struct gpiod_line *gpiod_line_find(const char *name)
{
    char text[16];

    for (unsigned i = 0; i < FAKE_GPIOD_LINES; i++) {
        snprintf(text, sizeof(text), "LINE%u", i);
        if (strcmp(name, text) == 0)
            return handle_of(i);
    }
    errno = ENOENT;
    return NULL;
}

static int fail(int error)
{
    errno = error;
    return -1;
}

static int request(struct fake_gpiod_line *line, int flags)
{
    if (line->requested || line->failing != 0)
        return fail(line->failing != 0 ? line->failing : EBUSY);
    line->requested = true;
    line->active_low = (flags & GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW) != 0;
    line->bias_flags = flags & BIAS_FLAGS;
    line->order = ++requests;
    return 0;
}

static void put(struct fake_gpiod_line *line, bool active)
{
    bool high = active != line->active_low;

    line->rises += high && !line->high;
    line->falls += !high && line->high;
    line->high = high;
}

int gpiod_line_request_input_flags(struct gpiod_line *handle, const char *consumer, int flags)
{
    (void)consumer;
    return request(fake_of(handle), flags);
}

int gpiod_line_request_output_flags(struct gpiod_line *handle, const char *consumer, int flags,
                                    int default_val)
{
    struct fake_gpiod_line *line = fake_of(handle);

    (void)consumer;
    if (request(line, flags) != 0)
        return -1;
    line->is_output = true;
    put(line, default_val != 0);
    return 0;
}

int gpiod_line_set_value(struct gpiod_line *handle, int value)
{
    struct fake_gpiod_line *line = fake_of(handle);

    if (!line->is_output || line->failing != 0)
        return fail(line->failing != 0 ? line->failing : EPERM);
    put(line, value != 0);
    return 0;
}

int gpiod_line_get_value(struct gpiod_line *handle)
{
    const struct fake_gpiod_line *line = fake_of(handle);

    if (!line->requested || line->failing != 0)
        return fail(line->failing != 0 ? line->failing : EPERM);
    return line->high != line->active_low;
}

void gpiod_line_release(struct gpiod_line *handle)
{
    fake_of(handle)->requested = fake_of(handle)->is_output = false;
}

void gpiod_line_close_chip(struct gpiod_line *handle)
{
    (void)handle;
    fake_gpiod_open_chips--;
}
