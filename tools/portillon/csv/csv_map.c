/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_map.h"

#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/suggest.h"
#include "tools/portillon/common/text_fold.h"

#define LINE_SIZE 512
#define SHOWN_MAX 60

static char *trim(char *text)
{
    size_t len;
    while (*text == ' ' || *text == '\t')
        text++;
    for (len = strlen(text); len > 0 && strchr(" \t\r", text[len - 1]) != NULL;)
        text[--len] = '\0';
    return text;
}

/* Stores the value of one line. Returns NULL, or static text that says what is wrong with the value. */
static const char *take(struct csv_map *map, struct csv_import_options *options, const char *key,
                        const char *value)
{
    int role = csv_column_find(key, strlen(key));
    if (role >= 0) {
        role = csv_column_place(options->by_hand, role);
        snprintf(map->headers[role], sizeof map->headers[role], "%s", value);
        options->by_hand[role] = map->headers[role];
        return NULL;
    }
    if (strcmp(key, "uid") == 0) {
        uint8_t uid_len = options->notation.uid_len;
        int error = card_notation_parse(value, &options->notation);
        options->notation.uid_len = uid_len;
        return error == ERR_OK ? NULL
               : error == ERR_UNSUPPORTED
                   ? _(card_number_wiegand)
                   : _("is not hex, decimal or decimal10, or one of them with -reversed");
    }
    if (strcmp(key, "uid_len") == 0) {
        int len = atoi(value);
        options->notation.uid_len = (uint8_t)len;
        return len == 4 || len == 7 || len == 10 ? NULL : _("is not 4, 7 or 10");
    }
    if (strcmp(key, "dates") == 0) {
        options->dates = strcmp(value, "month-first") == 0 ? CSV_DATES_MONTH_FIRST : CSV_DATES_DAY_FIRST;
        return strcmp(value, "month-first") == 0 || strcmp(value, "day-first") == 0
                   ? NULL
                   : _("is not day-first or month-first");
    }
    if (strcmp(key, "sheet") == 0) {
        snprintf(map->sheet, sizeof map->sheet, "%s", value);
        options->sheet = map->sheet;
        return NULL;
    }
    int encoding = csv_encoding_find(value);
    if (encoding < 0)
        return _("is not utf-8, windows-1252, cp850, macintosh or iso-8859-15");
    options->encoding = (enum csv_encoding)encoding;
    return NULL;
}

static bool is_known(const char *key)
{
    static const char *const others[] = {"uid", "uid_len", "dates", "encoding", "sheet", NULL};
    return csv_column_find(key, strlen(key)) >= 0 || text_is_one_of(key, others);
}

static void complain_unknown(struct import_report *report, const char *path, uint32_t line, const char *key)
{
    const char *known[CSV_COLUMN_MAPPABLE + 6] = {"uid", "uid_len", "dates", "encoding", "sheet"};
    char shown[SHOWN_MAX];
    for (int role = 0; role < CSV_COLUMN_MAPPABLE; role++)
        known[5 + role] = csv_column_name((enum csv_column)role);
    const char *near = suggest_nearest(key, known);
    text_show(key, strlen(key), shown, sizeof shown);
    if (near != NULL)
        import_report_error(report, path, line, "'%s' is no word known here: did you mean '%s'?", shown,
                            near);
    else
        import_report_error(report, path, line,
                            "'%s' is no word known here: there is %s; uid, uid_len, dates, encoding, sheet",
                            shown, _(csv_column_names));
}

static void take_line(struct csv_map *map, struct csv_import_options *options, const char *path,
                      uint32_t number, char *line, struct import_report *report)
{
    char *equals = strchr(line, '=');
    line = trim(line);
    if (line[0] == '\0' || line[0] == '#')
        return;
    if (equals == NULL) {
        import_report_error(report, path, number, "'%.*s' is not word = value: a remark begins with #",
                            SHOWN_MAX, line);
        return;
    }
    *equals = '\0';
    char *key = trim(line), *value = trim(equals + 1);
    if (!is_known(key)) {
        complain_unknown(report, path, number, key);
        return;
    }
    const char *why = value[0] != '\0' ? take(map, options, key, value) : _("nothing stands after =");
    if (why != NULL)
        import_report_error(report, path, number, "%s: '%.*s': %s", key, SHOWN_MAX, value, why);
}

int csv_map_parse(struct csv_map *map, struct csv_import_options *options, const char *path, const char *text,
                  size_t len, struct import_report *report)
{
    uint64_t errors_before = report->error_count;
    uint32_t number = 0;
    memset(map, 0, sizeof *map);
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        len -= 3;
    }
    for (size_t at = 0; at < len;) {
        char line[LINE_SIZE];
        const char *end = memchr(text + at, '\n', len - at);
        size_t line_len = end != NULL ? (size_t)(end - text) - at : len - at;
        number++;
        if (line_len >= sizeof line || memchr(text + at, '\0', line_len) != NULL) {
            import_report_error(report, path, number, "is no line of text, or too long");
        } else {
            memcpy(line, text + at, line_len);
            line[line_len] = '\0';
            take_line(map, options, path, number, line, report);
        }
        at += line_len + 1;
    }
    return report->error_count == errors_before ? ERR_OK : ERR_FORMAT;
}

const char *csv_map_notation(const struct card_notation *notation)
{
    static const char *const names[3][2] = {
        {"hex", "hex-reversed"}, {"decimal", "decimal-reversed"}, {"decimal10", "decimal10-reversed"}};
    return names[notation->base][notation->reversed];
}

void csv_map_write(const struct csv_import_options *options, FILE *out)
{
    fprintf(out, "# How this school's files are read: portillon whitelist build DIR --map THIS --csv FILE\n");
    for (int role = 0; role < CSV_COLUMN_MAPPABLE; role++)
        if (options->by_hand[role] != NULL)
            fprintf(out, "%s = %s\n", csv_column_name((enum csv_column)role), options->by_hand[role]);
    fprintf(out, "uid = %s\n", csv_map_notation(&options->notation));
    if (options->notation.uid_len != 0)
        fprintf(out, "uid_len = %d\n", options->notation.uid_len);
    fprintf(out, "dates = %s\n", options->dates == CSV_DATES_MONTH_FIRST ? "month-first" : "day-first");
    if (options->sheet != NULL)
        fprintf(out, "sheet = %s\n", options->sheet);
    if (options->encoding != CSV_ENCODING_DETECT)
        fprintf(out, "encoding = %s\n", csv_encoding_name(options->encoding));
}
