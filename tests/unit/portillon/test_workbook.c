/* SPDX-License-Identifier: Apache-2.0 */
/* Reading workbooks and pages: the values as the cells show them, and the errors for files that are not as
 * they should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/made_zip.h"
#include "tools/portillon/table/html_table.h"
#include "tools/portillon/table/number_text.h"
#include "tools/portillon/table/workbook.h"

static struct table table;
static struct table_fault fault;

static int teardown(void **state)
{
    (void)state;
    table_free(&table);
    return 0;
}

/* Returns the text of a cell by the numbers that the spreadsheet shows, or NULL if it is empty. */
static const char *cell(uint32_t row, uint32_t column)
{
    for (size_t i = 0; i < table.row_count; i++)
        if (table.rows[i].number == row && column < table.rows[i].cell_count) {
            const struct table_cell *found = &table.cells[table.rows[i].first_cell + column];
            return found->len != 0 ? table.text + found->at : NULL;
        }
    return NULL;
}

/* --- numbers --- */

static void numbers_are_written_with_the_digits_they_show(void **state)
{
    static const struct {
        const char *stored, *format, *shown;
    } cases[] = {
        {"82643729", "General", "82643729"},
        {"82643729.0", "General", "82643729"},
        {"8.2643729E+7", "General", "82643729"},
        {"1.23E+14", "General", "123000000000000"},
        {"1.23E+14", "0.00E+00", "123000000000000"},
        {"123456", "00000000", "00123456"},
        {"123456", "@", "123456"},
        {"1234567890", "# ##0", "1234567 890"},
        {"1234567890", "#,##0", "1234567890"},
        {"45012", "00-00-00", "04-50-12"},
        {"12.5", "0.00", "12.50"},
        {"12.5", "General", "12.5"},
        {"0.1", "General", "0.1"},
        {"-3", "0", "-3"},
        {"7", "\"04\"000", "04007"},
        {"7", "[Red]0;[Blue]-0", "7"},
        {"46266", "dd/mm/yyyy", "2026-09-01"},
        {"46266", "[$-40C]d mmmm yyyy;@", "2026-09-01"},
        {"46266.999988", "dd/mm/yyyy hh:mm", "2026-09-01 23:59:59"},
        {"61", "dd/mm/yy", "1900-03-01"},
        {"0.5", "hh:mm", "12:00:00"},
        {"1.25", "[h]:mm", "30:00:00"},
        {"12", "[Magenta]0", "12"},
        {"3", "0 \"mois\"", "3 mois"},
        {"not a number", "0", "not a number"},
        {"99999999", "dd/mm/yyyy", "99999999"},
    };
    char out[NUMBER_TEXT_SIZE];
    bool inexact;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        number_text(cases[i].stored, cases[i].format, false, out, &inexact);
        if (strcmp(out, cases[i].shown) != 0)
            fail_msg("%s as %s: %s instead of %s", cases[i].stored, cases[i].format, out, cases[i].shown);
        assert_false(inexact);
    }
}

static void days_count_from_1904_where_the_workbook_says_so(void **state)
{
    char out[NUMBER_TEXT_SIZE];
    bool inexact;
    (void)state;
    number_text("44804", "dd/mm/yyyy", true, out, &inexact); /* 1462 days later than from 1900 */
    assert_string_equal(out, "2026-09-01");
}

static void numbers_with_more_digits_than_are_kept_are_marked(void **state)
{
    static const char *const cases[] = {"13036890686027500", "1303689068602750", "1.30368906860275E+15",
                                        "1303689068602752",  "1E+300",           "4.3980465111040001E+16"};
    char out[NUMBER_TEXT_SIZE];
    bool inexact;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        number_text(cases[i], "General", false, out, &inexact);
        assert_true(inexact);
    }
    number_text("999999999999999", "General", false, out, &inexact);
    assert_false(inexact);
    assert_string_equal(out, "999999999999999");
}

/* --- pages --- */

static int read_html(const char *page, const char *wanted)
{
    table_free(&table);
    return html_table_read(page, strlen(page), wanted, &table, &fault);
}

