/* SPDX-License-Identifier: Apache-2.0 */
/* /whitelist and below */
#include "firmware/resources/resources_whitelist.h"

#include "firmware/maintenance/cbor_map.h"
#include "firmware/portillon_state.h"
#include "firmware/whitelist/whitelist_patch.h"
#include "firmware/whitelist/whitelist_upload.h"

#define DIGEST_LEN 16
#define RUNS_MAX   64
#define PIECE_SZX  6 /* a block of the list is uploaded in pieces of 1024 bytes */

/* Returns true if the manifest of the list being uploaded is complete, so that the list can be
 * identified. */
static bool is_manifest_complete(const struct whitelist *list)
{
    enum whitelist_upload_state state = whitelist_upload_state(list);
    return state == WHITELIST_VERIFYING || state == WHITELIST_PREPARING || state == WHITELIST_RECEIVING ||
           state == WHITELIST_DONE;
}

static void put_running(CborEncoder *map, const struct whitelist *list)
{
    const struct whitelist_header *header = whitelist_active(list);
    if (header == NULL) {
        cbor_map_put_null(map, "running");
        return;
    }
    CborEncoder inner;
    cbor_map_open_map(map, "running", &inner, 5);
    cbor_map_put_uint(&inner, "version", header->version);
    cbor_map_put_uint(&inner, "cards", header->card_count);
    cbor_map_put_uint(&inner, "blocks", header->block_count);
    cbor_map_put_uint(&inner, "created", header->created_utc_s);
    cbor_map_put_bytes(&inner, "digest", whitelist_active_digest(list), DIGEST_LEN);
    cbor_map_close(map, &inner);
}

static void put_upload(CborEncoder *map, const struct whitelist *list)
{
    const struct whitelist_slot *slot = whitelist_uploaded(list);
    bool whole = is_manifest_complete(list), refused = whitelist_upload_state(list) == WHITELIST_REFUSED;
    CborEncoder inner;
    cbor_map_open_map(map, "upload", &inner, 7);
    cbor_map_put_text(&inner, "state", whitelist_upload_state_name(whitelist_upload_state(list)));
    cbor_map_put_text(&inner, "error", refused ? error_name(whitelist_upload_error(list)) : NULL);
    if (refused && whitelist_upload_error(list) == ERR_WORN)
        cbor_map_put_uint(&inner, "worn", whitelist_worn_addr(list));
    else
        cbor_map_put_null(&inner, "worn");
    cbor_map_put_bytes(&inner, "digest", slot->digest, whole ? DIGEST_LEN : 0);
    cbor_map_put_uint(&inner, "version", whole ? slot->header.version : 0);
    cbor_map_put_uint(&inner, "blocks", whole ? slot->header.block_count : 0);
    cbor_map_put_uint(&inner, "have", whole ? whitelist_upload_have_count(list) : 0);
    cbor_map_close(map, &inner);
}

void resource_get_whitelist(const struct resource_call *call)
{
    const struct whitelist *list = &call->portillon->whitelist;
    CborEncoder top, map;
    cbor_encoder_init(&top, call->response->body, COAP_SERVER_BODY_MAX, 0);
    (void)cbor_encoder_create_map(&top, &map, 2);
    put_running(&map, list);
    put_upload(&map, list);
    cbor_map_close(&top, &map);
    resource_finish_cbor(call, cbor_map_written(&top, call->response->body));
}

void resource_put_head(const struct resource_call *call)
{
    const struct coap_request *request = call->request;
    const struct coap_message *message = request->message;
    const struct coap_block *block = &request->block1;
    /* RFC 7959, 2.2: all blocks but the last are full. */
    if (block->more ? message->payload_len != coap_block_size(block)
                    : message->payload_len > coap_block_size(block)) {
        resource_finish(call, ERR_FORMAT);
        return;
    }
    int result = whitelist_upload_head(&call->portillon->whitelist, coap_block_offset(block),
                                       message->payload, (uint32_t)message->payload_len, !block->more);
    resource_finish(call, result);
    if (result == ERR_OK && block->more)
        call->response->code = COAP_CONTINUE;
    else if (result == ERR_ARGUMENT)
        call->response->code = COAP_INCOMPLETE;
}

void resource_get_wanted(const struct resource_call *call)
{
    const struct whitelist *list = &call->portillon->whitelist;
    uint32_t from = 0, count = 0;
    struct {
        uint32_t first, count;
    } runs[RUNS_MAX]; /* 512 bytes of stack: the head of the array needs their count first */

    if (coap_query_u32(call->request->message, "from", &from) == ERR_FORMAT) {
        resource_finish(call, ERR_FORMAT);
        return;
    }
    /* The missing blocks are known only after the signature was verified and the blocks already in the
     * slot were checked. */
    if (whitelist_upload_state(list) == WHITELIST_HEAD ||
        whitelist_upload_state(list) == WHITELIST_VERIFYING ||
        whitelist_upload_state(list) == WHITELIST_PREPARING) {
        resource_finish(call, ERR_BUSY);
        return;
    }
    while (count < RUNS_MAX && whitelist_upload_state(list) == WHITELIST_RECEIVING) {
        runs[count].first = from;
        runs[count].count = whitelist_wanted(list, &runs[count].first);
        if (runs[count].count == 0)
            break;
        from = runs[count].first + runs[count].count;
        count++;
    }
    CborEncoder top, array;
    cbor_encoder_init(&top, call->response->body, COAP_SERVER_BODY_MAX, 0);
    (void)cbor_encoder_create_array(&top, &array, count);
    for (uint32_t i = 0; i < count; i++)
        cbor_map_put_run(&array, runs[i].first, runs[i].count);
    cbor_map_close(&top, &array);
    resource_finish_cbor(call, cbor_map_written(&top, call->response->body));
}

void resource_put_block(const struct resource_call *call)
{
    const struct coap_request *request = call->request;
    const struct coap_message *message = request->message;
    uint32_t index = 0;
    int result = coap_query_u32(message, "n", &index);
    if (result != ERR_OK || !request->has_block1 || request->block1.szx != PIECE_SZX ||
        message->payload_len != coap_block_size(&request->block1)) {
        resource_finish(call, ERR_FORMAT);
        return;
    }
    result = whitelist_upload_block(&call->portillon->whitelist, index, coap_block_offset(&request->block1),
                                    message->payload, (uint32_t)message->payload_len);
    resource_finish(call, result > 0 ? ERR_OK : result);
    call->response->later = result == WHITELIST_BLOCK_LATER;
    if (result == ERR_OK)
        call->response->code = COAP_CONTINUE;
}

/* Hands on a patch, which is one message. */
static void put_patch(const struct resource_call *call,
                      int (*take)(struct whitelist *list, const uint8_t *data, uint32_t len))
{
    const struct coap_message *message = call->request->message;
    if (call->request->block1.num > 0 || call->request->block1.more) {
        resource_finish(call, ERR_NO_SPACE);
        return;
    }
    int result = take(&call->portillon->whitelist, message->payload, (uint32_t)message->payload_len);
    resource_finish(call, result > 0 ? ERR_OK : result);
    call->response->later = result == WHITELIST_BLOCK_LATER;
    if (result == ERR_ARGUMENT)
        call->response->code = COAP_INCOMPLETE;
}

void resource_put_head_patch(const struct resource_call *call)
{
    put_patch(call, whitelist_patch_head);
}

void resource_put_block_patches(const struct resource_call *call)
{
    put_patch(call, whitelist_patch_blocks);
}
