/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DESFire card with one application and one file, on a reader (hal/reader.h). It shares no code with
 * firmware/desfire: AES is mbedtls's, the rest is written from AN12343 and from recorded sessions, bit by bit
 * where that is plainer. A test sets the card up, may spoil its answers, and sees which commands came.
 *
 * The caller owns the struct and must not move it.
 */
#ifndef TESTS_FAKES_FAKE_DESFIRE_H
#define TESTS_FAKES_FAKE_DESFIRE_H

#include <stdbool.h>

#include "hal/reader.h"
#include "tests/fakes/fake_timer.h"

#define FAKE_DESFIRE_KEYS     14
#define FAKE_DESFIRE_COMMANDS 64
#define FAKE_DESFIRE_FRAME    80

struct fake_desfire_key {
    uint8_t bytes[16];
    uint8_t version;
};

struct fake_desfire {
    struct reader reader;
    struct reader_target target; /* as the reader reports the card */

    /* the card; fake_desfire_init sets the file's content and the UID */
    uint8_t uid[7];
    uint8_t aid[3];
    struct fake_desfire_key keys[FAKE_DESFIRE_KEYS];
    uint8_t key_count;
    uint8_t file, file_len, file_mode, read_key; /* file_mode: 0 plain, 1 MACed, 3 enciphered */
    uint8_t content[32];
    bool is_ev1;      /* does not know the command 71 */
    uint8_t part_len; /* answers to reading come in parts of so many bytes; 0: at once */

    /* Called with each answer, which it may alter in place. Returns the length to give, or an error of the
     * reader. NULL: nothing is altered. */
    int (*alter)(void *ctx, uint8_t frame[FAKE_DESFIRE_FRAME], int len);
    void *alter_ctx;
    struct fake_timer *timer; /* is advanced by exchange_us before each answer; NULL: none */
    uint64_t exchange_us;

    /* what was seen */
    unsigned exchange_count;
    uint8_t commands[FAKE_DESFIRE_COMMANDS]; /* the first byte of each */
    bool has_read; /* it authenticated the gate, and then read the file to its end */

    /* the session */
    bool is_selected;
    uint8_t pending; /* AA or 71: a response is awaited */
    uint8_t session; /* AA or 71: authenticated so */
    uint8_t key_number;
    uint8_t rnd_b[16], iv[16], mac_key[16], cipher_key[16], ti[4];
    uint16_t counter;
    uint32_t random;
    uint8_t rest[FAKE_DESFIRE_FRAME]; /* of an answer in parts */
    int rest_len;
    bool is_file; /* the answer is the file's */
};

/* Makes a card without an application: set aid, keys and file. */
void fake_desfire_init(struct fake_desfire *card);
/* Gives the card a random UID, as its reader reports it. */
void fake_desfire_hide_uid(struct fake_desfire *card);
/* Sets a key from hexadecimal. */
void fake_desfire_set_key(struct fake_desfire *card, uint8_t number, uint8_t version, const char *hex);

#endif
