/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/desfire_files.h"

#include <string.h>

enum { FREE_ACCESS = 0xE, NO_ACCESS = 0xF };
enum { LISTS_FREELY = 0x02, CREATES_FREELY = 0x04 }; /* key settings of the application */
enum { CHANGE_SHIFT = 0 };

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

struct cardsim_desfire_file *cardsim_desfire_files_selected(struct cardsim_desfire *memory, uint8_t number)
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

/* Returns the bytes of the pool that a file takes: a file of a transaction has its data twice or one record
 * more. */
static uint32_t bytes_of(const struct cardsim_desfire_file *plan)
{
    uint32_t bytes = plan->size;
    if (plan->type == CARDSIM_DESFIRE_BACKUP)
        bytes = plan->size > CARDSIM_DESFIRE_POOL ? UINT32_MAX : 2 * plan->size;
    if (plan->type >= CARDSIM_DESFIRE_LINEAR)
        bytes = plan->size > CARDSIM_DESFIRE_POOL || plan->records_max > CARDSIM_DESFIRE_POOL
                    ? UINT32_MAX
                    : plan->size * (plan->records_max + 1);
    return bytes > CARDSIM_DESFIRE_POOL
               ? UINT32_MAX
               : (bytes + CARDSIM_DESFIRE_BLOCK - 1) / CARDSIM_DESFIRE_BLOCK * CARDSIM_DESFIRE_BLOCK;
}

/* Returns true if the parameters of a new file make sense. A cyclic file needs two records: one is always
 * spare. */
static bool is_sensible(const struct cardsim_desfire *memory, const struct cardsim_desfire_file *plan)
{
    uint32_t records_min = plan->type == CARDSIM_DESFIRE_CYCLIC   ? 2
                           : plan->type == CARDSIM_DESFIRE_LINEAR ? 1
                                                                  : 0;
    return plan->number < CARDSIM_DESFIRE_FILE_NUMBERS && plan->mode <= CARDSIM_DESFIRE_FULL &&
           plan->mode != 2 && plan->size > 0 && plan->records_max >= records_min &&
           rights_fit(&memory->apps[plan->app], plan->rights);
}

uint8_t cardsim_desfire_files_create(struct cardsim_desfire *memory, const struct cardsim_desfire_file *plan,
                                     struct cardsim_desfire_file **made)
{
    uint32_t taken = bytes_of(plan);
    struct cardsim_desfire_file *file = find_spare(memory);
    if (!is_sensible(memory, plan))
        return CARDSIM_DESFIRE_PARAMETER;
    if (cardsim_desfire_files_find(memory, plan->app, plan->number))
        return CARDSIM_DESFIRE_DUPLICATE;
    if (!file)
        return CARDSIM_DESFIRE_COUNT;
    if (taken > CARDSIM_DESFIRE_POOL - memory->pool_used)
        return CARDSIM_DESFIRE_OUT_OF_MEMORY;
    *file = *plan;
    file->exists = true;
    file->at = memory->pool_used;
    memset(memory->pool + file->at, 0, taken);
    memory->pool_used += taken;
    *made = file;
    return CARDSIM_DESFIRE_OK;
}

uint8_t *cardsim_desfire_files_next(struct cardsim_desfire *memory, const struct cardsim_desfire_file *file)
{
    uint32_t offset = file->type == CARDSIM_DESFIRE_BACKUP   ? file->size
                      : file->type >= CARDSIM_DESFIRE_LINEAR ? file->size * file->records_max
                                                             : 0;
    return memory->pool + file->at + offset;
}

/* Returns the key that has one right of a file; rights are a set of CARDSIM_DESFIRE_MAY_, taken from its
 * lowest. */
static uint8_t key_of_right(const struct cardsim_desfire_file *file, unsigned one)
{
    int shift = one == CARDSIM_DESFIRE_MAY_READ ? 12 : one == CARDSIM_DESFIRE_MAY_WRITE ? 8 : 4;
    return right(file->rights, shift);
}

static bool is_key_of_session(const struct cardsim_desfire *memory, uint8_t key)
{
    return memory->session.messaging != CARDSIM_DESFIRE_NO_SESSION && memory->session.key_number == key;
}

/* Returns the status of an access by one key. */
static uint8_t check_key(const struct cardsim_desfire *memory, uint8_t key)
{
    if (key == FREE_ACCESS || is_key_of_session(memory, key))
        return CARDSIM_DESFIRE_OK;
    return key == NO_ACCESS ? CARDSIM_DESFIRE_PERMISSION_DENIED : CARDSIM_DESFIRE_AUTHENTICATION;
}

/* Returns true if the key of the session has one of some rights. */
static bool has_right(const struct cardsim_desfire *memory, const struct cardsim_desfire_file *file,
                      unsigned rights)
{
    for (unsigned one = CARDSIM_DESFIRE_MAY_READ; one <= CARDSIM_DESFIRE_MAY_BOTH; one <<= 1)
        if (rights & one && is_key_of_session(memory, key_of_right(file, one)))
            return true;
    return false;
}

