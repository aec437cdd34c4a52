/* SPDX-License-Identifier: Apache-2.0 */
/* /passages, /passages/ack */
#include "firmware/resources/resources_passages.h"

#include <assert.h>
#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/maintenance/cbor_map.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_state.h"

/*
 * One response is one block: 28 records after a prefix of at most PREFIX_MAX bytes. The prefix contains the
 * head of the map (1), the keys with their numbers (6 + 5, 4 · 5 + 4 · 5, one more each for "after" and
 * "acked"), "unreadable" with its runs (12 + 11 each), and the head of the byte string (8 + 3). "damaged",
 * if there is any, takes the place of records: its key and the head of its byte string (8 + 2), and the
 * damaged records, each with its number.
 */
#define RECORDS_MAX 28
#define RUNS_MAX    4
#define PREFIX_MAX  (COAP_SERVER_BODY_MAX - RECORDS_MAX * JOURNAL_RECORD_LEN)
#define READS_MAX   256 /* places read for one response, so that a damaged area does not delay a tap */

#define DAMAGED_MAX      4
#define DAMAGED_HEAD_LEN 10
#define DAMAGED_LEN      (4 + JOURNAL_RECORD_LEN)

static_assert(1 + 11 + 10 + 10 + 10 + 11 + 12 + 11 * RUNS_MAX + 11 <= PREFIX_MAX, "the prefix fits");
static_assert(DAMAGED_MAX * DAMAGED_LEN < 256, "the head of the byte string has two bytes");

struct run {
    uint32_t first, count;
};

struct page {
    uint32_t next; /* first number not read yet */
    uint32_t record_count, run_count, damaged_count;
    struct run runs[RUNS_MAX];
    uint8_t damaged[DAMAGED_MAX * DAMAGED_LEN];
};

static size_t damaged_len(uint32_t count)
{
    return count > 0 ? DAMAGED_HEAD_LEN + (size_t)count * DAMAGED_LEN : 0;
}

static bool has_room(uint32_t record_count, uint32_t damaged_count)
{
    return (size_t)record_count * JOURNAL_RECORD_LEN + damaged_len(damaged_count) <=
           RECORDS_MAX * JOURNAL_RECORD_LEN;
}

/* Adds a number to the runs. Returns false if there is no room for another run. */
static bool add_to_runs(struct page *page, uint32_t seq)
{
    struct run *last = page->run_count > 0 ? &page->runs[page->run_count - 1] : NULL;
    if (last != NULL && last->first + last->count == seq) {
        last->count++;
        return true;
    }
    if (page->run_count == RUNS_MAX)
        return false;
    page->runs[page->run_count++] = (struct run){.first = seq, .count = 1};
    return true;
}

/* Adds an unreadable number, with its bytes if the office may be able to correct them. Returns false if
 * there is no room. */
static bool add_unreadable(struct journal *journal, struct page *page)
{
    uint8_t raw[JOURNAL_RECORD_LEN];
    bool is_damaged = journal_read_damaged(journal, page->next, raw) == ERR_OK;
    bool fits = page->damaged_count < DAMAGED_MAX && has_room(page->record_count, page->damaged_count + 1);
    if ((is_damaged && !fits) || !add_to_runs(page, page->next))
        return false;
    if (is_damaged) {
        uint8_t *out = page->damaged + page->damaged_count++ * DAMAGED_LEN;
        bytes_put_u32(out, page->next);
        memcpy(out + 4, raw, sizeof raw);
    }
    return true;
}

/* Reads records from page->next on into out. Returns ERR_OK, ERR_IO, ERR_CRYPTO. */
static int collect(struct journal *journal, struct page *page, uint8_t *out)
{
    for (int reads = 0; reads < READS_MAX; reads++, page->next++) {
        if (page->next >= journal_head_seq(journal) || !has_room(page->record_count + 1, page->damaged_count))
            return ERR_OK;
        int result = journal_read_raw(journal, page->next, out + page->record_count * JOURNAL_RECORD_LEN);
        if (result == ERR_OK)
            page->record_count++;
        else if (result != ERR_CORRUPT && result != ERR_NOT_FOUND)
            return result;
        else if (!add_unreadable(journal, page))
            return ERR_OK;
    }
    return ERR_OK;
}

