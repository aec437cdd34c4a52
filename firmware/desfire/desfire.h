/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the identifier of a DESFire card under its key. A card that is known here has proven that it has the
 * key of its issuer, which a copy of its UID has not.
 *
 * A session is a sequence of exchanges, one for each call of desfire_poll:
 *
 *   SelectApplication 5A        the first application of the table that the card has
 *   GetKeyVersion 64            only for a key with several generations
 *   AA or 71, then AF           mutual authentication
 *   ReadData BD                 the identifier
 *
 * These are four exchanges for a card of the first application with one generation of keys. A card with a
 * random UID and diversified keys first authenticates with the application's uid_key and tells its UID
 * (GetCardUID, 51): three more. Commands are native: a command byte and its data, answered by a status byte
 * and data.
 *
 * Whatever the card answers, the session ends: each exchange either advances it, adds at least one byte to
 * an answer of bounded length, or ends it. The first unexpected answer ends it with a reason. An answer
 * that comes after the deadline is refused: it may have been relayed from a card far away.
 *
 * The caller owns the structs; those of the configuration must outlive the session. Secrets are wiped when
 * the session ends. desfire_poll blocks as long as one exchange of the reader does, at most 50 ms; the
 * others do not block.
 */
#ifndef FIRMWARE_DESFIRE_DESFIRE_H
#define FIRMWARE_DESFIRE_DESFIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/credential.h"
#include "firmware/desfire/desfire_application.h"
#include "firmware/desfire/desfire_channel.h"
#include "firmware/desfire/desfire_proof.h"
#include "hal/reader.h"
#include "hal/timer.h"

/* The longest answer of a card, with its status: CREDENTIAL_ID_MAX bytes enciphered with EV2, and a MAC. */
#define DESFIRE_ANSWER_MAX (1 + 2 * CRYPTO_BLOCK_LEN + DESFIRE_CHANNEL_MAC_LEN)

/* Zero and every damaged value mean refused. */
enum desfire_progress {
    DESFIRE_REFUSED = 0,
    DESFIRE_BUSY = 0x3CA5,
    DESFIRE_KNOWN = 0xC35A,
};

enum desfire_reason {
    DESFIRE_REASON_NONE = 0, /* busy, known, or never started */
    DESFIRE_BAD_TABLE,       /* an application of the table is not valid (desfire_application_check) */
    DESFIRE_OTHER_CARD,      /* the card does not support ISO 14443-4, so it is no DESFire card */
    DESFIRE_NO_APPLICATION,  /* the card has none of the applications */
    DESFIRE_UNKNOWN_VERSION, /* no generation of the key is listed with the version that the card tells */
    DESFIRE_HIDDEN_UID,      /* a random UID, diversified keys, and no uid_key to ask for the real one */
    DESFIRE_KEY_REFUSED,     /* the card has another key than the gate, or no key of this number */
    DESFIRE_NOT_GENUINE,     /* the card did not prove that it has the key */
    DESFIRE_FILE_REFUSED,    /* the file does not exist, is too short, or the key has no right to read it */
    DESFIRE_WRONG_MAC,       /* an answer was altered: MAC, CRC or padding */
    DESFIRE_WRONG_LENGTH,    /* an answer is too short or too long */
    DESFIRE_WRONG_STATUS,    /* an answer has a status that does not belong there */
    DESFIRE_BLANK,           /* the file was never written */
    DESFIRE_CARD_LEFT,       /* the card left the field */
    DESFIRE_NO_ANSWER,       /* the card is there, but did not answer in time */
    DESFIRE_TIME_LIMIT,      /* the deadline has passed */
    DESFIRE_READER_FAILED,   /* the reader failed */
    DESFIRE_CRYPTO_FAILED,   /* there is no randomness */
};
#define DESFIRE_REASON_LAST DESFIRE_CRYPTO_FAILED

struct desfire_config {
    const struct reader *reader;
    const struct timer *timer;
    const struct desfire_application *applications; /* in the order in which cards are asked for them */
    size_t application_count;
};

enum desfire_step {
    DESFIRE_ENDED = 0,
    DESFIRE_SELECT,
    DESFIRE_ASK_VERSION,
    DESFIRE_CHALLENGE,
    DESFIRE_RESPOND,
    DESFIRE_READ,
    DESFIRE_READ_MORE,
};

/* What a round of authentication and reading is for. */
enum desfire_round {
    DESFIRE_ROUND_UID, /* only for a card with a random UID */
    DESFIRE_ROUND_FILE,
};
#define DESFIRE_ROUNDS 2

/* A session. All bytes zero: not started. Only this module reads the members. */
struct desfire_session {
    enum desfire_step step;
    enum desfire_reason reason;
    bool is_selected; /* the card has confirmed that it has an application; stays after the end */
    const struct desfire_config *config;
    const struct desfire_application *application; /* the one that is selected, or asked for */
    uint64_t deadline_us;
    enum desfire_round first_round, round;
    const struct desfire_key *keys[DESFIRE_ROUNDS]; /* the generation for each round; NULL: not known yet */
    uint8_t uid[READER_UID_MAX], uid_len;
    uint8_t answer_len;
    uint8_t answer[DESFIRE_ANSWER_MAX - 1]; /* to ReadData or GetCardUID, without status */
    struct desfire_proof proof;
    struct desfire_channel channel;
};

/* Starts a session with the card that the reader reported last. deadline_us is monotonic time. Nothing is
 * sent yet; a refusal that is already certain is given by the first desfire_poll. */
void desfire_start(struct desfire_session *session, const struct desfire_config *config,
                   const struct reader_target *target, uint64_t deadline_us);

/* Carries out one exchange with the card, or none if the session has ended. Returns DESFIRE_BUSY (call
 * again), DESFIRE_KNOWN (credential is filled) or DESFIRE_REFUSED (desfire_reason says why). credential is
 * zero unless the card is known. After DESFIRE_KNOWN the session has ended, and further calls return
 * DESFIRE_REFUSED. */
enum desfire_progress desfire_poll(struct desfire_session *session, struct credential *credential) MUST_USE;

/* Returns true if the card has confirmed that it has one of the applications. A card that is no DESFire card,
 * and answers the question for one with anything or nothing, has not. */
bool desfire_has_application(const struct desfire_session *session);

/* Returns why the session ended with DESFIRE_REFUSED. */
enum desfire_reason desfire_reason(const struct desfire_session *session);

/* Ends a session early and wipes its secrets. */
void desfire_abort(struct desfire_session *session);

/* Returns a word for a reason, for logs and status: "no_application", … */
const char *desfire_reason_name(enum desfire_reason reason);

#endif
