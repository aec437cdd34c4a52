/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decodes the gate's answers for a technician, with the same rules as answers.h: every byte is checked,
 * nothing blocks and nothing is allocated.
 */
#ifndef TOOLS_PORTILLON_GATE_ANSWERS_TECHNICIAN_H
#define TOOLS_PORTILLON_GATE_ANSWERS_TECHNICIAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "tools/portillon/gate/answers.h"

#define ANSWER_SETTINGS_MAX 32
#define ANSWER_SETTING_LEN  32

/* A setting under the gate's own name for it, so that the settings of a newer gate can be shown and changed
 * too. */
struct answer_setting {
    char name[ANSWER_SETTING_LEN];
    bool is_flag;
    uint32_t value; /* of a flag: 0 or 1 */
};

struct answer_settings {
    struct answer_setting items[ANSWER_SETTINGS_MAX];
    uint32_t count;
};

struct answer_profiles {
    struct {
        char name[ANSWER_NAME_LEN];
        bool on;
    } items[WHITELIST_PROFILES_MAX];
    uint32_t count;
};

struct answer_opening {
    char state[ANSWER_TEXT_LEN]; /* gate_state_name */
    uint32_t seq;   /* number of the opening in the journal; 0: the gate is released and did nothing */
    uint32_t ahead; /* people who pass before */
};

enum answer_input { ANSWER_ROTATION, ANSWER_FIRE, ANSWER_TAMPER, ANSWER_BUTTON, ANSWER_INPUTS };

struct answer_selftest {
    uint32_t timer_ms;
    bool has_rtc;
    uint32_t rtc;
    char reader[ANSWER_TEXT_LEN];
    bool reader_up;
    struct {
        char step[ANSWER_TEXT_LEN], failed[ANSWER_TEXT_LEN], error[ANSWER_TEXT_LEN]; /* "": none */
        uint32_t erase_us, write_us, read_us;
    } flash;
    struct {
        bool active;
        uint32_t rises;
    } inputs[ANSWER_INPUTS];
    bool has_chip; /* false: not a microcontroller, or an older gate */
    struct {
        char readout_protection[ANSWER_TEXT_LEN]; /* chip_readout_name */
        uint32_t brown_out_mv, brown_out_needed_mv;
        char rtc_source[ANSWER_TEXT_LEN]; /* "": the clock does not run */
        bool rtc_outlives_power;
    } chip;
};

/* Decodes the settings. Members that are neither a flag nor a number up to 2^32 - 1 are skipped. Returns
 * ERR_OK or ERR_FORMAT (also for a name that is too long or occurs twice, and for more than
 * ANSWER_SETTINGS_MAX settings). */
int answer_settings_decode(struct answer_settings *settings, const uint8_t *data, size_t len) MUST_USE;
/* Finds a setting by name. Returns NULL if there is none. */
const struct answer_setting *answer_settings_find(const struct answer_settings *settings, const char *name);
/* Encodes settings for the gate. Returns the number of bytes or ERR_NO_SPACE. */
int answer_settings_encode(const struct answer_settings *settings, uint8_t *out, size_t size) MUST_USE;

/* Decodes the profiles. Returns ERR_OK or ERR_FORMAT (also for a name that is too long or occurs twice). */
int answer_profiles_decode(struct answer_profiles *profiles, const uint8_t *data, size_t len) MUST_USE;
/* Encodes profiles for the gate. Returns the number of bytes or ERR_NO_SPACE. */
int answer_profiles_encode(const struct answer_profiles *profiles, uint8_t *out, size_t size) MUST_USE;

/* Decodes the answer to a manual opening. Returns ERR_OK or ERR_FORMAT. */
int answer_opening_decode(struct answer_opening *opening, const uint8_t *data, size_t len) MUST_USE;

/* Decodes the state of the self-test. Returns ERR_OK or ERR_FORMAT. */
int answer_selftest_decode(struct answer_selftest *selftest, const uint8_t *data, size_t len) MUST_USE;
/* Encodes {name: true}. Returns the number of bytes, at most 32, or ERR_NO_SPACE. */
int answer_selftest_encode(const char *name, uint8_t *out, size_t size) MUST_USE;

#endif
