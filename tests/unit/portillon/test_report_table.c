/* SPDX-License-Identifier: Apache-2.0 */
/* How a report is written: text, CSV, JSON and the page with its plots; in English and in French. */
#include <libintl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/access/verdict.h"
#include "tests/fakes/catalogues.h"
#include "tools/portillon/report/report_page.h"
#include "tools/portillon/report/report_plot.h"
#include "tools/portillon/report/report_text.h"
#include "tools/portillon/report/report_words.h"

static const struct report_column columns[] = {{"day", "Day", report_words_day},
                                               {"person", "Name", NULL},
                                               {"passages", "Passages", NULL},
                                               {"refused", "Refused", NULL}};
static const struct report_layout columns_plot = {.name = "by_day",
                                                  .title = "Passages by day",
                                                  .columns = columns,
                                                  .column_count = 4,
                                                  .plot = REPORT_PLOT_COLUMNS,
                                                  .plot_first = 2,
                                                  .plot_count = 2,
                                                  .group_by = -1};
static const struct report_layout left_out = {.name = "left_out",
                                              .title = "Left out",
                                              .columns = columns,
                                              .column_count = 4,
                                              .is_left_out_when_empty = true,
                                              .group_by = -1};

static struct report report;
static char *text;

/* Chooses the language of what follows; "": English. */
static void speak(const char *language)
{
    setenv("LANGUAGE", language, 1);
    assert_non_null(setlocale(LC_MESSAGES, "C.UTF-8"));
    textdomain("portillon"); /* gettext then forgets the language of before */
}

static void add_row(struct report_table *table, const char *day, const char *person, int64_t passages,
                    int64_t refused)
{
    report_text(table, day);
    report_text(table, person);
    report_number(table, passages);
    report_number(table, refused);
}

static int start(void **state)
{
    (void)state;
    report = (struct report){.head = {.name = "passages",
                                      .title = "Passages",
                                      .site = "Lycée <A & B>",
                                      .from = "2026-11-23",
                                      .last = "2026-11-24",
                                      .made = "2026-11-24 12:00:00",
                                      .time_zone = "Europe/Paris"}};
    report_add(&report, &columns_plot);
    report_add(&report, &left_out);
    text = NULL;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    report_free(&report);
    free(text);
    speak("");
    return 0;
}

static const char *written(int format)
{
    size_t len;
    free(text);
    FILE *out = open_memstream(&text, &len);
    if (format < 0)
        report_write_page(&report, out);
    else
        report_write(&report, (enum report_format)format, out);
    fclose(out);
    return text;
}

static void cells_of_csv_are_no_formulas(void **state)
{
    static const char titles[] = "\xEF\xBB\xBF\"day\";\"person\";\"passages\";\"refused\"\n";
    static const char *const cells[][2] = {
        {"=1+1", "\"'=1+1\""},  {"+33 4", "\"'+33 4\""}, {"-2", "\"'-2\""},   {"@SUM(A1)", "\"'@SUM(A1)\""},
        {"\tx", "\"'\tx\""},    {"\rx", "\"'\rx\""},     {"＝1", "\"'＝1\""}, {"a;b", "\"a;b\""},
        {"a\"b", "\"a\"\"b\""}, {"Élève", "\"Élève\""},  {"", "\"\""}};
    (void)state;
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        char row[64];
        report_free(&report);
        add_row(report_add(&report, &columns_plot), "2026-11-23", cells[i][0], -5, 0);
        snprintf(row, sizeof row, "\"2026-11-23\";%s;\"-5\";\"0\"\n",
                 cells[i][1]); /* a number is no formula */
        const char *csv = written(REPORT_AS_CSV);
        assert_memory_equal(csv, titles, sizeof titles - 1);
        assert_string_equal(csv + sizeof titles - 1, row);
    }
}

static void text_is_aligned_by_characters(void **state)
{
    (void)state;
    add_row(&report.tables[0], "2026-11-23", "Éé", 5, 10);
    add_row(&report.tables[0], "2026-11-24", NULL, 1234, 0);
    assert_string_equal(
        written(REPORT_AS_TEXT),
        "Passages, Lycée <A & B>, Mon 2026-11-23 to Tue 2026-11-24 (made 2026-11-24 12:00:00, time zone "
        "Europe/Paris)\n\nPassages by day (by_day)\n"
        "Day             Name  Passages  Refused\n"
        "Mon 2026-11-23  Éé           5       10\n"
        "Tue 2026-11-24            1234        0\n");
}

