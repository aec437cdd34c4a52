/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/desfire_options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/cardsim/desfire_apps.h"
#include "tools/cardsim/desfire_files.h"
#include "tools/cardsim/text.h"

enum { DEFAULT_SETTINGS = 0x0F, DEFAULT_KEY_COUNT = 5 };

static const char *const mode_names[] = {"plain", "maced", "", "full"};

/* Reads KEY or KEY:VERSION in hexadecimal. */
static bool read_key(const char *value, struct cardsim_desfire_key *key)
{
    char digits[33];
    size_t len = strcspn(value, ":");
    if (len != 32)
        return false;
    memcpy(digits, value, len);
    digits[len] = '\0';
    key->version = 0;
    return cardsim_text_hex(digits, key->bytes, 16) == 16 &&
           (value[len] == '\0' || cardsim_text_hex(value + len + 1, &key->version, 1) == 1);
}

static bool add_app(struct cardsim_desfire *memory, const char *value)
{
    uint8_t aid[3];
    if (cardsim_text_hex(value, aid, sizeof aid) != sizeof aid)
        return false;
    int made =
        cardsim_desfire_apps_create(memory, aid, DEFAULT_SETTINGS, CARDSIM_DESFIRE_AES | DEFAULT_KEY_COUNT);
    if (made < 0)
        return false;
    memory->option_app = (uint8_t)made;
    for (size_t i = 0; i < CARDSIM_DESFIRE_KEYS_MAX; i++)
        memory->apps[made].keys[i] = memory->first_key;
    return true;
}

/* key= sets all keys of the application; before any aid=, those of the next one. */
static bool set_all_keys(struct cardsim_desfire *memory, const char *value)
{
    struct cardsim_desfire_key key;
    if (!read_key(value, &key))
        return false;
    if (memory->option_app == 0)
        memory->first_key = key;
    for (size_t i = 0; i < CARDSIM_DESFIRE_KEYS_MAX && memory->option_app != 0; i++)
        memory->apps[memory->option_app].keys[i] = key;
    return true;
}

static bool set_one_key(struct cardsim_desfire *memory, const char *number_text, const char *value)
{
    long number = cardsim_text_number(number_text, CARDSIM_DESFIRE_KEYS_MAX - 1);
    return number >= 0 && memory->option_app != 0 &&
           read_key(value, &memory->apps[memory->option_app].keys[number]);
}

static bool set_key_count(struct cardsim_desfire *memory, const char *value)
{
    long count = cardsim_text_number(value, CARDSIM_DESFIRE_KEYS_MAX);
    if (count < 1 || memory->option_app == 0)
        return false;
    memory->apps[memory->option_app].key_count = (uint8_t)count;
    return true;
}

static int find_mode(const char *name)
{
    for (int i = 0; i <= CARDSIM_DESFIRE_FULL; i++)
        if (*name && strcmp(mode_names[i], name) == 0)
            return i;
    return -1;
}

/* Splits NUMBER:MODE:RIGHTS:CONTENT in place. */
static bool split_file(char *text, char *fields[4])
{
    for (size_t i = 0; i < 4; i++) {
        fields[i] = text;
        char *colon = text ? strchr(text, ':') : NULL;
        if (!text || (i < 3 && !colon))
            return false;
        if (i < 3)
            *colon = '\0';
        text = colon ? colon + 1 : NULL;
    }
    return true;
}

/* file=NUMBER:MODE:RIGHTS:CONTENT makes a standard data file. */
static bool add_file(struct cardsim_desfire *memory, const char *value)
{
    char text[2 * CARDSIM_DESFIRE_POOL + 32], *fields[4];
    uint8_t rights[2], content[CARDSIM_DESFIRE_POOL];
    if (strlen(value) >= sizeof text || memory->option_app == 0)
        return false;
    strcpy(text, value);
    if (!split_file(text, fields))
        return false;
    long number = cardsim_text_number(fields[0], CARDSIM_DESFIRE_FILE_NUMBERS - 1);
    int mode = find_mode(fields[1]), len = cardsim_text_hex(fields[3], content, sizeof content);
    struct cardsim_desfire_file *file;
    if (number < 0 || mode < 0 || len < 1 || cardsim_text_hex(fields[2], rights, 2) != 2)
        return false;
    const struct cardsim_desfire_file plan = {.app = memory->option_app,
                                              .number = (uint8_t)number,
                                              .mode = (uint8_t)mode,
                                              .rights = (uint16_t)(rights[0] << 8 | rights[1]),
                                              .size = (uint32_t)len};
    if (cardsim_desfire_files_create(memory, &plan, &file) != CARDSIM_DESFIRE_OK)
        return false;
    memcpy(memory->pool + file->at, content, (size_t)len);
    return true;
}

