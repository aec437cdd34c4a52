/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the place of libgpiod 1.6 in a program by LD_PRELOAD (gpio_gate.sh): lines "LINE0" to "LINE31", whose
 * physical levels are files of the folder GPIO_FILES. in.N is read at each reading, 0 or 1; a reading fails
 * while it is missing. Each level that an output is driven to, and its release, is a line of the file
 * `outputs`.
 */
#include <errno.h>
#include <gpiod.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define LINES 32

static struct line {
    unsigned number;
    bool active_low, is_output;
} lines[LINES];

static struct line *line_of(struct gpiod_line *handle)
{
    return (struct line *)(void *)handle;
}

static FILE *open_file(const char *name, const char *mode)
{
    char path[4096];
    const char *folder = getenv("GPIO_FILES");

    snprintf(path, sizeof(path), "%s/%s", folder != NULL ? folder : ".", name);
    return fopen(path, mode);
}

static int note(const struct line *line, const char *what)
{
    FILE *file = open_file("outputs", "ae");

    if (file == NULL)
        return -1;
    fprintf(file, "%u %s\n", line->number, what);
    return fclose(file);
}

struct gpiod_line *gpiod_line_find(const char *name)
{
    unsigned number;

    if (sscanf(name, "LINE%u", &number) != 1 || number >= LINES) {
        errno = ENOENT;
        return NULL;
    }
    lines[number].number = number;
    return (struct gpiod_line *)(void *)&lines[number];
}

struct gpiod_line *gpiod_line_get(const char *device, unsigned int offset)
{
    (void)device, (void)offset;
    errno = ENOENT;
    return NULL;
}

int gpiod_line_set_value(struct gpiod_line *handle, int value)
{
    return note(line_of(handle), (value != 0) != line_of(handle)->active_low ? "high" : "low");
}

int gpiod_line_request_input_flags(struct gpiod_line *handle, const char *consumer, int flags)
{
    (void)consumer;
    line_of(handle)->active_low = (flags & GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW) != 0;
    return 0;
}

int gpiod_line_request_output_flags(struct gpiod_line *handle, const char *consumer, int flags,
                                    int default_val)
{
    line_of(handle)->is_output = true;
    (void)gpiod_line_request_input_flags(handle, consumer, flags);
    return gpiod_line_set_value(handle, default_val);
}

int gpiod_line_get_value(struct gpiod_line *handle)
{
    char name[16];
    snprintf(name, sizeof(name), "in.%u", line_of(handle)->number);
    FILE *file = open_file(name, "re");
    int byte = file != NULL ? fgetc(file) : EOF;

    if (file != NULL)
        fclose(file);
    if (byte != '0' && byte != '1') {
        errno = EIO;
        return -1;
    }
    return (byte == '1') != line_of(handle)->active_low;
}

void gpiod_line_release(struct gpiod_line *handle)
{
    if (line_of(handle)->is_output)
        (void)note(line_of(handle), "released");
}

void gpiod_line_close_chip(struct gpiod_line *handle)
{
    (void)handle;
}
