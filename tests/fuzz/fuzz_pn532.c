/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hostile reader may send. The input is a play of operations, each a byte and what it needs:
 *
 *   00..3F  the next so many bytes come over the line, as they are
 *   40..7F  ACK, and a well-formed answer to the last command with so many bytes of content
 *   80..BF  so many times 2 ms pass
 *   C0..FF  an exchange of so many bytes
 *
 * Whatever comes, reports must be in bounds and in order, and calls must come back in time.
 */
#include <stdlib.h>
#include <string.h>

#include "hal/pn532/pn532.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINE_LEN 1024

static struct {
    uint8_t bytes[LINE_LEN];
    size_t len;
    uint8_t last_code;
} line;
static uint64_t now_us;
static bool is_up, is_first;

static int read_line(void *ctx, uint8_t *buf, size_t size)
{
    (void)ctx;
    size_t len = size < line.len ? size : line.len;
    memcpy(buf, line.bytes, len);
    line.len -= len;
    memmove(line.bytes, line.bytes + len, line.len);
    return (int)len;
}

static int write_line(void *ctx, const uint8_t *buf, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i + 1 < len; i++)
        if (buf[i] == PN532_TFI_HOST) {
            line.last_code = buf[i + 1];
            break;
        }
    return (int)len;
}

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    return now_us++;
}

static int set_baud(void *ctx, uint32_t baud)
{
    (void)ctx;
    if (baud != 115200 && baud != 460800)
        abort();
    return now_us & 1 ? ERR_OK : ERR_IO;
}

static void idle(void *ctx)
{
    (void)ctx;
    now_us += 500;
}

static const struct serial serial = {.read = read_line, .write = write_line};
static const struct timer timer = {.monotonic_us = monotonic_us};
static const struct pn532_config config = {
    .serial = &serial, .timer = &timer, .set_baud = set_baud, .baud = 460800, .idle = idle};

static void send(const uint8_t *bytes, size_t len)
{
    if (len > sizeof line.bytes - line.len)
        return;
    memcpy(line.bytes + line.len, bytes, len);
    line.len += len;
}

static void send_answer(const uint8_t *content, size_t len)
{
    uint8_t frame[PN532_FRAME_MAX], head[] = {(uint8_t)(line.last_code + 1)};
    int frame_len = pn532_frame_encode(frame, head, 1, content, len);
    uint8_t sum = 0;
    frame[5] = PN532_TFI_CHIP;
    for (int i = 5; i < frame_len - 2; i++)
        sum = (uint8_t)(sum + frame[i]);
    frame[frame_len - 2] = (uint8_t)-sum;
    send(pn532_frame_ack, sizeof pn532_frame_ack);
    send(frame, (size_t)frame_len);
}

static void check(const struct reader_report *report)
{
    const struct reader_target *target = &report->target;
    if (strnlen(report->text, sizeof report->text) == sizeof report->text)
        abort();
    switch (report->event) {
    case READER_CARD:
    case READER_GONE:
        if ((target->uid_len != 4 && target->uid_len != 7 && target->uid_len != 10) ||
            target->ats_len > READER_ATS_MAX || !is_up)
            abort();
        return;
    case READER_EMPTY:
        if (!is_up)
            abort();
        return;
    case READER_UP:
    case READER_DOWN:
        if (is_up == (report->event == READER_UP) && !is_first)
            abort();
        is_up = report->event == READER_UP;
        is_first = false;
        return;
    }
}

static void poll_some(struct pn532 *pn532)
{
    struct reader_report report;
    for (int i = 0; i < 8; i++) {
        uint64_t start_us = now_us;
        if (pn532->reader.poll(pn532->reader.ctx, &report))
            check(&report);
        if (now_us - start_us > 2000)
            abort();
    }
}

static void exchange(struct pn532 *pn532, const uint8_t *tx, size_t len)
{
    uint8_t *rx = malloc(40); /* for the sanitizer to watch its bounds */
    uint64_t start_us = now_us;
    int result = pn532->reader.exchange(pn532->reader.ctx, tx, len, rx, 40);
    if (result > 40 || now_us - start_us > 55000)
        abort();
    free(rx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pn532 pn532;
    now_us = 1000;
    memset(&line, 0, sizeof line);
    is_up = false;
    is_first = true;
    pn532_init(&pn532, &config);
    while (size > 0) {
        uint8_t operation = *data++;
        size_t len = operation & 0x3F;
        size--;
        if (len > size)
            len = size;
        switch (operation >> 6) {
        case 0:
            send(data, len);
            break;
        case 1:
            send_answer(data, len);
            break;
        case 2:
            now_us += (operation & 0x3Fu) * 2000;
            len = 0;
            break;
        default:
            exchange(&pn532, data, len);
            break;
        }
        data += len;
        size -= len;
        poll_some(&pn532);
    }
    return 0;
}
