/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends one command to a PN532 and receives its answer, over a serial line that may lose, damage and insert
 * bytes.
 *
 * The chip acknowledges a command with an ACK frame and answers it later. The host may request the answer
 * again with a NACK frame, or end the command with an ACK frame or with another command (PN532 User Manual
 * rev 2, 6.2.1). This module corrects errors as far as the protocol allows:
 *
 *   no ACK                      The command is sent once more, unless the caller forbids it.
 *   an answer without an ACK    It is accepted, unless it may belong to an abandoned command.
 *   noise                       It is skipped (hal/pn532/pn532_frame.h).
 *   a damaged or cut answer     It is requested again, at most twice.
 *   the answer of another       It is treated like a damaged answer.
 *   command
 *   an ACK without an answer    ERR_TIMEOUT. The next command begins with an ACK, which ends this one.
 *
 * Nothing blocks: start sends as much as the line takes, and poll continues. The timeouts allow for a USB
 * adapter that delivers bytes only every 16 ms and for late calls of poll. The caller owns the link, the
 * serial line and the timer, and keeps them while the link is in use.
 */
#ifndef HAL_PN532_PN532_LINK_H
#define HAL_PN532_PN532_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/pn532/pn532_frame.h"
#include "hal/serial.h"
#include "hal/timer.h"

enum pn532_link_state {
    PN532_LINK_IDLE,
    PN532_LINK_SENDING,
    PN532_LINK_AWAIT_ACK,
    PN532_LINK_AWAIT_ANSWER,
};

struct pn532_request {
    const uint8_t *head; /* command code and first parameters */
    size_t head_len;
    const uint8_t *data; /* the parameters after head; may be NULL if data_len is 0 */
    size_t data_len;
    uint32_t answer_us; /* longest time from the ACK to the answer */
    bool is_once;       /* do not send the command a second time */
};

/* An answer of the chip. It points into the link and is valid until the next call. */
struct pn532_answer {
    const uint8_t *data; /* the bytes after the command code */
    size_t len;
};

struct pn532_link {
    const struct serial *serial;
    const struct timer *timer;
    enum pn532_link_state state;
    uint8_t code;      /* code of the current command */
    bool may_be_stale; /* an answer of an earlier command may still arrive */
    bool requires_ack; /* the answer is accepted only after the ACK */
    bool is_damaged;   /* bytes arrived that are not the answer */
    uint8_t resends_left;
    uint8_t nacks_left;
    uint8_t extensions_left;
    uint32_t answer_us;
    uint64_t deadline_us;
    uint64_t received_us;   /* when the last byte arrived */
    uint32_t error_count;   /* NACKs, repeated commands and abandoned commands since the start */
    const uint8_t *sending; /* the bytes that are still to be written */
    size_t sending_len;
    size_t out_len;
    uint8_t out[PN532_ACK_LEN + PN532_FRAME_MAX];
    struct pn532_frame_parser parser;
};

/* Initialises the link. No command is sent yet. */
void pn532_link_init(struct pn532_link *link, const struct serial *serial, const struct timer *timer);

/* Starts a command. If another command is in progress, it is abandoned. Input that waits on the line is
 * discarded. Returns ERR_OK, ERR_ARGUMENT (no command, or too long), ERR_IO (the line failed). */
int pn532_link_start(struct pn532_link *link, const struct pn532_request *request) MUST_USE;

/* Continues the command and returns at once. Returns ERR_OK (*answer is filled), ERR_BUSY (the command is
 * still in progress), ERR_TIMEOUT (no ACK, or no answer), ERR_CORRUPT (only damaged answers), ERR_UNSUPPORTED
 * (the chip refused the command), ERR_IO (the line failed), ERR_ARGUMENT (no command is in progress). Every
 * result but ERR_BUSY ends the command. */
int pn532_link_poll(struct pn532_link *link, struct pn532_answer *answer) MUST_USE;

/* Abandons the command in progress, if there is one. */
void pn532_link_cancel(struct pn532_link *link);

/* Sends len bytes without a frame and discards input. No command may be in progress. The caller keeps the
 * bytes until they are sent. */
void pn532_link_send_raw(struct pn532_link *link, const uint8_t *bytes, size_t len);
/* Sends the rest of the bytes of pn532_link_send_raw and discards input. Returns ERR_OK, ERR_IO (the line
 * failed). */
int pn532_link_idle(struct pn532_link *link) MUST_USE;

/* Returns the monotonic time in microseconds at which poll must be called even if no byte arrived, or
 * UINT64_MAX if no command is in progress. */
uint64_t pn532_link_due_us(const struct pn532_link *link);

#endif
