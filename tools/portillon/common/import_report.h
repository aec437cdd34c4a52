/* SPDX-License-Identifier: Apache-2.0 */
/* Collects the messages of an import: notes, and the first errors with a count of all errors. The caller owns
 * the struct and sets it to zero first. Only the print function blocks, on stderr. */
#ifndef TOOLS_PORTILLON_COMMON_IMPORT_REPORT_H
#define TOOLS_PORTILLON_COMMON_IMPORT_REPORT_H

#include <stddef.h>
#include <stdint.h>

#define IMPORT_REPORT_SHOWN 20
#define IMPORT_REPORT_NOTES 12
#define IMPORT_REPORT_TEXT  800

struct import_report {
    uint64_t error_count;
    size_t note_count;
    char errors[IMPORT_REPORT_SHOWN][IMPORT_REPORT_TEXT];
    char notes[IMPORT_REPORT_NOTES][IMPORT_REPORT_TEXT];
};

/* Adds the error "FILE:LINE: MESSAGE", or "FILE: MESSAGE" for line 0. Beyond IMPORT_REPORT_SHOWN errors only
 * the count grows. */
void import_report_error(struct import_report *report, const char *file, uint32_t line, const char *format,
                         ...) __attribute__((format(printf, 4, 5)));
/* Adds the note "FILE: MESSAGE". Notes beyond IMPORT_REPORT_NOTES are dropped. */
void import_report_note(struct import_report *report, const char *file, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints the notes, then the errors, then "and N more" if errors were dropped, on stderr. */
void import_report_print(const struct import_report *report);

#endif
