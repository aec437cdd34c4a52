/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as RFC 8259 has it, compared with text written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/text_fold.h"

static void members_and_elements_are_written_in_order(void **state)
{
    (void)state;
    char *text;
    size_t len;
    struct json_out json;
    FILE *file = open_memstream(&text, &len);
    json_out_start(&json, file);
    json_out_object(&json, NULL);
    json_out_int(&json, "version", -5);
    json_out_array(&json, "list");
    json_out_bool(&json, NULL, true);
    json_out_null(&json, NULL);
    json_out_object(&json, NULL);
    json_out_end(&json);
    json_out_end(&json);
    json_out_hex(&json, "id", (const uint8_t *)"\x01\xAB", 2);
    json_out_time(&json, "made", 1764000000);
    json_out_decimal(&json, "load", 3.5);
    json_out_end(&json);
    fclose(file);
    assert_string_equal(text,
                        "{\n  \"version\": -5,\n  \"list\": [\n    true,\n    null,\n    {}\n  ],\n"
                        "  \"id\": \"01ab\",\n  \"made\": \"2025-11-24T16:00:00Z\",\n  \"load\": 3.500\n}\n");
    free(text);
}

static void what_is_not_known_is_null(void **state)
{
    (void)state;
    char *text;
    size_t len;
    struct json_out json;
    FILE *file = open_memstream(&text, &len);
    json_out_start(&json, file);
    json_out_array(&json, NULL);
    json_out_text_or_null(&json, NULL, "x");
    json_out_text_or_null(&json, NULL, "");
    json_out_text_or_null(&json, NULL, NULL);
    json_out_int_or_null(&json, NULL, true, 0);
    json_out_int_or_null(&json, NULL, false, 7);
    json_out_end(&json);
    fclose(file);
    assert_string_equal(text, "[\n  \"x\",\n  null,\n  null,\n  0,\n  null\n]\n");
    free(text);
}

static void text_is_escaped_and_always_utf8(void **state)
{
    (void)state;
    char *text;
    size_t len;
    struct json_out json;
    FILE *file = open_memstream(&text, &len);
    json_out_start(&json, file);
    json_out_text(&json, NULL, "a\"b\\c\n\x7F é € 𝄞 \xFF\xC3( \xED\xA0\x80 \xC0\x80");
    fclose(file);
    assert_string_equal(text, "\"a\\\"b\\\\c\\u000a\\u007f é € 𝄞 \\ufffd\\ufffd( \\ufffd\\ufffd\\ufffd "
                              "\\ufffd\\ufffd\"");
    free(text);
}

static void words_fold_to_what_people_mean(void **state)
{
    (void)state;
    char word[32];
    static const char *const pairs[][2] = {{"N° de Carte", "ndecarte"},  {"RÉGIME", "regime"},
                                           {"Re\xCC\x81gime", "regime"}, {"Cœur Æ ß", "coeurae"},
                                           {"Jusqu’au", "jusquau"},      {"\xFF", ""}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        text_fold(pairs[i][0], strlen(pairs[i][0]), word, sizeof word);
        assert_string_equal(word, pairs[i][1]);
    }
    text_fold("abcdefgh", 8, word, 5);
    assert_string_equal(word, "abcd");
    text_show("é\033[31m\xFFz", 9, word, sizeof word);
    assert_string_equal(word, "é?[31m?z");
    text_show("0123456789abcdefghijklmnopqrstuvwxyz", 36, word, 12);
    assert_string_equal(word, "01234567...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_elements_are_written_in_order),
        cmocka_unit_test(what_is_not_known_is_null),
        cmocka_unit_test(text_is_escaped_and_always_utf8),
        cmocka_unit_test(words_fold_to_what_people_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
