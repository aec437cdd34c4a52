/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/list_patch.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/whitelist/whitelist_patch_format.h"

enum {
    KEEP_MIN = 4,       /* equal bytes between two differences that are worth a run */
    RUN_START_MAX = 3,  /* bytes of the start of a run */
    ALIGNMENT = 16,     /* of the end of a piece (whitelist_patch.h) */
    FIRST_OUTPUT = 256, /* the most that the first piece may make */
    ENTRY_LEN = TAG_LEN + 2,
    PARTS = 11,
};

void list_patch_init(struct list_patch *patch, const struct list_file *base, const struct list_file *list)
{
    *patch = (struct list_patch){.base = base, .list = list};
    list_file_digest(base, patch->digest);
}

/* ---- manifest ---- */

/* Fills in the offsets of the parts of a manifest with its signature, and the end. */
static void find_parts(const struct whitelist_header *header, uint32_t parts[PARTS + 1])
{
    const uint32_t offsets[PARTS + 1] = {
        0,
        whitelist_profiles_offset(),
        whitelist_rules_offset(header),
        whitelist_services_offset(header),
        whitelist_windows_offset(header),
        whitelist_calendar_offset(header),
        whitelist_assurance_offset(header),
        whitelist_fingerprints_offset(header),
        whitelist_applications_offset(header),
        whitelist_hashes_offset(header),
        header->head_len,
        header->head_len + WHITELIST_SIGNATURE_LEN,
    };
    memcpy(parts, offsets, sizeof offsets);
}

/* The rest of a part of the new manifest, and the bytes of the base that stand at the same place of it. */
struct place {
    uint32_t at, end;
    uint32_t base_at, base_end;
};

static struct place find_place(const struct list_patch *patch, uint32_t at)
{
    uint32_t ours[PARTS + 1], theirs[PARTS + 1];
    int part = 0;
    find_parts(&patch->list->header, ours);
    find_parts(&patch->base->header, theirs);
    while (at >= ours[part + 1])
        part++;
    uint32_t base_at = theirs[part] + (at - ours[part]), base_end = theirs[part + 1];
    return (struct place){at, ours[part + 1], base_at < base_end ? base_at : base_end, base_end};
}

/* Returns how many of the next bytes are those of the base. */
static uint32_t count_equal(const struct list_patch *patch, const struct place *place, uint32_t from)
{
    uint32_t count = 0;
    while (place->at + from + count < place->end && place->base_at + from + count < place->base_end &&
           patch->list->head[place->at + from + count] == patch->base->head[place->base_at + from + count])
        count++;
    return count;
}

/* Returns how many of the next bytes are to be replaced: up to the next run that is worth keeping. */
static uint32_t count_different(const struct list_patch *patch, const struct place *place)
{
    uint32_t count = 0, equal = 0;
    while (place->at + count < place->end && (equal = count_equal(patch, place, count)) < KEEP_MIN)
        count += equal + 1;
    uint32_t left = place->end - place->at;
    return count < left ? count : left;
}

static uint32_t put_run(uint8_t *out, enum whitelist_run_kind kind, uint32_t n)
{
    bool is_short = kind != WHITELIST_RUN_GO_TO && n <= WHITELIST_PATCH_NUMBER;
    out[0] = (uint8_t)(kind << WHITELIST_PATCH_KIND_SHIFT | (is_short ? n : 0));
    if (is_short)
        return 1;
    bytes_put_u16(out + 1, (uint16_t)n);
    return RUN_START_MAX;
}

/* Makes the runs from `at` on, of at most end - at bytes of output, as far as they fit size bytes. Returns
 * where the output ends, and in *len the length of the runs. */
static uint32_t put_runs(const struct list_patch *patch, uint32_t at, uint32_t end, uint8_t *out,
                         uint32_t size, uint32_t *len)
{
    uint32_t base_at = 0;
    *len = 0;
    while (at < end && *len + 2 * RUN_START_MAX < size) {
        struct place place = find_place(patch, at);
        uint32_t count = count_equal(patch, &place, 0);
        bool keeps = count >= KEEP_MIN;
        uint32_t room = keeps ? end - at : size - *len - 2 * RUN_START_MAX;
        count = keeps ? count : count_different(patch, &place);
        count = count < end - at ? count : end - at;
        count = count < room ? count : room;
        if (keeps && base_at != place.base_at)
            *len += put_run(out + *len, WHITELIST_RUN_GO_TO, place.base_at);
        *len += put_run(out + *len, keeps ? WHITELIST_RUN_KEEP : WHITELIST_RUN_REPLACE, count);
        if (!keeps)
            memcpy(out + *len, patch->list->head + at, count);
        *len += keeps ? 0 : count;
        base_at = keeps ? place.base_at + count : base_at + count;
        at += count;
    }
    return at;
}

size_t list_patch_head(const struct list_patch *patch, uint32_t *offset, uint8_t out[LIST_PATCH_MAX])
{
    const uint32_t size = LIST_PATCH_MAX - WHITELIST_PATCH_HEAD_LEN;
    uint32_t at = *offset, len, whole = patch->list->header.head_len + WHITELIST_SIGNATURE_LEN;
    uint32_t most = at == 0 && whole > FIRST_OUTPUT ? FIRST_OUTPUT : whole;
    uint8_t *runs = out + WHITELIST_PATCH_HEAD_LEN;
    memcpy(out, patch->digest, WHITELIST_PATCH_BASE_LEN);
    bytes_put_u32(out + WHITELIST_PATCH_BASE_LEN, at);
    uint32_t end = put_runs(patch, at, most, runs, size, &len);
    if (end < whole && end % ALIGNMENT != 0)
        end = put_runs(patch, at, end - end % ALIGNMENT, runs, size, &len);
    *offset = end;
    return WHITELIST_PATCH_HEAD_LEN + len;
}

