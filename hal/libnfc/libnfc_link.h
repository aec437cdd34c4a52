/*
 * The messages between the gate and portillon-reader, the process that holds libnfc: one layout, one place.
 *
 * A message is one packet of a SOCK_SEQPACKET socket pair, always LIBNFC_LINK_SIZE bytes, little-endian:
 *
 *   at  size
 *    0   1   LIBNFC_LINK_VERSION
 *    1   1   kind (enum libnfc_link_kind)
 *    2   2   body length; the rest of the body is zero
 *    4   4   card: counts the cards the child has seen (CARD, EXCHANGE); else 0
 *    8   4   exchange: counts the requests (EXCHANGE, ANSWER); else 0
 *   12   4   result: ERR_OK, ERR_TIMEOUT, ERR_NOT_FOUND or ERR_IO (ANSWER); else 0
 *   16   8   time: CLOCK_MONOTONIC, microseconds
 *   24 256   body: CARD      uid_len 1, uid 10, atqa 2, sak 1, ats_len 1, ats 32 (unused bytes zero)
 *                  READY     name of the reader; FAULT: what went wrong. Printable ASCII, no NUL
 *                  EXCHANGE  bytes for the card; ANSWER: bytes of the card, empty unless result is ERR_OK
 *
 * The child talks to a reader that may be hostile through a library that copies lengths unchecked, so what it
 * sends is outside input: libnfc_link_decode accepts exactly what libnfc_link_encode can write, nothing else.
 * No state, no I/O; every byte belongs to the caller.
 */
#ifndef HAL_LIBNFC_LIBNFC_LINK_H
#define HAL_LIBNFC_LIBNFC_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/reader.h"

#define LIBNFC_LINK_FD        3 /* the child's end of the socket pair */
#define LIBNFC_LINK_VERSION   1
#define LIBNFC_LINK_SIZE      280
#define LIBNFC_LINK_DATA_MAX  256 /* an ISO 14443-4 frame is at most 256 bytes */
#define LIBNFC_LINK_TEXT_SIZE sizeof(((struct reader_report *)0)->text)

/* The child speaks at least every BEAT_MS once READY; OPENING may last as long as libnfc's slowest open. */
#define LIBNFC_LINK_BEAT_MS     100
#define LIBNFC_LINK_SILENCE_MS  800
#define LIBNFC_LINK_OPEN_MS     4000
#define LIBNFC_LINK_EXCHANGE_MS 50

enum libnfc_link_kind {
    LIBNFC_LINK_READY = 1, /* child: the reader is open (again) and looks for cards */
    LIBNFC_LINK_BEAT,      /* child: alive, nothing new */
    LIBNFC_LINK_CARD,      /* child: a card not reported before is in the field */
    LIBNFC_LINK_EMPTY,     /* child: the field was looked at and holds no card */
    LIBNFC_LINK_FAULT,     /* child: the reader failed; READY follows if it answers again */
    LIBNFC_LINK_EXCHANGE,  /* parent: send the body to card `card` */
    LIBNFC_LINK_ANSWER,    /* child: what came of request `exchange` */
};

struct libnfc_link_message {
    enum libnfc_link_kind kind;
    uint32_t card;
    uint32_t exchange;
    int32_t result;
    uint64_t time_us;
    struct reader_target target;      /* CARD */
    char text[LIBNFC_LINK_TEXT_SIZE]; /* READY, FAULT: NUL-terminated */
    uint8_t data[LIBNFC_LINK_DATA_MAX];
    size_t data_len; /* EXCHANGE, ANSWER */
};

/* Writes message as wire bytes. Text is cut to fit and its unprintable bytes become '?'.
 * @retval ERR_OK, ERR_ARGUMENT (a length or kind the layout cannot carry). */
int libnfc_link_encode(const struct libnfc_link_message *message, uint8_t wire[LIBNFC_LINK_SIZE]) MUST_USE;

/* Reads len wire bytes into *message, which is meaningful only if ERR_OK is returned.
 * @retval ERR_OK, ERR_FORMAT (not a message: size, version, kind, a length or a byte that must be zero). */
int libnfc_link_decode(const uint8_t *wire, size_t len, struct libnfc_link_message *message) MUST_USE;

#endif
