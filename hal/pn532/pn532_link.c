#include "hal/pn532/pn532_link.h"

#include <string.h>

#define MS        1000u     /* in microseconds */
#define BYTE_US   100u      /* on the line at 115200 baud, rounded up */
#define ACK_US    (80 * MS) /* the chip takes under 15 ms; the rest is a USB adapter's or a busy host's */
#define GAP_US    (30 * MS) /* inside a frame; beyond it, the rest will not come */
#define NACKS_MAX 2
#define READ_MAX  (2 * PN532_FRAME_MAX) /* bytes a call: a line that babbles must not keep us */

/* A poll that comes so late after a deadline gives the chip so long again: whatever held us up may have held
 * up the line as well, or a virtual chip. */
#define LATE_US    (5 * MS)
#define GRACE_US   (20 * MS)
#define GRACES_MAX 2

static uint64_t now_us(const struct pn532_link *link)
{
    return link->timer->monotonic_us(link->timer->ctx);
}

void pn532_link_init(struct pn532_link *link, const struct serial *serial, const struct timer *timer)
{
    memset(link, 0, sizeof *link);
    link->serial = serial;
    link->timer = timer;
    link->is_suspect = true; /* of what the chip was told before we started, nobody knows */
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
    (void)error; /* whoever polls on meets it again */
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
    link->is_suspect = true;
    link->trouble_count++;
}

static int fail(struct pn532_link *link, int error)
{
    pn532_link_cancel(link);
    return error;
}

int pn532_link_start(struct pn532_link *link, const struct pn532_request *request)
{
    pn532_link_cancel(link);
    /* Preceded by an ACK, a command is heard by a chip that is still at another one. */
    size_t before = link->is_suspect ? PN532_ACK_LEN : 0;
    memcpy(link->out, pn532_frame_ack, before);
    int len = pn532_frame_encode(link->out + before, request->head, request->head_len, request->data,
                                 request->data_len);
    if (len < 0)
        return len;
    link->out_len = before + (size_t)len;
    link->code = request->head[0];
    link->must_ack = link->is_suspect;
    link->is_suspect = false;
    link->is_damaged = false;
    link->resends_left = request->is_once ? 0 : 1;
    link->nacks_left = NACKS_MAX;
    link->graces_left = GRACES_MAX;
    link->answer_us = request->answer_us;
    if (drop_input(link) != ERR_OK)
        return fail(link, ERR_IO);
    enter_sending(link);
    return write_out(link) == ERR_OK ? ERR_OK : fail(link, ERR_IO);
}

/* @retval ERR_OK (it is the answer), ERR_BUSY (it is not), ERR_UNSUPPORTED. */
static int take_data(struct pn532_link *link, const uint8_t *data, size_t len, struct pn532_answer *answer)
{
    bool is_answer = len >= 2 && data[0] == PN532_TFI_CHIP && data[1] == link->code + 1;
    bool is_refusal = len == 1 && data[0] == PN532_TFI_ERROR;
    if (link->state == PN532_LINK_SENDING || (link->state == PN532_LINK_AWAIT_ACK && link->must_ack))
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
        case PN532_FRAME_NACK: /* the chip sends none */
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
        link->heard_us = now_us(link);
        pn532_frame_push(&link->parser, byte);
        result = take_frames(link, answer);
    }
    return result;
}

static void ask_again(struct pn532_link *link)
{
    link->nacks_left--;
    link->is_damaged = false;
    link->is_suspect = true; /* the answer may come twice */
    link->trouble_count++;
    send(link, pn532_frame_nack, sizeof pn532_frame_nack);
}

/* Asks for the answer again once it is sure that what came so far holds none. */
static int mend(struct pn532_link *link, struct pn532_answer *answer)
{
    if (pn532_frame_has_begun(&link->parser) && now_us(link) - link->heard_us > GAP_US) {
        pn532_frame_skip(&link->parser);
        link->is_damaged = true;
        int result = take_frames(link, answer);
        if (result != ERR_BUSY)
            return result;
    }
    if (link->state == PN532_LINK_AWAIT_ANSWER && link->is_damaged && link->nacks_left > 0 &&
        !pn532_frame_has_begun(&link->parser))
        ask_again(link);
    return ERR_BUSY;
}

static int check_deadline(struct pn532_link *link)
{
    uint64_t now = now_us(link);
    if (now < link->deadline_us)
        return ERR_BUSY;
    if (now - link->deadline_us > LATE_US && link->graces_left > 0) {
        link->graces_left--;
        link->deadline_us = now + GRACE_US;
        return ERR_BUSY;
    }
    if (link->state == PN532_LINK_AWAIT_ACK && link->resends_left > 0) {
        link->resends_left--;
        link->trouble_count++;
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
    result = mend(link, answer);
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
    uint64_t gap_us = link->heard_us + GAP_US + 1;
    return pn532_frame_has_begun(&link->parser) && gap_us < link->deadline_us ? gap_us : link->deadline_us;
}