static void a_page_is_read_as_a_browser_shows_it(void **state)
{
    (void)state;
    assert_int_equal(
        read_html("<!DOCTYPE html><p>x<table><tr><th>N&deg;<td title='a>b'>  A&eacute;\n &#233;&#xE9;"
                  " &amp;amp; &unknown; &#0;</tr>\n<tr><td>1<br>2<script>x</script><td></table>",
                  NULL),
        ERR_OK);
    assert_string_equal(cell(1, 0), "N\u00B0");
    assert_string_equal(cell(1, 1), "A\u00E9 \u00E9\u00E9 &amp; &unknown; &#0;");
    assert_string_equal(cell(2, 0), "1 2");
    assert_null(cell(2, 1));
}

static void cells_that_span_keep_their_neighbours_in_place(void **state)
{
    (void)state;
    assert_int_equal(
        read_html("<table><tr><td colspan=2>A<td>C<tr><td rowspan=3>a<td>b<td>c<tr><td>e<td rowspan=2>f"
                  "<tr><td>h<tr><td>i<td>j<td>k</table>",
                  NULL),
        ERR_OK);
    assert_string_equal(cell(1, 2), "C");
    assert_string_equal(cell(3, 1), "e");
    assert_string_equal(cell(3, 2), "f");
    assert_string_equal(cell(4, 1), "h");
    assert_string_equal(cell(5, 0), "i");
    assert_string_equal(cell(5, 2), "k");
}

static void a_span_that_is_no_count_is_one(void **state)
{
    (void)state;
    assert_int_equal(
        read_html("<table><tr><td colspan=-5>A<td colspan=x>B<td colspan=0>C<td colspan=\"+2\">D<td>E"
                  "<td colspan=18446744073709551617>F</table>",
                  NULL),
        ERR_OK);
    assert_string_equal(cell(1, 0), "A");
    assert_string_equal(cell(1, 1), "B");
    assert_string_equal(cell(1, 2), "C");
    assert_string_equal(cell(1, 3), "D");
    assert_string_equal(cell(1, 5), "E");
    assert_string_equal(cell(1, 6), "F");
}

static void of_several_tables_the_largest_is_read(void **state)
{
    static const char page[] = "<table><tr><td>menu</table><table><tr><td>a<td>b<td><table><tr><td>in</table>"
                               "<tr><td>c</table>";
    (void)state;
    assert_int_equal(read_html(page, NULL), ERR_OK);
    assert_string_equal(table.sheet, "2");
    assert_string_equal(cell(1, 0), "a");
    assert_string_equal(cell(2, 0), "c");
    assert_int_equal(read_html(page, "3"), ERR_OK);
    assert_string_equal(cell(1, 0), "in");
    assert_int_equal(read_html(page, "4"), ERR_FORMAT);
    assert_non_null(strstr(fault.why, "has no table '4'"));
}

/* --- workbooks --- */

static int read_archive(char *data, size_t len, const char *wanted)
{
    struct workbook_file file;
    table_free(&table);
    int error = workbook_open(&file, data, len, &fault);
    if (error == ERR_OK) {
        error = workbook_read(&file, wanted, &table, &fault);
        workbook_close(&file);
    }
    free(data);
    return error;
}

static int read_sheet(const char *rows)
{
    static const char styles[] =
        "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"00000000\"/></numFmts>"
        "<cellStyleXfs><xf numFmtId=\"9\"/></cellStyleXfs>"
        "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"170\"/><xf numFmtId=\"14\"/></cellXfs>"
        "</styleSheet>";
    static const char strings[] =
        "<sst><si><t>one</t></si><si><r><t>t</t></r><r><t xml:space=\"preserve\">wo "
        "</t></r><rPh><t>x</t></rPh></si><si/><si><t>a_x000D_\nb</t></si></sst>";
    char sheet[4096];
    size_t len;
    snprintf(sheet, sizeof sheet, "%s%s%s", rows[0] == '<' && rows[1] == '!' ? "" : "<worksheet><sheetData>",
             rows, "</sheetData></worksheet>");
    char *data = made_xlsx(sheet, strlen(sheet), styles, strings, &len);
    return read_archive(data, len, NULL);
}

