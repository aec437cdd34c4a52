/*
 * One command to a PN532 and its answer, over a serial line that may lose, damage and invent bytes.
 *
 * The chip acknowledges a command (ACK) and later answers it; the host may ask for the answer again (NACK) or
 * end the command (ACK, or another command) (PN532 User Manual rev 2, 6.2.1). What goes wrong is mended here
 * as far as the protocol can:
 *
 *   no ACK                    the command is sent once more, unless the caller forbids it
 *   no ACK, but the answer    taken, unless it may belong to a command that was given up before
 *   noise                     skipped (hal/pn532/pn532_frame.h)
 *   damaged or cut answer     asked for again, twice at most
 *   answer to another command the same
 *   ACK, then silence         ERR_TIMEOUT; the next command begins with an ACK, which ends this one
 *
 * Nothing blocks: start hands over the command, poll moves it along. Time-outs allow for a USB adapter that
 * delivers every 16 ms and for a poll that comes late. The caller owns the link and keeps its serial and
 * timer until the end.
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
    const uint8_t *data; /* what follows them; may be NULL with data_len 0 */
    size_t data_len;
    uint32_t answer_us; /* from ACK to answer, at most */
    bool is_once;       /* never send it a second time */
};

/* Valid until the next call. */
struct pn532_answer {
    const uint8_t *data; /* what follows the code */
    size_t len;
};

struct pn532_link {
    const struct serial *serial;
    const struct timer *timer;
    enum pn532_link_state state;
    uint8_t code;    /* of the command under way */
    bool is_suspect; /* the command before was given up or asked for again: its answer may still come */
    bool must_ack;   /* this one's answer is believed only after its ACK */
    bool is_damaged; /* something came that is not the answer */
    uint8_t resends_left;
    uint8_t nacks_left;
    uint8_t graces_left;
    uint32_t answer_us;
    uint64_t deadline_us;
    uint64_t heard_us;      /* when the last byte came */
    uint32_t trouble_count; /* NACKs, resends and commands given up, since the start */
    const uint8_t *sending; /* what is still to be written */
    size_t sending_len;
    size_t out_len;
    uint8_t out[PN532_ACK_LEN + PN532_FRAME_MAX];
    struct pn532_frame_parser parser;
};

void pn532_link_init(struct pn532_link *link, const struct serial *serial, const struct timer *timer);

/* Begins a command, and forgets the one under way if there is one; what waits on the line is read and
 * dropped.
 * @retval ERR_OK, ERR_ARGUMENT (too long), ERR_IO (the line). */
int pn532_link_start(struct pn532_link *link, const struct pn532_request *request) MUST_USE;

/* Moves the command along; returns at once.
 * @retval ERR_OK (answer filled), ERR_BUSY, ERR_TIMEOUT (no ACK, or no answer), ERR_CORRUPT (damaged answers
 * only), ERR_UNSUPPORTED (the chip refused the command), ERR_IO (the line failed), ERR_ARGUMENT (none under
 * way). All but ERR_BUSY end it. */
int pn532_link_poll(struct pn532_link *link, struct pn532_answer *answer) MUST_USE;

/* Gives the command up. */
void pn532_link_cancel(struct pn532_link *link);

/* When no command is under way: sends bytes as they are (they must stay where they are), drops input. */
void pn532_link_send_raw(struct pn532_link *link, const uint8_t *bytes, size_t len);
/* The same, later: sends what was not taken yet, drops input. @retval ERR_OK, ERR_IO (the line). */
int pn532_link_idle(struct pn532_link *link) MUST_USE;

/* Monotonic time at which poll must be called even if no byte came; UINT64_MAX: no command is under way. */
uint64_t pn532_link_due_us(const struct pn532_link *link);

#endif
