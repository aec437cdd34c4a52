/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist.h"

#include <string.h>

#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_look.h"
#include "firmware/whitelist/whitelist_replica.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "firmware/whitelist/whitelist_trust.h"
#include "firmware/whitelist/whitelist_upload.h"

static int init_macs(struct whitelist *list)
{
    uint8_t list_key[CRYPTO_KEY_LEN];
    int result = whitelist_list_key(list->identity->tag_key, list_key);
    if (result == ERR_OK)
        result = crypto_mac_init(&list->list_mac, list_key);
    crypto_wipe(list_key, sizeof list_key);
    return result == ERR_OK ? crypto_mac_init(&list->storage_mac, list->identity->storage_key) : result;
}

int whitelist_mount(struct whitelist *list, const struct flash *flash, uint32_t base, uint32_t len,
                    const struct identity *identity, const struct whitelist_known *known)
{
    memset(list, 0, sizeof *list);
    list->flash = flash;
    list->identity = identity;
    list->slot_len = len / 2;
    list->slots[0].start = list->slots[0].base = base;
    list->slots[1].start = list->slots[1].base = base + list->slot_len;
    list->running = -1;
    list->replica.repair_slot = -1;
    list->worn_addr = WHITELIST_NOT_WORN;
    list->version_floor = known->version;
    memcpy(list->resumable, known->resumable, sizeof list->resumable);
    if (list->slot_len < WHITELIST_BLOCKS_OFFSET + WHITELIST_BLOCK_LEN ||
        list->slot_len / WHITELIST_UNIT > WHITELIST_UNITS_MAX)
        return ERR_ARGUMENT;
    int result = init_macs(list);
    if (result == ERR_OK)
        whitelist_look(list);
    else
        whitelist_unmount(list);
    return result;
}

void whitelist_unmount(struct whitelist *list)
{
    if (list->upload.state == WHITELIST_VERIFYING)
        crypto_verify_abort(&list->upload.verify);
    crypto_mac_free(&list->list_mac);
    crypto_mac_free(&list->storage_mac);
}

static bool find_in_bucket(const struct whitelist_bucket *bucket, const struct tag *tag, uint16_t *rule)
{
    bool found = false;
    for (int i = 0; i < bucket->count; i++) {
        if (memcmp(bucket->entries[i].tag.bytes, tag->bytes, TAG_LEN) == 0) {
            *rule = bucket->entries[i].rule;
            found = true;
        }
    }
    return found;
}

/* Reads a bucket of the active list; if it is damaged, reads its replica and requests a repair. Every answer
 * comes from a block that matches the signed manifest. */
static int read_running_bucket(struct whitelist *list, uint32_t index, struct whitelist_bucket *bucket,
                               bool *from_replica)
{
    int result = whitelist_trust_read_bucket(list, index, bucket);
    if (result != ERR_CORRUPT && result != ERR_IO)
        return result;
    result = whitelist_trust_read_bucket(list, index, bucket); /* the error may be transient */
    if (result != ERR_CORRUPT && result != ERR_IO)
        return result;
    if (list->replica.repair_slot < 0) {
        list->replica.repair_slot = list->running;
        list->replica.repair_block = index / WHITELIST_BUCKETS_PER_BLOCK;
    }
    list->replica.damaged_count++;
    *from_replica = true;
    return whitelist_trust_read_replica(list, index, bucket);
}

static int answer_rule(const struct whitelist *list, uint16_t index, struct whitelist_answer *answer)
{
    if (index >= WHITELIST_RULES_MAX)
        return ERR_CORRUPT;
    whitelist_rule_decode(&answer->rule, list->rules[index]);
    if (answer->rule.profile >= list->slots[list->running].header.profile_count)
        return ERR_CORRUPT;
    answer->zones = list->tables.profiles[answer->rule.profile].zones;
    return ERR_OK;
}

int whitelist_lookup(struct whitelist *list, const struct tag *tag, struct whitelist_answer *answer)
{
    struct whitelist_bucket bucket;
    uint16_t rule = 0;
    if (list->running < 0)
        return whitelist_is_rolled_back(list) ? ERR_VERSION : ERR_NO_LIST;
    uint32_t bucket_count = list->slots[list->running].header.bucket_count;
    answer->from_replica = false;
    int home =
        read_running_bucket(list, whitelist_home_bucket(tag, bucket_count), &bucket, &answer->from_replica);
    if (home == ERR_OK && find_in_bucket(&bucket, tag, &rule))
        return answer_rule(list, rule, answer);
    if (home == ERR_OK && !bucket.spilled)
        return ERR_NOT_FOUND;
    int other =
        read_running_bucket(list, whitelist_other_bucket(tag, bucket_count), &bucket, &answer->from_replica);
    if (other == ERR_OK && find_in_bucket(&bucket, tag, &rule))
        return answer_rule(list, rule, answer);
    return home != ERR_OK ? home : other != ERR_OK ? other : ERR_NOT_FOUND;
}

int whitelist_poll(struct whitelist *list)
{
    if (list->upload.state != WHITELIST_IDLE && list->upload.state != WHITELIST_DONE &&
        list->upload.state != WHITELIST_REFUSED)
        return whitelist_upload_poll(list);
    int result = whitelist_replica_poll(list);
    return result == ERR_OK ? whitelist_trust_poll(list) : result;
}

/* ---- queries ---- */

const struct whitelist_header *whitelist_active(const struct whitelist *list)
{
    return list->running < 0 ? NULL : &list->slots[list->running].header;
}

const uint8_t *whitelist_active_digest(const struct whitelist *list)
{
    return list->running < 0 ? NULL : list->slots[list->running].digest;
}

uint32_t whitelist_active_version(const struct whitelist *list)
{
    return list->running < 0 ? 0 : list->slots[list->running].header.version;
}

const struct whitelist_tables *whitelist_active_tables(const struct whitelist *list)
{
    return &list->tables;
}

void whitelist_deactivate(struct whitelist *list)
{
    list->running = -1;
}

uint32_t whitelist_version_floor(const struct whitelist *list)
{
    return list->version_floor;
}

bool whitelist_is_rolled_back(const struct whitelist *list)
{
    const struct whitelist_slot *s = list->slots;
    return list->running < 0 && ((s[0].committed && s[0].header.version < list->version_floor) ||
                                 (s[1].committed && s[1].header.version < list->version_floor));
}

uint32_t whitelist_worn_addr(const struct whitelist *list)
{
    return list->worn_addr;
}

struct whitelist_health whitelist_health(const struct whitelist *list)
{
    const struct whitelist_replica *replica = &list->replica;
    return (struct whitelist_health){replica->is_whole, replica->repaired_count, replica->damaged_count,
                                     replica->failed_count, replica->repaired_last};
}
