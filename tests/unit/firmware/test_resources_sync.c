/* SPDX-License-Identifier: Apache-2.0 */
/* Passages and lists over the resources: pages of the journal, acknowledgements, heads and blocks of
 * a list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/portillon_log.h"
#include "tests/fakes/resources_bench.h"
#include "tests/fakes/sample_list.h"

static uint8_t send_ack(uint8_t seq, uint8_t flip)
{
    return send(COAP_POST, "passages/ack", ack_payload(seq, flip), 19);
}

static uint8_t put_piece(const char *path, const char *query, uint32_t num, bool more, uint8_t szx,
                         const void *data, size_t len)
{
    return send_piece(COAP_PUT, path, query, num, more, szx, data, len);
}

static void log_events(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        portillon_log_event(portillon, JOURNAL_EVENT_SETTINGS, i * 0x01010101);
        while (journal_poll(&portillon->journal) == ERR_BUSY)
            continue;
    }
}

static void passages_come_in_pages_until_the_head(void **state)
{
    (void)state;
    log_events(100);
    uint32_t head = portillon->journal.head_seq, next = 0, fetched = 0, pages = 0;
    while (next + 1 < head) {
        char query[32] = "after=";
        const char digits[] = {(char)('0' + next / 100), (char)('0' + next / 10 % 10),
                               (char)('0' + next % 10), 0};
        assert_int_equal(get("passages", strcat(query, digits)), COAP_CONTENT);
        assert_int_equal(number("after"), next);
        assert_int_equal(number("head"), head);
        CborValue records = value_of("records");
        size_t len = 0;

        assert_int_equal(cbor_value_get_string_length(&records, &len), CborNoError);
        assert_int_equal(len % JOURNAL_RECORD_LEN, 0);
        assert_true(len > 0);
        const uint8_t *bytes = answer.payload + answer.payload_len - len; /* the last member */
        for (size_t at = 0; at < len; at += JOURNAL_RECORD_LEN) {
            uint8_t stored[JOURNAL_RECORD_LEN];
            fetched++;
            assert_int_equal(journal_read_raw(&portillon->journal, fetched, stored), ERR_OK);
            assert_memory_equal(bytes + at, stored, JOURNAL_RECORD_LEN);
        }
        next = (uint32_t)number("next");
        assert_int_equal(next, fetched);
        pages++;
    }
    assert_int_equal(fetched, head - 1);
    assert_int_equal(pages, (head - 1 + 27) / 28);
}

static void nothing_new_is_an_empty_page_that_says_so(void **state)
{
    (void)state;
    log_events(3);
    uint32_t head = portillon->journal.head_seq;
    const char *const queries[] = {"after=4", "after=5", "after=4000000000"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(get("passages", queries[i]), COAP_CONTENT);
        assert_int_equal(number("next"), head - 1);
        CborValue records = value_of("records");
        size_t len = 0;
        assert_int_equal(cbor_value_get_string_length(&records, &len), CborNoError);
        assert_int_equal(len, 0);
    }
    assert_int_equal(get("passages", "after=4294967295"), COAP_BAD_REQUEST);
    assert_int_equal(get("passages", "after=x"), COAP_BAD_REQUEST);
}

static void unreadable_places_are_named_and_do_not_end_the_reading(void **state)
{
    (void)state;
    log_events(60);
    /* Number 1 lies behind the 32 bytes of the sector header. Numbers 10 and 11, and every other one from 20
     * on, damaged where they lie in flash. */
    const struct journal *journal = &portillon->journal;
    const uint8_t zeros[JOURNAL_RECORD_LEN] = {0};
    const struct flash *flash = portillon->hardware->flash;
    const uint32_t damaged[] = {10, 11, 20, 22, 24, 26};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
        assert_int_equal(
            flash->program(flash->ctx, journal->base + JOURNAL_RECORD_LEN * damaged[i], zeros, sizeof zeros),
            ERR_OK);
    assert_int_equal(get("passages", "after=0"), COAP_CONTENT);
    const uint8_t runs[] = {0x84, 0x82, 10, 2, 0x82, 20, 1, 0x82, 22, 1, 0x82, 0x18, 24, 1};
    CborValue unreadable = value_of("unreadable");
    assert_memory_equal(cbor_value_get_next_byte(&unreadable), runs, sizeof runs);
    assert_int_equal(number("next"), 25); /* no room for a fifth run: 26 is the next page's */
    assert_int_equal(get("passages", "after=25"), COAP_CONTENT);
    unreadable = value_of("unreadable");
    assert_memory_equal(cbor_value_get_next_byte(&unreadable), "\x81\x82\x18\x1a\x01", 5);
}

