/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_card_keys.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/hex_text.h"

enum { FILE_MAX = 16384, LINE_MAX_LEN = 200, KEY_HEX_LEN = 2 * CRYPTO_KEY_LEN };

static const char heading[] =
    "# The keys with which the gates authenticate cards: SET VERSION = derived, or 32 hex digits.\n"
    "# Keep them secret: whoever has them can make cards. `portillon keys` changes this file.\n";

static int derive(const uint8_t master[SITE_KEYS_MASTER_LEN], struct identity_card_key *key)
{
    char purpose[32];
    snprintf(purpose, sizeof purpose, "card/%u/%u", key->set, key->version);
    return site_keys_derive(master, purpose, NULL, 0, key->key, sizeof key->key);
}

/* Returns the place of a key, or where it belongs. */
static int place_of(const struct site_card_keys *keys, uint8_t set, uint8_t version)
{
    int place = 0;
    while (place < keys->count && (keys->keys[place].set < set ||
                                   (keys->keys[place].set == set && keys->keys[place].version < version)))
        place++;
    return place;
}

static bool is_at(const struct site_card_keys *keys, int place, uint8_t set, uint8_t version)
{
    return place < keys->count && keys->keys[place].set == set && keys->keys[place].version == version;
}

int site_card_keys_add(struct site_card_keys *keys, const uint8_t master[SITE_KEYS_MASTER_LEN], uint8_t set,
                       uint8_t version, const uint8_t key[CRYPTO_KEY_LEN])
{
    struct identity_card_key added = {.set = set, .version = version};
    int place = place_of(keys, set, version);
    if (set == 0 || is_at(keys, place, set, version))
        return ERR_ARGUMENT;
    if (keys->count == IDENTITY_CARD_KEYS_MAX)
        return ERR_NO_SPACE;
    if (key != NULL)
        memcpy(added.key, key, sizeof added.key);
    else if (derive(master, &added) != ERR_OK)
        return ERR_CRYPTO;
    size_t behind = (size_t)(keys->count - place);
    memmove(&keys->keys[place + 1], &keys->keys[place], behind * sizeof keys->keys[0]);
    memmove(&keys->is_derived[place + 1], &keys->is_derived[place], behind * sizeof keys->is_derived[0]);
    keys->keys[place] = added;
    keys->is_derived[place] = key == NULL;
    keys->count++;
    crypto_wipe(&added, sizeof added);
    return ERR_OK;
}

int site_card_keys_remove(struct site_card_keys *keys, uint8_t set, uint8_t version)
{
    int place = place_of(keys, set, version);
    if (!is_at(keys, place, set, version))
        return ERR_NOT_FOUND;
    size_t behind = (size_t)(--keys->count - place);
    memmove(&keys->keys[place], &keys->keys[place + 1], behind * sizeof keys->keys[0]);
    memmove(&keys->is_derived[place], &keys->is_derived[place + 1], behind * sizeof keys->is_derived[0]);
    crypto_wipe(&keys->keys[keys->count], sizeof keys->keys[0]);
    return ERR_OK;
}

int site_card_keys_newest(const struct site_card_keys *keys, uint8_t set)
{
    int newest = -1;
    for (int i = 0; i < keys->count; i++)
        if (keys->keys[i].set == set)
            newest = keys->keys[i].version;
    return newest;
}

/* Reads one line without its comment. Returns ERR_OK or an error of site_card_keys_add; ERR_FORMAT: it has
 * another form. */