/* Who comes in by a key talks in the file's mode, who comes in freely in plain. */
void cardsim_desfire_files_protect(struct cardsim_desfire *memory, const uint8_t *header, unsigned rights,
                                   struct cardsim_desfire_protection *protection)
{
    const struct cardsim_desfire_file *file = cardsim_desfire_files_selected(memory, header[0]);
    protection->mode = file && has_right(memory, file, rights) ? file->mode : CARDSIM_DESFIRE_PLAIN;
}

void cardsim_desfire_files_protect_change(struct cardsim_desfire *memory, const uint8_t *header,
                                          struct cardsim_desfire_protection *protection)
{
    enum { SETTINGS_LEN = 3 };
    const struct cardsim_desfire_file *file = cardsim_desfire_files_selected(memory, header[0]);
    bool is_free = file && right(file->rights, CHANGE_SHIFT) == FREE_ACCESS;
    protection->mode = is_free ? CARDSIM_DESFIRE_PLAIN : CARDSIM_DESFIRE_FULL;
    protection->secures_data = true;
    protection->header_len = 1;
    protection->data_len = SETTINGS_LEN;
}

uint8_t cardsim_desfire_files_check(struct cardsim_desfire *memory, const uint8_t *header, unsigned rights)
{
    const struct cardsim_desfire_file *file = cardsim_desfire_files_selected(memory, header[0]);
    uint8_t status = CARDSIM_DESFIRE_PERMISSION_DENIED; /* the best of all rights */
    if (memory->selected == 0)
        return CARDSIM_DESFIRE_PERMISSION_DENIED;
    if (!file)
        return CARDSIM_DESFIRE_NO_SUCH_FILE;
    for (unsigned one = CARDSIM_DESFIRE_MAY_READ; one <= CARDSIM_DESFIRE_MAY_BOTH; one <<= 1) {
        uint8_t by_one = rights & one ? check_key(memory, key_of_right(file, one)) : status;
        if (by_one == CARDSIM_DESFIRE_OK)
            return by_one;
        if (by_one == CARDSIM_DESFIRE_AUTHENTICATION)
            status = by_one;
    }
    return status;
}

uint8_t cardsim_desfire_files_check_bounds(struct cardsim_desfire *memory, const uint8_t *header)
{
    const struct cardsim_desfire_file *file = cardsim_desfire_files_selected(memory, header[0]);
    uint32_t offset = cardsim_desfire_uint24(header + 1), len = cardsim_desfire_uint24(header + 4);
    bool fits = offset < file->size && len <= file->size - offset;
    return fits ? CARDSIM_DESFIRE_OK : CARDSIM_DESFIRE_BOUNDARY;
}

/* Returns the status of a command that lists files, or that makes or deletes one. */
static uint8_t check_setting(const struct cardsim_desfire *memory, uint8_t setting)
{
    if (memory->selected == 0)
        return CARDSIM_DESFIRE_PERMISSION_DENIED;
    bool may = memory->apps[memory->selected].settings & setting || cardsim_desfire_is_master(memory);
    return may ? CARDSIM_DESFIRE_OK : CARDSIM_DESFIRE_AUTHENTICATION;
}

static void create(struct cardsim_desfire *memory, struct cardsim_desfire_file *plan, const uint8_t *data,
                   struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire_file *made;
    plan->app = memory->selected;
    plan->number = data[0];
    plan->mode = data[1];
    plan->rights = (uint16_t)(data[2] | data[3] << 8);
    reply->status = check_setting(memory, CREATES_FREELY);
    if (reply->status == CARDSIM_DESFIRE_OK)
        reply->status = cardsim_desfire_files_create(memory, plan, &made);
}

void cardsim_desfire_create_file(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                 struct cardsim_desfire_reply *reply)
{
    enum { CREATE_BACKUP = 0xCB };
    struct cardsim_desfire_file plan = {.type = request->command == CREATE_BACKUP ? CARDSIM_DESFIRE_BACKUP
                                                                                  : CARDSIM_DESFIRE_STANDARD,
                                        .size = cardsim_desfire_uint24(request->data + 4)};
    create(&card->memory.desfire, &plan, request->data, reply);
}

void cardsim_desfire_create_value_file(struct cardsim_card *card,
                                       const struct cardsim_desfire_request *request,
                                       struct cardsim_desfire_reply *reply)
{
    enum { VALUE_BYTES = 12 };
    const uint8_t *data = request->data;
    int32_t value = cardsim_desfire_int32(data + 12);
    struct cardsim_desfire_file plan = {.type = CARDSIM_DESFIRE_VALUE,
                                        .size = VALUE_BYTES,
                                        .value = {.lower = cardsim_desfire_int32(data + 4),
                                                  .upper = cardsim_desfire_int32(data + 8),
                                                  .value = value,
                                                  .next_value = value,
                                                  .is_limited = data[16] & 1}};
    if (plan.value.lower > plan.value.upper || value < plan.value.lower || value > plan.value.upper)
        reply->status = CARDSIM_DESFIRE_PARAMETER;
    else
        create(&card->memory.desfire, &plan, data, reply);
}

