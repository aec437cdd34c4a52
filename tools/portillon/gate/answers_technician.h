/*
 * What the gate answers to a technician, out of CBOR into structs; as answers.h in every respect.
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

/* Settings are taken as the gate names them, so that a newer gate's can be shown and changed too. */
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
    uint32_t seq;                /* its number in the journal; 0: the gate is released and nothing was done */
    uint32_t ahead;              /* people before */
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
};

/* Members that are neither a flag nor a number up to 2^32 - 1 are passed over.
 * @retval ERR_OK, ERR_FORMAT (also for a name that is too long, or more than ANSWER_SETTINGS_MAX). */
int answer_settings_decode(struct answer_settings *settings, const uint8_t *data, size_t len) MUST_USE;
/* NULL: there is none of that name. */
const struct answer_setting *answer_settings_find(const struct answer_settings *settings, const char *name);
/* As the gate takes them. @retval count of bytes, ERR_NO_SPACE. */
int answer_settings_encode(const struct answer_settings *settings, uint8_t *out, size_t size) MUST_USE;

/* @retval ERR_OK, ERR_FORMAT (also for a name that is too long or there twice). */
int answer_profiles_decode(struct answer_profiles *profiles, const uint8_t *data, size_t len) MUST_USE;
/* As the gate takes them. @retval count of bytes, ERR_NO_SPACE. */
int answer_profiles_encode(const struct answer_profiles *profiles, uint8_t *out, size_t size) MUST_USE;

/* @retval ERR_OK, ERR_FORMAT. */
int answer_opening_decode(struct answer_opening *opening, const uint8_t *data, size_t len) MUST_USE;

/* @retval ERR_OK, ERR_FORMAT. */
int answer_selftest_decode(struct answer_selftest *selftest, const uint8_t *data, size_t len) MUST_USE;
/* {name: true} @retval count of bytes, at most 32; ERR_NO_SPACE. */
int answer_selftest_encode(const char *name, uint8_t *out, size_t size) MUST_USE;

#endif
