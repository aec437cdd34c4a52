/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings a technician may change. They are kept in flash (store.h) and applied at once.
 *
 * stored value, 16 bytes
 * offset  size  field
 *      0     1  format, 1
 *      1     1  flags: bit 0 rotation sensor fitted, bit 1 buzzer on, bit 2 refuse when the journal is full
 *      2     2  open time, ms
 *      4     2  retention, days
 *      6     2  days without being set after which the clock is stale; 0: never
 *      8     8  reserved, 0
 */
#ifndef FIRMWARE_STORAGE_SETTINGS_H
#define FIRMWARE_STORAGE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/error.h"

#define SETTINGS_LEN 16

enum {
    SETTINGS_OPEN_MS_LEAST = 500,
    SETTINGS_OPEN_MS_MOST = 30000,
    SETTINGS_RETENTION_DAYS_LEAST = 1,
    SETTINGS_RETENTION_DAYS_MOST = 92, /* CNIL: three months for logs of movements */
    SETTINGS_CLOCK_DAYS_MOST = 366,
};

struct settings {
    bool rotation_fitted;
    bool buzzer_on;
    bool refuse_when_full;
    uint16_t open_ms;
    uint16_t retention_days;
    uint16_t clock_days; /* days after which a clock that was not set is stale; 0: never */
};

/* The settings by number. A new one is added here, in the struct, and as a line of settings_table; the event
 * that logs its change is in portillon_control.c. */
enum setting_id {
    SETTING_ROTATION_FITTED,
    SETTING_BUZZER_ON,
    SETTING_REFUSE_WHEN_FULL,
    SETTING_OPEN_MS,
    SETTING_RETENTION_DAYS,
    SETTING_CLOCK_DAYS,
    SETTINGS_COUNT,
};

/* What there is to know of a setting. */
struct setting {
    const char *name; /* on the wire and in the tools */
    const char *unit; /* of a number; NULL: it is a flag */
    uint16_t initial; /* of a new gate */
    uint16_t least, most;
    uint8_t field;  /* offset in struct settings */
    uint8_t stored; /* of a flag: its bit in byte 1; of a number: its offset in the stored value */
};
extern const struct setting settings_table[SETTINGS_COUNT];

/* Return and set the value of a setting; a flag is 0 or 1. Bounds are not checked. */
uint16_t settings_get(const struct settings *settings, enum setting_id id);
void settings_put(struct settings *settings, enum setting_id id, uint16_t value);

/* Returns the settings of a new gate. */
struct settings settings_default(void);
/* Checks the bounds. Returns ERR_OK or ERR_ARGUMENT (a value outside its bounds). */
int settings_check(const struct settings *settings) MUST_USE;
/* Writes the stored value. */
void settings_encode(const struct settings *settings, uint8_t out[SETTINGS_LEN]);
/* Reads a stored value. Returns ERR_OK, ERR_UNSUPPORTED (format) or ERR_ARGUMENT (a value outside its
 * bounds). */
int settings_decode(struct settings *settings, const uint8_t in[SETTINGS_LEN]) MUST_USE;

#endif
