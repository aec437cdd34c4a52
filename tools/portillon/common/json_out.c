/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/json_out.h"

#include "tools/portillon/common/printable.h"
#include "tools/portillon/common/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

static void write_text(FILE *file, const char *text, size_t len)
{
    fputc('"', file);
    for (size_t i = 0; i < len;) {
        uint32_t code_point;
        size_t step = utf8_decode(text + i, len - i, &code_point);
        if (step == 0)
            fputs("\\ufffd", file);
        else if (code_point == '"' || code_point == '\\')
            fprintf(file, "\\%c", (char)code_point);
        else if (!printable_is(code_point))
            fprintf(file, "\\u%04x", (unsigned)code_point);
        else
            fwrite(text + i, 1, step, file);
        i += step != 0 ? step : 1;
    }
    fputc('"', file);
}

/* Writes what precedes any value: comma, line end, indentation and key. */
static void begin(struct json_out *json, const char *key)
{
    if (json->filled[json->depth])
        fputc(',', json->file);
    if (json->depth > 0)
        fprintf(json->file, "\n%*s", 2 * json->depth, "");
    json->filled[json->depth] = true;
    if (key != NULL) {
        write_text(json->file, key, strlen(key));
        fputs(": ", json->file);
    }
}

static void open_nested(struct json_out *json, const char *key, const char *brackets)
{
    begin(json, key);
    assert(json->depth < JSON_OUT_DEPTH_MAX);
    fputc(brackets[0], json->file);
    json->closing[json->depth++] = brackets[1];
    json->filled[json->depth] = false;
}

void json_out_start(struct json_out *json, FILE *file)
{
    *json = (struct json_out){.file = file};
}

void json_out_object(struct json_out *json, const char *key)
{
    open_nested(json, key, "{}");
}

void json_out_array(struct json_out *json, const char *key)
{
    open_nested(json, key, "[]");
}

void json_out_end(struct json_out *json)
{
    assert(json->depth > 0);
    bool filled = json->filled[json->depth--];
    if (filled)
        fprintf(json->file, "\n%*s", 2 * json->depth, "");
    fputc(json->closing[json->depth], json->file);
    if (json->depth == 0)
        fputc('\n', json->file);
}

void json_out_text(struct json_out *json, const char *key, const char *value)
{
    begin(json, key);
    write_text(json->file, value, strlen(value));
}

void json_out_text_or_null(struct json_out *json, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0')
        json_out_text(json, key, value);
    else
        json_out_null(json, key);
}

void json_out_int(struct json_out *json, const char *key, int64_t value)
{
    begin(json, key);
    fprintf(json->file, "%" PRId64, value);
}

void json_out_int_or_null(struct json_out *json, const char *key, bool known, int64_t value)
{
    if (known)
        json_out_int(json, key, value);
    else
        json_out_null(json, key);
}

void json_out_decimal(struct json_out *json, const char *key, double value)
{
    begin(json, key);
    fprintf(json->file, "%.3f", value);
}

void json_out_bool(struct json_out *json, const char *key, bool value)
{
    begin(json, key);
    fputs(value ? "true" : "false", json->file);
}

void json_out_null(struct json_out *json, const char *key)
{
    begin(json, key);
    fputs("null", json->file);
}

void json_out_hex(struct json_out *json, const char *key, const uint8_t *bytes, size_t len)
{
    begin(json, key);
    fputc('"', json->file);
    for (size_t i = 0; i < len; i++)
        fprintf(json->file, "%02x", bytes[i]);
    fputc('"', json->file);
}

void json_out_time(struct json_out *json, const char *key, uint64_t utc_s)
{
    char text[40];
    time_t when = (time_t)utc_s;
    struct tm parts;
    if (gmtime_r(&when, &parts) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        text[0] = '\0';
    json_out_text(json, key, text);
}
