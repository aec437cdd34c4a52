/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_look.h"

#include <string.h>

#include "firmware/whitelist/whitelist_slot.h"
#include "firmware/whitelist/whitelist_trust.h"
#include "firmware/whitelist/whitelist_verify.h"

static bool same_list(const struct whitelist *list)
{
    const struct whitelist_slot *s = list->slots;
    return memcmp(s[0].digest, s[1].digest, sizeof s[0].digest) == 0;
}

static void raise_floor(struct whitelist *list)
{
    for (int slot = 0; slot < 2; slot++)
        if (list->slots[slot].committed && list->slots[slot].header.version > list->version_floor)
            list->version_floor = list->slots[slot].header.version;
}

/* Makes the list of a slot the active one. None of its blocks is verified yet. */
static int activate(struct whitelist *list, int slot)
{
    int result = whitelist_slot_run(list, slot);
    if (result == ERR_OK)
        whitelist_trust_reset(list);
    return result;
}

/* Returns true if this gate committed the list of the slot, and it is not older than the newest that was
 * active. */
static bool may_rule(const struct whitelist *list, int slot)
{
    const struct whitelist_slot *s = &list->slots[slot];
    return s->committed && s->header.version >= list->version_floor;
}

static void choose_running(struct whitelist *list)
{
    const struct whitelist_slot *s = list->slots;
    int newest = s[1].committed && (!s[0].committed || s[1].header.version > s[0].header.version);
    if (may_rule(list, newest) && activate(list, newest) != ERR_OK && may_rule(list, !newest))
        (void)!activate(list, !newest);
    raise_floor(list);
    list->replica.is_whole = list->running >= 0 && s[0].committed && s[1].committed && same_list(list);
}

/* Makes a list active whose manifest is damaged. The other copy of it is then to be rewritten. */
static void recover_running(struct whitelist *list)
{
    for (int mend = WHITELIST_MEND_ALONE; mend <= WHITELIST_MEND_BOTH && list->running < 0; mend++) {
        for (int slot = 0; slot < 2; slot++)
            if (!list->slots[slot].committed)
                (void)!whitelist_slot_recover(list, slot, (enum whitelist_mend)mend);
        choose_running(list);
    }
    if (list->running < 0) { /* what follows is read as it is */
        list->slots[0].mend = list->slots[1].mend = WHITELIST_MEND_NOTHING;
        return;
    }
    list->replica.is_whole = false;
    list->replica.head_lost = true;
    if (list->slots[!list->running].committed && same_list(list))
        whitelist_look_lose(list, !list->running);
}

bool whitelist_look_is_new(const struct whitelist *list, uint32_t version)
{
    return list->running < 0 ? version >= list->version_floor : version > list->version_floor;
}

/* Continues an interrupted upload that this gate began. This happens once since start-up, and only before the
 * first upload of a client, so that an upload that was refused or abandoned is not continued. */
static bool resume_upload(struct whitelist *list, int slot)
{
    const struct whitelist_slot *s = &list->slots[slot];
    if (list->upload.looked_for || slot != whitelist_slot_standby(list) || !s->present || s->committed ||
        !whitelist_look_is_new(list, s->header.version) ||
        memcmp(s->digest, list->resumable, sizeof list->resumable) != 0)
        return false;
    list->upload.looked_for = true;
    return whitelist_verify_resume(list, slot) == ERR_OK;
}

void whitelist_look(struct whitelist *list)
{
    for (int slot = 0; slot < 2; slot++)
        (void)!whitelist_slot_find(list, slot); /* after an error the slot is rescanned later */
    choose_running(list);
    if (list->running < 0)
        recover_running(list);
    (void)!resume_upload(list, whitelist_slot_standby(list));
}

int whitelist_look_at_other(struct whitelist *list)
{
    int slot = whitelist_slot_standby(list);
    const struct whitelist_slot *other = &list->slots[slot];
    if (whitelist_slot_find(list, slot) != ERR_OK || !whitelist_slot_reads_true(list, list->running))
        return ERR_IO;
    raise_floor(list);
    if (other->committed && same_list(list)) {
        list->replica.is_whole = true;
        if (list->slots[list->running].mend != WHITELIST_MEND_NOTHING)
            whitelist_look_lose(list, list->running);
        return WHITELIST_LOOK_TAKEN_UP;
    }
    if (other->committed && other->header.version > list->slots[list->running].header.version)
        return activate(list, slot) == ERR_OK ? WHITELIST_LOOK_TAKEN_UP : ERR_IO;
    return resume_upload(list, slot) ? WHITELIST_LOOK_TAKEN_UP : ERR_OK;
}

/* Checks a manifest, read as mend says, and goes on reading it so if that is good. */
static bool try_mend(struct whitelist *list, int slot, enum whitelist_mend mend)
{
    enum whitelist_mend before = list->slots[slot].mend;
    list->slots[slot].mend = mend;
    if (whitelist_slot_check(list, slot) == ERR_OK)
        return true;
    list->slots[slot].mend = before;
    return false;
}

int whitelist_look_at_heads(struct whitelist *list)
{
    int ours = list->running, other = whitelist_slot_standby(list), known = list->slots[ours].mend;
    for (int mend = WHITELIST_MEND_NOTHING; mend <= known; mend++)
        if (try_mend(list, ours, (enum whitelist_mend)mend))
            return ERR_OK; /* as before, or better: a damage may have been transient */
    if (!list->slots[other].committed && whitelist_slot_find(list, other) != ERR_OK)
        return ERR_CORRUPT;
    if (!list->slots[other].committed || !same_list(list) || whitelist_slot_check(list, other) != ERR_OK)
        return whitelist_look_mend(list);
    whitelist_look_lose(list, list->running);
    return ERR_OK;
}

int whitelist_look_mend(struct whitelist *list)
{
    int ours = list->running, other = whitelist_slot_standby(list);
    if (whitelist_slot_check(list, ours) == ERR_OK)
        return ERR_OK; /* the damage was transient */
    if (try_mend(list, ours, WHITELIST_MEND_ALONE)) {
        whitelist_look_lose(list, other);
    } else if (list->replica.is_whole && try_mend(list, other, WHITELIST_MEND_ALONE)) {
        whitelist_look_lose(list, ours);
    } else if (list->replica.is_whole && try_mend(list, ours, WHITELIST_MEND_BOTH)) {
        whitelist_look_lose(list, other);
    } else {
        return ERR_CORRUPT;
    }
    return ERR_OK;
}

void whitelist_look_lose(struct whitelist *list, int slot)
{
    if (slot == list->running) {
        list->running = whitelist_slot_standby(list);
        whitelist_trust_reset(list);
    }
    list->slots[slot].committed = list->slots[slot].present = false;
    list->slots[slot].mend = WHITELIST_MEND_NOTHING;
    list->replica.is_whole = false;
    list->replica.head_lost = true;
}
