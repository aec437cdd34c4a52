/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decodes the gate's CBOR answers into structs, and encodes what is sent to the gate.
 * firmware/maintenance/PROTOCOL.md has the formats. Every byte comes from outside. If a required member is
 * missing, has another type or is out of bounds, the whole answer is refused. Unknown members are skipped, so
 * that a newer gate can add members. Nothing blocks and nothing is allocated. Pointers in the structs point
 * into the answer, which must outlive them.
 */
#ifndef TOOLS_PORTILLON_GATE_ANSWERS_H
#define TOOLS_PORTILLON_GATE_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/journal/journal_record.h"
#include "firmware/whitelist/whitelist_format.h"
#include "firmware/whitelist/whitelist_tables.h"
#include "hal/error.h"

#define ANSWER_TEXT_LEN   128
#define ANSWER_DIGEST_LEN 16
#define ANSWER_RUNS_MAX   64
#define ANSWER_NAME_LEN   (WHITELIST_NAME_LEN + 1)

struct answer_run {
    uint32_t first, count;
};

struct answer_status {
    char version[ANSWER_TEXT_LEN], device[ANSWER_TEXT_LEN], name[ANSWER_TEXT_LEN], zone[ANSWER_TEXT_LEN];
    char state[ANSWER_TEXT_LEN], clock[ANSWER_TEXT_LEN], reader[ANSWER_TEXT_LEN];
    char mbedtls[ANSWER_TEXT_LEN], tinycbor[ANSWER_TEXT_LEN]; /* versions; "" of an older gate */
    uint32_t uptime_s, boots, time, taps, granted;
    bool reader_up, storage_ok;
    /* false if the gate does not report them */
    char chip_owner[ANSWER_TEXT_LEN]; /* the id of the gate whose memory chip it is; "": its own */
    bool chip_owner_same_site;
    bool rotation_silent, list_rolled_back, store_rolled_back;
    bool has_list;
    struct {
        uint32_t version, cards, repaired, damaged;
        uint32_t failed; /* 0 if the gate does not report it */
        bool twin_whole;
    } list;
    struct {
        bool told; /* false: an older gate, which does not report it */
        uint32_t count;
        char names[WHITELIST_PROFILES_MAX][ANSWER_NAME_LEN];
    } profiles_off;
    struct {
        uint32_t tail, head, acked, pending, unreadable;
        uint32_t lost; /* 0 if the gate does not report it */
    } journal;
    bool has_link; /* false: an older gate, which does not report it */
    struct {
        uint32_t good_frames, bad_frames, sessions, refused;
    } link;
    struct {
        uint32_t now, most, size;
    } pool;
    /* An older gate does not report the members below; they are then empty. */
    struct {
        char cause[ANSWER_TEXT_LEN]; /* "power", "watchdog", "fault", "panic", "request"; empty: not known */
        uint32_t pc, fault;
    } reset;
    struct {
        uint32_t used, size; /* size 0: not measured */
    } stack;
    struct {
        char name[ANSWER_TEXT_LEN], problem[ANSWER_TEXT_LEN]; /* empty: none */
        uint32_t size, sector;
        bool is_worn;
        uint32_t worn; /* address of a sector */
    } flash;
    struct {
        uint32_t last, worst; /* 0: none */
    } tap_us;
    char readout_protection[ANSWER_TEXT_LEN]; /* chip_readout_name; empty: not a microcontroller */
    char anchor[ANSWER_TEXT_LEN];             /* anchor_state_name; empty: not known */
    uint32_t resident_s; /* seconds for which a card has been left on the reader; 0: none */
};

struct answer_time {
    uint32_t time; /* time of the gate's clock, utc_s; seconds since start-up while it is unset */
    char clock[ANSWER_TEXT_LEN]; /* clock_quality_name */
    bool has_confirmed;          /* false: an older gate, which does not report it */
    uint32_t confirmed;          /* when the clock was last set, utc_s; 0: never */
};

struct answer_whitelist {
    bool has_running;
    struct {
        uint32_t version, cards, blocks, created;
        uint8_t digest[ANSWER_DIGEST_LEN];
        bool has_digest; /* the gate may leave it out */
    } running;
    struct {
        char state[ANSWER_TEXT_LEN]; /* whitelist_upload_state_name */
        char error[ANSWER_TEXT_LEN]; /* empty: none */
        uint8_t digest[ANSWER_DIGEST_LEN];
        bool has_digest;
        uint32_t version, blocks, have;
        bool is_worn;
        uint32_t worn; /* address of the sector that could not store the list */
    } upload;
};

struct answer_passages {
    uint32_t after, next, tail, head, acked; /* next is below after when the journal ends before after */
    uint32_t first;                          /* number of the first place covered, if next >= after */
    const uint8_t *records;                  /* record_count · JOURNAL_RECORD_LEN bytes */
    uint32_t record_count;
    struct answer_run unreadable[ANSWER_RUNS_MAX];
    uint32_t unreadable_count;
    const uint8_t *damaged; /* damaged_count · ANSWER_DAMAGED_LEN bytes; an older gate sends none */
    uint32_t damaged_count;
};

/* A damaged record, as the gate's memory holds it: its number (4, little-endian) and its bytes. */
#define ANSWER_DAMAGED_LEN (4 + JOURNAL_RECORD_LEN)
/* Returns the bytes of the damaged record with this number; NULL: the gate sent none. */
const uint8_t *answer_damaged_find(const struct answer_passages *passages, uint32_t seq);

/* Decodes the answer of /status. Returns ERR_OK or ERR_FORMAT. */
int answer_status_decode(struct answer_status *status, const uint8_t *data, size_t len) MUST_USE;
/* Adds the answer of /board to that of /status. Returns ERR_OK or ERR_FORMAT. */
int answer_board_decode(struct answer_status *status, const uint8_t *data, size_t len) MUST_USE;
/* Decodes the answer of /time. Returns ERR_OK or ERR_FORMAT. */
int answer_time_decode(struct answer_time *time, const uint8_t *data, size_t len) MUST_USE;
/* Decodes the answer of /whitelist. Returns ERR_OK or ERR_FORMAT. */
int answer_whitelist_decode(struct answer_whitelist *whitelist, const uint8_t *data, size_t len) MUST_USE;
/* Decodes the runs of blocks that the gate wants. They must ascend, not overlap, and be below
 * WHITELIST_BLOCKS_MAX. Returns ERR_OK or ERR_FORMAT. */
int answer_wanted_decode(struct answer_run runs[ANSWER_RUNS_MAX], uint32_t *run_count, const uint8_t *data,
                         size_t len) MUST_USE;
/* Decodes the answer of /passages. Also checks the numbers: each number from the first place after `after`
 * that the gate still has, up to `next`, must be a record or unreadable. CBOR allows a byte string in chunks;
 * the gate does not send one, so it is refused. Returns ERR_OK or ERR_FORMAT. */
int answer_passages_decode(struct answer_passages *passages, const uint8_t *data, size_t len) MUST_USE;

/* Encodes the acknowledgement of a record, {seq, mac}. Returns the number of bytes, at most 32, or
 * ERR_NO_SPACE. */
int answer_encode_ack(uint32_t seq, const uint8_t mac[JOURNAL_RECORD_MAC_LEN], uint8_t *out,
                      size_t size) MUST_USE;

/* Encodes {key: value}. Returns the number of bytes, at most 32, or ERR_NO_SPACE. */
int answer_encode_number(const char *key, uint32_t value, uint8_t *out, size_t size) MUST_USE;

#endif
