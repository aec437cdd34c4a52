#include "tools/portillon/answers.h"

#include <cbor.h>
#include <string.h>

/* Looks up members of one map; the first error sticks. */
struct members {
    CborValue map;
    int error;
};

static void members_open(struct members *members, const CborValue *map)
{
    members->map = *map;
    members->error = cbor_value_is_map(map) ? ERR_OK : ERR_FORMAT;
}

static bool member(struct members *members, const char *key, CborValue *value)
{
    if (members->error == ERR_OK &&
        (cbor_value_map_find_value(&members->map, key, value) != CborNoError || !cbor_value_is_valid(value)))
        members->error = ERR_FORMAT;
    return members->error == ERR_OK;
}

static uint32_t member_number(struct members *members, const char *key)
{
    CborValue value;
    uint64_t number = 0;
    if (!member(members, key, &value))
        return 0;
    if (!cbor_value_is_unsigned_integer(&value) || cbor_value_get_uint64(&value, &number) != CborNoError ||
        number > UINT32_MAX) {
        members->error = ERR_FORMAT;
        return 0;
    }
    return (uint32_t)number;
}

/* True if there is such a member; its absence is no error. */
static bool has_member(const struct members *members, const char *key)
{
    CborValue value;
    return members->error == ERR_OK && cbor_value_map_find_value(&members->map, key, &value) == CborNoError &&
           cbor_value_is_valid(&value);
}

static bool member_bool(struct members *members, const char *key)
{
    CborValue value;
    bool answer = false;
    if (!member(members, key, &value))
        return false;
    if (!cbor_value_is_boolean(&value) || cbor_value_get_boolean(&value, &answer) != CborNoError)
        members->error = ERR_FORMAT;
    return answer;
}

/* The gate's text ends up on a terminal: control characters do not pass. Bytes from 80 on are UTF-8. */
static void make_printable(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
    }
}

static void copy_text(struct members *members, const CborValue *value, char text[ANSWER_TEXT_LEN])
{
    size_t len = ANSWER_TEXT_LEN - 1;
    if (!cbor_value_is_text_string(value) ||
        cbor_value_copy_text_string(value, text, &len, NULL) != CborNoError || len >= ANSWER_TEXT_LEN) {
        members->error = ERR_FORMAT;
        len = 0;
    }
    text[len] = '\0';
    make_printable(text);
}

static void member_text(struct members *members, const char *key, char text[ANSWER_TEXT_LEN])
{
    CborValue value;
    text[0] = '\0';
    if (member(members, key, &value))
        copy_text(members, &value, text);
}

/* A map of its own, or null. @returns true if it is a map. */
static bool member_map(struct members *members, const char *key, struct members *inner)
{
    CborValue value;
    inner->error = ERR_OK;
    if (!member(members, key, &value) || cbor_value_is_null(&value))
        return false;
    members_open(inner, &value);
    members->error = inner->error;
    return inner->error == ERR_OK;
}

static int open_answer(CborParser *parser, CborValue *value, const uint8_t *data, size_t len)
{
    return cbor_parser_init(data, len, 0, parser, value) == CborNoError ? ERR_OK : ERR_FORMAT;
}

static int worst(int a, int b)
{
    return a != ERR_OK ? a : b;
}

int answer_status_decode(struct answer_status *status, const uint8_t *data, size_t len)
{
    CborParser parser;
    CborValue value;
    struct members top, list, journal, line, pool;

    memset(status, 0, sizeof *status);
    if (open_answer(&parser, &value, data, len) != ERR_OK)
        return ERR_FORMAT;
    members_open(&top, &value);
    member_text(&top, "version", status->version);
    member_text(&top, "device", status->device);
    member_text(&top, "name", status->name);
    member_text(&top, "zone", status->zone);
    member_text(&top, "state", status->state);
    member_text(&top, "clock", status->clock);
    member_text(&top, "reader", status->reader);
    status->uptime_s = member_number(&top, "uptime_s");
    status->boots = member_number(&top, "boots");
    status->time = member_number(&top, "time");
    status->taps = member_number(&top, "taps");
    status->granted = member_number(&top, "granted");
    status->reader_up = member_bool(&top, "reader_up");
    status->storage_ok = member_bool(&top, "storage_ok");
    status->has_list = member_map(&top, "list", &list);
    if (status->has_list) {
        status->list.version = member_number(&list, "version");
        status->list.cards = member_number(&list, "cards");
        status->list.twin_whole = member_bool(&list, "twin_whole");
        status->list.repaired = member_number(&list, "repaired");
        status->list.damaged = member_number(&list, "damaged");
    }
    if (member_map(&top, "journal", &journal)) {
        status->journal.tail = member_number(&journal, "tail");
        status->journal.head = member_number(&journal, "head");
        status->journal.acked = member_number(&journal, "acked");
        status->journal.pending = member_number(&journal, "pending");
        status->journal.unreadable = member_number(&journal, "unreadable");
        if (has_member(&journal, "lost"))
            status->journal.lost = member_number(&journal, "lost");
    }
    line.error = ERR_OK;
    status->has_link = has_member(&top, "link") && member_map(&top, "link", &line);
    if (status->has_link) {
        status->link.good_frames = member_number(&line, "good_frames");
        status->link.bad_frames = member_number(&line, "bad_frames");
        status->link.sessions = member_number(&line, "sessions");
        status->link.refused = member_number(&line, "refused");
    }
    if (member_map(&top, "pool", &pool)) {
        status->pool.now = member_number(&pool, "now");
        status->pool.most = member_number(&pool, "most");
        status->pool.size = member_number(&pool, "size");
    }
    return worst(worst(worst(top.error, list.error), worst(journal.error, pool.error)), line.error);
}

