/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the chip as one struct, with everything that its sources share. The caller owns the struct. A handler
 * gets the parameters of a command (without D4 and the code), appends to chip->reply, which already has the
 * code byte, and returns an outcome. */
#ifndef CARDSIM_CHIP_STATE_H
#define CARDSIM_CHIP_STATE_H

#include "tools/cardsim/faults.h"
#include "tools/cardsim/field.h"
#include "tools/cardsim/pn532_frame.h"

enum {
    CARDSIM_TARGETS_MAX = 2, /* 7.3.5 */
    CARDSIM_OUTPUT_MAX = 4096,
    CARDSIM_REPLY_MAX = CARDSIM_FRAME_DATA_MAX - 1, /* PD0..PDn */
};

/* What the chip does between ACK and answer. */
enum cardsim_chip_task {
    CARDSIM_TASK_NONE,
    CARDSIM_TASK_REPLY,     /* the answer is ready and is sent at due_us */
    CARDSIM_TASK_LIST,      /* InListPassiveTarget searches for cards until due_us */
    CARDSIM_TASK_AUTO_POLL, /* InAutoPoll */
    CARDSIM_TASK_FOREVER,   /* a command that ends only when the host aborts it */
};

struct cardsim_target {
    struct cardsim_card *card; /* NULL: free */
    uint8_t uid[CARDSIM_UID_MAX];
    uint8_t uid_len;
    bool is_iso4;
    bool is_selected; /* the target that the chip talks to now */
};

/* Receives every frame and every anomaly. The functions may be NULL. */
struct cardsim_chip_trace {
    void (*frame)(void *ctx, bool from_host, const uint8_t *data, size_t len); /* TFI, code, ... */
    void (*note)(void *ctx, const char *text);
    void *ctx;
};

struct cardsim_chip {
    struct cardsim_field *field;
    struct cardsim_chip_trace trace;
    struct cardsim_faults faults;
    uint64_t commands; /* number of commands taken, for `status` */

    /* the current command */
    uint64_t due_us; /* UINT64_MAX: never */
    enum cardsim_chip_task task;
    unsigned arrivals_seen;
    bool has_looked; /* a search was made since the command came */
    uint8_t list_max;
    enum cardsim_technology list_technology;
    bool list_asks_system; /* FeliCa: the request code asks for the system code */
    uint8_t list_uid_len;
    uint8_t list_uid[12];
    uint8_t poll_type_count;
    uint8_t poll_types[15];

    bool is_instant;    /* answers without the time that radio takes */
    bool searches_wupa; /* a search sends WUPA only: not known of any chip, but a driver should cope */
    bool is_asleep;
    bool wakes_on_serial;
    uint8_t rising_edges; /* on the serial line since the chip fell asleep */
    uint8_t parameters;   /* flags of SetParameters */
    uint8_t retries_passive, retries_com;
    uint8_t timeout_code;     /* fRetryTimeout of RFConfiguration item 2 */
    uint8_t last_status;      /* for GetGeneralStatus */
    uint8_t registers[0x500]; /* 6000..63FF, then FF00..FFFF */
    uint8_t port_3, port_7;   /* P3 and P7 of WriteGPIO */
    uint8_t fifo[64];
    uint8_t fifo_len;
    struct cardsim_target targets[CARDSIM_TARGETS_MAX];

    /* bytes from and to the host */
    struct cardsim_frame_parser parser;
    size_t reply_len;
    size_t sent_len;
    size_t older_len;
    size_t output_len;
    uint8_t reply[CARDSIM_REPLY_MAX]; /* the answer being built: code, data */
    uint8_t sent[CARDSIM_FRAME_MAX];  /* last answer frame, for NACK */
    uint8_t older[CARDSIM_FRAME_MAX]; /* the answer frame before it, for stale-reply */
    uint8_t output[CARDSIM_OUTPUT_MAX];
};

/* Status bytes (7.1). */
enum {
    CARDSIM_STATUS_OK = 0x00,
    CARDSIM_STATUS_TIMEOUT = 0x01,
    CARDSIM_STATUS_COLLISION = 0x06,
    CARDSIM_STATUS_PARAMETER = 0x10,
    CARDSIM_STATUS_FORMAT = 0x13,
    CARDSIM_STATUS_MIFARE_AUTH = 0x14,
    CARDSIM_STATUS_DEP_STATE = 0x25,
    CARDSIM_STATUS_CONTEXT = 0x27,
};

enum cardsim_outcome {
    CARDSIM_OUTCOME_REPLY,  /* send the reply after delay_us */
    CARDSIM_OUTCOME_WAIT,   /* the handler set chip->task */
    CARDSIM_OUTCOME_SYNTAX, /* send a syntax error frame */
};

struct cardsim_request {
    const uint8_t *data;
    size_t len;
    uint64_t now_us;
    uint64_t delay_us; /* result: the time that radio takes */
};

#endif