static void text_and_page_are_in_the_language_of_the_user(void **state)
{
    (void)state;
    add_row(&report.tables[0], "2026-11-23", "Éé", 1234, 10);
    const char *page = written(-1);
    assert_non_null(strstr(page, "<html lang=\"en\">"));
    assert_non_null(strstr(page, "<p>From Mon 2026-11-23 to Tue 2026-11-24</p>"));
    assert_non_null(strstr(page, "<h2>Passages by day</h2>"));
    assert_non_null(strstr(page, "<td class=\"n\">1,234</td>"));
    speak("fr");
    page = written(-1);
    assert_non_null(strstr(page, "<html lang=\"fr\">"));
    assert_non_null(strstr(page, "<p>Du lun.\u00A023/11/2026 au mar.\u00A024/11/2026</p>"));
    assert_non_null(strstr(page, "<h2>Passages par jour</h2>"));
    assert_non_null(strstr(page, "<td class=\"n\">1\u202F234</td>"));
    assert_string_equal(
        written(REPORT_AS_TEXT),
        "Passages, Lycée <A & B>, du lun.\u00A023/11/2026 au mar.\u00A024/11/2026 (établi le "
        "24/11/2026 à\u00A012:00:00, fuseau horaire Europe/Paris)\n\nPassages par jour (by_day)\n"
        "Jour             Nom  Passages  Refus\n"
        "lun.\u00A023/11/2026  Éé       1234     10\n");
}

static void csv_and_json_are_the_same_in_each_language(void **state)
{
    (void)state;
    add_row(&report.tables[0], "2026-11-23", "? (carte 0d00)", 1234, 10);
    for (int format = REPORT_AS_CSV; format <= REPORT_AS_JSON; format++) {
        char *english = strdup(written(format));
        speak("fr");
        assert_string_equal(written(format), english);
        speak("");
        free(english);
    }
}

static void json_has_every_table_and_null_for_no_value(void **state)
{
    (void)state;
    add_row(&report.tables[0], "2026-11-23", NULL, 5, 10);
    const char *json = written(REPORT_AS_JSON);
    assert_non_null(strstr(json, "\"person\": null"));
    assert_non_null(strstr(json, "\"passages\": 5"));
    assert_non_null(strstr(json, "\"left_out\": []"));
    assert_non_null(strstr(json, "\"gate\": null"));
}

static void the_page_escapes_what_comes_from_outside(void **state)
{
    (void)state;
    add_row(&report.tables[0], "2026-11-23", "<script>\"'&", 5, 10);
    const char *page = written(-1);
    assert_null(strstr(page, "<script"));
    assert_non_null(strstr(page, "&lt;script&gt;&quot;&#39;&amp;"));
    assert_non_null(strstr(page, "Lycée &lt;A &amp; B&gt;"));
    assert_non_null(strstr(page, "<html lang=\"en\">"));
    assert_non_null(strstr(page, "default-src 'none'"));
    assert_null(strstr(page, "Left out")); /* the table without rows */
}

/* Sums what an attribute has, in each part of the plot. */
static double sum_of(const char *svg, const char *attribute)
{
    double sum = 0;
    for (const char *at = svg; (at = strstr(at, "data-series=")) != NULL; at++) {
        const char *value = strstr(at, attribute), *end = strchr(at, '>');
        if (value != NULL && value < end)
            sum += strtod(value + strlen(attribute), NULL);
    }
    return sum;
}

static void the_bars_are_as_high_as_their_numbers(void **state)
{
    size_t len;
    (void)state;
    add_row(&report.tables[0], "2026-11-23", NULL, 150, 50);
    add_row(&report.tables[0], "2026-11-24", NULL, 0, 0);
    add_row(&report.tables[0], "2026-11-25", NULL, 1200, 0);
    FILE *out = open_memstream(&text, &len);
    assert_true(report_plot_write(&report.tables[0], out));
    fclose(out);
    assert_int_equal((int)sum_of(text, "data-value=\""), 1400);
    /* the highest line of the scale is 1,500, 172 pixels above 0 */
    assert_non_null(strstr(text, "y=\"14.0\">1,500<"));
    assert_int_equal((int)(sum_of(text, "height=\"") * 10), (int)(172.0 * 1400 / 1500 * 10));
    /* 150 stand on the line of 0, and 50 on the 150: 190 - 172 * 150 / 1500, 190 - 172 * 200 / 1500 */
    assert_non_null(strstr(text, "y=\"172.800\""));
    assert_non_null(strstr(text, "y=\"167.067\""));
    assert_non_null(strstr(text, "<title id=\"by_day-t\">Passages by day</title><desc id=\"by_day-d\">"));
    assert_non_null(strstr(text, "1,200"));
}

