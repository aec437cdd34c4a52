/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card reader at the office's desk: one that libnfc drives, in the process portillon-reader, as at a gate
 * on Linux. The caller owns the struct, and the strings until close. Only one thread may use it.
 */
#ifndef TOOLS_PORTILLON_DESK_DESK_READER_H
#define TOOLS_PORTILLON_DESK_DESK_READER_H

#include <limits.h>

#include "hal/libnfc/libnfc_reader.h"

struct desk_reader {
    struct libnfc_reader libnfc;
    const char *command; /* for messages */
    const char *name;
    char helper[PATH_MAX];
    bool was_up;               /* the reader has answered since open */
    struct reader_target held; /* the card that was read last, while it has not left */
    bool holds;
};

/* Opens the reader: a connection string of libnfc, or "auto" for the first one that it finds. helper is
 * the program portillon-reader; NULL: the one installed or beside this program. Prints each error. Returns
 * ERR_OK, ERR_ARGUMENT (name is a reader that only portillond has), ERR_NOT_FOUND or ERR_IO (the helper
 * does not start). The caller closes the reader also after an error. */
int desk_reader_open(struct desk_reader *desk, const char *command, const char *name,
                     const char *helper) MUST_USE;

/* Waits for the next card. A card that stays is read once. A reader that fails after it has worked is waited
 * for; each outage is printed. Returns ERR_OK, ERR_NOT_FOUND (there is no such reader; printed) or ERR_BUSY
 * (Ctrl-C). */
int desk_reader_next(struct desk_reader *desk, struct reader_target *target) MUST_USE;

/* Waits for it for a moment (200 ms at most). Returns the same results, and ERR_TIMEOUT if there is none
 * yet. */
int desk_reader_poll(struct desk_reader *desk, struct reader_target *target) MUST_USE;

/* Ends the helper. */
void desk_reader_close(struct desk_reader *desk);

#endif
