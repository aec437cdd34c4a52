/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/pn532/pn532_reports.h"

#include <string.h>

static void put_text(char *text, size_t size, const char *more)
{
    size_t at = strlen(text);
    while (at + 1 < size && *more != '\0')
        text[at++] = *more++;
    text[at] = '\0';
}

static void put_number(char *text, size_t size, uint32_t number)
{
    char digits[11];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    put_text(text, size, digits + at);
}

static struct reader_report *hold(struct pn532_reports *reports, enum reader_event event)
{
    size_t at = reports->count < PN532_REPORTS_MAX ? reports->count++ : PN532_REPORTS_MAX - 1;
    reports->held[at] = (struct reader_report){.event = event};
    return &reports->held[at];
}

int pn532_reports_take(struct pn532_reports *reports, struct reader_report *report)
{
    if (reports->count == 0)
        return 0;
    *report = reports->held[0];
    reports->count--;
    memmove(reports->held, reports->held + 1, reports->count * sizeof reports->held[0]);
    return 1;
}

void pn532_reports_up(struct pn532_reports *reports, const uint8_t firmware[2], uint32_t baud, bool was_reset)
{
    if (reports->up)
        return;
    reports->up = true;
    reports->down = false;
    struct reader_report *report = hold(reports, READER_UP);
    put_text(report->text, sizeof report->text, "PN532 firmware ");
    put_number(report->text, sizeof report->text, firmware[0]);
    put_text(report->text, sizeof report->text, ".");
    put_number(report->text, sizeof report->text, firmware[1]);
    if (baud != 0) {
        put_text(report->text, sizeof report->text, " at ");
        put_number(report->text, sizeof report->text, baud);
        put_text(report->text, sizeof report->text, " baud");
    }
    if (was_reset)
        put_text(report->text, sizeof report->text, ", was reset");
}

static const char *fault_text(int fault)
{
    if (fault == ERR_TIMEOUT)
        return "no answer";
    if (fault == ERR_CORRUPT)
        return "damaged answers";
    if (fault == ERR_IO)
        return "serial line failed";
    return fault == ERR_VERSION ? "not a PN532" : "unexpected answer";
}

void pn532_reports_down(struct pn532_reports *reports, int fault, bool resets)
{
    if (reports->down)
        return;
    reports->down = true;
    reports->up = false;
    struct reader_report *report = hold(reports, READER_DOWN);
    put_text(report->text, sizeof report->text, fault_text(fault));
    if (resets)
        put_text(report->text, sizeof report->text, ", reset by its line");
}

void pn532_reports_card(struct pn532_reports *reports, const struct reader_target *target, uint64_t seen_us)
{
    struct reader_report *report = hold(reports, READER_CARD);
    report->target = *target;
    report->seen_us = seen_us;
}

void pn532_reports_gone(struct pn532_reports *reports, const struct reader_target *target)
{
    hold(reports, READER_GONE)->target = *target;
}

void pn532_reports_empty(struct pn532_reports *reports)
{
    (void)hold(reports, READER_EMPTY);
}
