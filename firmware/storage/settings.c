/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/storage/settings.h"

#include <string.h>

#include "firmware/base/bytes.h"

enum {
    FORMAT = 1,
    FLAG_ROTATION = 1 << 0,
    FLAG_BUZZER = 1 << 1,
    FLAG_REFUSE_WHEN_FULL = 1 << 2,
};

struct settings settings_default(void)
{
    return (struct settings){
        .rotation_fitted = true, .buzzer_on = true, .open_ms = 5000, .retention_days = 90, .clock_days = 30};
}

int settings_check(const struct settings *settings)
{
    if (settings->open_ms < SETTINGS_OPEN_MS_LEAST || settings->open_ms > SETTINGS_OPEN_MS_MOST ||
        settings->retention_days < SETTINGS_RETENTION_DAYS_LEAST ||
        settings->retention_days > SETTINGS_RETENTION_DAYS_MOST ||
        settings->clock_days > SETTINGS_CLOCK_DAYS_MOST)
        return ERR_ARGUMENT;
    return ERR_OK;
}

void settings_encode(const struct settings *settings, uint8_t out[SETTINGS_LEN])
{
    memset(out, 0, SETTINGS_LEN);
    out[0] = FORMAT;
    out[1] =
        (uint8_t)((settings->rotation_fitted ? FLAG_ROTATION : 0) | (settings->buzzer_on ? FLAG_BUZZER : 0) |
                  (settings->refuse_when_full ? FLAG_REFUSE_WHEN_FULL : 0));
    bytes_put_u16(out + 2, settings->open_ms);
    bytes_put_u16(out + 4, settings->retention_days);
    bytes_put_u16(out + 6, settings->clock_days);
}

int settings_decode(struct settings *settings, const uint8_t in[SETTINGS_LEN])
{
    if (in[0] != FORMAT)
        return ERR_UNSUPPORTED;
    struct settings read = {
        .rotation_fitted = in[1] & FLAG_ROTATION,
        .buzzer_on = in[1] & FLAG_BUZZER,
        .refuse_when_full = in[1] & FLAG_REFUSE_WHEN_FULL,
        .open_ms = bytes_get_u16(in + 2),
        .retention_days = bytes_get_u16(in + 4),
        .clock_days = bytes_get_u16(in + 6),
    };
    int result = settings_check(&read);
    if (result == ERR_OK)
        *settings = read;
    return result;
}
