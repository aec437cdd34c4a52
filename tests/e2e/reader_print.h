/* SPDX-License-Identifier: Apache-2.0 */
/* What reader_probe and pn532_probe print of a reader: one line an event, the same from every driver. */
#ifndef TESTS_E2E_READER_PRINT_H
#define TESTS_E2E_READER_PRINT_H

#include <stdio.h>
#include <time.h>

#include "hal/reader.h"

static inline uint64_t probe_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static inline void print_hex(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        printf("%02X", bytes[i]);
    if (len == 0)
        printf("-");
}

static inline size_t parse_hex(const char *text, uint8_t *bytes, size_t size)
{
    size_t len = 0;
    for (unsigned byte; len < size && sscanf(text + 2 * len, "%2x", &byte) == 1; len++)
        bytes[len] = (uint8_t)byte;
    return len;
}

static inline void print_report(const struct reader_report *report)
{
    const struct reader_target *target = &report->target;
    switch (report->event) {
    case READER_CARD:
        printf("card ");
        print_hex(target->uid, target->uid_len);
        printf(" atqa %02X%02X sak %02X ats ", target->atqa[0], target->atqa[1], target->sak);
        if (target->is_unfinished)
            printf("none");
        else
            print_hex(target->ats, target->ats_len);
        printf(" seen_us %llu\n", (unsigned long long)report->seen_us);
        return;
    case READER_GONE:
        printf("gone ");
        print_hex(target->uid, target->uid_len);
        printf("\n");
        return;
    case READER_EMPTY:
        printf("empty\n");
        return;
    case READER_UP:
        printf("up %s\n", report->text);
        return;
    case READER_DOWN:
        printf("down %s\n", report->text);
        return;
    }
}

static inline void print_exchange(struct reader *reader, const uint8_t *tx, size_t tx_len)
{
    uint8_t rx[256];
    int result = reader->exchange(reader->ctx, tx, tx_len, rx, sizeof rx);
    printf("answer ");
    if (result < 0)
        printf("%s", error_name(result));
    else
        print_hex(rx, (size_t)result);
    printf("\n");
}

/* Takes one report, if there is one, prints it, and asks a card what tx says. Returns whether there was one.
 */
static inline int print_next(struct reader *reader, uint64_t start_us, const uint8_t *tx, size_t tx_len)
{
    struct reader_report report;
    if (reader->poll(reader->ctx, &report) <= 0)
        return 0;
    printf("%.3f ", (double)(probe_monotonic_us() - start_us) / 1000);
    print_report(&report);
    if (report.event == READER_CARD && tx_len > 0) {
        printf("%.3f ", (double)(probe_monotonic_us() - start_us) / 1000);
        print_exchange(reader, tx, tx_len);
    }
    return 1;
}

#endif