/* Clears one bit of a record that was set. */
static void lose_bit(uint32_t seq, uint32_t at)
{
    const struct journal *journal = &portillon->journal;
    const struct flash *flash = portillon->hardware->flash;
    uint32_t addr = journal->base + JOURNAL_RECORD_LEN * seq + at;
    uint8_t byte;
    assert_int_equal(flash->read(flash->ctx, addr, &byte, 1), ERR_OK);
    byte &= (uint8_t)(byte - 1); /* a program clears bits only */
    assert_int_equal(flash->program(flash->ctx, addr, &byte, 1), ERR_OK);
}

/* Each has its number before its bytes. The office corrects them; the gate does not search while it answers.
 * */
static void bytes_of_damaged_records_are_sent_as_they_are(void **state)
{
    (void)state;
    log_events(60);
    static const uint32_t damaged[] = {5, 6, 9, 12, 14};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
        lose_bit(damaged[i], 24 + (uint32_t)i);
    assert_int_equal(get("passages", "after=0"), COAP_CONTENT);
    assert_int_equal(number("next"), 13); /* no room for a fifth */
    CborValue value = value_of("damaged");
    uint8_t bytes[5 * 36];
    size_t len = sizeof bytes;
    assert_int_equal(cbor_value_copy_byte_string(&value, bytes, &len, NULL), CborNoError);
    assert_int_equal(len, 4 * 36);
    for (size_t i = 0; i < 4; i++) {
        uint8_t stored[JOURNAL_RECORD_LEN];
        const uint8_t number_of[4] = {(uint8_t)damaged[i]};
        assert_memory_equal(bytes + 36 * i, number_of, 4);
        assert_int_equal(journal_read_raw(&portillon->journal, damaged[i], stored), ERR_CORRUPT);
        assert_memory_equal(bytes + 36 * i + 4, stored, sizeof stored);
    }
    value = value_of("records");
    assert_int_equal(cbor_value_get_string_length(&value, &len), CborNoError);
    assert_int_equal(len, 9 * JOURNAL_RECORD_LEN);
    uint8_t first[JOURNAL_RECORD_LEN];
    assert_int_equal(journal_read_raw(&portillon->journal, 1, first), ERR_OK);
    assert_memory_equal(answer.payload + answer.payload_len - len, first, sizeof first);
}

/* A page with damaged records is one block too, however many records fit. */
static void a_full_page_with_damaged_records_fits(void **state)
{
    (void)state;
    log_events(100);
    lose_bit(3, 0);
    lose_bit(5, 25);
    assert_int_equal(get("passages", "after=0"), COAP_CONTENT);
    assert_int_equal(number("next"), 27); /* 25 records and 2 damaged ones */
    assert_in_range(answer.payload_len, 900, 1024);
    for (uint32_t seq = 40; seq < 44; seq++)
        lose_bit(seq, 26);
    assert_int_equal(get("passages", "after=27"), COAP_CONTENT);
    assert_int_equal(number("next"), 27 + 27); /* 23 and 4 */
    assert_in_range(answer.payload_len, 900, 1024);
}

static void a_failing_chip_is_an_error_not_an_empty_page(void **state)
{
    (void)state;
    log_events(3);
    bench->flash_fails = true;
    assert_int_equal(get("passages", "after=0"), COAP_SERVER_ERROR);
    assert_word("io");
}