void cardsim_desfire_create_record_file(struct cardsim_card *card,
                                        const struct cardsim_desfire_request *request,
                                        struct cardsim_desfire_reply *reply)
{
    enum { CREATE_CYCLIC = 0xC0 };
    struct cardsim_desfire_file plan = {.type = request->command == CREATE_CYCLIC ? CARDSIM_DESFIRE_CYCLIC
                                                                                  : CARDSIM_DESFIRE_LINEAR,
                                        .size = cardsim_desfire_uint24(request->data + 4),
                                        .records_max = cardsim_desfire_uint24(request->data + 7)};
    create(&card->memory.desfire, &plan, request->data, reply);
}

void cardsim_desfire_delete_file(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                 struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    struct cardsim_desfire_file *file = cardsim_desfire_files_selected(memory, request->data[0]);
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
        if (cardsim_desfire_files_selected(memory, number))
            reply->data[reply->len++] = number;
}

static void append(struct cardsim_desfire_reply *reply, uint32_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        reply->data[reply->len++] = (uint8_t)(number >> 8 * i);
}

void cardsim_desfire_get_file_settings(struct cardsim_card *card,
                                       const struct cardsim_desfire_request *request,
                                       struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    const struct cardsim_desfire_file *file = cardsim_desfire_files_selected(memory, request->data[0]);
    reply->status = check_setting(memory, LISTS_FREELY);
    if (reply->status == CARDSIM_DESFIRE_OK && !file)
        reply->status = CARDSIM_DESFIRE_NO_SUCH_FILE;
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    append(reply, file->type, 1);
    append(reply, file->mode, 1);
    append(reply, file->rights, 2);
    if (file->type == CARDSIM_DESFIRE_VALUE) {
        append(reply, (uint32_t)file->value.lower, 4);
        append(reply, (uint32_t)file->value.upper, 4);
        append(reply, (uint32_t)file->value.limit, 4);
        append(reply, file->value.is_limited, 1);
        return;
    }
    append(reply, file->size, 3);
    if (file->type >= CARDSIM_DESFIRE_LINEAR) {
        append(reply, file->records_max, 3);
        append(reply, file->record_count, 3);
    }
}

void cardsim_desfire_change_file_settings(struct cardsim_card *card,
                                          const struct cardsim_desfire_request *request,
                                          struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    struct cardsim_desfire_file *file = cardsim_desfire_files_selected(memory, request->data[0]);
    uint16_t rights = (uint16_t)(request->data[2] | request->data[3] << 8);
    if (memory->selected == 0)
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    else if (!file)
        reply->status = CARDSIM_DESFIRE_NO_SUCH_FILE;
    else
        reply->status = check_key(memory, right(file->rights, CHANGE_SHIFT));
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

/* Returns the status of reading or writing data, and NULL in *file when it is not CARDSIM_DESFIRE_OK. */
static uint8_t find_data(struct cardsim_desfire *memory, const uint8_t *header, unsigned rights,
                         struct cardsim_desfire_file **file)
{
    uint8_t status = cardsim_desfire_files_check(memory, header, rights);
    *file = status == CARDSIM_DESFIRE_OK ? cardsim_desfire_files_selected(memory, header[0]) : NULL;
    if (*file && (*file)->type > CARDSIM_DESFIRE_BACKUP)
        return CARDSIM_DESFIRE_PERMISSION_DENIED;
    return *file ? cardsim_desfire_files_check_bounds(memory, header) : status;
}

void cardsim_desfire_read_data(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                               struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint32_t offset = cardsim_desfire_uint24(request->data + 1),
             len = cardsim_desfire_uint24(request->data + 4);
    struct cardsim_desfire_file *file;
    reply->status =
        find_data(memory, request->data, CARDSIM_DESFIRE_MAY_READ | CARDSIM_DESFIRE_MAY_BOTH, &file);
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    reply->len = len ? len : file->size - offset; /* 0 reads up to the end */
    memcpy(reply->data, memory->pool + file->at + offset, reply->len);
}

void cardsim_desfire_write_data(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint32_t offset = cardsim_desfire_uint24(request->data + 1),
             len = cardsim_desfire_uint24(request->data + 4);
    struct cardsim_desfire_file *file;
    reply->status =
        find_data(memory, request->data, CARDSIM_DESFIRE_MAY_WRITE | CARDSIM_DESFIRE_MAY_BOTH, &file);
    if (reply->status == CARDSIM_DESFIRE_OK && request->len != CARDSIM_DESFIRE_ACCESS_LEN + len)
        reply->status = CARDSIM_DESFIRE_LENGTH;
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    file->is_changed = file->type == CARDSIM_DESFIRE_BACKUP;
    memcpy(cardsim_desfire_files_next(memory, file) + offset, request->data + CARDSIM_DESFIRE_ACCESS_LEN,
           len);
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