/* ---- blocks ---- */

/* The patch of a bucket while it is written. */
struct changes {
    uint8_t bytes[2 + 2 * WHITELIST_BUCKET_ENTRIES * (1 + ENTRY_LEN)];
    uint32_t len, last; /* last: position of the last change */
    int count;
};

static void put_change(struct changes *changes, enum whitelist_change_kind kind, int entry)
{
    changes->last = changes->len;
    changes->count++;
    changes->bytes[changes->len++] = (uint8_t)(entry | kind << WHITELIST_PATCH_CHANGE_SHIFT);
}

static void put_rule(struct changes *changes, uint16_t rule)
{
    bytes_put_u16(changes->bytes + changes->len, rule);
    changes->len += 2;
}

static bool has_card(const struct whitelist_bucket *bucket, const struct tag *tag)
{
    for (int i = 0; i < bucket->count; i++)
        if (memcmp(bucket->entries[i].tag.bytes, tag->bytes, TAG_LEN) == 0)
            return true;
    return false;
}

/* Removes the entries that are no longer there. *kept are those that stay. */
static void put_removals(struct changes *changes, const struct whitelist_bucket *before,
                         const struct whitelist_bucket *after, struct whitelist_bucket *kept)
{
    kept->count = 0;
    for (int i = 0; i < before->count; i++) {
        if (has_card(after, &before->entries[i].tag))
            kept->entries[kept->count++] = before->entries[i];
        else
            put_change(changes, WHITELIST_CHANGE_REMOVE, kept->count);
    }
}

/* Adds the new entries to those that stay, and changes rules. */
static void put_additions(struct changes *changes, const struct whitelist_bucket *kept,
                          const struct whitelist_bucket *after)
{
    int old = 0;
    for (int i = 0; i < after->count; i++) {
        const struct whitelist_entry *entry = &after->entries[i];
        if (old < kept->count &&
            memcmp(kept->entries[old].tag.bytes, entry->tag.bytes, sizeof entry->tag.bytes) == 0) {
            if (kept->entries[old++].rule != entry->rule) {
                put_change(changes, WHITELIST_CHANGE_RULE, i);
                put_rule(changes, entry->rule);
            }
        } else {
            put_change(changes, WHITELIST_CHANGE_ADD, i);
            memcpy(changes->bytes + changes->len, entry->tag.bytes, sizeof entry->tag.bytes);
            changes->len += TAG_LEN;
            put_rule(changes, entry->rule);
        }
    }
}

/* Writes the patch of a bucket. changes->len is 0 if nothing changes. */
static void make_changes(struct changes *changes, uint32_t number, const struct whitelist_bucket *before,
                         const struct whitelist_bucket *after)
{
    struct whitelist_bucket kept;
    *changes = (struct changes){.len = 1};
    put_removals(changes, before, after, &kept);
    put_additions(changes, &kept, after);
    changes->bytes[0] = (uint8_t)(number | (after->spilled ? WHITELIST_PATCH_SPILLED : 0) |
                                  (changes->count == 0 ? WHITELIST_PATCH_NO_CHANGES : 0));
    if (changes->count > 0)
        changes->bytes[changes->last] |= WHITELIST_PATCH_LAST;
    else if (before->spilled == after->spilled)
        changes->len = 0;
}

/* Adds the patch of a block, if it has at most `room` bytes. Returns ERR_OK, ERR_NO_SPACE. */
static int put_block(const struct list_patch *patch, uint32_t index, uint8_t *out, size_t room, size_t *len)
{
    struct whitelist_bucket before, after;
    struct changes changes;
    uint8_t count = 0;
    *len = 3;
    for (uint32_t i = 0; i < WHITELIST_BUCKETS_PER_BLOCK; i++) {
        list_file_bucket(patch->base, index * WHITELIST_BUCKETS_PER_BLOCK + i, &before);
        list_file_bucket(patch->list, index * WHITELIST_BUCKETS_PER_BLOCK + i, &after);
        make_changes(&changes, i, &before, &after);
        if (*len + changes.len > room)
            return ERR_NO_SPACE;
        memcpy(out + *len, changes.bytes, changes.len);
        *len += changes.len;
        count += changes.len > 0;
    }
    bytes_put_u16(out, (uint16_t)index);
    out[2] = count;
    return ERR_OK;
}

int list_patch_block(const struct list_patch *patch, uint32_t index, struct list_patch_blocks *blocks)
{
    uint8_t bytes[LIST_PATCH_MAX];
    size_t len;
    if (index >= patch->base->header.block_count ||
        put_block(patch, index, bytes, LIST_PATCH_MAX - WHITELIST_PATCH_BASE_LEN, &len) != ERR_OK)
        return ERR_UNSUPPORTED;
    if (blocks->len == 0) {
        memcpy(blocks->bytes, patch->digest, WHITELIST_PATCH_BASE_LEN);
        blocks->len = WHITELIST_PATCH_BASE_LEN;
    }
    if (blocks->len + len > LIST_PATCH_MAX || blocks->count == LIST_PATCH_BLOCKS_MAX)
        return ERR_NO_SPACE;
    memcpy(blocks->bytes + blocks->len, bytes, len);
    blocks->len += len;
    blocks->count++;
    return ERR_OK;
}
