/* What an import has to say: notes, and the first errors with a count of the rest. The caller owns it. */
#ifndef TOOLS_PORTILLON_COMMON_IMPORT_REPORT_H
#define TOOLS_PORTILLON_COMMON_IMPORT_REPORT_H

#include <stddef.h>
#include <stdint.h>

#define IMPORT_REPORT_SHOWN 20
#define IMPORT_REPORT_NOTES 12
#define IMPORT_REPORT_TEXT  640

struct import_report {
    uint64_t error_count;
    size_t note_count;
    char errors[IMPORT_REPORT_SHOWN][IMPORT_REPORT_TEXT];
    char notes[IMPORT_REPORT_NOTES][IMPORT_REPORT_TEXT];
};

/* Adds "FILE:LINE: MESSAGE", or "FILE: MESSAGE" for line 0. */
void import_report_error(struct import_report *report, const char *file, uint32_t line, const char *format,
                         ...) __attribute__((format(printf, 4, 5)));
void import_report_note(struct import_report *report, const char *file, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Says everything on stderr, notes first, "and N more" last. */
void import_report_print(const struct import_report *report);

#endif
