/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends native commands to a DESFire card that lies on a reader, without secure messaging. A command is its
 * code and data; an answer is a status and data. The caller owns the structs. A call blocks as long as the
 * exchanges of the reader do, at most 50 ms each.
 */
#ifndef TOOLS_PORTILLON_DESK_DESFIRE_TALK_H
#define TOOLS_PORTILLON_DESK_DESFIRE_TALK_H

#include <stddef.h>
#include <stdint.h>

#include "hal/reader.h"

/* Longer than any answer that is asked for here; GetApplicationIDs is the longest, with 28 applications of an
 * EV1 in 84 bytes. */
#define DESFIRE_TALK_MAX 256

enum desfire_talk_status {
    DESFIRE_STATUS_OK = 0x00,
    DESFIRE_STATUS_NO_APPLICATION = 0xA0,
    DESFIRE_STATUS_AUTHENTICATION = 0xAE,
    DESFIRE_STATUS_MORE = 0xAF,
};

struct desfire_reply {
    uint8_t status;
    size_t len;
    uint8_t data[DESFIRE_TALK_MAX];
};

/* Makes one exchange. Returns ERR_OK (the reply is filled, whatever its status), ERR_FORMAT (an answer
 * without a status) or an error of the reader. */
int desfire_talk_once(const struct reader *reader, const uint8_t *command, size_t len,
                      struct desfire_reply *reply) MUST_USE;

/* Sends a command and asks for the rest of the answer until it is complete. Each part must bring data, so
 * that it ends. Returns the results of desfire_talk_once, and ERR_NO_SPACE (too long an answer). */
int desfire_talk(const struct reader *reader, const uint8_t *command, size_t len,
                 struct desfire_reply *reply) MUST_USE;

#endif
