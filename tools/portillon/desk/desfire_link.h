/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authenticated EV1 session with a DESFire card on a reader. Every command of it is protected, and a wrong
 * MAC of the card ends it, as any other error does. The caller owns the struct, and calls desfire_link_close
 * at the end, which wipes the keys of the session. Each call blocks for some exchanges, at most 50 ms each.
 */
#ifndef TOOLS_PORTILLON_DESK_DESFIRE_LINK_H
#define TOOLS_PORTILLON_DESK_DESFIRE_LINK_H

#include "firmware/desfire/desfire_channel.h"
#include "tools/portillon/desk/desfire_talk.h"

struct desfire_link {
    const struct reader *reader;
    struct desfire_channel channel;
    uint8_t command, status; /* of the last exchange, for messages */
    struct desfire_reply reply;
};

/* Selects an application (zeros: the card itself) and authenticates with a key. Returns ERR_OK, ERR_FORBIDDEN
 * (the card has another key, or no AES key), ERR_UNSUPPORTED (another status of the card), ERR_FORMAT,
 * ERR_CRYPTO or an error of the reader. */
int desfire_link_open(struct desfire_link *link, const struct reader *reader,
                      const uint8_t aid[DESFIRE_AID_LEN], uint8_t number,
                      const uint8_t key[CRYPTO_KEY_LEN]) MUST_USE;

/* Sends a command whose data are not enciphered. The text of the answer is then in link->reply, without its
 * MAC. Returns ERR_OK, ERR_FORBIDDEN or ERR_UNSUPPORTED (link->status says why the card refused), ERR_CORRUPT
 * (a wrong MAC), ERR_FORMAT, ERR_CRYPTO or an error of the reader. */
int desfire_link_send(struct desfire_link *link, const uint8_t *command, size_t len) MUST_USE;

/* Sends a command that desfire_seal.h made. has_mac: the answer has one. Returns the same. */
int desfire_link_send_sealed(struct desfire_link *link, const uint8_t *command, int len,
                             bool has_mac) MUST_USE;

/* Wipes the keys. */
void desfire_link_close(struct desfire_link *link);

#endif