static void an_acknowledgement_moves_the_mark_and_not_beyond_the_head(void **state)
{
    (void)state;
    log_events(5);
    assert_int_equal(send_ack(3, 0), COAP_CHANGED);
    assert_int_equal(portillon->journal.acked_seq, 3);
    assert_int_equal(send_ack(3, 0), COAP_CHANGED);
    assert_int_equal(send_ack(20, 0), COAP_BAD_REQUEST);
    assert_word("bad_argument");
    assert_int_equal(SEND(COAP_POST, "passages/ack", "\xa1\x63seq\x18\xff"), COAP_BAD_REQUEST);
    assert_int_equal(portillon->journal.acked_seq, 3);
    assert_int_equal(SEND(COAP_POST, "passages/ack", "\xa1\x63seq\x61x"), COAP_BAD_REQUEST);
}

static void an_acknowledgement_quotes_the_record_it_is_for(void **state)
{
    (void)state;
    log_events(5);
    assert_int_equal(send_ack(3, 1), COAP_CONFLICT);
    assert_word("conflict");
    assert_int_equal(SEND(COAP_POST, "passages/ack", "\xa1\x63seq\x03"), COAP_BAD_REQUEST);
    assert_word("malformed");
    assert_int_equal(SEND(COAP_POST, "passages/ack", "\xa2\x63seq\x03\x63mac\x41x"), COAP_BAD_REQUEST);
    assert_int_equal(portillon->journal.acked_seq, 0);
    assert_int_equal(send_ack(3, 0), COAP_CHANGED);
    assert_int_equal(send_ack(2, 1), COAP_CONFLICT); /* also what was acknowledged before */
    assert_int_equal(portillon->journal.acked_seq, 3);
}

static void a_place_that_cannot_be_read_is_not_acknowledged(void **state)
{
    (void)state;
    static const uint8_t zeros[JOURNAL_RECORD_LEN];
    log_events(5);
    const struct flash *flash = portillon->hardware->flash;
    assert_int_equal(
        flash->program(flash->ctx, portillon->journal.base + JOURNAL_RECORD_LEN * 4, zeros, sizeof zeros),
        ERR_OK);
    assert_int_equal(send_ack(4, 0), COAP_CONFLICT);
    assert_int_equal(send_ack(5, 0), COAP_CHANGED);
}

/* ---- meals at other gates ---- */

/* What counts as a meal is tested with a whole canteen: test_portillon_meals.c. This gate counts none. */
static void meals_told_are_answered_by_number(void **state)
{
    (void)state;
    uint32_t head_seq = portillon->journal.head_seq;
    assert_int_equal(SEND(COAP_POST, "meals",
                          "\xa2\x67service\x01\x65meals\x58\x18"
                          "12345678----abcdefgh----"),
                     COAP_CHANGED);
    assert_int_equal(number("not_now"), 2);
    static const char *const others[] = {"taken", "known", "later", "unlisted", "no_room"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(number(others[i]), 0);
    assert_int_equal(SEND(COAP_POST, "meals", "\xa2\x67service\x01\x65meals\x40"), COAP_CHANGED);
    assert_int_equal(number("not_now"), 0);
    assert_int_equal(portillon->journal.head_seq, head_seq);
}

static void meals_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const char too_many[2 + 8 + 1 + 6 + 2 + 17 * 12] = "\xa2\x67service\x01\x65meals\x58\xcc";
    assert_int_equal(SEND(COAP_POST, "meals",
                          "\xa2\x67service\x01\x65meals\x4b"
                          "12345678---"),
                     COAP_BAD_REQUEST);
    assert_word("malformed");
    assert_int_equal(SEND(COAP_POST, "meals", "\xa1\x67service\x01"), COAP_BAD_REQUEST);
    assert_int_equal(SEND(COAP_POST, "meals", "\xa1\x65meals\x40"), COAP_BAD_REQUEST);
    assert_int_equal(SEND(COAP_POST, "meals", "\xa2\x67service\x20\x65meals\x40"), COAP_BAD_REQUEST);
    assert_int_equal(send(COAP_POST, "meals", too_many, 1 + 9 + 6 + 2 + 17 * 12), COAP_BAD_REQUEST);
    assert_int_equal(send(COAP_POST, "meals", NULL, 0), COAP_BAD_REQUEST);
    assert_int_equal(get("meals", NULL), COAP_METHOD_NOT_ALLOWED);
}

