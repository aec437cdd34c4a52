/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain CoAP requests into the resources of a gate, as of a technician who lost his mind: rows of datagrams,
 * each with its length (u16, little-endian) before it. Whatever comes, the answer is a CoAP message.
 */
#include <stdlib.h>
#include <string.h>

#include "firmware/portillon_log.h"
#include "firmware/resources/resources.h"
#include "tests/fakes/link_bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct link_bench *bench;
static enum role role;

static void handle(void *ctx, const struct coap_request *request, struct coap_response *response)
{
    (void)ctx;
    resources_handle(&bench->portillon, role, request, response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct coap_server server;
    static uint8_t message[DTLS_PLAINTEXT_MAX];
    const struct coap_handler handler = {.handle = handle};
    if (size == 0)
        return 0;
    bench = link_bench_start(data[0] % 8 == 7);
    role = data[0] & 0x80 ? ROLE_MAINTENANCE : ROLE_TECHNICIAN;
    coap_server_reset(&server, 0);
    for (unsigned records = data[0] % 64; records > 0; records--)
        portillon_log_event(&bench->portillon, JOURNAL_EVENT_SETTINGS, records);
    data++;
    size--;
    while (size >= 2) {
        size_t len = (size_t)data[0] | (size_t)data[1] << 8;
        data += 2;
        size -= 2;
        len = len < size ? len : size;
        len = len < sizeof message ? len : sizeof message;
        memcpy(message, data, len);
        data += len;
        size -= len;
        size_t answer_len = coap_server_handle(&server, &handler, message, len, message, sizeof message);
        struct coap_message answer;
        if (answer_len > sizeof message ||
            (answer_len > 0 && coap_parse(&answer, message, answer_len) != ERR_OK))
            abort();
        (void)whitelist_poll(&bench->portillon.whitelist);
    }
    return 0;
}
