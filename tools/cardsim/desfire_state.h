/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds what a DESFire card stores, and the state of its session. The application at index 0 is the card
 * itself (AID 000000) with its one master key. Files take their bytes from one pool; as on a real card, the
 * space of a deleted file comes back only with FormatPICC.
 */
#ifndef CARDSIM_DESFIRE_STATE_H
#define CARDSIM_DESFIRE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CARDSIM_DESFIRE_APPS_MAX = 1 + 28,
    CARDSIM_DESFIRE_KEYS_MAX = 14,
    CARDSIM_DESFIRE_FILES_MAX = 64, /* of all applications */
    CARDSIM_DESFIRE_FILE_NUMBERS = 32,
    CARDSIM_DESFIRE_POOL = 4864, /* bytes free on an empty card of 4 KiB */
    CARDSIM_DESFIRE_BLOCK = 32,  /* a file takes a multiple of it */
    CARDSIM_DESFIRE_MESSAGE_MAX = CARDSIM_DESFIRE_POOL + 64,
};

/* The algorithm of an application's keys: bits 7 and 6 of the last byte of CreateApplication. */
enum { CARDSIM_DESFIRE_DES = 0x00, CARDSIM_DESFIRE_3K3DES = 0x40, CARDSIM_DESFIRE_AES = 0x80 };

/* Communication mode of a file, as CreateStdDataFile has it. */
enum { CARDSIM_DESFIRE_PLAIN = 0, CARDSIM_DESFIRE_MACED = 1, CARDSIM_DESFIRE_FULL = 3 };

/* Types of files, as GetFileSettings tells them. All but the first take part in transactions. */
enum cardsim_desfire_type {
    CARDSIM_DESFIRE_STANDARD,
    CARDSIM_DESFIRE_BACKUP,
    CARDSIM_DESFIRE_VALUE,
    CARDSIM_DESFIRE_LINEAR,
    CARDSIM_DESFIRE_CYCLIC,
};

enum {
    CARDSIM_DESFIRE_OK = 0x00,
    CARDSIM_DESFIRE_NO_CHANGES = 0x0C,
    CARDSIM_DESFIRE_OUT_OF_MEMORY = 0x0E,
    CARDSIM_DESFIRE_ILLEGAL_COMMAND = 0x1C,
    CARDSIM_DESFIRE_INTEGRITY = 0x1E,
    CARDSIM_DESFIRE_NO_SUCH_KEY = 0x40,
    CARDSIM_DESFIRE_LENGTH = 0x7E,
    CARDSIM_DESFIRE_PERMISSION_DENIED = 0x9D,
    CARDSIM_DESFIRE_PARAMETER = 0x9E,
    CARDSIM_DESFIRE_NO_SUCH_APPLICATION = 0xA0,
    CARDSIM_DESFIRE_AUTHENTICATION = 0xAE,
    CARDSIM_DESFIRE_MORE = 0xAF,
    CARDSIM_DESFIRE_BOUNDARY = 0xBE,
    CARDSIM_DESFIRE_ABORTED = 0xCA,
    CARDSIM_DESFIRE_COUNT = 0xCE,
    CARDSIM_DESFIRE_DUPLICATE = 0xDE,
    CARDSIM_DESFIRE_NO_SUCH_FILE = 0xF0,
};

struct cardsim_desfire_key {
    uint8_t bytes[16];
    uint8_t version;
};

struct cardsim_desfire_app {
    bool exists;
    uint8_t aid[3]; /* in the order sent */
    uint8_t settings;
    uint8_t key_count;
    uint8_t key_type;
    struct cardsim_desfire_key keys[CARDSIM_DESFIRE_KEYS_MAX];
};

/* What a value file holds. */
struct cardsim_desfire_value {
    int32_t lower, upper, value;
    bool is_limited;    /* LimitedCredit is allowed */
    int32_t limit;      /* what it may still give back: the debits of the last transaction with one */
    int32_t next_value; /* of the transaction under way */
    int32_t next_limit;
    bool has_debit;
};

struct cardsim_desfire_file {
    bool exists;
    uint8_t app;
    uint8_t number;
    enum cardsim_desfire_type type;
    uint8_t mode;
    uint16_t rights; /* nibbles, highest first: read, write, read and write, change */
    uint32_t size;   /* of the data, or of one record */
    /* in the pool: the data, then their copy of the transaction; or the records, oldest first, then the new
     * one */
    uint32_t at;
    uint32_t records_max, record_count;
    struct cardsim_desfire_value value;
    bool is_changed; /* a transaction is under way */
    bool is_cleared; /* ClearRecordFile in this transaction */
};

enum cardsim_desfire_messaging { CARDSIM_DESFIRE_NO_SESSION, CARDSIM_DESFIRE_EV1, CARDSIM_DESFIRE_EV2 };

struct cardsim_desfire_session {
    enum cardsim_desfire_messaging messaging;
    uint8_t key_number;
    uint8_t encryption_key[16]; /* EV1: the one session key */
    uint8_t mac_key[16];        /* EV2 */
    uint8_t iv[16];             /* EV1: continues through the whole session */
    uint8_t transaction[4];     /* EV2: the identifier TI */
    uint16_t counter;           /* EV2: of commands */
};

struct cardsim_desfire {
    uint8_t version;           /* 1, 2, 3: EV1, EV2, EV3 */
    bool rnd_b_is_fixed;       /* a chosen challenge, so that published vectors can be replayed */
    bool transaction_is_fixed; /* and a chosen TI */
    uint8_t rnd_b[16];
    uint8_t fixed_transaction[4];
    unsigned authenticated, refused; /* numbers of authentications, for `card` */

    struct cardsim_desfire_app apps[CARDSIM_DESFIRE_APPS_MAX];
    struct cardsim_desfire_file files[CARDSIM_DESFIRE_FILES_MAX];
    uint32_t pool_used;
    uint8_t pool[CARDSIM_DESFIRE_POOL];
    uint8_t option_app;                   /* application that key= and file= mean; 0: none yet */
    struct cardsim_desfire_key first_key; /* of a key= before the first aid= */

    uint8_t selected; /* index in apps */
    struct cardsim_desfire_session session;
    uint8_t auth_key[16]; /* key of the authentication under way */
    uint8_t auth_number;
    uint8_t reader_capabilities[6];          /* PCDcap2 of AuthenticateEV2First */
    uint8_t pending;                         /* command that continues with AF; 0: none */
    size_t input_len, output_len, output_at; /* the chained message */
    uint8_t input[CARDSIM_DESFIRE_MESSAGE_MAX];
    uint8_t output[CARDSIM_DESFIRE_MESSAGE_MAX];
};

/* A command without secure messaging and chaining: what the handlers get. */
struct cardsim_desfire_request {
    uint8_t command;
    const uint8_t *data; /* after the command byte */
    size_t len;
};

/* The answer that a handler makes. It starts with status 00 and no data. */
struct cardsim_desfire_reply {
    uint8_t status;
    uint8_t *data; /* CARDSIM_DESFIRE_POOL bytes */
    size_t len;
};

static inline uint32_t cardsim_desfire_uint24(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
}

static inline int32_t cardsim_desfire_int32(const uint8_t *bytes)
{
    return (int32_t)(cardsim_desfire_uint24(bytes) | (uint32_t)bytes[3] << 24);
}

#endif
