/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_upload.h"

#include <string.h>

#include "firmware/whitelist/whitelist_fill.h"
#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_look.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "firmware/whitelist/whitelist_trust.h"
#include "firmware/whitelist/whitelist_verify.h"

enum {
    HEAD_TRIES = 3,       /* failures to write the manifest before its place counts as worn */
    WRITE_TRIES = 8,      /* the same for blocks */
    FREE_REFUSALS = 3,    /* refused uploads before the next ones have to wait */
    BACK_OFF_S = 60,      /* the first wait */
    BACK_OFF_DOUBLES = 4, /* number of times that it doubles, to 16 minutes */
    PROGRAM_UNIT = 16,    /* bytes that some chips require to be programmed together and only once */
    CHECKED_BUCKETS = 4,  /* of each block; in a list with another tag key no bucket passes its check */
    PIECES = WHITELIST_BLOCK_LEN / WHITELIST_PIECE_LEN,
};

const struct whitelist_slot *whitelist_staged(const struct whitelist *list)
{
    return &list->slots[whitelist_slot_standby(list)];
}

/* Bounds the wear: whoever holds a maintenance key can send manifests without a valid signature, and for
 * each of them sectors are erased, those of the replica among them. */
static void count_refusal(struct whitelist *list)
{
    struct whitelist_upload *upload = &list->upload;
    if (!upload->slot_changed)
        return;
    upload->slot_changed = false;
    if (upload->refusals < FREE_REFUSALS + BACK_OFF_DOUBLES)
        upload->refusals++;
    if (upload->refusals >= FREE_REFUSALS)
        upload->back_off_s = (uint32_t)BACK_OFF_S << (upload->refusals - FREE_REFUSALS);
}

void whitelist_upload_tick(struct whitelist *list)
{
    if (list->upload.back_off_s > 0)
        list->upload.back_off_s--;
}

static int refuse(struct whitelist *list, int error)
{
    count_refusal(list);
    if (list->upload.state == WHITELIST_VERIFYING)
        crypto_verify_abort(&list->upload.verify);
    list->upload.state = WHITELIST_REFUSED;
    list->upload.error = error;
    /* While a replica is being made, no upload has begun: the slot and the fill belong to the replica. */
    if (list->replica.stage != REPLICA_RESTING)
        return error;
    list->fill.stage = FILL_RESTING;
    if (!list->replica.is_whole)
        list->slots[whitelist_slot_standby(list)].present = false;
    return error;
}

void whitelist_upload_abandon(struct whitelist *list)
{
    if (list->upload.state == WHITELIST_HEAD || list->upload.state == WHITELIST_RECEIVING) {
        list->upload.state = WHITELIST_IDLE;
        list->slots[whitelist_slot_standby(list)].present = false;
    }
}

static int check_header(const struct whitelist *list, const uint8_t *data, uint32_t len,
                        struct whitelist_header *header)
{
    int result = len < WHITELIST_HEADER_LEN ? ERR_FORMAT : whitelist_header_decode(header, data);
    if (result != ERR_OK)
        return result;
    if (memcmp(header->site_id, list->identity->site_id, IDENTITY_SITE_ID_LEN) != 0)
        return ERR_SITE;
    if (!whitelist_look_is_new(list, header->version))
        return ERR_VERSION;
    if (WHITELIST_BLOCKS_OFFSET + header->block_count * WHITELIST_BLOCK_LEN > list->slot_len)
        return ERR_NO_SPACE;
    return ERR_OK;
}

/* Returns true if the standby slot may hold the only good copy of a block of the active list. */
static bool is_replica_needed(const struct whitelist *list)
{
    return list->replica.stage == REPLICA_REPAIR ||
           (list->replica.is_whole && list->replica.repair_slot >= 0 && list->replica.back_off_s == 0);
}

static void prepare_head(struct whitelist *list)
{
    list->upload.head_received = 0;
    list->upload.head_erased = false;
    list->upload.slot_changed = true;
    whitelist_slot_erase_begin(list);
}

