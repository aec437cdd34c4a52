/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/fake_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/hex.h"

static int poll(void *ctx, struct reader_report *report)
{
    struct fake_reader *fake = ctx;
    if (fake->count == 0)
        return 0;
    *report = fake->reports[0];
    memmove(fake->reports, fake->reports + 1, (size_t)--fake->count * sizeof fake->reports[0]);
    return 1;
}

static int exchange(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    (void)ctx, (void)tx, (void)tx_len, (void)rx, (void)rx_size;
    return ERR_NOT_FOUND;
}

static struct reader_report *add(struct fake_reader *fake, enum reader_event event)
{
    if (fake->count == FAKE_READER_REPORTS)
        abort();
    struct reader_report *report = &fake->reports[fake->count++];
    *report = (struct reader_report){.event = event};
    return report;
}

void fake_reader_init(struct fake_reader *fake)
{
    *fake = (struct fake_reader){.reader = {.poll = poll, .exchange = exchange, .ctx = fake}};
}

void fake_reader_card(struct fake_reader *fake, const char *uid_hex)
{
    struct reader_target *target = &add(fake, READER_CARD)->target;
    target->uid_len = (uint8_t)hex_bytes(uid_hex, target->uid, sizeof target->uid);
}

void fake_reader_gone(struct fake_reader *fake, const char *uid_hex)
{
    struct reader_target *target = &add(fake, READER_GONE)->target;
    target->uid_len = (uint8_t)hex_bytes(uid_hex, target->uid, sizeof target->uid);
}

void fake_reader_empty(struct fake_reader *fake)
{
    add(fake, READER_EMPTY);
}

void fake_reader_up(struct fake_reader *fake)
{
    snprintf(add(fake, READER_UP)->text, sizeof fake->reports[0].text, "scripted reader");
}

void fake_reader_down(struct fake_reader *fake, const char *why)
{
    snprintf(add(fake, READER_DOWN)->text, sizeof fake->reports[0].text, "%s", why);
}