static void an_idle_whitelist_says_so(void **state)
{
    (void)state;
    assert_int_equal(get("whitelist", NULL), COAP_CONTENT);
    assert_text("upload/state", "idle");
    CborValue value = value_of("running");
    assert_true(cbor_value_is_null(&value));
    value = value_of("upload/error");
    assert_true(cbor_value_is_null(&value));
    value = value_of("upload/digest");
    size_t len = 1;
    assert_int_equal(cbor_value_get_string_length(&value, &len), CborNoError);
    assert_int_equal(len, 0);
    assert_int_equal(get("whitelist/wanted", "from=0"), COAP_CONTENT);
    assert_int_equal(answer.payload_len, 1);
    assert_int_equal(answer.payload[0], 0x80);
}

static void what_is_wanted_is_told_in_runs(void **state)
{
    (void)state;
    static const uint8_t runs[] = {0x83, 0x82, 0, 1, 0x82, 2, 1, 0x82, 4, 2}; /* [[0, 1], [2, 1], [4, 2]] */
    struct whitelist *list = &portillon->whitelist;
    list->upload.state = WHITELIST_RECEIVING;
    list->slots[0].header.block_count = 6; /* without a list, the first slot is filled */
    list->blocks.have[0] = 1 << 1 | 1 << 3;
    assert_int_equal(get("whitelist/wanted", "from=0"), COAP_CONTENT);
    assert_int_equal(answer.payload_len, sizeof runs);
    assert_memory_equal(answer.payload, runs, sizeof runs);
    list->upload.state = WHITELIST_IDLE;
}

static void what_is_wanted_is_told_only_when_it_is_known(void **state)
{
    (void)state;
    static const enum whitelist_upload_state before[] = {WHITELIST_HEAD, WHITELIST_VERIFYING,
                                                         WHITELIST_PREPARING};
    assert_int_equal(get("whitelist/wanted", "from=x"), COAP_BAD_REQUEST);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        portillon->whitelist.upload.state = before[i];
        assert_int_equal(get("whitelist/wanted", "from=0"), COAP_UNAVAILABLE);
        assert_word("busy");
    }
    portillon->whitelist.upload.state = WHITELIST_IDLE;
}

static void a_head_out_of_place_is_incomplete_and_a_bad_one_refused(void **state)
{
    (void)state;
    uint8_t piece[64] = "not a list";
    assert_int_equal(put_piece("whitelist/head", NULL, 1, true, 2, piece, sizeof piece), COAP_INCOMPLETE);
    assert_int_equal(put_piece("whitelist/head", NULL, 0, true, 2, piece, 63), COAP_BAD_REQUEST);
    uint8_t code;
    for (int tries = 0;
         (code = put_piece("whitelist/head", NULL, 0, true, 2, piece, sizeof piece)) == COAP_UNAVAILABLE;
         tries++) {
        assert_true(tries < 1000);
        (void)whitelist_poll(&portillon->whitelist);
    }
    assert_int_equal(code, COAP_BAD_REQUEST);
    assert_word("malformed");
    assert_int_equal(get("whitelist", NULL), COAP_CONTENT);
    assert_text("upload/state", "refused");
    assert_text("upload/error", "malformed");
}

static struct whitelist_header header_of_this_site(void)
{
    struct whitelist_header header = {.version = 7,
                                      .bucket_count = 16 * WHITELIST_BUCKETS_PER_BLOCK,
                                      .block_count = 16,
                                      .profile_count = 1,
                                      .rule_slots = 1};
    memcpy(header.site_id, portillon->identity->site_id, sizeof header.site_id);
    header.head_len = whitelist_head_length(&header);
    return header;
}

enum { PIECE = 128 };