static void an_xlsx_sheet_is_read_as_its_cells_show(void **state)
{
    (void)state;
    assert_int_equal(
        read_sheet("<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"C2\" t=\"s\"><v>1</v></c>"
                   "<c t=\"s\"><v>3</v></c><c t=\"s\"><v>2</v></c></row>"
                   "<row><c s=\"1\"><v>123456</v></c><c s=\"2\"><v>46266</v></c><c t=\"b\"><v>1</v></c>"
                   "<c t=\"str\"><f>A1&amp;\"x\"</f><v>formula</v></c>"
                   "<c t=\"inlineStr\"><is><t>in</t><t>line</t></is></c></row>"
                   "<row r=\"9\" hidden=\"1\"><c r=\"AB9\"><v>1</v></c></row>"),
        ERR_OK);
    assert_string_equal(table.sheet, "Cards");
    assert_string_equal(cell(2, 0), "one");
    assert_null(cell(2, 1));
    assert_string_equal(cell(2, 2), "two");
    assert_string_equal(cell(2, 3), "a \nb");
    assert_null(cell(2, 4));
    assert_string_equal(cell(3, 0), "00123456");
    assert_string_equal(cell(3, 1), "2026-09-01");
    assert_string_equal(cell(3, 2), "1");
    assert_string_equal(cell(3, 3), "formula");
    assert_string_equal(cell(3, 4), "inline");
    assert_string_equal(cell(9, 27), "1");
    assert_int_equal(table.hidden_rows, 1);
}

static void assert_sheet_refused(const char *rows, uint32_t row, int column, const char *why)
{
    assert_int_equal(read_sheet(rows), ERR_FORMAT);
    if (strstr(fault.why, why) == NULL)
        fail_msg("%s instead of %s", fault.why, why);
    assert_int_equal(fault.row, row);
    assert_int_equal(fault.column, column);
}

static void damaged_sheets_are_refused_with_their_place(void **state)
{
    (void)state;
    assert_sheet_refused("<row r=\"5\"><c r=\"B5\" t=\"s\"><v>4</v></c></row>", 5, 1, "names a text");
    assert_sheet_refused("<row r=\"5\"><c r=\"B5\"><v>4</v></c></row><row r=\"4\"></row>", 4, -1,
                         "not in their order");
    assert_sheet_refused("<row r=\"5\"><c r=\"B5\"><v>4</v></c><c r=\"A5\"><v>4</v></c></row>", 5, 0,
                         "not in their order");
    assert_sheet_refused("<row r=\"1048577\"></row>", 1048577, -1, "more than 1048576 rows");
    assert_sheet_refused("<row r=\"1\"><c r=\"XFD1\"><v>4</v></c></row>", 1, -1, "more than 256 columns");
    assert_sheet_refused("<row>", 0, -1, "damaged (not well-formed XML)");
}

static void entities_of_a_document_type_are_refused(void **state)
{
    (void)state;
    assert_sheet_refused(
        "<!DOCTYPE x [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;\">]><worksheet><sheetData><row>"
        "<c t=\"str\"><v>&b;</v></c></row>",
        0, -1, "document type");
}

#define ODS(rows)                                                                                            \
    "<office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body>"           \
    "<office:spreadsheet><table:table table:name=\"One\">" rows "</table:table><table:table "                \
    "table:name=\"Two\"><table:table-row><table:table-cell><text:p>two</text:p></table:table-cell>"          \
    "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
#define CELL(attributes, text) "<table:table-cell " attributes "><text:p>" text "</text:p></table:table-cell>"

static int read_ods(const char *content, const char *wanted)
{
    size_t len;
    char *data = made_ods(content, strlen(content), &len);
    return read_archive(data, len, wanted);
}

