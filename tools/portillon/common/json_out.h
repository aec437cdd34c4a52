/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON (RFC 8259) to a file as the values arrive, indented, one member a line. The caller owns the
 * struct and the file. The functions block on the file. key is NULL inside an array and at the top level.
 * Bytes that are not UTF-8 are replaced by U+FFFD. Objects and arrays nest up to JSON_OUT_DEPTH_MAX levels.
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

/* Prepares the struct to write to file. */
void json_out_start(struct json_out *json, FILE *file);
/* Opens an object. */
void json_out_object(struct json_out *json, const char *key);
/* Opens an array. */
void json_out_array(struct json_out *json, const char *key);
/* Closes the innermost object or array. Also ends the line after the outermost one. */
void json_out_end(struct json_out *json);
/* Writes a NUL-terminated text. */
void json_out_text(struct json_out *json, const char *key, const char *value);
/* Writes a NUL-terminated text; null if value is NULL or empty. */
void json_out_text_or_null(struct json_out *json, const char *key, const char *value);
/* Writes an integer. */
void json_out_int(struct json_out *json, const char *key, int64_t value);
/* Writes an integer if it is known, otherwise null. */
void json_out_int_or_null(struct json_out *json, const char *key, bool known, int64_t value);
/* Writes a number with three digits after the decimal point. */
void json_out_decimal(struct json_out *json, const char *key, double value);
/* Writes true or false. */
void json_out_bool(struct json_out *json, const char *key, bool value);
/* Writes null. */
void json_out_null(struct json_out *json, const char *key);
/* Writes len bytes as lower-case hexadecimal text. */
void json_out_hex(struct json_out *json, const char *key, const uint8_t *bytes, size_t len);
/* Writes seconds since 1970 as text, "2026-09-01T06:30:00Z". */
void json_out_time(struct json_out *json, const char *key, uint64_t utc_s);

#endif
