/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/cbor_members.h"

#include <string.h>

#include "tools/portillon/common/printable.h"

static void open_map(struct members *members, const CborValue *map)
{
    members->map = *map;
    members->error = cbor_value_is_map(map) ? ERR_OK : ERR_FORMAT;
}

int members_open_answer(CborParser *parser, CborValue *value, const uint8_t *data, size_t len)
{
    return cbor_parser_init(data, len, 0, parser, value) == CborNoError ? ERR_OK : ERR_FORMAT;
}

void members_open(struct members *members, CborParser *parser, const uint8_t *data, size_t len)
{
    CborValue value;
    members->error = members_open_answer(parser, &value, data, len);
    if (members->error == ERR_OK)
        open_map(members, &value);
}

bool members_find(struct members *members, const char *key, CborValue *value)
{
    if (members->error == ERR_OK &&
        (cbor_value_map_find_value(&members->map, key, value) != CborNoError || !cbor_value_is_valid(value)))
        members->error = ERR_FORMAT;
    return members->error == ERR_OK;
}

uint32_t members_number(struct members *members, const char *key)
{
    CborValue value;
    uint64_t number = 0;
    if (!members_find(members, key, &value))
        return 0;
    if (!cbor_value_is_unsigned_integer(&value) || cbor_value_get_uint64(&value, &number) != CborNoError ||
        number > UINT32_MAX) {
        members->error = ERR_FORMAT;
        return 0;
    }
    return (uint32_t)number;
}

bool members_has(const struct members *members, const char *key)
{
    CborValue value;
    return members->error == ERR_OK && cbor_value_map_find_value(&members->map, key, &value) == CborNoError &&
           cbor_value_is_valid(&value);
}

bool members_flag(struct members *members, const char *key)
{
    CborValue value;
    bool answer = false;
    if (!members_find(members, key, &value))
        return false;
    if (!cbor_value_is_boolean(&value) || cbor_value_get_boolean(&value, &answer) != CborNoError)
        members->error = ERR_FORMAT;
    return answer;
}

void members_copy_text(struct members *members, const CborValue *value, char text[MEMBERS_TEXT_LEN])
{
    size_t len = MEMBERS_TEXT_LEN - 1;
    if (!cbor_value_is_text_string(value) ||
        cbor_value_copy_text_string(value, text, &len, NULL) != CborNoError || len >= MEMBERS_TEXT_LEN) {
        members->error = ERR_FORMAT;
        len = 0;
    }
    text[len] = '\0';
    printable_text(text);
}

void members_text(struct members *members, const char *key, char text[MEMBERS_TEXT_LEN])
{
    CborValue value;
    text[0] = '\0';
    if (members_find(members, key, &value))
        members_copy_text(members, &value, text);
}

void members_text_or_null(struct members *members, const char *key, char text[MEMBERS_TEXT_LEN])
{
    CborValue value;
    text[0] = '\0';
    if (members_find(members, key, &value) && !cbor_value_is_null(&value))
        members_copy_text(members, &value, text);
}

bool members_map(struct members *members, const char *key, struct members *inner)
{
    CborValue value;
    inner->error = ERR_OK;
    if (!members_find(members, key, &value) || cbor_value_is_null(&value))
        return false;
    open_map(inner, &value);
    members->error = inner->error;
    return inner->error == ERR_OK;
}
