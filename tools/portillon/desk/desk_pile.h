/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes one card at the reader of the desk, or a pile of them, each once, until Ctrl-C. The caller owns all
 * memory. Blocks until the last card. Only one thread may use it.
 */
#ifndef TOOLS_PORTILLON_DESK_DESK_PILE_H
#define TOOLS_PORTILLON_DESK_DESK_PILE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/reader.h"

#define DESK_PILE_MAX 100000

struct desk_pile {
    const char *command;         /* for messages */
    const char *reader, *helper; /* as desk_reader_open takes them */
    bool is_pile;                /* false: one card */
    uint64_t count;              /* of a pile: end after so many cards; 0: at Ctrl-C */
};

/* Does the work for one card, which the reader can exchange data with. Returns ERR_OK, ERR_BUSY (the card
 * left too early: it is asked for again) or another error, after printing it: the pile ends. */
typedef int desk_pile_take(void *ctx, const struct reader *reader, const struct reader_target *card);

/* Checks the options. Returns true; or prints the misuse and returns false. */
bool desk_pile_check(const struct desk_pile *pile);

/* Opens the reader and gives each card to take(ctx, ...). Returns the exit status of the command. Ctrl-C is
 * the normal end only of a pile without count. */
int desk_pile_run(const struct desk_pile *pile, desk_pile_take *take, void *ctx);

#endif
