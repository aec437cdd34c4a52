/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_mend.h"

#include <string.h>

#include "firmware/storage/flash_io.h"
#include "firmware/whitelist/whitelist_slot.h"

int whitelist_mend_read_bucket(struct whitelist *list, int except, uint32_t index,
                               uint8_t in[WHITELIST_BUCKET_LEN])
{
    static const int copies[] = {0, WHITELIST_SPARE, 1};
    uint8_t first[WHITELIST_BUCKET_LEN];
    bool has_first = false;
    int result = ERR_IO;
    uint32_t spare, offset = index % WHITELIST_BUCKETS_PER_BLOCK * WHITELIST_BUCKET_LEN;
    for (uint32_t i = 0; i < sizeof copies / sizeof *copies; i++) {
        struct whitelist_bucket bucket;
        if (copies[i] == except || (copies[i] == WHITELIST_SPARE && !whitelist_slot_find_spare(list, &spare)))
            continue;
        uint32_t addr =
            whitelist_slot_block_address(list, copies[i], index / WHITELIST_BUCKETS_PER_BLOCK) + offset;
        result = flash_io_read(list->flash, addr, in, WHITELIST_BUCKET_LEN);
        if (result == ERR_OK)
            result = whitelist_bucket_decode(&bucket, index, &list->list_mac, in);
        if (result == ERR_OK || result == ERR_CRYPTO)
            return result;
        if (copies[i] == 0 && result == ERR_CORRUPT) {
            memcpy(first, in, sizeof first);
            has_first = true;
        }
    }
    bool has_both = has_first && except != 1 && result == ERR_CORRUPT;
    return has_both ? whitelist_bucket_merge(in, first, index, &list->list_mac) : result;
}