static int begin_head(struct whitelist *list, const uint8_t *data, uint32_t len)
{
    struct whitelist_header header;
    list->upload.looked_for = true;
    if (list->running < 0 && list->upload.state != WHITELIST_VERIFYING)
        whitelist_look(list); /* a list that could not be read at start-up must not be overwritten */
    int result = check_header(list, data, len, &header);
    if (result != ERR_OK)
        return refuse(list, result);
    if (list->upload.back_off_s > 0 || is_replica_needed(list))
        return ERR_BUSY;
    if (list->replica.is_whole) /* the slot that is not overwritten must have an intact manifest */
        (void)!whitelist_look_at_heads(list);
    if (list->upload.state == WHITELIST_VERIFYING)
        crypto_verify_abort(&list->upload.verify);
    list->upload.state = WHITELIST_HEAD;
    list->upload.resumed = false;
    struct whitelist_slot *s = &list->slots[whitelist_slot_standby(list)];
    s->header = header;
    s->present = s->committed = false;
    list->replica.is_whole = false;
    list->replica.stage = REPLICA_RESTING;
    list->fill.stage = FILL_RESTING;
    list->upload.write_failures = list->moves = 0;
    if (whitelist_slot_place(list, whitelist_slot_standby(list), header.block_count) != ERR_OK)
        return refuse(list, ERR_WORN); /* check_header found that the list fits, so sectors are worn */
    prepare_head(list);
    return ERR_OK;
}

/* Relocates the list in its slot past a worn sector. The client must send the manifest again. Returns
 * ERR_BUSY, ERR_WORN (refused: no place is left). */
static int relocate(struct whitelist *list)
{
    int slot = whitelist_slot_standby(list);
    if (whitelist_slot_move(list, slot, list->slots[slot].header.block_count) != ERR_OK)
        return refuse(list, ERR_WORN);
    list->upload.state = WHITELIST_HEAD;
    list->slots[slot].present = false;
    list->fill.stage = FILL_RESTING;
    list->upload.resumed = false;
    list->upload.write_failures = 0;
    prepare_head(list);
    return ERR_BUSY;
}

static bool same_header(const struct whitelist_slot *slot, const uint8_t *data, uint32_t len)
{
    uint8_t bytes[WHITELIST_HEADER_LEN];
    whitelist_header_encode(&slot->header, bytes);
    return len >= sizeof bytes && memcmp(bytes, data, sizeof bytes) == 0;
}

/* Erases the manifest area again after a failed program. The client must send the manifest again from its
 * start. Returns ERR_BUSY (the first piece), ERR_ARGUMENT (a later piece), ERR_WORN (refused). */
static int fail_head(struct whitelist *list, uint32_t offset)
{
    if (++list->upload.write_failures >= HEAD_TRIES) {
        list->worn_addr = whitelist_staged(list)->base + offset;
        if (relocate(list) != ERR_BUSY)
            return ERR_WORN;
    }
    prepare_head(list);
    return offset == 0 ? ERR_BUSY : ERR_ARGUMENT;
}

int whitelist_upload_head(struct whitelist *list, uint32_t offset, const uint8_t *data, uint32_t len,
                          bool last)
{
    const struct whitelist_slot *s = whitelist_staged(list);
    bool asked_again =
        list->upload.state == WHITELIST_HEAD && list->upload.head_received == 0 && same_header(s, data, len);
    if (list->upload.head_failed && offset == 0 && same_header(s, data, len)) {
        /* The erase failed while the client waited. This call reports it; the next one starts again. */
        list->upload.head_failed = false;
        return list->upload.error;
    }
    if (offset == 0 && !asked_again) {
        list->upload.head_failed = false;
        int result = begin_head(list, data, len);
        if (result != ERR_OK)
            return result;
    }
    if (list->upload.state != WHITELIST_HEAD || offset != list->upload.head_received)
        return ERR_ARGUMENT;
    if (!list->upload.head_erased)
        return ERR_BUSY;
    s = whitelist_staged(list);
    uint32_t whole = whitelist_head_stored_len(&s->header);
    if (len > whole - offset || last != (offset + len == whole))
        return refuse(list, ERR_COUNT);
    if (!last && len % PROGRAM_UNIT != 0)
        return ERR_ARGUMENT;
    int result = whitelist_slot_program(list, s->base + offset, data, len);
    if (result != ERR_OK)
        return fail_head(list, offset);
    list->upload.head_received += len;
    if (last) {
        result = whitelist_verify_start(list);
        if (result != ERR_OK)
            return refuse(list, result);
    }
    return ERR_OK;
}