/* A new card comes with a DES key, which cannot be used here; AES authentications are refused. */
static bool set_master_key(struct cardsim_desfire_app *card, const char *value)
{
    bool is_des = strcmp(value, "des") == 0;
    card->key_type = is_des ? CARDSIM_DESFIRE_DES : CARDSIM_DESFIRE_AES;
    return is_des || read_key(value, &card->keys[0]);
}

static bool set_settings(struct cardsim_desfire_app *app, const char *value)
{
    return cardsim_text_hex(value, &app->settings, 1) == 1;
}

static bool set_random_uid(struct cardsim_card *card, const char *value)
{
    card->random_uid = strcmp(value, "yes") == 0;
    return card->random_uid;
}

bool cardsim_desfire_option(struct cardsim_card *card, const char *key, const char *value)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    if (strcmp(key, "aid") == 0)
        return add_app(memory, value);
    if (strcmp(key, "key") == 0)
        return set_all_keys(memory, value);
    if (strcmp(key, "keys") == 0)
        return set_key_count(memory, value);
    if (strcmp(key, "settings") == 0)
        return memory->option_app != 0 && set_settings(&memory->apps[memory->option_app], value);
    if (strcmp(key, "file") == 0)
        return add_file(memory, value);
    if (strcmp(key, "picc-key") == 0)
        return set_master_key(&memory->apps[0], value);
    if (strcmp(key, "picc-settings") == 0)
        return set_settings(&memory->apps[0], value);
    if (strcmp(key, "random-uid") == 0)
        return set_random_uid(card, value);
    if (strcmp(key, "rndb") == 0)
        return memory->rnd_b_is_fixed = cardsim_text_hex(value, memory->rnd_b, 16) == 16;
    if (strcmp(key, "ti") == 0)
        return memory->transaction_is_fixed = cardsim_text_hex(value, memory->fixed_transaction, 4) == 4;
    return strncmp(key, "key", 3) == 0 && set_one_key(memory, key + 3, value);
}

struct text {
    char *at;
    size_t left;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text->at, text->left, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= text->left)
        len = text->left ? (int)text->left - 1 : 0;
    text->at += len;
    text->left -= (size_t)len;
}

static void describe_app(struct text *text, const struct cardsim_desfire *memory, int index)
{
    const struct cardsim_desfire_app *app = &memory->apps[index];
    char hex[7];
    add(text, " aid=%s keys=%u%s settings=%02X", cardsim_text_to_hex(app->aid, 3, hex), app->key_count,
        app->key_type == CARDSIM_DESFIRE_AES ? "" : "(DES)", app->settings);
    for (size_t i = 0; i < CARDSIM_DESFIRE_FILES_MAX; i++) {
        const struct cardsim_desfire_file *file = &memory->files[i];
        if (file->exists && file->app == index)
            add(text, " file=%u:%s:%04X:%u", file->number, mode_names[file->mode], file->rights,
                (unsigned)file->size);
    }
}

void cardsim_desfire_describe(const struct cardsim_card *card, char *text, size_t size)
{
    static const char *const messaging[] = {"none", "ev1", "ev2"};
    const struct cardsim_desfire *memory = &card->memory.desfire;
    struct text out = {.at = text, .left = size};
    char hex[7];
    add(&out, "session=%s selected=%s authenticated=%u refused=%u free=%u",
        messaging[memory->session.messaging], cardsim_text_to_hex(memory->apps[memory->selected].aid, 3, hex),
        memory->authenticated, memory->refused, (unsigned)(CARDSIM_DESFIRE_POOL - memory->pool_used));
    for (int i = 1; i < CARDSIM_DESFIRE_APPS_MAX; i++)
        if (memory->apps[i].exists)
            describe_app(&out, memory, i);
}

bool cardsim_desfire_content(struct cardsim_card *card, const char *name, char *text, size_t size)
{
    enum { AID_DIGITS = 6 };
    struct cardsim_desfire *memory = &card->memory.desfire;
    char digits[AID_DIGITS + 1];
    uint8_t aid[3];
    if (strlen(name) <= AID_DIGITS + 1 || name[AID_DIGITS] != ':')
        return false;
    memcpy(digits, name, AID_DIGITS);
    digits[AID_DIGITS] = '\0';
    long number = cardsim_text_number(name + AID_DIGITS + 1, CARDSIM_DESFIRE_FILE_NUMBERS - 1);
    int app = cardsim_text_hex(digits, aid, sizeof aid) == 3 ? cardsim_desfire_apps_find(memory, aid) : -1;
    if (number < 0 || app < 0)
        return false;
    const struct cardsim_desfire_file *file =
        cardsim_desfire_files_find(memory, (uint8_t)app, (uint8_t)number);
    if (!file || size < 2 * (size_t)file->size + 1)
        return false;
    cardsim_text_to_hex(memory->pool + file->at, file->size, text);
    return true;
}
