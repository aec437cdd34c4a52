/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the whole gate in one struct, and the hardware that the board provides. Only portillon*.c
 * and resources/ access the fields. All other code calls functions.
 */
#ifndef FIRMWARE_PORTILLON_STATE_H
#define FIRMWARE_PORTILLON_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/rights.h"
#include "firmware/access/tap.h"
#include "firmware/access/tap_tracker.h"
#include "firmware/base/clock.h"
#include "firmware/base/clock_proof.h"
#include "firmware/base/rate_limit.h"
#include "firmware/crypto/identity.h"
#include "firmware/crypto/seed_entropy.h"
#include "firmware/desfire/desfire.h"
#include "firmware/gate/gate.h"
#include "firmware/gate/inputs.h"
#include "firmware/gate/selftest.h"
#include "firmware/journal/journal.h"
#include "firmware/maintenance/maintenance.h"
#include "firmware/storage/anchor.h"
#include "firmware/storage/layout.h"
#include "firmware/storage/owner.h"
#include "firmware/storage/settings.h"
#include "firmware/storage/store.h"
#include "firmware/whitelist/card_application.h"
#include "firmware/whitelist/whitelist.h"
#include "hal/chip.h"
#include "hal/entropy.h"
#include "hal/flash.h"
#include "hal/gate_io.h"
#include "hal/reader.h"
#include "hal/reset.h"
#include "hal/serial.h"
#include "hal/timer.h"

/* Memory for mbedtls: one DTLS session and one signature check. Measured use: 6.4 KB with 32-bit pointers.
 * A client that sends handshake messages out of order takes 1 KB more. */
#define PORTILLON_POOL_LEN (2048 * sizeof(void *))

struct portillon_hardware {
    const struct reader *reader;
    const struct flash *flash; /* geometry->size 0: no chip answered */
    /* Two sectors outside the memory chip, for what a rollback of the chip must not take back
     * (firmware/storage/anchor.h). NULL: none. */
    const struct flash *anchor;
    const struct gate_io *gate_io;
    const struct timer *timer;
    const struct entropy *entropy; /* NULL: no generator; then, or if it fails, the seed of the identity */
    const struct serial *maintenance;
    const struct reset_report *reset; /* why the board started; NULL: unknown */
    /* Returns the peak use and the size of the stack, in bytes. NULL: not measured. */
    void (*stack_usage)(uint32_t *used, uint32_t *size);
    /* Return the name of the flash chip, and its last problem as one line of text; each "" if there is
     * none. NULL: not available. */
    const char *(*flash_name)(void);
    const char *(*flash_problem)(void);
    /* Fills in *report. NULL: not a microcontroller. */
    void (*chip)(struct chip_report *report);
    /* Called while the start waits for storage, at least every 100 ms, so that a watchdog which runs already
     * does not end the start. May be NULL. */
    void (*feed_watchdog)(void);
    /* Called for each tap after the verdict is known and, for a grant, the relay was driven. May be
     * NULL. */
    void (*on_tap)(void *ctx, const struct tap_result *result);
    void *on_tap_ctx;
};

#define PORTILLON_REASONS 32 /* more than enum reason has */
_Static_assert((int)REASON_LAST < PORTILLON_REASONS, "a limit for each reason");
#define PORTILLON_NOISY_EVENTS 18

/* What is written to the journal one by one only so often: portillon_log.c. */
struct portillon_noise {
    struct rate_limit refusals[PORTILLON_REASONS];
    struct rate_limit events[PORTILLON_NOISY_EVENTS];
    struct rate_limit button;
    uint32_t minute;    /* since start-up */
    uint64_t minute_us; /* when it began */
};

/* The proof of a card by its key: portillon_proof.h. */
struct portillon_proof {
    struct card_keys keys;
    struct desfire_application applications[WHITELIST_APPLICATIONS_MAX];
    struct desfire_config config;
    struct desfire_session session;
    struct reader_report report; /* of the card that is being asked */
    bool is_running;
};

struct portillon {
    const struct portillon_hardware *hardware;
    const struct identity *identity;
    crypto_hmac_key tag_key; /* the identity's, prepared */
    struct seed_entropy seed_entropy;
    struct clock clock;
    struct clock_proof proof;
    struct layout layout;
    struct store store;
    struct anchor anchor;
    bool store_rolled_back; /* and no technician has confirmed it: portillon_anchor.h */
    enum {
        OWNER_OWN,
        OWNER_OTHER,
        OWNER_WANTED,
        OWNER_ERASING,
        OWNER_TAKEN
    } owner_state;      /* portillon_owner.c */
    struct owner owner; /* of the chip, if it is another gate */
    struct settings settings;
    struct journal journal;
    struct whitelist whitelist;
    struct rights rights;
    struct gate gate;
    struct tap_tracker taps;
    struct portillon_proof proof_of_card;
    bool card_waits; /* a card tapped while the gate's queue was full */
    struct tap_card_seen waiting_card;
    uint64_t waiting_since_us;
    struct maintenance maintenance;
    struct selftest selftest;
    uint32_t floor_tried_seq; /* of the journal: keep_floor in portillon_anchor.c */
    bool is_started;          /* portillon_init is done */
    uint64_t wait_until_us;   /* nothing waits for storage longer than this: portillon_may_wait */
    bool storage_ok;          /* store, journal and whitelist are mounted */
    uint32_t storage_pause_s; /* while they are not: seconds from one attempt to the next; 0: no attempts */
    uint64_t storage_tried_us;
    struct portillon_noise noise;
    bool journal_fails; /* the journal could not store the last record, so no card is granted */
    bool reader_up;
    char reader_text[48]; /* the reader's name, or its error */
    struct inputs wires;
    uint8_t unseen_count; /* passages in a row that the rotation sensor did not see: portillon_gate.c */
    uint32_t inputs;      /* as last read, debounced */
    uint32_t outputs;     /* as last driven */
    uint32_t boot_count;
    uint32_t tap_count, granted_count;  /* since start-up */
    uint32_t lost_record_count;         /* records that the journal could not store, since start-up */
    uint32_t tap_last_us, tap_worst_us; /* from card read to relay or verdict, since start-up; 0: none */
    bool port_busy, storage_busy; /* each had more to do when it was last polled: serve_rest in portillon.c */
    bool ports_turn;
    uint64_t started_us;
    uint64_t scrubbed_us;     /* when the whitelist was last scrubbed and the age of the clock checked */
    uint32_t upload_progress; /* of an upload in progress, and when it last changed */
    uint64_t upload_moved_us;
    uint8_t pool[PORTILLON_POOL_LEN];
};

#endif
