/* SPDX-License-Identifier: Apache-2.0 */
/* What --help prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/common/command.h"

/* Returns what --help prints for the options; the caller frees it. */
static char *help_of(const struct command_option *options)
{
    const struct command_syntax syntax = {"FILE", NULL, options};
    char *argv[] = {(char[]){"try"}, (char[]){"--help"}, NULL};
    const char *value;
    char *text = NULL;
    size_t len;
    FILE *terminal = stdout;
    stdout = open_memstream(&text, &len);
    int parsed = command_parse(&syntax, 2, argv, &value);
    fclose(stdout);
    stdout = terminal;
    assert_int_equal(parsed, COMMAND_PARSE_HELP);
    return text;
}

static void help_texts_stand_in_one_column_whatever_the_accents(void **state)
{
    (void)state;
    const struct command_option options[] = {
        {"from", 0, "DEBUT", "first"}, {"since", 'd', "DÉBUT", "second\nthird"}, {NULL, 0, NULL, NULL}};
    char *help = help_of(options);
    assert_string_equal(help, "usage: portillon try FILE\n"
                              "\n"
                              "options:\n"
                              "      --from DEBUT        first\n"
                              "  -d, --since DÉBUT       second\n"
                              "                          third\n"
                              "  -h, --help              this text\n");
    free(help);
}

static void a_help_text_begins_below_an_option_that_leaves_no_room(void **state)
{
    (void)state;
    const struct command_option options[] = {
        {"a-long-option", 0, "ÉTÉ", "beside"}, {"a-long-option", 0, "ÉTÉÉ", "below"}, {NULL, 0, NULL, NULL}};
    char *help = help_of(options);
    assert_string_equal(help, "usage: portillon try FILE\n"
                              "\n"
                              "options:\n"
                              "      --a-long-option ÉTÉ beside\n"
                              "      --a-long-option ÉTÉÉ\n"
                              "                          below\n"
                              "  -h, --help              this text\n");
    free(help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_texts_stand_in_one_column_whatever_the_accents),
        cmocka_unit_test(a_help_text_begins_below_an_option_that_leaves_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
