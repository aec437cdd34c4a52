/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/answers.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "tools/portillon/gate/cbor_members.h"

static int worst(int a, int b)
{
    return a != ERR_OK ? a : b;
}

/* Reads an optional map: it may be null, or missing in an older gate's answer. */
static bool optional_map(struct members *members, const char *key, struct members *inner)
{
    inner->error = ERR_OK;
    return members_has(members, key) && members_map(members, key, inner);
}

/* Reads a number that may be null, or missing in an older gate's answer. Returns false in both cases. */
static bool nullable_number(struct members *members, const char *key, uint32_t *number)
{
    CborValue value;
    *number = 0;
    if (!members_has(members, key) || !members_find(members, key, &value) || cbor_value_is_null(&value))
        return false;
    *number = members_number(members, key);
    return true;
}

static bool optional_flag(struct members *top, const char *key)
{
    return members_has(top, key) && members_flag(top, key);
}

/* Reads the versions of mbedtls and tinycbor, which are two words of one text. */
static void read_libraries(struct answer_status *status, struct members *top)
{
    if (!members_has(top, "libs"))
        return;
    members_text(top, "libs", status->mbedtls);
    char *gap = strchr(status->mbedtls, ' ');
    if (gap == NULL)
        return;
    strcpy(status->tinycbor, gap + 1);
    *gap = '\0';
}

/* Reads the members about the board. Before /board there was, they were members of /status. */
static int read_board(struct answer_status *status, struct members *top)
{
    struct members reset, stack, flash;
    if (optional_map(top, "reset", &reset)) {
        members_text_or_null(&reset, "cause", status->reset.cause);
        status->reset.pc = members_number(&reset, "pc");
        status->reset.fault = members_number(&reset, "fault");
    }
    if (optional_map(top, "stack", &stack)) {
        status->stack.used = members_number(&stack, "used");
        status->stack.size = members_number(&stack, "size");
    }
    if (optional_map(top, "flash", &flash)) {
        members_text_or_null(&flash, "name", status->flash.name);
        members_text_or_null(&flash, "problem", status->flash.problem);
        status->flash.size = members_number(&flash, "size");
        status->flash.sector = members_number(&flash, "sector");
        status->flash.is_worn = nullable_number(&flash, "worn", &status->flash.worn);
    }
    if (members_has(top, "readout_protection"))
        members_text_or_null(top, "readout_protection", status->readout_protection);
    if (members_has(top, "anchor"))
        members_text(top, "anchor", status->anchor);
    read_libraries(status, top);
    return worst(worst(reset.error, stack.error), flash.error);
}

/* Reads the names of profiles, at most as many as a list can have. */
static void read_profiles_off(struct answer_status *status, struct members *top)
{
    CborValue value, at;
    status->profiles_off.told = members_has(top, "profiles_off");
    if (!status->profiles_off.told || !members_find(top, "profiles_off", &value))
        return;
    if (!cbor_value_is_array(&value) || cbor_value_enter_container(&value, &at) != CborNoError) {
        top->error = ERR_FORMAT;
        return;
    }
    while (top->error == ERR_OK && !cbor_value_at_end(&at)) {
        char name[ANSWER_TEXT_LEN];
        members_copy_text(top, &at, name);
        if (strlen(name) >= ANSWER_NAME_LEN || status->profiles_off.count == WHITELIST_PROFILES_MAX ||
            cbor_value_advance(&at) != CborNoError)
            top->error = ERR_FORMAT;
        else
            strcpy(status->profiles_off.names[status->profiles_off.count++], name);
    }
}

