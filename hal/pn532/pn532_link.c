/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/pn532/pn532_link.h"

#include <string.h>

#define MS      1000u /* in microseconds */
#define BYTE_US 100u  /* time of a byte at 115200 baud, rounded up */
/* the chip needs less than 15 ms; the rest allows for a USB adapter or a busy host */
#define ACK_US    (80 * MS)
#define GAP_US    (30 * MS) /* longest gap inside a frame; after it, the rest is taken as lost */
#define NACKS_MAX 2
/* Bytes read in one call, so that a line which sends without end does not block. */
#define READ_MAX (2 * PN532_FRAME_MAX)

/* If poll is called more than LATE_US after a deadline, the chip gets EXTENSION_US more. The cause of the
 * delay may also have delayed the line, or a simulated chip. */
#define LATE_US        (5 * MS)
#define EXTENSION_US   (20 * MS)
#define EXTENSIONS_MAX 2

static uint64_t now_us(const struct pn532_link *link)
{
    return link->timer->monotonic_us(link->timer->ctx);
}

void pn532_link_init(struct pn532_link *link, const struct serial *serial, const struct timer *timer)
{
    memset(link, 0, sizeof *link);
    link->serial = serial;
    link->timer = timer;
    link->may_be_stale = true; /* commands of an earlier run are unknown */
}

/* ---- the line ---- */

static int write_out(struct pn532_link *link)
{
    while (link->sending_len > 0) {
        int count = link->serial->write(link->serial->ctx, link->sending, link->sending_len);
        if (count < 0)
            return ERR_IO;
        if (count == 0)
            return ERR_OK;
        link->sending += count;
        link->sending_len -= (size_t)count;
    }
    return ERR_OK;
}

static void send(struct pn532_link *link, const uint8_t *bytes, size_t len)
{
    link->sending = bytes;
    link->sending_len = len;
}

static int drop_input(struct pn532_link *link)
{
    uint8_t bytes[32];
    int count = 1;
    for (size_t read = 0; read < READ_MAX && count > 0; read += sizeof bytes)
        count = link->serial->read(link->serial->ctx, bytes, sizeof bytes);
    memset(&link->parser, 0, sizeof link->parser);
    return count < 0 ? ERR_IO : ERR_OK;
}

void pn532_link_send_raw(struct pn532_link *link, const uint8_t *bytes, size_t len)
{
    send(link, bytes, len);
    int error = pn532_link_idle(link);
    (void)error; /* the next poll finds the error again */
}

int pn532_link_idle(struct pn532_link *link)
{
    int error = write_out(link);
    return error == ERR_OK ? drop_input(link) : error;
}

/* ---- a command ---- */

static void enter_sending(struct pn532_link *link)
{
    link->state = PN532_LINK_SENDING;
    link->deadline_us = now_us(link) + ACK_US + BYTE_US * link->out_len;
    send(link, link->out, link->out_len);
}

static void enter_await_answer(struct pn532_link *link)
{
    link->state = PN532_LINK_AWAIT_ANSWER;
    link->deadline_us = now_us(link) + link->answer_us;
}

void pn532_link_cancel(struct pn532_link *link)
{
    if (link->state == PN532_LINK_IDLE)
        return;
    link->state = PN532_LINK_IDLE;
    link->sending_len = 0;
    link->may_be_stale = true;
    link->error_count++;
}

static int fail(struct pn532_link *link, int error)
{
    pn532_link_cancel(link);
    return error;
}

int pn532_link_start(struct pn532_link *link, const struct pn532_request *request)
{
    pn532_link_cancel(link);
    /* A chip that is still busy with another command ends it when an ACK comes first. */
    size_t before = link->may_be_stale ? PN532_ACK_LEN : 0;
    memcpy(link->out, pn532_frame_ack, before);
    int len = pn532_frame_encode(link->out + before, request->head, request->head_len, request->data,
                                 request->data_len);
    if (len < 0)
        return len;
    link->out_len = before + (size_t)len;
    link->code = request->head[0];
    link->requires_ack = link->may_be_stale;
    link->may_be_stale = false;
    link->is_damaged = false;
    link->resends_left = request->is_once ? 0 : 1;
    link->nacks_left = NACKS_MAX;
    link->extensions_left = EXTENSIONS_MAX;
    link->answer_us = request->answer_us;
    if (drop_input(link) != ERR_OK)
        return fail(link, ERR_IO);
    enter_sending(link);
    return write_out(link) == ERR_OK ? ERR_OK : fail(link, ERR_IO);
}

/* Handles a data frame. Returns ERR_OK (it is the answer), ERR_BUSY (it is not the answer), ERR_UNSUPPORTED
 * (the chip refused the command). */
