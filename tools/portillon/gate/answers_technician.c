/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/answers_technician.h"

#include <string.h>

#include "tools/portillon/gate/cbor_members.h"

/* Takes one member, if its kind is known. */
static int take_setting(struct answer_settings *settings, CborValue *at)
{
    struct answer_setting setting = {.is_flag = false};
    size_t len = sizeof setting.name - 1;
    uint64_t number = 0;
    bool flag = false;
    if (!cbor_value_is_text_string(at) ||
        cbor_value_copy_text_string(at, setting.name, &len, at) != CborNoError || len >= sizeof setting.name)
        return ERR_FORMAT;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)setting.name[i] <= 0x20 || (unsigned char)setting.name[i] >= 0x7f)
            return ERR_FORMAT;
    /* tinycbor skips a CBOR tag and the tagged item one at a time, and asserts that there is an item. */
    bool known = false, tagged = cbor_value_is_tag(at);
    if (cbor_value_skip_tag(at) != CborNoError || !cbor_value_is_valid(at))
        return ERR_FORMAT;
    if (!tagged && cbor_value_is_boolean(at)) {
        known = cbor_value_get_boolean(at, &flag) == CborNoError;
        setting.is_flag = true;
        setting.value = flag;
    } else if (!tagged && cbor_value_is_unsigned_integer(at)) {
        known = cbor_value_get_uint64(at, &number) == CborNoError && number <= UINT32_MAX;
        setting.value = (uint32_t)number;
    }
    if (cbor_value_advance(at) != CborNoError)
        return ERR_FORMAT;
    if (!known)
        return ERR_OK;
    if (settings->count == ANSWER_SETTINGS_MAX || answer_settings_find(settings, setting.name) != NULL)
        return ERR_FORMAT;
    settings->items[settings->count++] = setting;
    return ERR_OK;
}

int answer_settings_decode(struct answer_settings *settings, const uint8_t *data, size_t len)
{
    CborParser parser;
    CborValue map, at;
    int result = ERR_OK;
    memset(settings, 0, sizeof *settings);
    if (members_open_answer(&parser, &map, data, len) != ERR_OK || !cbor_value_is_map(&map) ||
        cbor_value_enter_container(&map, &at) != CborNoError)
        return ERR_FORMAT;
    while (result == ERR_OK && !cbor_value_at_end(&at))
        result = take_setting(settings, &at);
    return result;
}

const struct answer_setting *answer_settings_find(const struct answer_settings *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->count; i++)
        if (strcmp(settings->items[i].name, name) == 0)
            return &settings->items[i];
    return NULL;
}

int answer_settings_encode(const struct answer_settings *settings, uint8_t *out, size_t size)
{
    CborEncoder encoder, map;
    int error;
    cbor_encoder_init(&encoder, out, size, 0);
    error = cbor_encoder_create_map(&encoder, &map, settings->count);
    for (uint32_t i = 0; i < settings->count; i++) {
        const struct answer_setting *setting = &settings->items[i];
        error |= cbor_encode_text_stringz(&map, setting->name);
        error |= setting->is_flag ? cbor_encode_boolean(&map, setting->value != 0)
                                  : cbor_encode_uint(&map, setting->value);
    }
    error |= cbor_encoder_close_container(&encoder, &map);
    return error == CborNoError ? (int)cbor_encoder_get_buffer_size(&encoder, out) : ERR_NO_SPACE;
}

static int take_profile(struct answer_profiles *profiles, struct members *top, CborValue *at)
{
    char name[ANSWER_TEXT_LEN];
    bool on = false;
    members_copy_text(top, at, name);
    if (top->error != ERR_OK || strlen(name) >= ANSWER_NAME_LEN ||
        profiles->count == WHITELIST_PROFILES_MAX || cbor_value_advance(at) != CborNoError ||
        !cbor_value_is_boolean(at) || cbor_value_get_boolean(at, &on) != CborNoError ||
        cbor_value_advance(at) != CborNoError)
        return ERR_FORMAT;
    for (uint32_t i = 0; i < profiles->count; i++)
        if (strcmp(profiles->items[i].name, name) == 0)
            return ERR_FORMAT;
    strcpy(profiles->items[profiles->count].name, name);
    profiles->items[profiles->count++].on = on;
    return ERR_OK;
}

int answer_profiles_decode(struct answer_profiles *profiles, const uint8_t *data, size_t len)
{
    CborParser parser;
    CborValue at;
    struct members top;
    int result = ERR_OK;
    memset(profiles, 0, sizeof *profiles);
    members_open(&top, &parser, data, len);
    if (top.error != ERR_OK || cbor_value_enter_container(&top.map, &at) != CborNoError)
        return ERR_FORMAT;
    while (result == ERR_OK && !cbor_value_at_end(&at))
        result = take_profile(profiles, &top, &at);
    return result;
}

