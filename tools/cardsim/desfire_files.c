/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/desfire_files.h"

#include <string.h>

#include "tools/cardsim/desfire_apps.h"

enum { FREE_ACCESS = 0xE, NO_ACCESS = 0xF };
enum { LISTS_FREELY = 0x02, CREATES_FREELY = 0x04 }; /* key settings of the application */
enum { READ_SHIFT = 12, WRITE_SHIFT = 8, BOTH_SHIFT = 4, CHANGE_SHIFT = 0 };

static uint8_t right(uint16_t rights, int shift)
{
    return rights >> shift & 0xF;
}

struct cardsim_desfire_file *cardsim_desfire_files_find(struct cardsim_desfire *memory, uint8_t app,
                                                        uint8_t number)
{
    for (size_t i = 0; i < CARDSIM_DESFIRE_FILES_MAX; i++) {
        struct cardsim_desfire_file *file = &memory->files[i];
        if (file->exists && file->app == app && file->number == number)
            return file;
    }
    return NULL;
}

static struct cardsim_desfire_file *find_selected(struct cardsim_desfire *memory, uint8_t number)
{
    return cardsim_desfire_files_find(memory, memory->selected, number);
}

static bool rights_fit(const struct cardsim_desfire_app *app, uint16_t rights)
{
    for (int shift = 0; shift < 16; shift += 4)
        if (right(rights, shift) < FREE_ACCESS && right(rights, shift) >= app->key_count)
            return false;
    return true;
}

static struct cardsim_desfire_file *find_spare(struct cardsim_desfire *memory)
{
    for (size_t i = 0; i < CARDSIM_DESFIRE_FILES_MAX; i++)
        if (!memory->files[i].exists)
            return &memory->files[i];
    return NULL;
}

uint8_t cardsim_desfire_files_create(struct cardsim_desfire *memory, uint8_t app, uint8_t number,
                                     uint8_t mode, uint16_t rights, uint32_t size,
                                     struct cardsim_desfire_file **made)
{
    uint32_t taken = (size + CARDSIM_DESFIRE_BLOCK - 1) / CARDSIM_DESFIRE_BLOCK * CARDSIM_DESFIRE_BLOCK;
    struct cardsim_desfire_file *file = find_spare(memory);
    if (number >= CARDSIM_DESFIRE_FILE_NUMBERS || mode > CARDSIM_DESFIRE_FULL || mode == 2 || size == 0 ||
        !rights_fit(&memory->apps[app], rights))
        return CARDSIM_DESFIRE_PARAMETER;
    if (cardsim_desfire_files_find(memory, app, number))
        return CARDSIM_DESFIRE_DUPLICATE;
    if (!file)
        return CARDSIM_DESFIRE_COUNT;
    if (taken > CARDSIM_DESFIRE_POOL - memory->pool_used)
        return CARDSIM_DESFIRE_OUT_OF_MEMORY;
    *file = (struct cardsim_desfire_file){.exists = true,
                                          .app = app,
                                          .number = number,
                                          .mode = mode,
                                          .rights = rights,
                                          .size = size,
                                          .at = memory->pool_used};
    memset(memory->pool + file->at, 0, size);
    memory->pool_used += taken;
    *made = file;
    return CARDSIM_DESFIRE_OK;
}

/* Returns true if the key of the session has one of two rights of a file. */
static bool has_key(const struct cardsim_desfire *memory, uint8_t first, uint8_t second)
{
    const struct cardsim_desfire_session *session = &memory->session;
    return session->messaging != CARDSIM_DESFIRE_NO_SESSION &&
           (session->key_number == first || session->key_number == second);
}

/* Returns the status of an access with one of two rights. */
static uint8_t check_rights(const struct cardsim_desfire *memory, uint8_t first, uint8_t second)
{
    if (first == FREE_ACCESS || second == FREE_ACCESS || has_key(memory, first, second))
        return CARDSIM_DESFIRE_OK;
    return first == NO_ACCESS && second == NO_ACCESS ? CARDSIM_DESFIRE_PERMISSION_DENIED
                                                     : CARDSIM_DESFIRE_AUTHENTICATION;
}

