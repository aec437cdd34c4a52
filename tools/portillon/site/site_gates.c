/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_gates.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/secret_file.h"
#include "tools/portillon/common/suggest.h"
#include "tools/portillon/site/site_epochs.h"
#include "tools/portillon/site/site_keys.h"

#define IDENTITY_SUFFIX   ".identity"
#define IDENTITY_FILE_MAX 65536

bool site_device_id_is_good(const char *device_id)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const char others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(device_id);
    return len >= 1 && len <= IDENTITY_DEVICE_ID_MAX && strspn(device_id, first) >= 1 &&
           strspn(device_id, others) == len;
}

/* --- keys --- */

static int derive_keys(const struct site *site, unsigned epoch, struct identity *identity)
{
    const struct {
        const char *purpose;
        uint8_t *key;
    } keys[] = {
        {"journal", identity->journal_key},
        {"storage", identity->storage_key},
        {"role/maintenance", identity->role_key[ROLE_MAINTENANCE - 1]},
        {"role/technician", identity->role_key[ROLE_TECHNICIAN - 1]},
    };
    int error = ERR_OK;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && error == ERR_OK; i++)
        error = site_keys_derive(site->master, keys[i].purpose, identity->device_id, epoch, keys[i].key,
                                 CRYPTO_KEY_LEN);
    return error;
}

int site_derive_identity(const struct site *site, const char *device_id, unsigned epoch, const char *name,
                         enum zone zone, struct identity *identity)
{
    *identity = (struct identity){.zone = zone};
    memcpy(identity->site_id, site->site_id, sizeof identity->site_id);
    memcpy(identity->site_key, site->public_key, sizeof identity->site_key);
    memcpy(identity->tag_key, site->tag_key, sizeof identity->tag_key);
    snprintf(identity->device_id, sizeof identity->device_id, "%s", device_id);
    snprintf(identity->name, sizeof identity->name, "%s", name);
    identity->card_key_count = site->card_keys.count;
    memcpy(identity->card_keys, site->card_keys.keys, sizeof identity->card_keys);
    /* The seed is not derived: when a gate is flashed again, its generator must not repeat its first
     * values. */
    if (derive_keys(site, epoch, identity) != ERR_OK ||
        crypto_random(identity->seed, sizeof identity->seed) != ERR_OK)
        return ERR_CRYPTO;
    return ERR_OK;
}

static bool has_same_keys(const struct identity *a, const struct identity *b)
{
    return memcmp(a->journal_key, b->journal_key, sizeof a->journal_key) == 0 &&
           memcmp(a->storage_key, b->storage_key, sizeof a->storage_key) == 0 &&
           memcmp(a->role_key, b->role_key, sizeof a->role_key) == 0;
}

int site_find_epoch(const struct site *site, const struct identity *identity, unsigned *epoch)
{
    struct identity tried = *identity;
    int error = ERR_NOT_FOUND;
    for (unsigned e = 0; e <= SITE_EPOCHS_MAX && error == ERR_NOT_FOUND; e++) {
        if (derive_keys(site, e, &tried) != ERR_OK)
            error = ERR_CRYPTO;
        else if (has_same_keys(&tried, identity))
            error = ERR_OK;
        *epoch = e;
    }
    crypto_wipe(&tried, sizeof tried);
    return error;
}

int site_gate_epoch(const struct site *site, const char *command, const char *device_id, unsigned *epoch)
{
    return site_epochs_get(site->folder, command, device_id, epoch);
}

/* --- identity files --- */

void site_gate_path(const struct site *site, const char *device_id, char path[PATH_MAX])
{
    char name[sizeof SITE_GATES_FOLDER + IDENTITY_DEVICE_ID_MAX + sizeof IDENTITY_SUFFIX];
    snprintf(name, sizeof name, "%s/%s%s", SITE_GATES_FOLDER, device_id, IDENTITY_SUFFIX);
    site_path(site, name, path);
}

int site_peek_gate(const struct site *site, const char *device_id, struct identity *identity)
{
    char path[PATH_MAX];
    uint8_t *block;
    size_t len;
    site_gate_path(site, device_id, path);
    int error = file_read(path, IDENTITY_FILE_MAX, &block, &len);
    if (error != ERR_OK)
        return error;
    error = identity_decode(identity, block, len);
    crypto_wipe(block, len);
    free(block);
    if (error == ERR_OK && (memcmp(identity->site_id, site->site_id, sizeof site->site_id) != 0 ||
                            strcmp(identity->device_id, device_id) != 0))
        error = ERR_SITE;
    return error;
}

static void no_such_gate(const struct site *site, const char *command, const char *device_id)
{
    static char ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1];
    static const char *known[SITE_GATES_MAX + 1];
    int count = site_list_gates(site, ids);
    for (int i = 0; i < count; i++)
        known[i] = ids[i];
    known[count > 0 ? count : 0] = NULL;
    const char *meant = suggest_nearest(device_id, known);
    char folder[PATH_MAX];
    site_path(site, SITE_GATES_FOLDER, folder);
    if (meant != NULL)
        command_fail(
            "%s: %s: no such gate in %s: did you mean %s (portillon identity makes one; %s has those there "
            "are)",
            command, device_id, site->folder, meant, folder);
    else
        command_fail("%s: %s: no such gate in %s (portillon identity makes one; %s has those there are)",
                     command, device_id, site->folder, folder);
}

