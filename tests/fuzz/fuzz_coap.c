/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams into the CoAP codec: what parses is written again, option by option, and must read the same. */
#include <stdlib.h>
#include <string.h>

#include "firmware/maintenance/coap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void compare(const struct coap_message *a, const struct coap_message *b)
{
    struct coap_option_walk walk_a = coap_options(a), walk_b = coap_options(b);
    struct coap_option option_a, option_b;
    demand(a->type == b->type && a->code == b->code && a->message_id == b->message_id);
    demand(a->token_len == b->token_len && memcmp(a->token, b->token, a->token_len) == 0);
    while (coap_next_option(&walk_a, &option_a)) {
        demand(coap_next_option(&walk_b, &option_b));
        demand(option_a.number == option_b.number && option_a.len == option_b.len);
        demand(memcmp(option_a.value, option_b.value, option_a.len) == 0);
    }
    demand(!coap_next_option(&walk_b, &option_b));
    demand(a->payload_len == b->payload_len);
    demand(a->payload_len == 0 || memcmp(a->payload, b->payload, a->payload_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct coap_message message, again;
    if (coap_parse(&message, data, size) != ERR_OK)
        return 0;
    uint8_t *out = malloc(size + 1);
    if (out == NULL)
        return 0;
    struct coap_writer writer;
    struct coap_option_walk walk = coap_options(&message);
    struct coap_option option;
    coap_write_start(&writer, out, size, message.type, message.code, message.message_id, message.token,
                     message.token_len);
    while (coap_next_option(&walk, &option)) {
        struct coap_block block;
        uint32_t value;
        (void)!coap_block_decode(&option, &block);
        (void)!coap_option_u32(&option, &value);
        coap_write_option(&writer, option.number, option.value, option.len);
    }
    /* Nothing longer than its shortest form may come out, so it fits where it came from. */
    int len = coap_write_finish(&writer, message.payload, message.payload_len);
    demand(len > 0 && (size_t)len <= size);
    demand(coap_parse(&again, out, (size_t)len) == ERR_OK);
    compare(&message, &again);
    uint32_t value;
    (void)coap_path_is(&message, "whitelist/head");
    (void)!coap_query_u32(&message, "n", &value);
    free(out);
    return 0;
}
