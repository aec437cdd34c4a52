/*
 * How a file is probably to be read, told by its headers and by what stands below them. A proposal: the
 * office looks at it, and keeps it as a map (csv_map.h).
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_GUESS_H
#define TOOLS_PORTILLON_CSV_CSV_GUESS_H

#include <stdio.h>

#include "tools/portillon/csv/csv_map.h"

#define CSV_GUESS_NOTES    8
#define CSV_GUESS_NOTE_MAX 240

struct csv_guess {
    struct csv_map map; /* the texts that the options point to */
    int note_count;
    char notes[CSV_GUESS_NOTES][CSV_GUESS_NOTE_MAX]; /* why, and what cannot be told */
};

/* Fills what options do not say yet: by_hand, notation, dates, encoding. options->rules is read.
 * @retval ERR_OK (also when nothing could be told: the import will then say so), ERR_NO_SPACE, ERR_FORMAT
 * (not a file of rows: the import will say where), ERR_UNSUPPORTED (iconv does not know Windows-1252). */
int csv_guess(struct csv_guess *guess, struct csv_import_options *options, const char *data,
              size_t len) MUST_USE;

#endif
