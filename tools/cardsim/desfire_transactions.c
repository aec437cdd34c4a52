/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/desfire_transactions.h"

#include <string.h>

#include "tools/cardsim/desfire_files.h"

enum { CREDIT = 0x0C, DEBIT = 0xDC, LIMITED_CREDIT = 0x1C, COMMIT = 0xC7 };
enum { ANY_RIGHT = CARDSIM_DESFIRE_MAY_READ | CARDSIM_DESFIRE_MAY_WRITE | CARDSIM_DESFIRE_MAY_BOTH };

/* Makes the data of the next transaction those that count now. */
static void forget_changes(struct cardsim_desfire *memory, struct cardsim_desfire_file *file)
{
    if (file->type == CARDSIM_DESFIRE_BACKUP)
        memcpy(cardsim_desfire_files_next(memory, file), memory->pool + file->at, file->size);
    if (file->type >= CARDSIM_DESFIRE_LINEAR)
        memset(cardsim_desfire_files_next(memory, file), 0, file->size);
    file->value.next_value = file->value.value;
    file->value.next_limit = 0;
    file->value.has_debit = false;
    file->is_changed = file->is_cleared = false;
}

/* A cyclic file keeps one record less than it has places; the oldest one gives way. */
static void add_record(struct cardsim_desfire *memory, struct cardsim_desfire_file *file)
{
    uint8_t *records = memory->pool + file->at;
    uint32_t most = file->type == CARDSIM_DESFIRE_CYCLIC ? file->records_max - 1 : file->records_max;
    if (file->record_count == most) {
        memmove(records, records + file->size, (most - 1) * file->size);
        file->record_count--;
    }
    memcpy(records + file->record_count * file->size, cardsim_desfire_files_next(memory, file), file->size);
    file->record_count++;
}

static void commit(struct cardsim_desfire *memory, struct cardsim_desfire_file *file)
{
    if (file->type == CARDSIM_DESFIRE_BACKUP)
        memcpy(memory->pool + file->at, cardsim_desfire_files_next(memory, file), file->size);
    if (file->type == CARDSIM_DESFIRE_VALUE) {
        file->value.value = file->value.next_value;
        file->value.limit = file->value.next_limit;
    }
    if (file->is_cleared)
        file->record_count = 0;
    else if (file->type >= CARDSIM_DESFIRE_LINEAR)
        add_record(memory, file);
}

/* Ends the transaction. Returns true if there was one. */
static bool end(struct cardsim_desfire *memory, bool commits)
{
    bool any = false;
    for (size_t i = 0; i < CARDSIM_DESFIRE_FILES_MAX; i++) {
        struct cardsim_desfire_file *file = &memory->files[i];
        if (!file->exists || file->app != memory->selected || !file->is_changed)
            continue;
        any = true;
        if (commits)
            commit(memory, file);
        forget_changes(memory, file);
    }
    return any;
}

bool cardsim_desfire_roll_back(struct cardsim_desfire *memory)
{
    return end(memory, false);
}

void cardsim_desfire_end_transaction(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                     struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    if (memory->selected == 0)
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    else if (!end(memory, request->command == COMMIT))
        reply->status = CARDSIM_DESFIRE_NO_CHANGES;
}

/* Returns a file of one or of two types on which a command may act, or NULL with the status in the reply. */
static struct cardsim_desfire_file *find(struct cardsim_desfire *memory, const uint8_t *header,
                                         unsigned rights, enum cardsim_desfire_type first,
                                         enum cardsim_desfire_type last, struct cardsim_desfire_reply *reply)
{
    reply->status = cardsim_desfire_files_check(memory, header, rights);
    if (reply->status != CARDSIM_DESFIRE_OK)
        return NULL;
    struct cardsim_desfire_file *file = cardsim_desfire_files_selected(memory, header[0]);
    if (file->type >= first && file->type <= last)
        return file;
    reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    return NULL;
}

void cardsim_desfire_get_value(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                               struct cardsim_desfire_reply *reply)
{
    const struct cardsim_desfire_file *file = find(&card->memory.desfire, request->data, ANY_RIGHT,
                                                   CARDSIM_DESFIRE_VALUE, CARDSIM_DESFIRE_VALUE, reply);
    if (!file)
        return;
    for (int i = 0; i < 4; i++)
        reply->data[i] = (uint8_t)((uint32_t)file->value.value >> 8 * i);
    reply->len = 4;
}

