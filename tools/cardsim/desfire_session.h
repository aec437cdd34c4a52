/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secure messaging of a DESFire session: EV1 (a CMAC whose IV continues, CRC32 and CBC) and EV2
 * (transaction identifier, command counter, truncated MACs, encrypted IVs). Pure.
 */
#ifndef CARDSIM_DESFIRE_SESSION_H
#define CARDSIM_DESFIRE_SESSION_H

#include "tools/cardsim/desfire_state.h"

/* How a command travels while a session is open. */
struct cardsim_desfire_protection {
    uint8_t mode; /* CARDSIM_DESFIRE_PLAIN, _MACED or _FULL */
    bool
        secures_data; /* the command has data after its header that EV1 secures too: it is written or changed */
    bool secures_reply; /* the data of the answer are enciphered in FULL mode */
    bool has_own_crc;   /* EV1: the handler checks the CRC in the data (ChangeKey) */
    size_t header_len;  /* bytes after the command byte that are never enciphered */
    size_t data_len;    /* bytes of data after the header */
};

/* Ends the session and forgets its keys. */
void cardsim_desfire_end_session(struct cardsim_desfire *memory);
/* Returns true if the session was opened with the master key of the selected application or card. */
bool cardsim_desfire_is_master(const struct cardsim_desfire *memory);
/* Starts an EV1 session with a 16-byte session key. */
void cardsim_desfire_start_ev1(struct cardsim_desfire *memory, const uint8_t session_key[16]);
/* Starts an EV2 session (keeps_transaction false) or renews the keys of the one that is open. */
void cardsim_desfire_start_ev2(struct cardsim_desfire *memory, const uint8_t rnd_a[16],
                               bool keeps_transaction);

/* Returns the number of bytes that the data of a command takes on the wire. */
size_t cardsim_desfire_wire_len(const struct cardsim_desfire *memory,
                                const struct cardsim_desfire_protection *protection);
/* Checks and removes the protection of a message (command byte, header, data) of *len bytes, in place.
 * Without a session it changes nothing. Returns CARDSIM_DESFIRE_OK, _LENGTH or _INTEGRITY. */
uint8_t cardsim_desfire_open(struct cardsim_desfire *memory,
                             const struct cardsim_desfire_protection *protection, uint8_t *message,
                             size_t *len);
/* Protects an answer with status 00. reply->data has room for 24 bytes more. */
void cardsim_desfire_seal(struct cardsim_desfire *memory, const struct cardsim_desfire_protection *protection,
                          struct cardsim_desfire_reply *reply);

#endif
