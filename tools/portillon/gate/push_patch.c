/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/push_patch.h"

#include <string.h>

void push_patch_start(struct push_patch *patch, const struct list_file *base, const struct list_file *list)
{
    memset(patch, 0, sizeof *patch);
    patch->is_on = base != NULL;
    if (base != NULL)
        list_patch_init(&patch->patch, base, list);
}

static bool is_whole(const struct push_patch *patch, uint32_t index)
{
    return patch->whole[index / 8] >> index % 8 & 1;
}

static void send_whole(struct push_patch *patch, uint32_t index)
{
    patch->whole[index / 8] |= (uint8_t)(1 << index % 8);
}

/* Adds a block to the message. Returns false if the message is full. */
static bool add(struct push_patch *patch, uint32_t index)
{
    uint32_t place = patch->message.count;
    int result = is_whole(patch, index) ? ERR_OK : list_patch_block(&patch->patch, index, &patch->message);
    if (result == ERR_UNSUPPORTED)
        send_whole(patch, index);
    if (patch->message.count > place)
        patch->message_blocks[place] = index;
    return result != ERR_NO_SPACE;
}

bool push_patch_fill(struct push_patch *patch, const struct push_block *blocks, uint32_t count,
                     uint32_t *next)
{
    patch->message.len = patch->message.count = 0;
    while (patch->is_on && *next < count && add(patch, blocks[*next].index))
        ++*next;
    return patch->message.count > 0;
}

bool push_patch_is_refused(const struct link_answer *answer)
{
    return answer->code == COAP_NOT_FOUND || answer->code == COAP_CONFLICT ||
           answer->code == COAP_INCOMPLETE || link_answer_is(answer, COAP_SERVER_ERROR, ERR_CORRUPT) ||
           link_answer_is(answer, COAP_BAD_REQUEST, ERR_FORMAT) ||
           link_answer_is(answer, COAP_BAD_REQUEST, ERR_NOT_LISTED);
}

void push_patch_give_up_message(struct push_patch *patch)
{
    for (uint32_t i = 0; i < patch->message.count; i++)
        send_whole(patch, patch->message_blocks[i]);
}

void push_patch_give_up(struct push_patch *patch)
{
    patch->is_on = false;
}
