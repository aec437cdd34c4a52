/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulates one card, usually of ISO/IEC 14443 type A, as it appears on air: the states of 14443-3 (idle,
 * ready, active, halt), the cascade levels of its UID, and the block protocol of 14443-4. What the card
 * does after its selection belongs to its kind (card_classic.c, card_ultralight.c, card_desfire.c,
 * card_clone.c, card_iso4.c; card_other.c for cards that are not of type A).
 *
 * Pure: no I/O, no clock, no allocation. The caller owns the cards. A card must not be moved once it is in
 * a field.
 */
#ifndef CARDSIM_CARD_H
#define CARDSIM_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/cardsim/desfire_state.h"

enum {
    CARDSIM_UID_MAX = 10,
    CARDSIM_ATS_MAX = 20, /* with its length byte */
    CARDSIM_NAME_MAX = 32,
    CARDSIM_RF_MAX = 272,   /* bytes of one frame on air, CRC included */
    CARDSIM_APDU_MAX = 262, /* bytes the chip takes in one exchange (PN532 User Manual rev 2, 7.3.8) */
};

/* Results of a card's handler that are not a number of bytes. */
enum {
    CARDSIM_SILENT = -1, /* nothing is sent: the reader sees a timeout */
    CARDSIM_NAK = -2,    /* a 4-bit NAK; the card then goes to the halt state */
};

/* A frame on air. The last byte has last_bits bits, or all 8 when last_bits is 0. */
struct cardsim_rf_frame {
    uint8_t data[CARDSIM_RF_MAX];
    size_t len;
    uint8_t last_bits;
    uint16_t
        collision; /* number of the first bit, from 1, in which the answers of two cards differ; 0: none */
};

enum cardsim_card_state {
    CARDSIM_CARD_OFF, /* no field */
    CARDSIM_CARD_IDLE,
    CARDSIM_CARD_READY,
    CARDSIM_CARD_ACTIVE,
    CARDSIM_CARD_PROTOCOL, /* activated by RATS */
    CARDSIM_CARD_HALT,
};

enum cardsim_technology { CARDSIM_TYPE_A, CARDSIM_TYPE_B, CARDSIM_FELICA };

struct cardsim_card;

/* A kind of card. Handlers get tx without CRC and fill rx (CARDSIM_APDU_MAX bytes). They return the number of
 * bytes in rx, CARDSIM_SILENT or CARDSIM_NAK. */
struct cardsim_card_kind {
    const char *name;
    const char *summary;
    enum cardsim_technology
        technology; /* of another than type A: only the name, summary and uid_lengths count */
    uint8_t sak;
    uint8_t atqa_high;          /* the proprietary byte of ATQA; the other byte follows from the UID length */
    const uint8_t *ats;         /* with its length byte; NULL: no ISO 14443-4 */
    uint8_t uid_lengths;        /* set of CARDSIM_UID_4 and the others */
    bool is_missed_by_diagnose; /* Diagnose 6 answers late, and that the card has left */
    void (*setup)(struct cardsim_card *card);  /* sets the factory contents */
    void (*select)(struct cardsim_card *card); /* clears what a selection ends */
    int (*command)(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx); /* while active */
    int (*apdu)(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx);    /* 14443-4 */
    /* returns false when the option is not one of this kind */
    bool (*option)(struct cardsim_card *card, const char *key, const char *value);
    /* writes what the card stores into text, one line without its end; NULL: nothing to say */
    void (*describe)(const struct cardsim_card *card, char *text, size_t size);
    /* writes a file, block or page as hexadecimal into text; returns false if there is none of that name */
    bool (*content)(struct cardsim_card *card, const char *name, char *text, size_t size);
};

enum {
    CARDSIM_UID_4 = 1,
    CARDSIM_UID_7 = 2,
    CARDSIM_UID_10 = 4,
    /* no UID given: 4 bytes, first 08, new each time the field is switched on */
    CARDSIM_UID_RANDOM = 8,
    CARDSIM_UID_8 = 16, /* FeliCa */
};

