/*
 * The control language: one command a line in, one line "ok ..." or "error ..." out. Pure; works on the field
 * and chip handed in. `help` lists the commands.
 */
#ifndef CARDSIM_CONTROL_H
#define CARDSIM_CONTROL_H

#include "tools/cardsim/chip.h"

enum {
    CARDSIM_LINE_MAX = 512,     /* a command, with its final NUL */
    CARDSIM_ANSWER_MAX = 32768, /* an answer, with its newline and NUL */
    CARDSIM_PROBLEM_MAX = 160,
};

struct cardsim_control {
    struct cardsim_field *field;
    struct cardsim_chip *chip;
    unsigned names_given; /* to cards that came without one */
};

/* Runs line (cut up in place). Writes the answer, ended by a newline, into answer (CARDSIM_ANSWER_MAX).
 * Returns whether it was "ok". */
bool cardsim_control_run(struct cardsim_control *control, char *line, uint64_t now_us, char *answer);

/* Defines the card that words tell: NAME KIND [UID] [OPTION=VALUE]... Returns it, or NULL with problem
 * (CARDSIM_PROBLEM_MAX) saying what is wrong. */
struct cardsim_card *cardsim_control_define(struct cardsim_field *field, char *const *words, size_t count,
                                            char *problem);

/* Reads a cards file: a card a line, as above; '#' starts a comment. text is cut up in place.
 * Returns 0, or the number of the first wrong line, with problem filled. */
unsigned cardsim_control_load(struct cardsim_field *field, char *text, char *problem);

#endif
