/*
 * The whole gate as one struct, and the hardware it is given. The files portillon_*.c and resources/ work on
 * it; everybody else treats it as closed and calls functions.
 */
#ifndef FIRMWARE_PORTILLON_STATE_H
#define FIRMWARE_PORTILLON_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/rights.h"
#include "firmware/access/tap.h"
#include "firmware/base/clock.h"
#include "firmware/crypto/identity.h"
#include "firmware/crypto/seed_entropy.h"
#include "firmware/gate/gate.h"
#include "firmware/gate/inputs.h"
#include "firmware/gate/selftest.h"
#include "firmware/journal/journal.h"
#include "firmware/maintenance/maintenance.h"
#include "firmware/storage/layout.h"
#include "firmware/storage/settings.h"
#include "firmware/storage/store.h"
#include "firmware/whitelist/whitelist.h"
#include "hal/entropy.h"
#include "hal/flash.h"
#include "hal/gate_io.h"
#include "hal/reader.h"
#include "hal/reset.h"
#include "hal/serial.h"
#include "hal/timer.h"

/* mbedtls's memory: one DTLS session and one signature check. Measured: 8.2 KB of 32-bit, 13.1 KB of 64-bit
 * blocks. */
#define PORTILLON_POOL_LEN (3072 * sizeof(void *))

struct portillon_hardware {
    const struct reader *reader;
    const struct flash *flash; /* geometry->size 0: no chip answered */
    const struct gate_io *gate_io;
    const struct timer *timer;
    const struct entropy *entropy; /* NULL: no random generator; then, or if it fails, the identity's seed */
    const struct serial *maintenance;
    const struct reset_report *reset; /* why the board started; NULL: not known */
    /* Bytes of stack ever used, of how many; NULL: not measured. */
    void (*stack_usage)(uint32_t *used, uint32_t *size);
    /* The flash chip's name and its latest trouble in a line, each "" when there is none; NULL: not told. */
    const char *(*flash_name)(void);
    const char *(*flash_problem)(void);
    /* Told of each tap once its verdict is known and the relay, if granted, has moved; may be NULL. */
    void (*on_tap)(void *ctx, const struct tap_result *result);
    void *on_tap_ctx;
};

struct portillon {
    const struct portillon_hardware *hardware;
    const struct identity *identity;
    struct seed_entropy seed_entropy;
    struct clock clock;
    struct layout layout;
    struct store store;
    struct settings settings;
    struct journal journal;
    struct whitelist whitelist;
    struct rights rights;
    struct gate gate;
    struct tap_tracker taps;
    bool card_waits; /* a card tapped while the gate's queue was full */
    struct reader_report waiting_card;
    struct maintenance maintenance;
    struct selftest selftest;
    bool storage_ok;          /* store, journal and whitelist are mounted */
    uint32_t storage_pause_s; /* while they are not: until they are tried again; 0: they never will be */
    uint64_t storage_tried_us;
    bool journal_fails; /* the journal did not take the last record: nobody can be let in */
    bool reader_up;
    char reader_text[48]; /* the reader's name, or what is wrong with it */
    struct inputs wires;
    uint32_t inputs;  /* as last seen, settled */
    uint32_t outputs; /* as last driven */
    uint32_t boot_count;
    uint32_t tap_count, granted_count;  /* since start-up */
    uint32_t lost_record_count;         /* records the journal did not take, since start-up */
    uint32_t tap_last_us, tap_worst_us; /* from card known to relay or verdict, since start-up; 0: none */
    uint64_t started_us;
    uint64_t scrubbed_us; /* when the whitelist was last looked at for damage, and the clock for its age */
    uint32_t upload_progress; /* of an upload under way, and since when it has not moved */
    uint64_t upload_moved_us;
    uint8_t pool[PORTILLON_POOL_LEN];
};

#endif