int answer_profiles_encode(const struct answer_profiles *profiles, uint8_t *out, size_t size)
{
    CborEncoder encoder, map;
    int error;
    cbor_encoder_init(&encoder, out, size, 0);
    error = cbor_encoder_create_map(&encoder, &map, profiles->count);
    for (uint32_t i = 0; i < profiles->count; i++) {
        error |= cbor_encode_text_stringz(&map, profiles->items[i].name);
        error |= cbor_encode_boolean(&map, profiles->items[i].on);
    }
    error |= cbor_encoder_close_container(&encoder, &map);
    return error == CborNoError ? (int)cbor_encoder_get_buffer_size(&encoder, out) : ERR_NO_SPACE;
}

int answer_opening_decode(struct answer_opening *opening, const uint8_t *data, size_t len)
{
    CborParser parser;
    struct members top;
    memset(opening, 0, sizeof *opening);
    members_open(&top, &parser, data, len);
    members_text(&top, "state", opening->state);
    opening->seq = members_number(&top, "seq");
    opening->ahead = members_number(&top, "ahead");
    return top.error;
}

static int read_inputs(struct answer_selftest *selftest, struct members *top)
{
    static const char *const names[ANSWER_INPUTS] = {"rotation", "fire", "tamper", "button"};
    struct members inputs, input;
    if (!members_map(top, "inputs", &inputs))
        return ERR_FORMAT;
    for (int i = 0; i < ANSWER_INPUTS; i++) {
        if (!members_map(&inputs, names[i], &input))
            return ERR_FORMAT;
        selftest->inputs[i].active = members_flag(&input, "active");
        selftest->inputs[i].rises = members_number(&input, "rises");
        if (input.error != ERR_OK)
            return ERR_FORMAT;
    }
    return inputs.error;
}

static int read_chip(struct answer_selftest *selftest, struct members *top)
{
    struct members chip = {.error = ERR_OK};
    selftest->has_chip = members_has(top, "chip") && members_map(top, "chip", &chip);
    if (!selftest->has_chip)
        return chip.error;
    members_text(&chip, "readout_protection", selftest->chip.readout_protection);
    selftest->chip.brown_out_mv = members_number(&chip, "brown_out_mv");
    selftest->chip.brown_out_needed_mv = members_number(&chip, "brown_out_needed_mv");
    members_text_or_null(&chip, "rtc_source", selftest->chip.rtc_source);
    selftest->chip.rtc_outlives_power = members_flag(&chip, "rtc_outlives_power");
    return chip.error;
}

int answer_selftest_decode(struct answer_selftest *selftest, const uint8_t *data, size_t len)
{
    CborParser parser;
    CborValue value;
    struct members top, flash;
    memset(selftest, 0, sizeof *selftest);
    members_open(&top, &parser, data, len);
    selftest->timer_ms = members_number(&top, "timer_ms");
    if (members_find(&top, "rtc", &value) && !cbor_value_is_null(&value)) {
        selftest->has_rtc = true;
        selftest->rtc = members_number(&top, "rtc");
    }
    members_text(&top, "reader", selftest->reader);
    selftest->reader_up = members_flag(&top, "reader_up");
    if (!members_map(&top, "flash", &flash))
        return ERR_FORMAT;
    members_text(&flash, "step", selftest->flash.step);
    members_text_or_null(&flash, "failed", selftest->flash.failed);
    members_text_or_null(&flash, "error", selftest->flash.error);
    selftest->flash.erase_us = members_number(&flash, "erase_us");
    selftest->flash.write_us = members_number(&flash, "write_us");
    selftest->flash.read_us = members_number(&flash, "read_us");
    int inputs = read_inputs(selftest, &top), chip = read_chip(selftest, &top);
    if (inputs != ERR_OK || chip != ERR_OK)
        return ERR_FORMAT;
    return top.error != ERR_OK ? top.error : flash.error;
}

int answer_selftest_encode(const char *name, uint8_t *out, size_t size)
{
    CborEncoder encoder, map;
    cbor_encoder_init(&encoder, out, size, 0);
    if (cbor_encoder_create_map(&encoder, &map, 1) != CborNoError ||
        cbor_encode_text_stringz(&map, name) != CborNoError ||
        cbor_encode_boolean(&map, true) != CborNoError ||
        cbor_encoder_close_container(&encoder, &map) != CborNoError)
        return ERR_NO_SPACE;
    return (int)cbor_encoder_get_buffer_size(&encoder, out);
}