static unsigned rights_to_change(uint8_t command)
{
    return command == DEBIT            ? ANY_RIGHT
           : command == LIMITED_CREDIT ? CARDSIM_DESFIRE_MAY_WRITE | CARDSIM_DESFIRE_MAY_BOTH
                                       : CARDSIM_DESFIRE_MAY_BOTH;
}

/* What LimitedCredit may give back is the sum of the debits of the last transaction that has any. */
static void note_limit(struct cardsim_desfire_value *value, uint8_t command, int32_t amount)
{
    if (!value->has_debit)
        value->next_limit = command == DEBIT ? amount : command == LIMITED_CREDIT ? 0 : value->limit;
    else if (command == DEBIT)
        value->next_limit += amount;
    value->has_debit |= command == DEBIT;
}

void cardsim_desfire_change_value(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                  struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire_file *file =
        find(&card->memory.desfire, request->data, rights_to_change(request->command), CARDSIM_DESFIRE_VALUE,
             CARDSIM_DESFIRE_VALUE, reply);
    int32_t amount = cardsim_desfire_int32(request->data + 1);
    if (!file)
        return;
    int64_t next = (int64_t)file->value.next_value + (request->command == DEBIT ? -(int64_t)amount : amount);
    if (request->command == LIMITED_CREDIT && !file->value.is_limited)
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    else if (amount < 0)
        reply->status = CARDSIM_DESFIRE_PARAMETER;
    else if (next < file->value.lower || next > file->value.upper ||
             (request->command == LIMITED_CREDIT && amount > file->value.limit))
        reply->status = CARDSIM_DESFIRE_BOUNDARY;
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    note_limit(&file->value, request->command, amount);
    file->value.next_value = (int32_t)next;
    file->is_changed = true;
}

void cardsim_desfire_read_records(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                  struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    const struct cardsim_desfire_file *file =
        find(memory, request->data, CARDSIM_DESFIRE_MAY_READ | CARDSIM_DESFIRE_MAY_BOTH,
             CARDSIM_DESFIRE_LINEAR, CARDSIM_DESFIRE_CYCLIC, reply);
    uint32_t newest = cardsim_desfire_uint24(request->data + 1),
             count = cardsim_desfire_uint24(request->data + 4);
    if (!file)
        return;
    if (newest >= file->record_count || count > file->record_count - newest) {
        reply->status = CARDSIM_DESFIRE_BOUNDARY;
        return;
    }
    count = count ? count : file->record_count - newest; /* 0 reads all the older ones */
    reply->len = count * file->size;
    memcpy(reply->data, memory->pool + file->at + (file->record_count - newest - count) * file->size,
           reply->len);
}

void cardsim_desfire_write_record(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                  struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    struct cardsim_desfire_file *file =
        find(memory, request->data, CARDSIM_DESFIRE_MAY_WRITE | CARDSIM_DESFIRE_MAY_BOTH,
             CARDSIM_DESFIRE_LINEAR, CARDSIM_DESFIRE_CYCLIC, reply);
    uint32_t offset = cardsim_desfire_uint24(request->data + 1),
             len = cardsim_desfire_uint24(request->data + 4);
    if (!file)
        return;
    reply->status = cardsim_desfire_files_check_bounds(memory, request->data);
    if (file->is_cleared)
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    else if (file->type == CARDSIM_DESFIRE_LINEAR && file->record_count == file->records_max)
        reply->status = CARDSIM_DESFIRE_BOUNDARY;
    else if (request->len != CARDSIM_DESFIRE_ACCESS_LEN + len)
        reply->status = CARDSIM_DESFIRE_LENGTH;
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    memcpy(cardsim_desfire_files_next(memory, file) + offset, request->data + CARDSIM_DESFIRE_ACCESS_LEN,
           len);
    file->is_changed = true;
}

void cardsim_desfire_clear_records(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                   struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire_file *file = find(&card->memory.desfire, request->data, CARDSIM_DESFIRE_MAY_BOTH,
                                             CARDSIM_DESFIRE_LINEAR, CARDSIM_DESFIRE_CYCLIC, reply);
    if (file)
        file->is_changed = file->is_cleared = true;
}