static uint8_t put_head_piece(uint32_t num, bool more, const uint8_t *piece, size_t len)
{
    uint8_t code = 0;
    for (int tries = 0; tries < 1000; tries++) {
        code = put_piece("whitelist/head", NULL, num, more, 3, piece, len);
        if (code != COAP_UNAVAILABLE)
            break;
        (void)whitelist_poll(&portillon->whitelist);
    }
    return code;
}

static void a_head_is_taken_in_pieces_and_checked_at_its_end(void **state)
{
    (void)state;
    const struct whitelist_header header = header_of_this_site();
    uint32_t whole = header.head_len + WHITELIST_SIGNATURE_LEN;
    uint8_t head[1024] = {0};
    assert_in_range(whole, 2 * PIECE + 1, sizeof head);
    whitelist_header_encode(&header, head);
    for (uint32_t at = 0; at + PIECE < whole; at += PIECE) {
        assert_int_equal(put_head_piece(at / PIECE, true, head + at, PIECE), COAP_CONTINUE);
        assert_int_equal(get("whitelist", NULL), COAP_CONTENT);
        assert_text("upload/state", "head");
    }
    uint32_t last = (whole - 1) / PIECE;
    assert_int_equal(put_head_piece(last, false, head + last * PIECE, whole - last * PIECE),
                     COAP_BAD_REQUEST);
    assert_word("bad_signature"); /* it is all zeros */
}

/* A signature that is well formed and wrong (r = s = 1, DER), so that its verification begins. */
static void a_head_given_up_while_it_is_verified_leaves_no_memory_taken(void **state)
{
    (void)state;
    static const uint8_t signature[] = {8, 0, 0x30, 6, 2, 1, 1, 2, 1, 1};
    const struct whitelist_header header = header_of_this_site();
    uint32_t whole = header.head_len + WHITELIST_SIGNATURE_LEN;
    uint8_t head[1024] = {0}, no_head[128] = {0};
    size_t before, now, most;
    struct identity identity = *portillon->identity;
    const struct identity sample = sample_identity(ZONE_BUILDING);
    memcpy(identity.site_key, sample.site_key, sizeof identity.site_key); /* a point of the curve */
    portillon->whitelist.identity = &identity;
    assert_in_range(whole, PIECE + 1, sizeof head);
    whitelist_header_encode(&header, head);
    memcpy(head + header.head_len, signature, sizeof signature);
    crypto_pool_usage(&before, &most);
    for (int round = 0; round < 3; round++) {
        for (uint32_t at = 0; at < whole; at += PIECE) {
            uint32_t left = whole - at;
            assert_int_equal(put_head_piece(at / PIECE, left > PIECE, head + at, left > PIECE ? PIECE : left),
                             left > PIECE ? COAP_CONTINUE : COAP_CHANGED);
        }
        assert_int_equal(get("whitelist", NULL), COAP_CONTENT);
        assert_text("upload/state", "verifying");
        crypto_pool_usage(&now, &most);
        assert_true(now > before);
        assert_int_equal(put_head_piece(0, true, no_head, sizeof no_head), COAP_BAD_REQUEST);
        crypto_pool_usage(&now, &most);
        assert_int_equal(now, before);
    }
}

static void a_head_that_ends_too_early_is_refused(void **state)
{
    (void)state;
    const struct whitelist_header header = header_of_this_site();
    uint8_t head[1024] = {0};
    whitelist_header_encode(&header, head);
    assert_int_equal(put_head_piece(0, false, head, PIECE), COAP_BAD_REQUEST);
    assert_word("wrong_count");
}

static void a_block_nobody_waits_for_is_put_off_and_a_misshapen_one_refused(void **state)
{
    (void)state;
    static const uint8_t piece[1024];
    assert_int_equal(put_piece("whitelist/block", "n=0", 0, true, 6, piece, 1024), COAP_UNAVAILABLE);
    assert_word("busy");
    assert_int_equal(put_piece("whitelist/block", "n=0", 0, true, 5, piece, 512), COAP_BAD_REQUEST);
    assert_int_equal(put_piece("whitelist/block", "n=0", 0, true, 6, piece, 1023), COAP_BAD_REQUEST);
    assert_int_equal(put_piece("whitelist/block", NULL, 0, true, 6, piece, 1024), COAP_BAD_REQUEST);
    begin(COAP_PUT, "whitelist/block", "n=0");
    assert_int_equal(finish(piece, 1024), COAP_BAD_REQUEST);
}

