/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/storage/settings.h"

#include <stddef.h>
#include <string.h>

#include "firmware/base/bytes.h"

enum { FORMAT = 1, AT_FLAGS = 1 };

#define FLAG(name, initial, bit)                                                                             \
    {                                                                                                        \
#name, NULL, initial, 0, 1, offsetof(struct settings, name), bit                                     \
    }
#define NUMBER(name, unit, initial, least, most, at)                                                         \
    {                                                                                                        \
#name, unit, initial, least, most, offsetof(struct settings, name), at                               \
    }

const struct setting settings_table[SETTINGS_COUNT] = {
    [SETTING_ROTATION_FITTED] = FLAG(rotation_fitted, true, 0),
    [SETTING_BUZZER_ON] = FLAG(buzzer_on, true, 1),
    [SETTING_REFUSE_WHEN_FULL] = FLAG(refuse_when_full, false, 2),
    [SETTING_OPEN_MS] = NUMBER(open_ms, "ms", 5000, SETTINGS_OPEN_MS_LEAST, SETTINGS_OPEN_MS_MOST, 2),
    [SETTING_RETENTION_DAYS] =
        NUMBER(retention_days, "days", 90, SETTINGS_RETENTION_DAYS_LEAST, SETTINGS_RETENTION_DAYS_MOST, 4),
    [SETTING_CLOCK_DAYS] = NUMBER(clock_days, "days", 30, 0, SETTINGS_CLOCK_DAYS_MOST, 6),
};

uint16_t settings_get(const struct settings *settings, enum setting_id id)
{
    const uint8_t *field = (const uint8_t *)settings + settings_table[id].field;
    uint16_t number;
    if (settings_table[id].unit == NULL)
        return *(const bool *)field;
    memcpy(&number, field, sizeof number);
    return number;
}

void settings_put(struct settings *settings, enum setting_id id, uint16_t value)
{
    uint8_t *field = (uint8_t *)settings + settings_table[id].field;
    if (settings_table[id].unit == NULL)
        *(bool *)field = value != 0;
    else
        memcpy(field, &value, sizeof value);
}

struct settings settings_default(void)
{
    struct settings settings = {0};
    for (int id = 0; id < SETTINGS_COUNT; id++)
        settings_put(&settings, (enum setting_id)id, settings_table[id].initial);
    return settings;
}

int settings_check(const struct settings *settings)
{
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        uint16_t value = settings_get(settings, (enum setting_id)id);
        if (value < settings_table[id].least || value > settings_table[id].most)
            return ERR_ARGUMENT;
    }
    return ERR_OK;
}

void settings_encode(const struct settings *settings, uint8_t out[SETTINGS_LEN])
{
    memset(out, 0, SETTINGS_LEN);
    out[0] = FORMAT;
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        uint16_t value = settings_get(settings, (enum setting_id)id);
        if (settings_table[id].unit == NULL)
            out[AT_FLAGS] |= (uint8_t)(value << settings_table[id].stored);
        else
            bytes_put_u16(out + settings_table[id].stored, value);
    }
}

int settings_decode(struct settings *settings, const uint8_t in[SETTINGS_LEN])
{
    struct settings read = {0};
    if (in[0] != FORMAT)
        return ERR_UNSUPPORTED;
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        uint8_t stored = settings_table[id].stored;
        bool is_flag = settings_table[id].unit == NULL;
        settings_put(&read, (enum setting_id)id,
                     is_flag ? in[AT_FLAGS] >> stored & 1 : bytes_get_u16(in + stored));
    }
    int result = settings_check(&read);
    if (result == ERR_OK)
        *settings = read;
    return result;
}