/* Returns true if the received block was built with the tag key of this site. A few of its buckets are
 * checked. */
static bool has_our_key(struct whitelist *list, uint32_t index)
{
    struct whitelist_bucket bucket;
    for (uint32_t i = 0; i < CHECKED_BUCKETS; i++) {
        uint32_t at = i * (WHITELIST_BUCKETS_PER_BLOCK / CHECKED_BUCKETS);
        if (whitelist_bucket_decode(&bucket, index * WHITELIST_BUCKETS_PER_BLOCK + at, &list->list_mac,
                                    list->work.received + at * WHITELIST_BUCKET_LEN) == ERR_CORRUPT)
            return false;
    }
    return true;
}

/* Fills the slot again after a failed program of a block: the sector of the block is erased, and the blocks
 * lost with it are wanted again. Returns ERR_IO; after WRITE_TRIES failures the results of relocate. */
static int fail_block(struct whitelist *list, int slot, uint32_t addr)
{
    if (++list->upload.write_failures >= WRITE_TRIES) {
        list->worn_addr = addr;
        return relocate(list);
    }
    list->upload.state = WHITELIST_PREPARING;
    whitelist_fill_start(list, slot, list->running, slot, 0, list->slots[slot].header.block_count);
    return ERR_IO;
}

static void hash_page(struct whitelist *list, uint32_t page)
{
    if (page == 0)
        crypto_hash_start(&list->work_hash);
    crypto_hash_add(&list->work_hash, list->work.received + page * WHITELIST_PAGE_LEN, WHITELIST_PAGE_LEN);
}

/* Compares the hash of the complete block. Returns ERR_OK (the manifest lists it), ERR_NOT_LISTED, ERR_IO. */
static int compare_hash(struct whitelist *list)
{
    uint8_t wanted[WHITELIST_HASH_LEN], digest[CRYPTO_HASH_LEN];
    crypto_hash_finish(&list->work_hash, digest);
    int result =
        whitelist_head_listed_hash(list, whitelist_slot_standby(list), list->upload.block_index, wanted);
    return result == ERR_OK && memcmp(digest, wanted, sizeof wanted) != 0 ? ERR_NOT_LISTED : result;
}

static int program_page(struct whitelist *list, uint32_t page)
{
    int slot = whitelist_slot_standby(list);
    uint32_t index = list->upload.block_index, at = page * WHITELIST_PAGE_LEN;
    uint32_t addr = whitelist_slot_block_address(list, slot, index);
    if (whitelist_slot_program(list, addr + at, list->work.received + at, WHITELIST_PAGE_LEN) != ERR_OK)
        return fail_block(list, slot, addr);
    if (at + WHITELIST_PAGE_LEN < WHITELIST_BLOCK_LEN)
        return WHITELIST_BLOCK_LATER;
    whitelist_mark_block(list, index, list->work.received);
    return WHITELIST_BLOCK_STORED;
}

void whitelist_upload_begin_block(struct whitelist *list, uint32_t index, bool by_patch)
{
    struct whitelist_upload *upload = &list->upload;
    bool goes_on = by_patch ? upload->patch_steps > 0 : upload->patch_steps == 0;
    if (index != upload->block_index || (!goes_on && upload->block_steps == 0))
        upload->block_pieces = upload->block_steps = upload->patch_steps = 0;
    upload->block_index = index;
}

