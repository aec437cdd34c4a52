/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_verify.h"

#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_slot.h"

/* Returns true if only zeros follow the signature. If a power cut interrupts the last program of a manifest,
 * the signature may be complete and the zeros not. Such a manifest has another digest than the list that was
 * sent, and must be refused. */
static bool is_padded(const uint8_t signature[WHITELIST_SIGNATURE_LEN], uint32_t len)
{
    uint8_t seen = 0;
    for (uint32_t i = 2 + len; i < WHITELIST_SIGNATURE_LEN; i++)
        seen |= signature[i];
    return seen == 0;
}

int whitelist_verify_start(struct whitelist *list)
{
    int slot = whitelist_slot_standby(list);
    struct whitelist_slot *s = &list->slots[slot];
    uint8_t signature[WHITELIST_SIGNATURE_LEN], digest[CRYPTO_HASH_LEN];
    int result = whitelist_head_take_signed(list, slot, digest, signature);
    uint32_t der_len = (uint32_t)signature[0] | (uint32_t)signature[1] << 8;
    if (result == ERR_OK && !is_padded(signature, der_len))
        result = ERR_SIGNATURE;
    if (result == ERR_OK)
        result = crypto_verify_start(&list->upload.verify, list->identity->site_key, digest, signature + 2,
                                     der_len);
    if (result != ERR_OK)
        return result;
    s->present = true;
    list->upload.write_failures = 0;
    list->upload.state = WHITELIST_VERIFYING;
    return ERR_OK;
}

int whitelist_verify_resume(struct whitelist *list, int slot)
{
    int result = whitelist_verify_start(list);
    if (result != ERR_OK)
        list->slots[slot].present = false;
    list->upload.resumed = result == ERR_OK;
    return result;
}