static uint8_t put_octets(const char *path, const void *data, size_t len)
{
    begin(COAP_PUT, path, NULL);
    return finish(data, len);
}

static void patches_are_refused_by_a_gate_that_has_no_list(void **state)
{
    (void)state;
    static const uint8_t head[] = "base----\0\0\0\0\x41x", blocks[] = "base----\0\0\1\x40";
    assert_int_equal(put_octets("whitelist/patch/head", head, sizeof head - 1), COAP_CONFLICT);
    assert_word("conflict");
    assert_int_equal(put_octets("whitelist/patch/blocks", blocks, sizeof blocks - 1), COAP_UNAVAILABLE);
    assert_word("busy");
    portillon->whitelist.upload.state = WHITELIST_RECEIVING;
    assert_int_equal(put_octets("whitelist/patch/blocks", blocks, sizeof blocks - 1), COAP_CONFLICT);
    assert_int_equal(put_octets("whitelist/patch/blocks", blocks, 8), COAP_BAD_REQUEST);
    assert_word("malformed");
    portillon->whitelist.upload.state = WHITELIST_IDLE;
}

static void a_patch_is_one_message(void **state)
{
    (void)state;
    static const uint8_t piece[1024];
    assert_int_equal(put_piece("whitelist/patch/head", NULL, 0, true, 6, piece, 1024), COAP_TOO_LARGE);
    assert_int_equal(put_piece("whitelist/patch/blocks", NULL, 1, false, 6, piece, 1024), COAP_TOO_LARGE);
    assert_int_equal(get("whitelist/patch/head", NULL), COAP_METHOD_NOT_ALLOWED);
    assert_int_equal(put_octets("whitelist/patch", piece, 20), COAP_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(passages_come_in_pages_until_the_head, start),
        cmocka_unit_test_setup(nothing_new_is_an_empty_page_that_says_so, start),
        cmocka_unit_test_setup(unreadable_places_are_named_and_do_not_end_the_reading, start),
        cmocka_unit_test_setup(bytes_of_damaged_records_are_sent_as_they_are, start),
        cmocka_unit_test_setup(a_full_page_with_damaged_records_fits, start),
        cmocka_unit_test_setup(a_failing_chip_is_an_error_not_an_empty_page, start),
        cmocka_unit_test_setup(an_acknowledgement_moves_the_mark_and_not_beyond_the_head, start),
        cmocka_unit_test_setup(an_acknowledgement_quotes_the_record_it_is_for, start),
        cmocka_unit_test_setup(a_place_that_cannot_be_read_is_not_acknowledged, start),
        cmocka_unit_test_setup(meals_told_are_answered_by_number, start),
        cmocka_unit_test_setup(meals_that_make_no_sense_are_refused, start),
        cmocka_unit_test_setup(an_idle_whitelist_says_so, start),
        cmocka_unit_test_setup(what_is_wanted_is_told_in_runs, start),
        cmocka_unit_test_setup(what_is_wanted_is_told_only_when_it_is_known, start),
        cmocka_unit_test_setup(a_head_out_of_place_is_incomplete_and_a_bad_one_refused, start),
        cmocka_unit_test_setup(a_head_is_taken_in_pieces_and_checked_at_its_end, start),
        cmocka_unit_test_setup(a_head_given_up_while_it_is_verified_leaves_no_memory_taken, start),
        cmocka_unit_test_setup(a_head_that_ends_too_early_is_refused, start),
        cmocka_unit_test_setup(patches_are_refused_by_a_gate_that_has_no_list, start),
        cmocka_unit_test_setup(a_patch_is_one_message, start),
        cmocka_unit_test_setup(a_block_nobody_waits_for_is_put_off_and_a_misshapen_one_refused, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