int whitelist_upload_store_block(struct whitelist *list)
{
    enum { COMPARE = WHITELIST_PAGES, CHECK_KEY, PROGRAM };
    struct whitelist_upload *upload = &list->upload;
    uint32_t step = upload->block_steps++;
    int result = WHITELIST_BLOCK_LATER;
    if (step < COMPARE)
        hash_page(list, step);
    else if (step == COMPARE)
        result = compare_hash(list);
    else if (step == CHECK_KEY)
        result = has_our_key(list, upload->block_index) ? ERR_OK : ERR_TAG_KEY;
    else
        result = program_page(list, step - PROGRAM);
    if (result == ERR_OK || result == WHITELIST_BLOCK_LATER)
        return WHITELIST_BLOCK_LATER;
    upload->block_steps = upload->block_pieces = upload->patch_steps = 0;
    return result == ERR_TAG_KEY ? refuse(list, result) : result;
}

int whitelist_upload_block(struct whitelist *list, uint32_t index, uint32_t offset, const uint8_t *data,
                           uint32_t len)
{
    struct whitelist_upload *upload = &list->upload;
    if (upload->state != WHITELIST_RECEIVING)
        return ERR_BUSY;
    if (index >= whitelist_staged(list)->header.block_count || len != WHITELIST_PIECE_LEN ||
        offset % WHITELIST_PIECE_LEN != 0 || offset >= WHITELIST_BLOCK_LEN)
        return ERR_ARGUMENT;
    if (whitelist_has_block(list, index))
        return WHITELIST_BLOCK_STORED;
    whitelist_upload_begin_block(list, index, false);
    if (upload->block_steps > 0) /* what is stored stays what was hashed */
        return whitelist_upload_store_block(list);
    upload->block_pieces |= (uint8_t)(1 << offset / WHITELIST_PIECE_LEN);
    memcpy(list->work.received + offset, data, len);
    return upload->block_pieces == (1 << PIECES) - 1 ? whitelist_upload_store_block(list) : ERR_OK;
}

uint32_t whitelist_wanted(const struct whitelist *list, uint32_t *first)
{
    uint32_t block_count = whitelist_staged(list)->header.block_count, count = 0;
    if (list->upload.state != WHITELIST_RECEIVING)
        return 0;
    while (*first < block_count && whitelist_has_block(list, *first))
        (*first)++;
    while (*first + count < block_count && !whitelist_has_block(list, *first + count))
        count++;
    return count;
}

/* Commits only what crypto_verify found valid: asked twice, so that one wrong branch commits nothing. */
static bool is_verified(const struct whitelist *list)
{
    return crypto_verify_is_valid(&list->upload.verify) && crypto_verify_is_valid(&list->upload.verify);
}

static int commit_upload(struct whitelist *list)
{
    int slot = whitelist_slot_standby(list);
    const struct whitelist_header *header = &list->slots[slot].header;
    if (list->blocks.entry_count != header->card_count) {
        refuse(list, ERR_COUNT);
        return WHITELIST_UPLOAD_REFUSED;
    }
    if (!is_verified(list)) {
        refuse(list, ERR_SIGNATURE);
        return WHITELIST_UPLOAD_REFUSED;
    }
    int result = whitelist_slot_run(list, slot);
    if (result == ERR_WORN && relocate(list) == ERR_BUSY)
        return ERR_BUSY;
    if (result != ERR_OK) {
        refuse(list, result == ERR_CORRUPT ? ERR_IO : result); /* the digest was correct before */
        return WHITELIST_UPLOAD_REFUSED;
    }
    whitelist_trust_filled(list);
    list->version_floor = header->version;
    list->upload.state = WHITELIST_DONE;
    list->upload.slot_changed = false;
    list->upload.refusals = 0;
    list->replica.is_whole = list->replica.head_lost = false;
    list->replica.repair_slot = -1;
    list->replica.back_off_s = list->replica.back_offs = 0;
    return WHITELIST_COMMITTED;
}