static void an_ods_sheet_is_read_as_its_cells_show(void **state)
{
    (void)state;
    assert_int_equal(
        read_ods(
            ODS("<table:table-header-rows><table:table-row>" CELL("", "a<text:s text:c=\"2\"/>b") CELL(
                "table:number-columns-repeated=\"2\"",
                "c") "</table:table-row></table:table-header-rows><table:table-row "
                     "table:number-rows-repeated="
                     "\"3\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>"
                     "<table:table-row table:number-rows-repeated=\"2\">" CELL(
                         "office:value-type=\"float\" office:value=\"82643729\"",
                         "82 643 729") CELL("office:value-type=\"float\" office:value=\"123456\"", "00123456")
                         CELL("office:value-type=\"float\" office:value=\"1.23E+14\"", "1,23E+14")
                             CELL("office:value-type=\"date\" office:date-value=\"2026-09-01\"", "01/09/26")
                                 CELL("office:value-type=\"float\" office:value=\"12.5\"",
                                      "12,50") "</table:table-row><table:table-row "
                                               "table:visibility=\"filter\"><table:table-cell>"
                                               "<office:annotation><text:p>remark</text:p></"
                                               "office:annotation><text:p>x</text:p>"
                                               "<text:p>y</text:p></table:table-cell></table:table-row>"),
            NULL),
        ERR_OK);
    assert_string_equal(table.sheet, "One");
    assert_string_equal(table.others, "Two");
    assert_string_equal(cell(1, 0), "a  b");
    assert_string_equal(cell(1, 2), "c");
    assert_null(cell(2, 0));
    assert_string_equal(cell(5, 0), "82 643 729");
    assert_string_equal(cell(5, 1), "00123456");
    assert_string_equal(cell(6, 2), "123000000000000");
    assert_string_equal(cell(6, 3), "2026-09-01");
    assert_string_equal(cell(6, 4), "12.5");
    assert_string_equal(cell(7, 0), "x\ny");
    assert_int_equal(table.hidden_rows, 1);
}

static void a_sheet_is_chosen_by_name_or_number(void **state)
{
    (void)state;
    assert_int_equal(read_ods(ODS(""), "two"), ERR_OK);
    assert_string_equal(cell(1, 0), "two");
    assert_int_equal(read_ods(ODS(""), "2"), ERR_OK);
    assert_string_equal(cell(1, 0), "two");
    assert_int_equal(read_ods(ODS(""), "Three"), ERR_FORMAT);
    assert_string_equal(fault.why, "has no sheet 'Three'; there is One, Two");
}

static void a_hidden_ods_sheet_is_not_the_first(void **state)
{
    static const char content[] =
        "<d><automatic-styles><style name=\"t1\"><table-properties display=\"true\"/></style><style "
        "name=\"t2\">"
        "<table-properties display=\"false\"/></style></automatic-styles><spreadsheet><table name=\"Hidden\" "
        "style-name=\"t2\"><table-row><table-cell><p>h</p></table-cell></table-row></table><table "
        "name=\"Shown\" "
        "style-name=\"t1\"><table-row><table-cell><p>s</p></table-cell></table-row></table></spreadsheet></"
        "d>";
    (void)state;
    assert_int_equal(read_ods(content, NULL), ERR_OK);
    assert_string_equal(table.sheet, "Shown");
    assert_string_equal(cell(1, 0), "s");
    assert_int_equal(read_ods(content, "Hidden"), ERR_OK);
    assert_string_equal(cell(1, 0), "h");
}

static void repeated_cells_and_rows_are_limited(void **state)
{
    (void)state;
    assert_int_equal(read_ods(ODS("<table:table-row>" CELL("table:number-columns-repeated=\"2000000000\"",
                                                           "x") "</table:table-row>"),
                              NULL),
                     ERR_FORMAT);
    assert_non_null(strstr(fault.why, "more than 256 columns"));
    assert_int_equal(read_ods(ODS("<table:table-row table:number-rows-repeated=\"2000000000\">" CELL(
                                  "", "x") "</table:table-row>"),
                              NULL),
                     ERR_FORMAT);
    assert_non_null(strstr(fault.why, "more than 1048576 rows"));
}

static void archives_are_limited_and_their_passwords_told(void **state)
{
    size_t len, bomb_len = ((size_t)256 << 20) + 1;
    char *zeros = calloc(1, bomb_len);
    const struct made_member one = {"list.csv", "Carte;R\xE9gime\n", 14};
    const struct made_member bomb = {"list.csv", zeros, bomb_len};
    const struct made_member two[] = {{"a.csv", "a", 1}, {"b.csv", "b", 1}};
    struct workbook_file file;
    (void)state;
    char *data = made_zip(&one, 1, NULL, &len);
    assert_int_equal(workbook_open(&file, data, len, &fault), ERR_OK);
    assert_int_equal(file.kind, WORKBOOK_NONE);
    assert_memory_equal(file.data, "Carte", 5);
    workbook_close(&file);
    assert_int_equal(workbook_open(&file, data, len / 2, &fault), ERR_FORMAT);
    assert_non_null(strstr(fault.why, "cut off"));
    free(data);
    data = made_zip(&one, 1, "secret", &len);
    assert_int_equal(read_archive(data, len, NULL), ERR_FORMAT);
    assert_non_null(strstr(fault.why, "protected with a password"));
    data = made_zip(&bomb, 1, NULL, &len);
    assert_int_equal(read_archive(data, len, NULL), ERR_FORMAT);
    assert_non_null(strstr(fault.why, "larger than 256 MiB when unpacked"));
    free(zeros);
    data = made_zip(two, 2, NULL, &len);
    assert_int_equal(read_archive(data, len, NULL), ERR_FORMAT);
    assert_non_null(strstr(fault.why, "several files"));
}

