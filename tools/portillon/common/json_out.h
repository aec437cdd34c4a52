/*
 * JSON (RFC 8259) written as it comes, indented, one member a line. The caller owns the struct and the file.
 * key is NULL inside an array and at the top. Text that is not UTF-8 is written with U+FFFD in its place.
 */
#ifndef TOOLS_PORTILLON_COMMON_JSON_OUT_H
#define TOOLS_PORTILLON_COMMON_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_OUT_DEPTH_MAX 8

struct json_out {
    FILE *file;
    int depth;
    char closing[JSON_OUT_DEPTH_MAX];
    bool filled[JSON_OUT_DEPTH_MAX + 1];
};

void json_out_start(struct json_out *json, FILE *file);
void json_out_object(struct json_out *json, const char *key);
void json_out_array(struct json_out *json, const char *key);
/* Ends the innermost object or array; ends the line after the outermost. */
void json_out_end(struct json_out *json);
void json_out_text(struct json_out *json, const char *key, const char *value);
void json_out_text_len(struct json_out *json, const char *key, const char *value, size_t len);
void json_out_int(struct json_out *json, const char *key, int64_t value);
/* Three digits after the point. */
void json_out_decimal(struct json_out *json, const char *key, double value);
void json_out_bool(struct json_out *json, const char *key, bool value);
void json_out_null(struct json_out *json, const char *key);
/* Bytes as lower-case hex text. */
void json_out_hex(struct json_out *json, const char *key, const uint8_t *bytes, size_t len);
/* Seconds since 1970 as "2026-09-01T06:30:00Z". */
void json_out_time(struct json_out *json, const char *key, uint64_t utc_s);

#endif
