/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the resources share: a gate whose resources are called in plain CoAP, and its
 * answer read as CBOR. The state is static in each test program. A failed check fails the test. */
#ifndef TESTS_FAKES_RESOURCES_BENCH_H
#define TESTS_FAKES_RESOURCES_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/maintenance/cbor_map.h"
#include "firmware/portillon_control.h"
#include "firmware/resources/resources.h"
#include "tests/fakes/link_bench.h"

static struct link_bench *bench;
static struct portillon *portillon;
static struct coap_server server;
static enum role role;
static uint8_t request[1280], out[1280];
static struct coap_writer writer;
static struct coap_message answer;
static uint16_t message_id;

static inline void handle(void *ctx, const struct coap_request *coap_request, struct coap_response *response)
{
    resources_handle(ctx, role, coap_request, response);
}

static inline int start(void **state)
{
    (void)state;
    bench = link_bench_start(false);
    portillon = &bench->portillon;
    coap_server_reset(&server, 0);
    role = ROLE_MAINTENANCE;
    return 0;
}

static inline void begin(uint8_t method, const char *path, const char *query)
{
    coap_write_start(&writer, request, sizeof request, COAP_CON, method, message_id++, NULL, 0);
    for (const char *segment = path; *segment != '\0';) {
        size_t len = strcspn(segment, "/");
        coap_write_option(&writer, COAP_URI_PATH, segment, len);
        segment += len + (segment[len] == '/');
    }
    if (query != NULL)
        coap_write_option(&writer, COAP_URI_QUERY, query, strlen(query));
}

static inline uint8_t finish(const void *payload, size_t len)
{
    const struct coap_handler handler = {.handle = handle, .ctx = portillon};
    int request_len = coap_write_finish(&writer, payload, len);
    assert_true(request_len > 0);
    size_t answer_len = coap_server_handle(&server, &handler, request, (size_t)request_len, out, sizeof out);
    assert_true(answer_len > 0);
    assert_int_equal(coap_parse(&answer, out, answer_len), ERR_OK);
    return answer.code;
}

static inline uint8_t get(const char *path, const char *query)
{
    begin(COAP_GET, path, query);
    return finish(NULL, 0);
}

static inline uint8_t send(uint8_t method, const char *path, const char *cbor, size_t len)
{
    begin(method, path, NULL);
    return finish(cbor, len);
}

#define SEND(method, path, cbor) send(method, path, cbor, sizeof cbor - 1)

/* {"seq": seq, "mac": the MAC of that record, with the bits of flip inverted} */
static inline const char *ack_payload(uint8_t seq, uint8_t flip)
{
    static char cbor[] = "\xa2\x63seq\x17\x63mac\x48........";
    uint8_t raw[JOURNAL_RECORD_LEN] = {0};
    int read = journal_read_raw(&portillon->journal, seq, raw);
    (void)read;
    raw[JOURNAL_RECORD_MAC_AT] ^= flip;
    cbor[5] = (char)seq;
    memcpy(cbor + 11, raw + JOURNAL_RECORD_MAC_AT, JOURNAL_RECORD_MAC_LEN);
    return cbor;
}

static inline uint8_t send_piece(uint8_t method, const char *path, const char *query, uint32_t num, bool more,
                                 uint8_t szx, const void *data, size_t len)
{
    begin(method, path, query);
    coap_write_block(&writer, COAP_BLOCK1, &(struct coap_block){.num = num, .more = more, .szx = szx});
    return finish(data, len);
}

static inline void assert_word(const char *word)
{
    assert_int_equal(answer.payload_len, strlen(word));
    assert_memory_equal(answer.payload, word, strlen(word));
}

/* Returns the value of a key in the map of the answer, or in a map inside it: "list/version". */
static inline CborValue value_of(const char *path)
{
    static CborParser parser;
    CborValue at, value;
    char key[32];
    assert_int_equal(cbor_parser_init(answer.payload, answer.payload_len, 0, &parser, &at), CborNoError);
    for (;;) {
        size_t len = strcspn(path, "/");
        memcpy(key, path, len);
        key[len] = '\0';
        assert_true(cbor_value_is_map(&at));
        assert_int_equal(cbor_value_map_find_value(&at, key, &value), CborNoError);
        assert_true(cbor_value_is_valid(&value));
        if (path[len] == '\0')
            return value;
        at = value;
        path += len + 1;
    }
}

static inline uint64_t number(const char *path)
{
    CborValue value = value_of(path);
    uint64_t result;
    assert_true(cbor_value_is_unsigned_integer(&value));
    assert_int_equal(cbor_value_get_uint64(&value, &result), CborNoError);
    return result;
}

static inline bool flag(const char *path)
{
    CborValue value = value_of(path);
    bool result;
    assert_true(cbor_value_is_boolean(&value));
    assert_int_equal(cbor_value_get_boolean(&value, &result), CborNoError);
    return result;
}

static inline void assert_text(const char *path, const char *text)
{
    CborValue value = value_of(path);
    bool equal;
    assert_true(cbor_value_is_text_string(&value));
    assert_int_equal(cbor_value_text_string_equals(&value, text, &equal), CborNoError);
    assert_true(equal);
}

static inline void assert_says_null(const char *path)
{
    CborValue value = value_of(path);
    assert_true(cbor_value_is_null(&value));
}

static inline struct journal_record newest(uint32_t back)
{
    struct journal_record record;
    assert_int_equal(journal_read(&portillon->journal, portillon->journal.head_seq - 1 - back, &record),
                     ERR_OK);
    return record;
}

#endif
