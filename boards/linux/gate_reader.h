/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card reader that the options name (hal/reader.h): one of libnfc in its own process, a PN532 on a
 * serial port, or none.
 *
 * The caller owns the struct and does not move it while its reader is used. Nothing blocks, but a reader of
 * libnfc for 0.5 s while it is closed.
 */
#ifndef BOARDS_LINUX_GATE_READER_H
#define BOARDS_LINUX_GATE_READER_H

#include <stdbool.h>

#include "boards/linux/pn532_tty.h"
#include "hal/libnfc/libnfc_reader.h"

#define GATE_READER_NOTE_LEN 4200

struct gate_reader {
    const struct reader *reader; /* hand this to the firmware; NULL: not open */
    struct libnfc_reader libnfc;
    struct pn532_tty pn532;
    char helper_path[4096];
};

/* Opens the reader of that name: a connection string of libnfc, "auto", "pn532:DEVICE" or "none". helper is
 * the path of portillon-reader; NULL: beside this program. name and timer must stay valid. note is empty or
 * one line: on error, and about a serial port that is not there yet. Returns ERR_OK, or an error if the
 * process of libnfc cannot be started. */
int gate_reader_open(struct gate_reader *gate_reader, const char *name, const char *helper,
                     const struct timer *timer, char note[GATE_READER_NOTE_LEN]) MUST_USE;

/* Returns the descriptor to wait for; -1 if there is none now. */
int gate_reader_fd(const struct gate_reader *gate_reader);

/* Returns the milliseconds after which reader.poll must be called, at most limit_ms. */
int gate_reader_wait_ms(const struct gate_reader *gate_reader, int limit_ms);

/* Notes what poll(2) said of the descriptor. Returns the serial port that hung up; NULL: none. */
const char *gate_reader_note_events(struct gate_reader *gate_reader, short events);

/* Tries once a second to open a lost serial port. Returns its device if it was opened now, else NULL. */
const char *gate_reader_mend(struct gate_reader *gate_reader);

/* Closes the reader. Does nothing if the struct is zero. */
void gate_reader_close(struct gate_reader *gate_reader);

#endif