static void put_runs(CborEncoder *map, const struct page *page)
{
    CborEncoder array;
    cbor_map_open_array(map, "unreadable", &array, page->run_count);
    for (uint32_t i = 0; i < page->run_count; i++)
        cbor_map_put_run(&array, page->runs[i].first, page->runs[i].count);
    cbor_map_close(map, &array);
}

/* Returns the room for everything except the bytes of the records. */
static size_t prefix_room(const struct page *page)
{
    return PREFIX_MAX + damaged_len(page->damaged_count);
}

/* Writes everything except the bytes of the records. Returns the count of bytes; 0: they did not fit. */
static size_t put_prefix(const struct journal *journal, const struct page *page, uint32_t after,
                         uint8_t *body)
{
    CborEncoder top, map;
    size_t records_len = page->record_count * JOURNAL_RECORD_LEN;
    cbor_encoder_init(&top, body, prefix_room(page), 0);
    (void)cbor_encoder_create_map(&top, &map, page->damaged_count > 0 ? 8 : 7);
    cbor_map_put_uint(&map, "after", after);
    cbor_map_put_uint(&map, "next", page->next - 1);
    cbor_map_put_uint(&map, "tail", journal_tail_seq(journal));
    cbor_map_put_uint(&map, "head", journal_head_seq(journal));
    cbor_map_put_uint(&map, "acked", journal_acked_seq(journal));
    put_runs(&map, page);
    if (page->damaged_count > 0)
        cbor_map_put_bytes(&map, "damaged", page->damaged, (size_t)page->damaged_count * DAMAGED_LEN);
    (void)cbor_encode_text_stringz(&map, "records");
    /* Only the head of the byte string is written. Its bytes are then moved to follow it. */
    size_t len = cbor_map_written(&map, body);
    if (len == 0 || len + 3 > prefix_room(page))
        return 0;
    if (records_len < 24) {
        body[len++] = (uint8_t)(0x40 | records_len);
    } else if (records_len < 256) {
        body[len++] = 0x58;
        body[len++] = (uint8_t)records_len;
    } else {
        body[len++] = 0x59;
        body[len++] = (uint8_t)(records_len >> 8);
        body[len++] = (uint8_t)records_len;
    }
    return len;
}

void resource_get_passages(const struct resource_call *call)
{
    struct journal *journal = &call->portillon->journal;
    uint8_t *body = call->response->body;
    uint32_t after = 0;
    int result = coap_query_u32(call->request->message, "after", &after);
    if (result == ERR_FORMAT || after == UINT32_MAX) {
        resource_finish(call, ERR_FORMAT);
        return;
    }
    /* Numbers below the tail are erased, and numbers from the head on do not exist yet. The tail, head
     * and next of the response tell the client. */
    struct page page = {.next = after + 1};
    if (page.next < journal_tail_seq(journal))
        page.next = journal_tail_seq(journal);
    if (page.next > journal_head_seq(journal))
        page.next = journal_head_seq(journal);
    result = collect(journal, &page, body + PREFIX_MAX);
    if (result != ERR_OK) {
        resource_finish(call, result);
        return;
    }
    size_t records_len = page.record_count * JOURNAL_RECORD_LEN, room = prefix_room(&page);
    memmove(body + room, body + PREFIX_MAX, records_len);
    size_t len = put_prefix(journal, &page, after, body);
    memmove(body + len, body + room, records_len);
    resource_finish_cbor(call, len > 0 ? len + records_len : 0);
}

void resource_post_ack(const struct resource_call *call)
{
    uint32_t seq = 0;
    uint8_t mac[JOURNAL_RECORD_MAC_LEN];
    struct cbor_field fields[] = {{.key = "seq", .number = &seq},
                                  {.key = "mac", .bytes = mac, .bytes_len = sizeof mac}};
    int result = resource_read_payload(call, fields, 2);
    if (result == ERR_OK && !(fields[0].seen && fields[1].seen))
        result = ERR_FORMAT;
    if (result == ERR_OK)
        result = portillon_acknowledge(call->portillon, seq, mac);
    resource_finish(call, result);
}
