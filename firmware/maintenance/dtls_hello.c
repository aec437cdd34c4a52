/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/maintenance/dtls_hello.h"

#include <string.h>

/*
 * record (RFC 6347, 4.1)              handshake message (4.2.2)         ClientHello (4.2.1)
 *  0  1  type                          13  1  type                       25   2  version
 *  1  2  version                       14  3  length                     27  32  random
 *  3  2  epoch                         17  2  message_seq                59   1  session id length, then it
 *  5  6  sequence number               19  3  fragment offset                 1  cookie length, then it
 * 11  2  length                        22  3  fragment length
 */
#define RECORD_LEN                13
#define HANDSHAKE_LEN             12
#define BODY                      (RECORD_LEN + HANDSHAKE_LEN)
#define SESSION_ID_AT             (BODY + 2 + DTLS_RANDOM_LEN)
#define SESSION_ID_MAX            32
#define TYPE_HANDSHAKE            22
#define TYPE_CLIENT_HELLO         1
#define TYPE_HELLO_VERIFY_REQUEST 3
#define VERSION_MAJOR             0xFE
#define VERSION_1_0_MINOR         0xFF

static uint32_t get_be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get_be24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | get_be16(p + 1);
}

bool dtls_datagram_is_whole(const uint8_t *datagram, size_t len)
{
    size_t at = 0;
    while (len - at >= RECORD_LEN && get_be16(datagram + at + 11) <= len - at - RECORD_LEN)
        at += RECORD_LEN + get_be16(datagram + at + 11);
    return at == len && len > 0;
}

bool dtls_datagram_is_record(const uint8_t *datagram, size_t len)
{
    return len >= RECORD_LEN && get_be16(datagram + 11) == len - RECORD_LEN;
}

bool dtls_hello_parse(struct dtls_hello *hello, const uint8_t *datagram, size_t len)
{
    if (len <= SESSION_ID_AT || datagram[0] != TYPE_HANDSHAKE || datagram[1] != VERSION_MAJOR ||
        get_be16(datagram + 3) != 0 || get_be16(datagram + 11) > len - RECORD_LEN)
        return false;
    size_t end = RECORD_LEN + get_be16(datagram + 11);
    uint32_t message_len = get_be24(datagram + 14);
    if (end <= SESSION_ID_AT || datagram[13] != TYPE_CLIENT_HELLO || get_be24(datagram + 19) != 0 ||
        get_be24(datagram + 22) != message_len || message_len > end - BODY)
        return false;
    end = BODY + message_len;

    if (end <= SESSION_ID_AT || datagram[SESSION_ID_AT] > SESSION_ID_MAX)
        return false;
    size_t cookie_at = SESSION_ID_AT + 1 + (size_t)datagram[SESSION_ID_AT];
    if (end <= cookie_at || datagram[cookie_at] > end - cookie_at - 1)
        return false;
    *hello = (struct dtls_hello){
        .sequence = datagram + 5,
        .message_seq = datagram + 17,
        .random = datagram + BODY + 2,
        .cookie = datagram + cookie_at + 1,
        .cookie_len = datagram[cookie_at],
    };
    return true;
}

bool dtls_hello_is_verify(const uint8_t *datagram, size_t len)
{
    return len > BODY && datagram[0] == TYPE_HANDSHAKE && get_be16(datagram + 3) == 0 &&
           datagram[RECORD_LEN] == TYPE_HELLO_VERIFY_REQUEST;
}

void dtls_hello_write_verify(const struct dtls_hello *hello, const uint8_t cookie[DTLS_COOKIE_LEN],
                             uint8_t out[DTLS_HELLO_VERIFY_LEN])
{
    const uint8_t body_len = 3 + DTLS_COOKIE_LEN;
    memset(out, 0, DTLS_HELLO_VERIFY_LEN);
    out[0] = TYPE_HANDSHAKE;
    out[1] = VERSION_MAJOR;
    /* RFC 6347, 4.2.1: a server should send version DTLS 1.0 here, whatever version follows. The record
     * repeats the sequence number of the ClientHello, so that no state is needed to choose one. */
    out[2] = VERSION_1_0_MINOR;
    memcpy(out + 5, hello->sequence, 6);
    out[12] = HANDSHAKE_LEN + body_len;
    out[13] = TYPE_HELLO_VERIFY_REQUEST;
    out[16] = body_len;
    memcpy(out + 17, hello->message_seq, 2);
    out[24] = body_len;
    out[BODY] = VERSION_MAJOR;
    out[BODY + 1] = VERSION_1_0_MINOR;
    out[BODY + 2] = DTLS_COOKIE_LEN;
    memcpy(out + BODY + 3, cookie, DTLS_COOKIE_LEN);
}