int whitelist_upload_poll(struct whitelist *list)
{
    int slot = whitelist_slot_standby(list), result = ERR_OK;
    const struct whitelist_slot *s = &list->slots[slot];
    switch (list->upload.state) {
    case WHITELIST_HEAD:
        if (list->upload.head_erased)
            return ERR_OK;
        result = whitelist_slot_erase_head(list, slot, whitelist_head_stored_len(&s->header));
        list->upload.head_erased = result == ERR_OK;
        break;
    case WHITELIST_VERIFYING:
        result = crypto_verify_poll(&list->upload.verify);
        if (result == ERR_OK && is_verified(list)) {
            list->upload.state = WHITELIST_PREPARING;
            whitelist_fill_start(list, slot, list->running, slot, 0, s->header.block_count);
        } else if (result != ERR_BUSY) {
            result = result == ERR_OK ? ERR_SIGNATURE : result;
            list->upload.state = WHITELIST_PREPARING; /* the verification has freed its memory */
        }
        break;
    case WHITELIST_PREPARING:
        result = whitelist_fill_poll(list);
        if (result == ERR_OK) {
            list->upload.state = WHITELIST_RECEIVING;
            list->upload.block_pieces = list->upload.block_steps = list->upload.patch_steps = 0;
        }
        break;
    case WHITELIST_RECEIVING:
        return list->blocks.have_count == s->header.block_count ? commit_upload(list) : ERR_OK;
    case WHITELIST_IDLE:
    case WHITELIST_DONE:
    case WHITELIST_REFUSED:
        return ERR_OK;
    }
    bool in_head = list->upload.state == WHITELIST_HEAD;
    if (result == ERR_WORN)
        result = relocate(list);
    if (result == ERR_OK || result == ERR_BUSY)
        return ERR_BUSY;
    list->upload.head_failed = in_head;
    refuse(list, result);
    /* A resumed upload whose manifest is incomplete is not reported. */
    if (list->upload.resumed && result == ERR_SIGNATURE) {
        list->upload.state = WHITELIST_IDLE;
        return ERR_BUSY;
    }
    return WHITELIST_UPLOAD_REFUSED;
}

const struct whitelist_slot *whitelist_uploaded(const struct whitelist *list)
{
    return list->upload.state == WHITELIST_DONE && list->running >= 0 ? &list->slots[list->running]
                                                                      : whitelist_staged(list);
}

const uint8_t *whitelist_upload_digest(const struct whitelist *list)
{
    bool is_receiving =
        list->upload.state == WHITELIST_PREPARING || list->upload.state == WHITELIST_RECEIVING;
    return is_receiving ? whitelist_staged(list)->digest : NULL;
}

enum whitelist_upload_state whitelist_upload_state(const struct whitelist *list)
{
    return list->upload.state;
}

int whitelist_upload_error(const struct whitelist *list)
{
    return list->upload.error;
}

uint32_t whitelist_upload_have_count(const struct whitelist *list)
{
    return list->blocks.have_count;
}

uint32_t whitelist_upload_progress(const struct whitelist *list)
{
    return list->upload.head_received + list->blocks.have_count * 4 + list->upload.block_pieces;
}

const char *whitelist_upload_state_name(enum whitelist_upload_state state)
{
    switch (state) {
    case WHITELIST_IDLE:
        return "idle";
    case WHITELIST_HEAD:
        return "head";
    case WHITELIST_VERIFYING:
        return "verifying";
    case WHITELIST_PREPARING:
        return "preparing";
    case WHITELIST_RECEIVING:
        return "receiving";
    case WHITELIST_DONE:
        return "done";
    case WHITELIST_REFUSED:
        return "refused";
    }
    return "unknown";
}