int answer_time_decode(uint32_t *time, char clock[ANSWER_TEXT_LEN], const uint8_t *data, size_t len)
{
    CborParser parser;
    CborValue value;
    struct members top;

    if (open_answer(&parser, &value, data, len) != ERR_OK)
        return ERR_FORMAT;
    members_open(&top, &value);
    *time = member_number(&top, "time");
    member_text(&top, "clock", clock);
    return top.error;
}

/* The digest is empty until a head is whole. */
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
    CborValue value;
    struct members top, running, upload;

    memset(whitelist, 0, sizeof *whitelist);
    if (open_answer(&parser, &value, data, len) != ERR_OK)
        return ERR_FORMAT;
    members_open(&top, &value);
    whitelist->has_running = member_map(&top, "running", &running);
    if (whitelist->has_running) {
        whitelist->running.version = member_number(&running, "version");
        whitelist->running.cards = member_number(&running, "cards");
        whitelist->running.blocks = member_number(&running, "blocks");
        whitelist->running.created = member_number(&running, "created");
        whitelist->running.has_digest = read_digest(&running, whitelist->running.digest);
    }
    if (!member_map(&top, "upload", &upload))
        return ERR_FORMAT;
    member_text(&upload, "state", whitelist->upload.state);
    if (member(&upload, "error", &value) && !cbor_value_is_null(&value))
        copy_text(&upload, &value, whitelist->upload.error);
    whitelist->upload.has_digest = read_digest(&upload, whitelist->upload.digest);
    whitelist->upload.version = member_number(&upload, "version");
    whitelist->upload.blocks = member_number(&upload, "blocks");
    whitelist->upload.have = member_number(&upload, "have");
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

/* [[first, count], …]: growing, not overlapping, counts not 0, all of it below end. */
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
    if (open_answer(&parser, &value, data, len) != ERR_OK)
        return ERR_FORMAT;
    return read_runs(&value, 0, WHITELIST_BLOCKS_MAX, runs, run_count);
}

static void read_records(struct members *top, struct answer_passages *passages)
{
    CborValue value;
    const uint8_t *chunk;
    size_t len;
    if (!member(top, "records", &value))
        return;
    if (!cbor_value_is_byte_string(&value) || !cbor_value_is_length_known(&value) ||
        cbor_value_begin_string_iteration(&value) != CborNoError ||
        cbor_value_get_byte_string_chunk(&value, &chunk, &len, NULL) != CborNoError ||
        len % JOURNAL_RECORD_LEN != 0) {
        top->error = ERR_FORMAT;
        return;
    }
    passages->records = chunk;
    passages->record_count = (uint32_t)(len / JOURNAL_RECORD_LEN);
}

int answer_passages_decode(struct answer_passages *passages, const uint8_t *data, size_t len)
{
    CborParser parser;
    CborValue value;
    struct members top;

    memset(passages, 0, sizeof *passages);
    if (open_answer(&parser, &value, data, len) != ERR_OK)
        return ERR_FORMAT;
    members_open(&top, &value);
    passages->after = member_number(&top, "after");
    passages->next = member_number(&top, "next");
    passages->tail = member_number(&top, "tail");
    passages->head = member_number(&top, "head");
    passages->acked = member_number(&top, "acked");
    read_records(&top, passages);
    if (!member(&top, "unreadable", &value) || top.error != ERR_OK)
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