static int take_line(struct site_card_keys *keys, const uint8_t master[SITE_KEYS_MASTER_LEN],
                     const char *line)
{
    unsigned set, version;
    char value[KEY_HEX_LEN + 2];
    uint8_t key[CRYPTO_KEY_LEN];
    size_t len = 0;
    int used = 0;
    if (sscanf(line, " %3u %3u = %33s %n", &set, &version, value, &used) != 3 || line[used] != '\0' ||
        set > 255 || version > 255)
        return ERR_FORMAT;
    bool is_derived = strcmp(value, "derived") == 0;
    if (!is_derived && (hex_text_parse(value, key, sizeof key, &len) != ERR_OK || len != sizeof key))
        return ERR_FORMAT;
    int error = site_card_keys_add(keys, master, (uint8_t)set, (uint8_t)version, is_derived ? NULL : key);
    crypto_wipe(key, sizeof key);
    crypto_wipe(value, sizeof value);
    return error;
}

static const char *what_is_wrong(int error)
{
    if (error == ERR_ARGUMENT)
        return _("a set is a number from 1 on, and each set and version stands once");
    if (error == ERR_NO_SPACE)
        return _("a gate holds eight keys at most: remove one that no card has any more");
    return error == ERR_CRYPTO ? _("the key could not be derived")
                               : _("is not 'SET VERSION = derived' or 'SET VERSION = 32 hex digits'");
}

static int take_text(struct site_card_keys *keys, const uint8_t master[SITE_KEYS_MASTER_LEN], char *text,
                     const char *path, const char *command)
{
    int number = 0;
    for (char *line; (line = strsep(&text, "\n")) != NULL;) {
        number++;
        line[strcspn(line, "#\r")] = '\0';
        if (line[strspn(line, " \t")] == '\0')
            continue;
        int error = take_line(keys, master, line);
        if (error == ERR_OK)
            continue;
        command_fail("%s: %s:%d: %s", command, path, number, what_is_wrong(error));
        return error == ERR_CRYPTO ? ERR_CRYPTO : ERR_FORMAT;
    }
    return ERR_OK;
}

int site_card_keys_read(const char *folder, const char *command, const uint8_t master[SITE_KEYS_MASTER_LEN],
                        struct site_card_keys *keys)
{
    char path[PATH_MAX];
    uint8_t *bytes;
    size_t len;
    memset(keys, 0, sizeof *keys);
    snprintf(path, sizeof path, "%s/%s", folder, SITE_CARD_KEYS_FILE);
    int error = file_read(path, FILE_MAX, &bytes, &len);
    if (error == ERR_IO && errno == ENOENT)
        return ERR_OK;
    if (error != ERR_OK) {
        command_fail("%s: %s: %s", command, path,
                     error == ERR_NO_SPACE ? _("is too long") : translate_errno(errno));
        return error;
    }
    char *text = strndup((const char *)bytes, len);
    crypto_wipe(bytes, len);
    free(bytes);
    if (text == NULL)
        return ERR_IO;
    error = take_text(keys, master, text, path, command);
    crypto_wipe(text, len);
    free(text);
    return error;
}

int site_card_keys_write(const char *folder, const char *command, const struct site_card_keys *keys)
{
    char path[PATH_MAX], text[sizeof heading + IDENTITY_CARD_KEYS_MAX * (KEY_HEX_LEN + 16)];
    size_t len = sizeof heading - 1;
    memcpy(text, heading, sizeof heading);
    for (int i = 0; i < keys->count; i++) {
        const struct identity_card_key *key = &keys->keys[i];
        len += (size_t)snprintf(text + len, sizeof text - len, "%u %u = ", key->set, key->version);
        if (keys->is_derived[i])
            len += (size_t)snprintf(text + len, sizeof text - len, "derived");
        for (size_t b = 0; b < sizeof key->key && !keys->is_derived[i]; b++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%02X", key->key[b]);
        len += (size_t)snprintf(text + len, sizeof text - len, "\n");
    }
    snprintf(path, sizeof path, "%s/%s", folder, SITE_CARD_KEYS_FILE);
    int error = file_write_atomic(path, text, len, 0600);
    if (error != ERR_OK)
        command_fail("%s: %s: cannot be written: %s", command, path, translate_errno(errno));
    crypto_wipe(text, sizeof text);
    return error;
}
