/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proposes how to read a file, from its headers and the cells below them. The office checks the proposal and
 * keeps it as a map (csv_map.h). The caller owns the structs. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_GUESS_H
#define TOOLS_PORTILLON_CSV_CSV_GUESS_H

#include <stdio.h>

#include "tools/portillon/csv/csv_map.h"

#define CSV_GUESS_NOTES    8
#define CSV_GUESS_NOTE_MAX 360

struct csv_guess {
    struct csv_map map; /* holds the texts that the options point to */
    int note_count;
    char notes[CSV_GUESS_NOTES][CSV_GUESS_NOTE_MAX]; /* the reasons, and what could not be determined */
};

/* Fills the options that are still open: by_hand, notation, dates, encoding. Reads options->rules. Returns
 * ERR_OK (also when nothing could be determined; the import then reports it), ERR_NO_SPACE, ERR_FORMAT (not a
 * file of rows; the import reports where) or ERR_UNSUPPORTED (iconv does not support Windows-1252). */
int csv_guess(struct csv_guess *guess, struct csv_import_options *options, const char *data,
              size_t len) MUST_USE;

#endif