int answer_status_decode(struct answer_status *status, const uint8_t *data, size_t len)
{
    CborParser parser;
    struct members top, list, journal, line, pool, taps, owner;

    memset(status, 0, sizeof *status);
    members_open(&top, &parser, data, len);
    members_text(&top, "version", status->version);
    members_text(&top, "device", status->device);
    members_text(&top, "name", status->name);
    members_text(&top, "zone", status->zone);
    members_text(&top, "state", status->state);
    members_text(&top, "clock", status->clock);
    members_text(&top, "reader", status->reader);
    status->uptime_s = members_number(&top, "uptime_s");
    status->boots = members_number(&top, "boots");
    status->time = members_number(&top, "time");
    status->taps = members_number(&top, "taps");
    status->granted = members_number(&top, "granted");
    status->reader_up = members_flag(&top, "reader_up");
    status->storage_ok = members_flag(&top, "storage_ok");
    status->list_rolled_back = optional_flag(&top, "list_rolled_back");
    status->store_rolled_back = optional_flag(&top, "store_rolled_back");
    status->rotation_silent = optional_flag(&top, "rotation_silent");
    if (optional_map(&top, "chip_owner", &owner)) {
        members_text(&owner, "device", status->chip_owner);
        status->chip_owner_same_site = members_flag(&owner, "same_site");
        top.error = worst(top.error, owner.error);
    }
    status->has_list = members_map(&top, "list", &list);
    if (status->has_list) {
        status->list.version = members_number(&list, "version");
        status->list.cards = members_number(&list, "cards");
        status->list.twin_whole = members_flag(&list, "twin_whole");
        status->list.repaired = members_number(&list, "repaired");
        status->list.damaged = members_number(&list, "damaged");
        (void)nullable_number(&list, "failed", &status->list.failed);
    }
    read_profiles_off(status, &top);
    if (members_map(&top, "journal", &journal)) {
        status->journal.tail = members_number(&journal, "tail");
        status->journal.head = members_number(&journal, "head");
        status->journal.acked = members_number(&journal, "acked");
        status->journal.pending = members_number(&journal, "pending");
        status->journal.unreadable = members_number(&journal, "unreadable");
        if (members_has(&journal, "lost"))
            status->journal.lost = members_number(&journal, "lost");
    }
    status->has_link = optional_map(&top, "link", &line);
    if (status->has_link) {
        status->link.good_frames = members_number(&line, "good_frames");
        status->link.bad_frames = members_number(&line, "bad_frames");
        status->link.sessions = members_number(&line, "sessions");
        status->link.refused = members_number(&line, "refused");
    }
    if (members_map(&top, "pool", &pool)) {
        status->pool.now = members_number(&pool, "now");
        status->pool.most = members_number(&pool, "most");
        status->pool.size = members_number(&pool, "size");
    }
    if (optional_map(&top, "tap_us", &taps)) {
        status->tap_us.last = members_number(&taps, "last");
        status->tap_us.worst = members_number(&taps, "worst");
    }
    (void)nullable_number(&top, "resident_s", &status->resident_s);
    int board = read_board(status, &top);
    return worst(worst(worst(top.error, list.error), worst(journal.error, pool.error)),
                 worst(worst(line.error, taps.error), board));
}

int answer_board_decode(struct answer_status *status, const uint8_t *data, size_t len)
{
    CborParser parser;
    struct members top;
    members_open(&top, &parser, data, len);
    int board = read_board(status, &top);
    return worst(top.error, board);
}

int answer_time_decode(struct answer_time *time, const uint8_t *data, size_t len)
{
    CborParser parser;
    struct members top;

    memset(time, 0, sizeof *time);
    members_open(&top, &parser, data, len);
    time->time = members_number(&top, "time");
    members_text(&top, "clock", time->clock);
    time->has_confirmed = members_has(&top, "confirmed");
    if (time->has_confirmed)
        time->confirmed = members_number(&top, "confirmed");
    return top.error;
}

/* Reads a digest, which is empty until the manifest is complete. */
static bool read_digest(struct members *members, uint8_t digest[ANSWER_DIGEST_LEN])
{
    CborValue value;
    size_t len = ANSWER_DIGEST_LEN;
    if (members->error != ERR_OK ||
        cbor_value_map_find_value(&members->map, "digest", &value) != CborNoError ||
        !cbor_value_is_valid(&value))
        return false;
    if (!cbor_value_is_byte_string(&value) ||
        cbor_value_copy_byte_string(&value, digest, &len, NULL) != CborNoError ||
        (len != 0 && len != ANSWER_DIGEST_LEN))
        members->error = ERR_FORMAT;
    return members->error == ERR_OK && len == ANSWER_DIGEST_LEN;
}

