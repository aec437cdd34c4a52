/* SPDX-License-Identifier: Apache-2.0 */
/* Patches of a list of any content, at a gate that waits for the blocks of a list, or for the rest of its
 * manifest. First byte: even: of blocks, odd: of the manifest. The name of the base is put right, as anybody
 * with a key for the port can. What is stored must be what the signed list says, and the active list must
 * stay what it is. */
#include <stdlib.h>
#include <string.h>

#include "firmware/whitelist/whitelist_patch.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SLOT_LEN = 2 * 65536, CARDS = 400, CALLS_MAX = 4000, PATCH_MAX = 1280 };

static struct list_maker maker;
static struct list_made one, two;
static struct list_gate gate;
static struct nor_model origin;
static struct whitelist receiving, in_head; /* the gate in two states, with the same content of the chip */

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void set_up(void)
{
    list_maker_init(&maker);
    list_maker_make(&maker, &one, 1, CARDS, UINT32_MAX);
    list_maker_make(&maker, &two, 2, CARDS + 9, 17);
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    must(list_gate_upload(&gate, &one) == WHITELIST_COMMITTED && list_gate_poll(&gate) == ERR_OK);
    must(list_gate_send_head(&gate, &two) == ERR_OK && list_gate_poll(&gate) == ERR_OK);
    must(gate.list.upload.state == WHITELIST_RECEIVING);
    receiving = in_head = gate.list;
    in_head.upload.state = WHITELIST_HEAD;
    in_head.upload.head_received = 256;
    in_head.upload.head_erased = true;
    nor_model_init(&origin, gate.nor.geometry.size, 4096);
    nor_model_copy(&origin, &gate.nor);
}

/* Blocks that are marked as stored are those of list two. */
static void check_blocks(void)
{
    uint8_t *blocks = nor_model_bytes(&gate.nor, list_gate_block_address(&gate, false, 0));
    for (uint32_t i = 0; i < two.header.block_count; i++)
        if (gate.list.blocks.have[i / 8] >> i % 8 & 1)
            must(memcmp(blocks + i * 4096, two.blocks + i * 4096, 4096) == 0);
}

/* Leaves of the manifest of list two its first page. */
static void forget_head(void)
{
    uint32_t len = two.header.head_len + WHITELIST_SIGNATURE_LEN - 256;
    memset(nor_model_bytes(&gate.nor, whitelist_staged(&gate.list)->base + 256), 0xFF, len);
}

static int patch(const uint8_t *bytes, size_t len, bool of_head)
{
    int result = WHITELIST_BLOCK_LATER;
    for (int calls = 0; result == WHITELIST_BLOCK_LATER; calls++) {
        must(calls < CALLS_MAX);
        result = of_head ? whitelist_patch_head(&gate.list, bytes, (uint32_t)len)
                         : whitelist_patch_blocks(&gate.list, bytes, (uint32_t)len);
    }
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t bytes[PATCH_MAX];
    if (one.image == NULL)
        set_up();
    if (size < 1 || size - 1 > sizeof bytes)
        return 0;
    bool of_head = (data[0] & 1) != 0;
    uint64_t operations = gate.nor.counts.operations;
    gate.list = of_head ? in_head : receiving;
    if (of_head)
        forget_head();
    memcpy(bytes, data + 1, size - 1);
    memcpy(bytes, gate.list.slots[gate.list.running].digest, size - 1 < 8 ? size - 1 : 8);
    int result = patch(bytes, size - 1, of_head);
    must(result <= WHITELIST_BLOCK_STORED);
    if (result == ERR_FORMAT)
        must(gate.nor.counts.operations == operations);
    if (!of_head)
        check_blocks();
    must(list_gate_version(&gate) == 1 && list_gate_wrong_card(&gate, &one, 97) == -1);
    if (gate.list.upload.state == WHITELIST_VERIFYING)
        crypto_verify_abort(&gate.list.upload.verify);
    if (of_head || gate.nor.counts.operations != operations)
        nor_model_copy(&gate.nor, &origin);
    return 0;
}
