/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a list file: no crash, and every check that passes agrees with the others. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "tools/portillon/list/list_file.h"
#include "tools/portillon/site/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[CRYPTO_PUBLIC_KEY_LEN] = {4};
    static const uint8_t tag_key[IDENTITY_TAG_KEY_LEN] = {1};
    static struct list_file_figures figures;
    struct list_file list;
    struct whitelist_rule rule;
    struct whitelist_profile profile;
    const char *why;
    uint32_t where;

    if (site_crypto_init() != ERR_OK || list_file_open(&list, data, size, &why) != ERR_OK)
        return 0;
    if (list.blocks + (size_t)list.header.block_count * WHITELIST_BLOCK_LEN != data + size)
        abort();
    if (list_file_check_signature(&list, key) == ERR_OK)
        abort(); /* the key is no point of the curve */
    (void)!list_file_check_blocks(&list, &where);
    (void)!list_file_check_buckets(&list, tag_key, &where);
    if (list_file_check_content(&list, &figures, &where, &why) == ERR_OK &&
        figures.cards != list.header.card_count)
        abort();
    for (uint32_t i = 0; i < list.header.block_count * 8; i++) {
        struct tag tag;
        for (int b = 0; b < TAG_LEN; b++)
            tag.bytes[b] = list.blocks[(size_t)i * 512 + 4 + (size_t)b];
        (void)!list_file_find(&list, &tag, &rule, &profile);
    }
    return 0;
}