struct cardsim_classic {
    uint8_t blocks[64][16];
    int8_t open_sector; /* -1: none authenticated */
    bool can_transfer;  /* a value was loaded into the transfer buffer */
    uint8_t transfer[16];
};

struct cardsim_ultralight {
    uint8_t pages[45][4];
    uint8_t page_count;
    const uint8_t *version; /* 8 bytes; NULL: no GET_VERSION */
};

struct cardsim_clone {
    uint8_t pending; /* command that continues with AF; 0: none */
    uint8_t frames;  /* of the version, sent so far */
    uint8_t content_len;
    uint8_t content[48]; /* what every reading gives */
    uint8_t answer[48];
};

struct cardsim_card {
    char name[CARDSIM_NAME_MAX];
    const struct cardsim_card_kind *kind;
    uint8_t uid[CARDSIM_UID_MAX]; /* the UID that anticollision shows now */
    uint8_t uid_len;
    uint8_t true_uid[CARDSIM_UID_MAX]; /* the UID printed on the chip; differs with a random UID */
    uint8_t true_uid_len;
    bool random_uid;
    uint8_t atqa[2]; /* most significant byte first, as the PN532 shows it */
    uint8_t sak;
    uint8_t ats[CARDSIM_ATS_MAX];
    uint8_t ats_len; /* 0: no ISO 14443-4 */

    bool in_field;
    uint32_t random_state; /* of the card's own generator, set when the field is switched on */
    uint64_t leaves_us;    /* when a tap ends; 0: stays */
    enum cardsim_card_state state;
    bool was_halted; /* a card that leaves ready or active by an error goes to halt, not to idle */
    uint8_t cascade; /* levels selected so far */
    uint8_t block;   /* 14443-4 block number of the last answer */
    struct cardsim_rf_frame last; /* last answer, for R(NAK) */

    union {
        struct cardsim_classic classic;
        struct cardsim_ultralight ultralight;
        struct cardsim_desfire desfire;
        struct cardsim_clone clone;
    } memory;
};

extern const struct cardsim_card_kind cardsim_kind_classic, cardsim_kind_ultralight, cardsim_kind_ntag213,
    cardsim_kind_desfire_ev1, cardsim_kind_desfire_ev2, cardsim_kind_desfire_ev3, cardsim_kind_clone,
    cardsim_kind_iso4, cardsim_kind_jcop, cardsim_kind_random, cardsim_kind_typeb, cardsim_kind_felica;

/* All kinds, ended by NULL, in the order in which `help` shows them. */
extern const struct cardsim_card_kind *const cardsim_kinds[];

/* Makes a new card of a kind in *card. uid_len 0 asks for a random UID, if the kind has one. Returns false
 * when the kind has no UID of that length. */
bool cardsim_card_create(struct cardsim_card *card, const struct cardsim_card_kind *kind, const char *name,
                         const uint8_t *uid, size_t uid_len);

/* Switches the field around the card on or off. roll is 32 fresh random bits: the card derives its challenges
 * from them, and its UID if that is random. */
void cardsim_card_power(struct cardsim_card *card, bool on, uint32_t roll);

/* Gives the card a frame. Returns true if the card answers. The answer includes the CRC where 14443-3
 * requires one. */
bool cardsim_card_receive(struct cardsim_card *card, const struct cardsim_rf_frame *frame,
                          struct cardsim_rf_frame *answer);

/* Returns a byte from the card's own generator, which is good enough for test cards only. */
uint8_t cardsim_card_random(struct cardsim_card *card);

/* Computes CRC_A of ISO/IEC 14443-3 annex B. */
uint16_t cardsim_crc_a(const uint8_t *data, size_t len);
/* Appends CRC_A to a frame, low byte first. */
void cardsim_rf_append_crc(struct cardsim_rf_frame *frame);

#endif
