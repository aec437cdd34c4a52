/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/client_hello.h"

#include <string.h>

size_t client_hello_make(uint8_t out[CLIENT_HELLO_MAX], uint8_t client, uint8_t record_number,
                         const uint8_t cookie[DTLS_COOKIE_LEN])
{
    uint8_t cookie_len = cookie != NULL ? DTLS_COOKIE_LEN : 0;
    uint8_t body_len = (uint8_t)(2 + DTLS_RANDOM_LEN + 1 + 1 + cookie_len + 6);
    memset(out, 0, CLIENT_HELLO_MAX);
    memcpy(out, (const uint8_t[]){22, 0xFE, 0xFD}, 3); /* handshake, DTLS 1.2, epoch 0 */
    out[10] = record_number;
    out[12] = (uint8_t)(12 + body_len);
    out[13] = 1; /* ClientHello, unfragmented */
    out[16] = out[24] = body_len;
    out[18] = cookie != NULL; /* message number */
    memcpy(out + 25, (const uint8_t[]){0xFE, 0xFD}, 2);
    memset(out + 27, client, DTLS_RANDOM_LEN);
    out[60] = cookie_len;
    if (cookie != NULL)
        memcpy(out + 61, cookie, DTLS_COOKIE_LEN);
    memcpy(out + 61 + cookie_len, (const uint8_t[]){0, 2, 0, 0xA8, 1, 0}, 6);
    return 25u + body_len;
}