static void an_ods_workbook_with_a_password_is_told(void **state)
{
    static const char manifest[] = "<manifest><file-entry><encryption-data/></file-entry></manifest>";
    static const char mimetype[] = "application/vnd.oasis.opendocument.spreadsheet";
    const struct made_member members[] = {{"mimetype", mimetype, sizeof mimetype - 1},
                                          {"META-INF/manifest.xml", manifest, sizeof manifest - 1},
                                          {"content.xml", "?", 1}};
    size_t len;
    (void)state;
    char *data = made_zip(members, 3, NULL, &len);
    assert_int_equal(read_archive(data, len, NULL), ERR_FORMAT);
    assert_non_null(strstr(fault.why, "protected with a password"));
}

static void nested_elements_are_limited(void **state)
{
    char content[64 * 8] = "";
    (void)state;
    for (int i = 0; i < 65; i++)
        strcat(content, "<a>");
    assert_int_equal(read_ods(content, NULL), ERR_FORMAT);
    assert_non_null(strstr(fault.why, "nested too deep"));
}

static void old_and_protected_workbooks_are_told_apart(void **state)
{
    struct workbook_file file;
    char ole[600] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    (void)state;
    memcpy(ole + 512, "W\0o\0r\0k\0b\0o\0o\0k\0", 16);
    assert_int_equal(workbook_open(&file, ole, sizeof ole, &fault), ERR_FORMAT);
    assert_non_null(strstr(fault.why, "save it as .xlsx"));
    for (size_t i = 0; i < 16; i++)
        memcpy(ole + 512 + 2 * i, (char[2]){"EncryptedPackage"[i], '\0'}, 2);
    assert_int_equal(workbook_open(&file, ole, sizeof ole, &fault), ERR_FORMAT);
    assert_non_null(strstr(fault.why, "protected with a password"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_with_the_digits_they_show),
        cmocka_unit_test(days_count_from_1904_where_the_workbook_says_so),
        cmocka_unit_test(numbers_with_more_digits_than_are_kept_are_marked),
        cmocka_unit_test_teardown(a_page_is_read_as_a_browser_shows_it, teardown),
        cmocka_unit_test_teardown(cells_that_span_keep_their_neighbours_in_place, teardown),
        cmocka_unit_test_teardown(a_span_that_is_no_count_is_one, teardown),
        cmocka_unit_test_teardown(of_several_tables_the_largest_is_read, teardown),
        cmocka_unit_test_teardown(an_xlsx_sheet_is_read_as_its_cells_show, teardown),
        cmocka_unit_test_teardown(damaged_sheets_are_refused_with_their_place, teardown),
        cmocka_unit_test_teardown(entities_of_a_document_type_are_refused, teardown),
        cmocka_unit_test_teardown(an_ods_sheet_is_read_as_its_cells_show, teardown),
        cmocka_unit_test_teardown(a_sheet_is_chosen_by_name_or_number, teardown),
        cmocka_unit_test_teardown(a_hidden_ods_sheet_is_not_the_first, teardown),
        cmocka_unit_test_teardown(repeated_cells_and_rows_are_limited, teardown),
        cmocka_unit_test_teardown(archives_are_limited_and_their_passwords_told, teardown),
        cmocka_unit_test_teardown(an_ods_workbook_with_a_password_is_told, teardown),
        cmocka_unit_test_teardown(nested_elements_are_limited, teardown),
        cmocka_unit_test(old_and_protected_workbooks_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
