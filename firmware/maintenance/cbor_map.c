/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/maintenance/cbor_map.h"

/*
 * The encoder of tinycbor keeps counting when its buffer is full, but writes no more. One check at the
 * end (cbor_map_written) is therefore enough.
 */

void cbor_map_put_uint(CborEncoder *map, const char *key, uint64_t value)
{
    (void)cbor_encode_text_stringz(map, key);
    (void)cbor_encode_uint(map, value);
}

void cbor_map_put_bool(CborEncoder *map, const char *key, bool value)
{
    (void)cbor_encode_text_stringz(map, key);
    (void)cbor_encode_boolean(map, value);
}

void cbor_map_put_text(CborEncoder *map, const char *key, const char *text)
{
    (void)cbor_encode_text_stringz(map, key);
    if (text != NULL)
        (void)cbor_encode_text_stringz(map, text);
    else
        (void)cbor_encode_null(map);
}

void cbor_map_put_bytes(CborEncoder *map, const char *key, const uint8_t *bytes, size_t len)
{
    (void)cbor_encode_text_stringz(map, key);
    (void)cbor_encode_byte_string(map, bytes, len);
}

void cbor_map_put_null(CborEncoder *map, const char *key)
{
    cbor_map_put_text(map, key, NULL);
}

void cbor_map_open_map(CborEncoder *map, const char *key, CborEncoder *inner, size_t members)
{
    (void)cbor_encode_text_stringz(map, key);
    (void)cbor_encoder_create_map(map, inner, members);
}

void cbor_map_open_array(CborEncoder *map, const char *key, CborEncoder *inner, size_t members)
{
    (void)cbor_encode_text_stringz(map, key);
    (void)cbor_encoder_create_array(map, inner, members);
}

void cbor_map_close(CborEncoder *outer, CborEncoder *inner)
{
    (void)cbor_encoder_close_container(outer, inner);
}

void cbor_map_put_run(CborEncoder *array, uint32_t first, uint32_t count)
{
    CborEncoder run;
    (void)cbor_encoder_create_array(array, &run, 2);
    (void)cbor_encode_uint(&run, first);
    (void)cbor_encode_uint(&run, count);
    (void)cbor_encoder_close_container(array, &run);
}

size_t cbor_map_written(const CborEncoder *encoder, const uint8_t *buf)
{
    if (cbor_encoder_get_extra_bytes_needed(encoder) > 0)
        return 0;
    return cbor_encoder_get_buffer_size(encoder, buf);
}

static struct cbor_field *find_field(struct cbor_field *fields, size_t field_count, const CborValue *key)
{
    for (size_t i = 0; i < field_count; i++) {
        bool equal = false;
        if (cbor_value_text_string_equals(key, fields[i].key, &equal) == CborNoError && equal)
            return &fields[i];
    }
    return NULL;
}

static bool read_bytes(const struct cbor_field *field, const CborValue *value)
{
    size_t len;
    if (!cbor_value_is_byte_string(value) || !cbor_value_is_length_known(value) ||
        cbor_value_get_string_length(value, &len) != CborNoError || len > field->bytes_len ||
        (field->bytes_read == NULL && len != field->bytes_len))
        return false;
    if (field->bytes_read != NULL)
        *field->bytes_read = len;
    return cbor_value_copy_byte_string(value, field->bytes, &len, NULL) == CborNoError;
}

static bool read_value(const struct cbor_field *field, const CborValue *value)
{
    uint64_t number;
    if (field->bytes != NULL)
        return read_bytes(field, value);
    if (field->flag != NULL)
        return cbor_value_is_boolean(value) && cbor_value_get_boolean(value, field->flag) == CborNoError;
    if (!cbor_value_is_unsigned_integer(value) || cbor_value_get_uint64(value, &number) != CborNoError ||
        number > UINT32_MAX)
        return false;
    *field->number = (uint32_t)number;
    return true;
}

static bool read_member(struct cbor_field *fields, size_t field_count, CborValue *at)
{
    if (!cbor_value_is_text_string(at))
        return false;
    struct cbor_field *field = find_field(fields, field_count, at);
    if (field == NULL || field->seen || cbor_value_advance(at) != CborNoError || !read_value(field, at))
        return false;
    field->seen = true;
    return cbor_value_advance(at) == CborNoError;
}

int cbor_map_read(struct cbor_field *fields, size_t field_count, const uint8_t *data, size_t len)
{
    CborParser parser;
    CborValue map, at;
    for (size_t i = 0; i < field_count; i++)
        fields[i].seen = false;
    if (len == 0 || cbor_parser_init(data, len, 0, &parser, &map) != CborNoError ||
        !cbor_value_is_map(&map) || cbor_value_enter_container(&map, &at) != CborNoError)
        return ERR_FORMAT;
    while (!cbor_value_at_end(&at)) {
        if (!read_member(fields, field_count, &at))
            return ERR_FORMAT;
    }
    if (cbor_value_leave_container(&map, &at) != CborNoError || cbor_value_get_next_byte(&map) != data + len)
        return ERR_FORMAT;
    return ERR_OK;
}
