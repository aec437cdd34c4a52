/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a blank DESFire card a card of the school: application, file with an identifier, keys. Works in an
 * EV1 AES session, which cards of EV1, EV2 and EV3 know, in this order:
 *
 *   1  GetVersion: the card must know the authentication of the application. Prove it as a gate does: a card
 *      that was made before is left as it is
 *   2  authenticate with the card's master key, which must be the AES key of zeros; CreateApplication with
 *      AES keys of zeros
 *   3  CreateStdDataFile; WriteData of the identifier
 *   4  ChangeKey: each key of the application becomes the card's key, its master key (0) last
 *   5  prove the card as a gate does
 *
 * A card that leaves during steps 2 to 4 has an application whose master key is zeros. The next call goes on
 * where it ended, with the identifier of that call. Such an application also has the key settings that only
 * this module gives (DESFIRE_WRITER_SETTINGS): that tells it from an application of others, which is refused,
 * as is a card with another master key. Nothing of a refused card is changed.
 *
 * The caller owns the structs. A call blocks for up to 60 exchanges with the card, at most 50 ms each.
 */
#ifndef TOOLS_PORTILLON_DESK_DESFIRE_WRITER_H
#define TOOLS_PORTILLON_DESK_DESFIRE_WRITER_H

#include "firmware/desfire/desfire.h"

/* Keys are changed with key 0, which can be changed itself; files are made only with it; anybody may list
 * them. */
#define DESFIRE_WRITER_SETTINGS 0x0B

struct desfire_plan {
    const struct desfire_application *application; /* with its keys */
    const struct desfire_key *key;                 /* the generation to write */
    uint8_t id[CREDENTIAL_ID_MAX];                 /* application->len bytes */
};

enum desfire_writer_result {
    DESFIRE_WRITER_MADE,       /* written and proven */
    DESFIRE_WRITER_FOUND,      /* it was made before; nothing was changed */
    DESFIRE_WRITER_NO_DESFIRE, /* no DESFire with AES keys, or a random UID: nothing was changed */
    DESFIRE_WRITER_OLD,        /* it does not know the authentication of the application: the same */
    DESFIRE_WRITER_MASTER_KEY, /* the card's master key is not the AES key of zeros: nothing was changed */
    DESFIRE_WRITER_NOT_OURS,   /* the application is of others: nothing was changed */
    DESFIRE_WRITER_REFUSED,    /* the card refused a command before the application was made */
    DESFIRE_WRITER_HALF_MADE,  /* it left or failed on the way: another call finishes it */
    DESFIRE_WRITER_LEFT,       /* it left before anything was changed */
    DESFIRE_WRITER_UNPROVEN,   /* all was written, and the proof failed */
    DESFIRE_WRITER_FAILED,     /* the crypto library failed */
};

struct desfire_written {
    uint8_t id[CREDENTIAL_ID_MAX]; /* MADE, FOUND: what the card holds now */
    uint8_t command, status;       /* REFUSED, HALF_MADE: the last command of the card, and its answer */
    enum desfire_reason reason;    /* UNPROVEN */
};

/* Returns ERR_OK, or ERR_UNSUPPORTED: an application with a uid_key, which is for cards with a random UID. */
int desfire_writer_check(const struct desfire_application *application) MUST_USE;

/* Makes the card that the reader reported. */
enum desfire_writer_result desfire_writer_make(const struct reader *reader, const struct timer *timer,
                                               const struct reader_target *card,
                                               const struct desfire_plan *plan,
                                               struct desfire_written *written);

#endif