int answer_whitelist_decode(struct answer_whitelist *whitelist, const uint8_t *data, size_t len)
{
    CborParser parser;
    struct members top, running, upload;

    memset(whitelist, 0, sizeof *whitelist);
    members_open(&top, &parser, data, len);
    whitelist->has_running = members_map(&top, "running", &running);
    if (whitelist->has_running) {
        whitelist->running.version = members_number(&running, "version");
        whitelist->running.cards = members_number(&running, "cards");
        whitelist->running.blocks = members_number(&running, "blocks");
        whitelist->running.created = members_number(&running, "created");
        whitelist->running.has_digest = read_digest(&running, whitelist->running.digest);
    }
    if (!members_map(&top, "upload", &upload))
        return ERR_FORMAT;
    members_text(&upload, "state", whitelist->upload.state);
    members_text_or_null(&upload, "error", whitelist->upload.error);
    whitelist->upload.is_worn = nullable_number(&upload, "worn", &whitelist->upload.worn);
    whitelist->upload.has_digest = read_digest(&upload, whitelist->upload.digest);
    whitelist->upload.version = members_number(&upload, "version");
    whitelist->upload.blocks = members_number(&upload, "blocks");
    whitelist->upload.have = members_number(&upload, "have");
    return worst(worst(top.error, running.error), upload.error);
}

static int read_number(CborValue *value, uint32_t *number)
{
    uint64_t wide;
    if (!cbor_value_is_unsigned_integer(value) || cbor_value_get_uint64(value, &wide) != CborNoError ||
        wide > UINT32_MAX || cbor_value_advance_fixed(value) != CborNoError)
        return ERR_FORMAT;
    *number = (uint32_t)wide;
    return ERR_OK;
}

/* Reads [[first, count], …]. The runs must ascend, not overlap, have counts above 0, and lie below end. */
static int read_runs(const CborValue *array, uint64_t begin, uint64_t end, struct answer_run *runs,
                     uint32_t *run_count)
{
    CborValue outer, inner;
    *run_count = 0;
    if (!cbor_value_is_array(array) || cbor_value_enter_container(array, &outer) != CborNoError)
        return ERR_FORMAT;
    while (!cbor_value_at_end(&outer)) {
        struct answer_run run;
        if (*run_count == ANSWER_RUNS_MAX || !cbor_value_is_array(&outer) ||
            cbor_value_enter_container(&outer, &inner) != CborNoError ||
            read_number(&inner, &run.first) != ERR_OK || read_number(&inner, &run.count) != ERR_OK ||
            !cbor_value_at_end(&inner) || cbor_value_leave_container(&outer, &inner) != CborNoError)
            return ERR_FORMAT;
        if (run.count == 0 || run.first < begin || (uint64_t)run.first + run.count > end)
            return ERR_FORMAT;
        begin = (uint64_t)run.first + run.count;
        runs[(*run_count)++] = run;
    }
    return ERR_OK;
}

int answer_wanted_decode(struct answer_run runs[ANSWER_RUNS_MAX], uint32_t *run_count, const uint8_t *data,
                         size_t len)
{
    CborParser parser;
    CborValue value;
    if (members_open_answer(&parser, &value, data, len) != ERR_OK)
        return ERR_FORMAT;
    return read_runs(&value, 0, WHITELIST_BLOCKS_MAX, runs, run_count);
}

