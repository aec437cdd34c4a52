/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a file of the site folder that has a value for some gates (gate_lines.h). A line is "ID =
 * VALUE"; after a # comes a comment. The caller owns the texts, which end with a zero byte. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_SITE_GATE_LINES_TEXT_H
#define TOOLS_PORTILLON_SITE_GATE_LINES_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "hal/error.h"

#define GATE_LINES_VALUE_LEN 16 /* with the terminating zero */

/* What is said of one such file. */
struct gate_lines {
    const char *file;    /* its name in the site folder */
    const char *heading; /* lines of comment at the top of a new file */
    const char *wrong;   /* of a bad line, to be translated: "is not 'ID = NUMBER' with a number up to 999" */
    bool (*is_good)(const char *value);
};

struct gate_line {
    const char *line;                 /* start of the gate's line; NULL: it has none */
    char value[GATE_LINES_VALUE_LEN]; /* "": none */
    unsigned line_number;             /* after an error, the line and what is wrong with it */
    const char *why;
};

/* Checks every line, and finds the one of a gate. Returns ERR_OK, or ERR_FORMAT for a bad line or a second
 * one of the gate. */
int gate_lines_text_find(const struct gate_lines *lines, const char *text, const char *device_id,
                         struct gate_line *place) MUST_USE;

/* Returns the text with the value of a gate at its place, or at the end; all else stays as it is. An empty
 * text gets the heading. The caller frees the result. Returns NULL without memory. */
char *gate_lines_text_put(const struct gate_lines *lines, const char *text, const struct gate_line *place,
                          const char *device_id, const char *value, size_t *len) MUST_USE;

#endif
