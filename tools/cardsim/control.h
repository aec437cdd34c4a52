/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the control language: one line is a command, its answer is one line, "ok ..." or "error ...". `help`
 * lists the commands. Pure: it works on the field and chip of its caller.
 */
#ifndef CARDSIM_CONTROL_H
#define CARDSIM_CONTROL_H

#include "tools/cardsim/chip.h"
#include "tools/cardsim/scanner.h"

enum {
    CARDSIM_LINE_MAX = 4096,    /* a command, with its final NUL */
    CARDSIM_ANSWER_MAX = 32768, /* an answer, with its newline and NUL */
    CARDSIM_PROBLEM_MAX = 160,
};

struct cardsim_control {
    struct cardsim_field *field;
    struct cardsim_chip *chip;
    struct cardsim_scanner *scanner; /* NULL: none */
    unsigned names_given;            /* names invented so far for cards without one */
};

/* Runs line, which it modifies. Writes the answer, ended by a newline, into answer (CARDSIM_ANSWER_MAX
 * bytes). Returns true if it was "ok". */
bool cardsim_control_run(struct cardsim_control *control, char *line, uint64_t now_us, char *answer);

/* Reads a cards file: one card a line, NAME KIND [UID] [OPTION=VALUE]...; '#' starts a comment. text is
 * modified. Returns 0, or the number of the first wrong line after writing the error to problem
 * (CARDSIM_PROBLEM_MAX bytes). */
unsigned cardsim_control_load(struct cardsim_field *field, char *text, char *problem);

#endif