/* Reads a required byte string of entries of the same length, in place. Returns how many there are. */
static uint32_t read_entries(struct members *top, const char *key, size_t entry_len, const uint8_t **entries)
{
    CborValue value;
    size_t len;
    if (!members_find(top, key, &value))
        return 0;
    if (!cbor_value_is_byte_string(&value) || !cbor_value_is_length_known(&value) ||
        cbor_value_begin_string_iteration(&value) != CborNoError ||
        cbor_value_get_byte_string_chunk(&value, entries, &len, NULL) != CborNoError ||
        len % entry_len != 0) {
        top->error = ERR_FORMAT;
        return 0;
    }
    return (uint32_t)(len / entry_len);
}

const uint8_t *answer_damaged_find(const struct answer_passages *passages, uint32_t seq)
{
    for (uint32_t i = 0; i < passages->damaged_count; i++) {
        const uint8_t *entry = passages->damaged + (size_t)i * ANSWER_DAMAGED_LEN;
        if (bytes_get_u32(entry) == seq)
            return entry + 4;
    }
    return NULL;
}

int answer_passages_decode(struct answer_passages *passages, const uint8_t *data, size_t len)
{
    CborParser parser;
    CborValue value;
    struct members top;

    memset(passages, 0, sizeof *passages);
    members_open(&top, &parser, data, len);
    passages->after = members_number(&top, "after");
    passages->next = members_number(&top, "next");
    passages->tail = members_number(&top, "tail");
    passages->head = members_number(&top, "head");
    passages->acked = members_number(&top, "acked");
    passages->record_count = read_entries(&top, "records", JOURNAL_RECORD_LEN, &passages->records);
    if (members_has(&top, "damaged"))
        passages->damaged_count = read_entries(&top, "damaged", ANSWER_DAMAGED_LEN, &passages->damaged);
    if (!members_find(&top, "unreadable", &value) || top.error != ERR_OK)
        return ERR_FORMAT;
    if (passages->next < passages->after || passages->after == UINT32_MAX)
        return passages->record_count == 0 ? ERR_OK : ERR_FORMAT;
    passages->first = passages->after + 1 > passages->tail ? passages->after + 1 : passages->tail;
    if (passages->next >= passages->first && passages->next >= passages->head)
        return ERR_FORMAT;
    uint64_t end = (uint64_t)passages->next + 1, covered = passages->record_count;
    if (read_runs(&value, passages->first, end > passages->first ? end : passages->first,
                  passages->unreadable, &passages->unreadable_count) != ERR_OK)
        return ERR_FORMAT;
    for (uint32_t i = 0; i < passages->unreadable_count; i++)
        covered += passages->unreadable[i].count;
    return passages->first + covered == (end > passages->first ? end : passages->first) ? ERR_OK : ERR_FORMAT;
}

int answer_encode_ack(uint32_t seq, const uint8_t mac[JOURNAL_RECORD_MAC_LEN], uint8_t *out, size_t size)
{
    CborEncoder encoder, map;
    cbor_encoder_init(&encoder, out, size, 0);
    if (cbor_encoder_create_map(&encoder, &map, 2) != CborNoError ||
        cbor_encode_text_stringz(&map, "seq") != CborNoError || cbor_encode_uint(&map, seq) != CborNoError ||
        cbor_encode_text_stringz(&map, "mac") != CborNoError ||
        cbor_encode_byte_string(&map, mac, JOURNAL_RECORD_MAC_LEN) != CborNoError ||
        cbor_encoder_close_container(&encoder, &map) != CborNoError)
        return ERR_NO_SPACE;
    return (int)cbor_encoder_get_buffer_size(&encoder, out);
}

int answer_encode_number(const char *key, uint32_t value, uint8_t *out, size_t size)
{
    CborEncoder encoder, map;
    cbor_encoder_init(&encoder, out, size, 0);
    if (cbor_encoder_create_map(&encoder, &map, 1) != CborNoError ||
        cbor_encode_text_stringz(&map, key) != CborNoError || cbor_encode_uint(&map, value) != CborNoError ||
        cbor_encoder_close_container(&encoder, &map) != CborNoError)
        return ERR_NO_SPACE;
    return (int)cbor_encoder_get_buffer_size(&encoder, out);
}