static int take_data(struct pn532_link *link, const uint8_t *data, size_t len, struct pn532_answer *answer)
{
    bool is_answer = len >= 2 && data[0] == PN532_TFI_CHIP && data[1] == link->code + 1;
    bool is_refusal = len == 1 && data[0] == PN532_TFI_ERROR;
    if (link->state == PN532_LINK_SENDING || (link->state == PN532_LINK_AWAIT_ACK && link->requires_ack))
        return ERR_BUSY;
    if (!is_answer && !is_refusal) {
        link->is_damaged = true;
        return ERR_BUSY;
    }
    link->state = PN532_LINK_IDLE;
    link->sending_len = 0;
    if (is_refusal)
        return ERR_UNSUPPORTED;
    answer->data = data + 2;
    answer->len = len - 2;
    return ERR_OK;
}

static int take_frames(struct pn532_link *link, struct pn532_answer *answer)
{
    const uint8_t *data;
    size_t len;
    for (;;) {
        switch (pn532_frame_next(&link->parser, &data, &len)) {
        case PN532_FRAME_NONE:
            return ERR_BUSY;
        case PN532_FRAME_DATA: {
            int result = take_data(link, data, len, answer);
            if (result != ERR_BUSY)
                return result;
            break;
        }
        case PN532_FRAME_ACK:
            if (link->state == PN532_LINK_AWAIT_ACK)
                enter_await_answer(link);
            break;
        case PN532_FRAME_BAD:
            link->is_damaged = true;
            break;
        case PN532_FRAME_NACK: /* the chip does not send NACK */
            break;
        }
    }
}

static int read_in(struct pn532_link *link, struct pn532_answer *answer)
{
    int result = ERR_BUSY;
    for (size_t i = 0; i < READ_MAX && result == ERR_BUSY; i++) {
        uint8_t byte;
        int count = link->serial->read(link->serial->ctx, &byte, 1);
        if (count < 0)
            return fail(link, ERR_IO);
        if (count == 0)
            return ERR_BUSY;
        link->received_us = now_us(link);
        pn532_frame_push(&link->parser, byte);
        result = take_frames(link, answer);
    }
    return result;
}

static void send_nack(struct pn532_link *link)
{
    link->nacks_left--;
    link->is_damaged = false;
    link->may_be_stale = true; /* the answer may arrive twice */
    link->error_count++;
    send(link, pn532_frame_nack, sizeof pn532_frame_nack);
}

/* Requests the answer again when it is certain that the bytes received so far do not contain it. Returns the
 * result of take_frames. */
static int recover(struct pn532_link *link, struct pn532_answer *answer)
{
    if (pn532_frame_has_begun(&link->parser) && now_us(link) - link->received_us > GAP_US) {
        pn532_frame_skip(&link->parser);
        link->is_damaged = true;
        int result = take_frames(link, answer);
        if (result != ERR_BUSY)
            return result;
    }
    if (link->state == PN532_LINK_AWAIT_ANSWER && link->is_damaged && link->nacks_left > 0 &&
        !pn532_frame_has_begun(&link->parser))
        send_nack(link);
    return ERR_BUSY;
}

static int check_deadline(struct pn532_link *link)
{
    uint64_t now = now_us(link);
    if (now < link->deadline_us)
        return ERR_BUSY;
    if (now - link->deadline_us > LATE_US && link->extensions_left > 0) {
        link->extensions_left--;
        link->deadline_us = now + EXTENSION_US;
        return ERR_BUSY;
    }
    if (link->state == PN532_LINK_AWAIT_ACK && link->resends_left > 0) {
        link->resends_left--;
        link->error_count++;
        link->is_damaged = false;
        memset(&link->parser, 0, sizeof link->parser);
        enter_sending(link);
        return ERR_BUSY;
    }
    return fail(link, link->is_damaged || link->nacks_left < NACKS_MAX ? ERR_CORRUPT : ERR_TIMEOUT);
}

int pn532_link_poll(struct pn532_link *link, struct pn532_answer *answer)
{
    if (link->state == PN532_LINK_IDLE)
        return ERR_ARGUMENT;
    if (write_out(link) != ERR_OK)
        return fail(link, ERR_IO);
    if (link->state == PN532_LINK_SENDING && link->sending_len == 0)
        link->state = PN532_LINK_AWAIT_ACK;
    int result = read_in(link, answer);
    if (result != ERR_BUSY)
        return result;
    result = recover(link, answer);
    if (result == ERR_BUSY)
        result = check_deadline(link);
    if (result == ERR_BUSY && write_out(link) != ERR_OK)
        return fail(link, ERR_IO);
    return result;
}

uint64_t pn532_link_due_us(const struct pn532_link *link)
{
    if (link->state == PN532_LINK_IDLE)
        return UINT64_MAX;
    uint64_t gap_us = link->received_us + GAP_US + 1;
    return pn532_frame_has_begun(&link->parser) && gap_us < link->deadline_us ? gap_us : link->deadline_us;
}