/* Who comes in by a key talks in the file's mode, who comes in freely in plain. */
void cardsim_desfire_files_protect(struct cardsim_desfire *memory, const uint8_t *header, bool is_writing,
                                   struct cardsim_desfire_protection *protection)
{
    const struct cardsim_desfire_file *file = find_selected(memory, header[0]);
    bool by_key = file && has_key(memory, right(file->rights, is_writing ? WRITE_SHIFT : READ_SHIFT),
                                  right(file->rights, BOTH_SHIFT));
    protection->mode = by_key ? file->mode : CARDSIM_DESFIRE_PLAIN;
    protection->secures_data = is_writing;
    protection->secures_reply = !is_writing;
    protection->header_len = CARDSIM_DESFIRE_ACCESS_LEN;
    protection->data_len = is_writing ? cardsim_desfire_uint24(header + 4) : 0;
}

void cardsim_desfire_files_protect_change(struct cardsim_desfire *memory, const uint8_t *header,
                                          struct cardsim_desfire_protection *protection)
{
    enum { SETTINGS_LEN = 3 };
    const struct cardsim_desfire_file *file = find_selected(memory, header[0]);
    bool is_free = file && right(file->rights, CHANGE_SHIFT) == FREE_ACCESS;
    protection->mode = is_free ? CARDSIM_DESFIRE_PLAIN : CARDSIM_DESFIRE_FULL;
    protection->secures_data = true;
    protection->header_len = 1;
    protection->data_len = SETTINGS_LEN;
}

uint8_t cardsim_desfire_files_check(struct cardsim_desfire *memory, const uint8_t *header, bool is_writing)
{
    const struct cardsim_desfire_file *file = find_selected(memory, header[0]);
    uint32_t offset = cardsim_desfire_uint24(header + 1), len = cardsim_desfire_uint24(header + 4);
    if (memory->selected == 0)
        return CARDSIM_DESFIRE_PERMISSION_DENIED;
    if (!file)
        return CARDSIM_DESFIRE_NO_SUCH_FILE;
    uint8_t status = check_rights(memory, right(file->rights, is_writing ? WRITE_SHIFT : READ_SHIFT),
                                  right(file->rights, BOTH_SHIFT));
    if (status != CARDSIM_DESFIRE_OK)
        return status;
    if (is_writing && len == 0)
        return CARDSIM_DESFIRE_PARAMETER;
    bool fits = offset < file->size && len <= file->size - offset;
    return fits ? CARDSIM_DESFIRE_OK : CARDSIM_DESFIRE_BOUNDARY;
}

void cardsim_desfire_create_file(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                 struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    const uint8_t *data = request->data;
    struct cardsim_desfire_file *made;
    if (memory->selected == 0)
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    else if (!(memory->apps[memory->selected].settings & CREATES_FREELY) &&
             !cardsim_desfire_apps_is_master(memory))
        reply->status = CARDSIM_DESFIRE_AUTHENTICATION;
    else
        reply->status = cardsim_desfire_files_create(memory, memory->selected, data[0], data[1],
                                                     (uint16_t)(data[2] | data[3] << 8),
                                                     cardsim_desfire_uint24(data + 4), &made);
}

/* Returns the status of a command that lists files, or that makes or deletes one. */
static uint8_t check_setting(const struct cardsim_desfire *memory, uint8_t setting)
{
    if (memory->selected == 0)
        return CARDSIM_DESFIRE_PERMISSION_DENIED;
    bool may = memory->apps[memory->selected].settings & setting || cardsim_desfire_apps_is_master(memory);
    return may ? CARDSIM_DESFIRE_OK : CARDSIM_DESFIRE_AUTHENTICATION;
}

void cardsim_desfire_delete_file(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                 struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    struct cardsim_desfire_file *file = find_selected(memory, request->data[0]);
    reply->status = check_setting(memory, CREATES_FREELY);
    if (reply->status == CARDSIM_DESFIRE_OK && !file)
        reply->status = CARDSIM_DESFIRE_NO_SUCH_FILE;
    if (reply->status == CARDSIM_DESFIRE_OK)
        file->exists = false;
}

