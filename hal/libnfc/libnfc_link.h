/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages between the gate and portillon-reader, the process that uses libnfc.
 *
 * A message is one packet of a SOCK_SEQPACKET socket pair, always LIBNFC_LINK_SIZE bytes, little-endian:
 *
 *   at  size
 *    0   1   LIBNFC_LINK_VERSION
 *    1   1   kind (enum libnfc_link_kind)
 *    2   2   body length; the rest of the body is zero
 *    4   4   card: number of the card, counted by the child (CARD, GONE, EXCHANGE); else 0
 *    8   4   exchange: number of the request, counted by the gate (EXCHANGE, ANSWER); else 0
 *   12   4   result: ERR_OK, ERR_TIMEOUT, ERR_NOT_FOUND or ERR_IO (ANSWER); else 0
 *   16   8   time: CLOCK_MONOTONIC, microseconds
 *   24 256   body: CARD, GONE  uid_len 1, uid 10, atqa 2, sak 1, ats_len 1, ats 32 (unused bytes zero)
 *                              uid_len 0: a card of another kind; ats_len 255: the card sent no
 *                              ATS although its SAK announces one
 *                  READY       name of the reader; FAULT: cause of the fault. Printable ASCII, no NUL
 *                  EXCHANGE    bytes for the card; ANSWER: bytes of the card, empty unless result is ERR_OK
 *
 * The messages of the child are untrusted input: the reader may be hostile, and libnfc copies lengths without
 * a check. Therefore libnfc_link_decode accepts exactly the messages that libnfc_link_encode can write.
 *
 * No state, no I/O, nothing blocks; the caller owns every buffer.
 */
#ifndef HAL_LIBNFC_LIBNFC_LINK_H
#define HAL_LIBNFC_LIBNFC_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/reader.h"

#define LIBNFC_LINK_FD        3 /* the descriptor of the socket in the child */
#define LIBNFC_LINK_VERSION   1
#define LIBNFC_LINK_SIZE      280
#define LIBNFC_LINK_DATA_MAX  256 /* an ISO 14443-4 frame is at most 256 bytes */
#define LIBNFC_LINK_TEXT_SIZE sizeof(((struct reader_report *)0)->text)

/* Once READY, the child sends a message at least every BEAT_MS; the gate kills it after SILENCE_MS without
 * one. OPEN_MS covers the slowest open of libnfc. */
#define LIBNFC_LINK_BEAT_MS     100
#define LIBNFC_LINK_SILENCE_MS  800
#define LIBNFC_LINK_OPEN_MS     4000
#define LIBNFC_LINK_EXCHANGE_MS 50

enum libnfc_link_kind {
    LIBNFC_LINK_READY = 1, /* child: the reader is open, or answers again, and scans for cards */
    LIBNFC_LINK_BEAT,      /* child: the process works, there is nothing new */
    LIBNFC_LINK_CARD,      /* child: a card that was not reported before is in the field */
    LIBNFC_LINK_EMPTY,     /* child: the reader scanned the field and found no card */
    LIBNFC_LINK_FAULT,     /* child: the reader failed; READY follows if it answers again */
    LIBNFC_LINK_EXCHANGE,  /* gate: send the body to the card with number `card` */
    LIBNFC_LINK_ANSWER,    /* child: the result of the request with number `exchange` */
    LIBNFC_LINK_GONE,      /* child: a card has left, and others are still in the field */
};

struct libnfc_link_message {
    enum libnfc_link_kind kind;
    uint32_t card;
    uint32_t exchange;
    int32_t result;
    uint64_t time_us;
    struct reader_target target;      /* CARD, GONE */
    char text[LIBNFC_LINK_TEXT_SIZE]; /* READY, FAULT: NUL-terminated */
    uint8_t data[LIBNFC_LINK_DATA_MAX];
    size_t data_len; /* EXCHANGE, ANSWER */
};

/* Encodes message. A text that is too long is cut, and its unprintable bytes become '?'. Returns ERR_OK,
 * ERR_ARGUMENT (the layout cannot represent a length, the kind or the result). */
int libnfc_link_encode(const struct libnfc_link_message *message, uint8_t wire[LIBNFC_LINK_SIZE]) MUST_USE;

/* Decodes len bytes of wire into *message, which is valid only after ERR_OK. Returns ERR_OK, ERR_FORMAT (the
 * size, the version, the kind, a length or a byte that must be zero is wrong). */
int libnfc_link_decode(const uint8_t *wire, size_t len, struct libnfc_link_message *message) MUST_USE;

#endif