/* Says why an identity file cannot be used. */
static void say_unusable(const struct site *site, const char *command, const char *device_id, int error)
{
    char path[PATH_MAX];
    site_gate_path(site, device_id, path);
    if (error == ERR_IO && errno == ENOENT)
        no_such_gate(site, command, device_id);
    else if (error == ERR_IO || error == ERR_NO_SPACE)
        command_fail("%s: %s: %s", command, path,
                     error == ERR_IO ? translate_errno(errno) : _("is too long"));
    else
        command_fail("%s: %s: not an identity of this gate and site (%s): portillon identity makes it anew",
                     command, path, error_name(error));
}

/* Says that an identity has other keys than those of the current epoch. */
static int fail_epoch(const struct site *site, const char *command, const struct identity *identity,
                      unsigned current)
{
    char path[PATH_MAX];
    unsigned epoch;
    site_gate_path(site, identity->device_id, path);
    if (site_find_epoch(site, identity, &epoch) != ERR_OK)
        command_fail("%s: %s: its keys do not come from master.key of this site: portillon identity makes "
                     "it anew",
                     command, path);
    else if (epoch < current)
        command_fail("%s: %s: has the keys of epoch %u, and %s/%s says %u: portillon identity makes it anew",
                     command, path, epoch, site->folder, SITE_EPOCHS_FILE, current);
    else
        command_fail("%s: %s: has the keys of epoch %u, and %s/%s says %u: that file is older, or gone. Take "
                     "it from a "
                     "newer copy of the site folder, or write '%s = %u' into it",
                     command, path, epoch, site->folder, SITE_EPOCHS_FILE, current, identity->device_id,
                     epoch);
    return ERR_VERSION;
}

static int check_keys(const struct site *site, const char *command, const struct identity *identity)
{
    struct identity current = *identity;
    unsigned epoch;
    int error = site_gate_epoch(site, command, identity->device_id, &epoch);
    if (error == ERR_OK)
        error = derive_keys(site, epoch, &current);
    if (error == ERR_OK && !has_same_keys(&current, identity))
        error = fail_epoch(site, command, identity, epoch);
    crypto_wipe(&current, sizeof current);
    return error;
}

int site_read_gate(const struct site *site, const char *command, const char *device_id,
                   struct identity *identity)
{
    char path[PATH_MAX];
    if (!site_device_id_is_good(device_id)) {
        command_fail("%s: %s: not a device id (1 to %d of A-Z a-z 0-9 . _ -)", command, device_id,
                     IDENTITY_DEVICE_ID_MAX);
        return ERR_NOT_FOUND;
    }
    int error = site_peek_gate(site, device_id, identity);
    if (error != ERR_OK) {
        bool is_absent = error == ERR_IO && errno == ENOENT;
        say_unusable(site, command, device_id, error);
        return is_absent ? ERR_NOT_FOUND : error;
    }
    site_gate_path(site, device_id, path);
    secret_file_check(command, path, _("this secret"));
    return check_keys(site, command, identity);
}

int site_read_gate_at(const struct site *site, const char *command, const char *device_id, unsigned epoch,
                      struct identity *identity)
{
    unsigned current;
    int error = site_read_gate(site, command, device_id, identity);
    if (error == ERR_OK)
        error = site_gate_epoch(site, command, device_id, &current);
    if (error == ERR_OK && epoch > current) {
        command_fail("%s: --epoch %u: the keys of %s are of epoch %u, and later ones do not exist", command,
                     epoch, device_id, current);
        error = ERR_ARGUMENT;
    }
    return error == ERR_OK ? derive_keys(site, epoch, identity) : error;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

int site_list_gates(const struct site *site, char ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1])
{
    char path[PATH_MAX];
    int count = 0;
    site_path(site, SITE_GATES_FOLDER, path);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        command_fail("gates: %s: %s", path, translate_errno(errno));
        return ERR_IO;
    }
    for (struct dirent *entry; count < SITE_GATES_MAX && (entry = readdir(folder)) != NULL;) {
        size_t len = strlen(entry->d_name), suffix_len = strlen(IDENTITY_SUFFIX);
        if (len <= suffix_len || len - suffix_len > IDENTITY_DEVICE_ID_MAX ||
            strcmp(entry->d_name + len - suffix_len, IDENTITY_SUFFIX) != 0)
            continue;
        entry->d_name[len - suffix_len] = '\0';
        if (site_device_id_is_good(entry->d_name))
            snprintf(ids[count++], sizeof ids[0], "%.*s", IDENTITY_DEVICE_ID_MAX, entry->d_name);
    }
    closedir(folder);
    qsort(ids, (size_t)count, sizeof ids[0], compare_ids);
    return count;
}

void site_gates_text(char ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1], int count,
                     char out[SITE_GATES_TEXT_SIZE])
{
    out[0] = '\0';
    for (int i = 0; i < count && i < SITE_GATES_NAMED; i++) {
        strcat(out, i > 0 ? ", " : "");
        strcat(out, ids[i]);
    }
    if (count > SITE_GATES_NAMED)
        strcat(out, ", ...");
}
