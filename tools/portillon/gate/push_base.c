/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/push_base.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/store/list_store.h"
#include "tools/portillon/store/office_register.h"

static bool is_running(const struct list_file *list, const struct answer_whitelist *state)
{
    uint8_t digest[CRYPTO_HASH_LEN];
    if (list->header.version != state->running.version)
        return false;
    list_file_digest(list, digest);
    return !state->running.has_digest || memcmp(digest, state->running.digest, ANSWER_DIGEST_LEN) == 0;
}

/* Takes the len bytes at open->data, if they are the list that the gate runs. Frees them otherwise. */
static bool take(struct list_open *open, size_t len, const struct gate_options *gate,
                 const struct answer_whitelist *state)
{
    const char *why;
    if (list_open_bytes(open, len, gate->identity.site_key, &why) == ERR_OK && is_running(&open->list, state))
        return true;
    list_open_free(open);
    return false;
}

static bool find_in_file(struct list_open *open, const struct gate_options *gate, const char *path,
                         const struct answer_whitelist *state)
{
    size_t len;
    return file_read(path, LIST_FILE_MAX, &open->data, &len) == ERR_OK && take(open, len, gate, state);
}

static bool find_in_site(struct list_open *open, const struct gate_options *gate,
                         const struct answer_whitelist *state)
{
    static const char *const names[] = {SITE_LIST_BEFORE_FILE, SITE_LIST_FILE};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", gate->site, names[i]);
        if (find_in_file(open, gate, path, state))
            return true;
    }
    return false;
}

/* Looks in the register. Without one, or if it cannot be read, the list is sent whole: no error. */
static bool find_in_register(struct list_open *open, const struct gate_options *gate,
                             const struct answer_whitelist *state)
{
    char path[PATH_MAX];
    struct people_store people;
    size_t len = 0;
    if (office_register_read(gate->site, gate->command, path) != ERR_OK)
        return false;
    int error = people_store_open_existing(&people, path, gate->identity.site_id);
    if (error == ERR_OK)
        error = list_store_read(&people.db, state->running.version, &open->data, &len);
    people_store_close(&people);
    return error == ERR_OK && take(open, len, gate, state);
}

bool push_base_find(struct list_open *open, const struct gate_options *gate, const char *given,
                    const struct answer_whitelist *state)
{
    *open = (struct list_open){0};
    if (!state->has_running || !gate->has_identity)
        return false;
    if (given != NULL && find_in_file(open, gate, given, state))
        return true;
    if (given != NULL)
        command_note("whitelist push: %s is not the list that the gate runs (version %" PRIu32 ")", given,
                     state->running.version);
    return find_in_site(open, gate, state) || find_in_register(open, gate, state);
}