static void a_table_of_zeros_has_no_plot(void **state)
{
    (void)state;
    add_row(&report.tables[0], "2026-11-23", NULL, 0, 0);
    FILE *out = fopen("/dev/null", "w");
    assert_false(report_plot_write(&report.tables[0], out));
    fclose(out);
    assert_non_null(strstr(written(-1), "<td class=\"n\">0</td>"));
}

static void every_reason_has_words_in_each_language(void **state)
{
    (void)state;
    for (int reason = 1; reason <= REASON_LAST; reason++) {
        char words[REPORT_WORDS_SIZE], french[REPORT_WORDS_SIZE];
        report_words_reason(reason_name((enum reason)reason), words);
        assert_string_not_equal(words, reason_name((enum reason)reason));
        speak("fr");
        report_words_reason(reason_name((enum reason)reason), french);
        assert_string_not_equal(french, words);
        speak("");
    }
}

static void assert_words(report_words *write, const char *cell, const char *words)
{
    char out[REPORT_WORDS_SIZE];
    write(cell, out);
    assert_string_equal(out, words);
}

static void cells_read_as_english(void **state)
{
    char number[REPORT_WORDS_SIZE];
    (void)state;
    assert_words(report_words_day, "2026-11-23", "Mon 2026-11-23");
    assert_words(report_words_day, "2027-01-31", "Sun 2027-01-31");
    assert_words(report_words_short_day, "2027-01-31", "01-31");
    assert_words(report_words_moment, "2026-11-23 12:10:05", "2026-11-23 12:10:05");
    assert_words(report_words_hour, "07", "7:00");
    assert_words(report_words_words, "not_seen, damaged",
                 "not reached for more than 24 hours, damaged blocks");
    assert_words(report_words_service, "", "outside services");
    assert_words(report_words_person, "? (carte 0d00)", "? (card 0d00)");
    assert_words(report_words_person, "Éé", "Éé");
    report_plot_number(-1234567, number);
    assert_string_equal(number, "-1,234,567");
}

static void cells_read_as_french(void **state)
{
    char number[REPORT_WORDS_SIZE];
    (void)state;
    speak("fr");
    assert_words(report_words_day, "2026-11-23", "lun.\u00A023/11/2026");
    assert_words(report_words_day, "2027-01-31", "dim.\u00A031/01/2027");
    assert_words(report_words_short_day, "2027-01-31", "31/01");
    assert_words(report_words_moment, "2026-11-23 12:10:05", "23/11/2026 à\u00A012:10:05");
    assert_words(report_words_hour, "07", "7\u00A0h");
    assert_words(report_words_words, "not_seen, damaged",
                 "pas joint depuis plus de 24 heures, blocs endommagés");
    assert_words(report_words_service, "", "hors service");
    assert_words(report_words_person, "? (carte 0d00)", "? (carte 0d00)");
    report_plot_number(-1234567, number);
    assert_string_equal(number, "-1\u202F234\u202F567");
}

int main(void)
{
    find_catalogues("portillon");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cells_of_csv_are_no_formulas, start, stop),
        cmocka_unit_test_setup_teardown(text_is_aligned_by_characters, start, stop),
        cmocka_unit_test_setup_teardown(json_has_every_table_and_null_for_no_value, start, stop),
        cmocka_unit_test_setup_teardown(the_page_escapes_what_comes_from_outside, start, stop),
        cmocka_unit_test_setup_teardown(the_bars_are_as_high_as_their_numbers, start, stop),
        cmocka_unit_test_setup_teardown(a_table_of_zeros_has_no_plot, start, stop),
        cmocka_unit_test_setup_teardown(text_and_page_are_in_the_language_of_the_user, start, stop),
        cmocka_unit_test_setup_teardown(csv_and_json_are_the_same_in_each_language, start, stop),
        cmocka_unit_test_setup_teardown(every_reason_has_words_in_each_language, start, stop),
        cmocka_unit_test_setup_teardown(cells_read_as_english, start, stop),
        cmocka_unit_test_setup_teardown(cells_read_as_french, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