void cardsim_desfire_get_file_ids(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                  struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    (void)request;
    reply->status = check_setting(memory, LISTS_FREELY);
    for (uint8_t number = 0; number < CARDSIM_DESFIRE_FILE_NUMBERS && reply->status == CARDSIM_DESFIRE_OK;
         number++)
        if (find_selected(memory, number))
            reply->data[reply->len++] = number;
}

void cardsim_desfire_get_file_settings(struct cardsim_card *card,
                                       const struct cardsim_desfire_request *request,
                                       struct cardsim_desfire_reply *reply)
{
    enum { STANDARD_DATA = 0 };
    struct cardsim_desfire *memory = &card->memory.desfire;
    const struct cardsim_desfire_file *file = find_selected(memory, request->data[0]);
    reply->status = check_setting(memory, LISTS_FREELY);
    if (reply->status == CARDSIM_DESFIRE_OK && !file)
        reply->status = CARDSIM_DESFIRE_NO_SUCH_FILE;
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    const uint8_t settings[7] = {
        STANDARD_DATA,
        file->mode,
        (uint8_t)file->rights,
        (uint8_t)(file->rights >> 8),
        (uint8_t)file->size,
        (uint8_t)(file->size >> 8),
        (uint8_t)(file->size >> 16),
    };
    memcpy(reply->data, settings, sizeof settings);
    reply->len = sizeof settings;
}

void cardsim_desfire_change_file_settings(struct cardsim_card *card,
                                          const struct cardsim_desfire_request *request,
                                          struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    struct cardsim_desfire_file *file = find_selected(memory, request->data[0]);
    uint16_t rights = (uint16_t)(request->data[2] | request->data[3] << 8);
    if (memory->selected == 0)
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    else if (!file)
        reply->status = CARDSIM_DESFIRE_NO_SUCH_FILE;
    else
        reply->status =
            check_rights(memory, right(file->rights, CHANGE_SHIFT), right(file->rights, CHANGE_SHIFT));
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    if (request->data[1] > CARDSIM_DESFIRE_FULL || request->data[1] == 2 ||
        !rights_fit(&memory->apps[memory->selected], rights)) {
        reply->status = CARDSIM_DESFIRE_PARAMETER;
        return;
    }
    file->mode = request->data[1];
    file->rights = rights;
}

void cardsim_desfire_read_data(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                               struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint32_t offset = cardsim_desfire_uint24(request->data + 1),
             len = cardsim_desfire_uint24(request->data + 4);
    reply->status = cardsim_desfire_files_check(memory, request->data, false);
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    const struct cardsim_desfire_file *file = find_selected(memory, request->data[0]);
    reply->len = len ? len : file->size - offset; /* 0 reads up to the end */
    memcpy(reply->data, memory->pool + file->at + offset, reply->len);
}

void cardsim_desfire_write_data(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint32_t offset = cardsim_desfire_uint24(request->data + 1),
             len = cardsim_desfire_uint24(request->data + 4);
    reply->status = cardsim_desfire_files_check(memory, request->data, true);
    if (reply->status == CARDSIM_DESFIRE_OK && request->len != CARDSIM_DESFIRE_ACCESS_LEN + len)
        reply->status = CARDSIM_DESFIRE_LENGTH;
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    const struct cardsim_desfire_file *file = find_selected(memory, request->data[0]);
    memcpy(memory->pool + file->at + offset, request->data + CARDSIM_DESFIRE_ACCESS_LEN, len);
}

void cardsim_desfire_get_free_memory(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                     struct cardsim_desfire_reply *reply)
{
    uint32_t left = CARDSIM_DESFIRE_POOL - card->memory.desfire.pool_used;
    (void)request;
    for (int i = 0; i < 3; i++)
        reply->data[i] = (uint8_t)(left >> 8 * i);
    reply->len = 3;
}
