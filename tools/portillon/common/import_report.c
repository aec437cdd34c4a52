/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/import_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"

static void compose(char out[IMPORT_REPORT_TEXT], const char *file, uint32_t line, const char *format,
                    va_list arguments)
{
    int used = line != 0 ? snprintf(out, IMPORT_REPORT_TEXT, "%s:%" PRIu32 ": ", file, line)
                         : snprintf(out, IMPORT_REPORT_TEXT, "%s: ", file);
    if (used > 0 && used < IMPORT_REPORT_TEXT)
        vsnprintf(out + used, (size_t)(IMPORT_REPORT_TEXT - used), translate(format), arguments);
}

void import_report_error(struct import_report *report, const char *file, uint32_t line, const char *format,
                         ...)
{
    if (report->error_count++ >= IMPORT_REPORT_SHOWN)
        return;
    va_list arguments;
    va_start(arguments, format);
    compose(report->errors[report->error_count - 1], file, line, format, arguments);
    va_end(arguments);
}

void import_report_note(struct import_report *report, const char *file, const char *format, ...)
{
    if (report->note_count == IMPORT_REPORT_NOTES)
        return;
    va_list arguments;
    va_start(arguments, format);
    compose(report->notes[report->note_count++], file, 0, format, arguments);
    va_end(arguments);
}

void import_report_print(const struct import_report *report)
{
    for (size_t i = 0; i < report->note_count; i++)
        command_note("%s", report->notes[i]);
    for (size_t i = 0; i < report->error_count && i < IMPORT_REPORT_SHOWN; i++)
        command_note("%s", report->errors[i]);
    if (report->error_count > IMPORT_REPORT_SHOWN)
        command_note("and %" PRIu64 " more", report->error_count - IMPORT_REPORT_SHOWN);
}
