/*
 * What the gate answers, out of CBOR into structs, and what is sent to it. firmware/maintenance/PROTOCOL.md has the
 * shapes. Every byte comes from outside: members may be missing, of another type, out of bounds; then the
 * answer is refused as a whole. Unknown members are passed over, so that a newer gate can say more.
 * Nothing blocks, nothing is allocated; pointers in the structs point into the answer.
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
    uint32_t uptime_s, boots, time, taps, granted;
    bool reader_up, storage_ok;
    bool has_list;
    struct {
        uint32_t version, cards, repaired, damaged;
        uint32_t failed; /* 0 where the gate does not say */
        bool twin_whole;
    } list;
    struct {
        bool told; /* an older gate does not say */
        uint32_t count;
        char names[WHITELIST_PROFILES_MAX][ANSWER_NAME_LEN];
    } profiles_off;
    struct {
        uint32_t tail, head, acked, pending, unreadable;
        uint32_t lost; /* 0 where the gate does not say */
    } journal;
    bool has_link; /* an older gate does not say */
    struct {
        uint32_t good_frames, bad_frames, sessions, refused;
    } link;
    struct {
        uint32_t now, most, size;
    } pool;
    /* What follows an older gate does not say: then empty. */
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
};

struct answer_time {
    uint32_t time;               /* as the gate's clock shows it, utc_s; since start-up while unset */
    char clock[ANSWER_TEXT_LEN]; /* clock_quality_name */
    bool has_confirmed;          /* an older gate does not say */
    uint32_t confirmed;          /* when it was last set, utc_s; 0: never */
};

struct answer_whitelist {
    bool has_running;
    struct {
        uint32_t version, cards, blocks, created;
        uint8_t digest[ANSWER_DIGEST_LEN];
        bool has_digest; /* a gate may leave it out */
    } running;
    struct {
        char state[ANSWER_TEXT_LEN]; /* whitelist_upload_state_name */
        char error[ANSWER_TEXT_LEN]; /* empty: none */
        uint8_t digest[ANSWER_DIGEST_LEN];
        bool has_digest;
        uint32_t version, blocks, have;
        bool is_worn;
        uint32_t worn; /* address of the sector that refused the list */
    } upload;
};

struct answer_passages {
    uint32_t after, next, tail, head, acked; /* next below after: the journal ends before after */
    uint32_t first;                          /* number of the first place covered, if next >= after */
    const uint8_t *records;                  /* record_count · JOURNAL_RECORD_LEN bytes */
    uint32_t record_count;
    struct answer_run unreadable[ANSWER_RUNS_MAX];
    uint32_t unreadable_count;
};

/* @retval ERR_OK, ERR_FORMAT: of all of them. */
int answer_status_decode(struct answer_status *status, const uint8_t *data, size_t len) MUST_USE;
int answer_time_decode(struct answer_time *time, const uint8_t *data, size_t len) MUST_USE;
int answer_whitelist_decode(struct answer_whitelist *whitelist, const uint8_t *data, size_t len) MUST_USE;
/* Runs of wanted blocks: growing, not overlapping, below WHITELIST_BLOCKS_MAX. */
int answer_wanted_decode(struct answer_run runs[ANSWER_RUNS_MAX], uint32_t *run_count, const uint8_t *data,
                         size_t len) MUST_USE;
/* Also checks that the numbers agree: from the first place after `after` that the gate still has, up to
 * `next`, each is a record or unreadable. CBOR allows a byte string in chunks; the gate does not send it so,
 * and it is refused. */
int answer_passages_decode(struct answer_passages *passages, const uint8_t *data, size_t len) MUST_USE;

/* {key: value} @retval count of bytes, at most 32; ERR_NO_SPACE. */
int answer_encode_number(const char *key, uint32_t value, uint8_t *out, size_t size) MUST_USE;

#endif
