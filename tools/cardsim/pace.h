/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives one direction of the serial line its pace: a byte takes ten bits, and the next one begins when it has
 * arrived. Pure: the caller passes in monotonic time, which must not go back. Nothing blocks. The caller owns
 * the struct.
 */
#ifndef CARDSIM_PACE_H
#define CARDSIM_PACE_H

#include <stddef.h>
#include <stdint.h>

enum { CARDSIM_PACE_MAX = 4096, CARDSIM_BAUD_MIN = 9600, CARDSIM_BAUD_MAX = 1288000 /* 7.2.8 */ };

struct cardsim_pace {
    uint64_t byte_ns; /* 0: bytes take no time */
    uint64_t free_ns; /* when the line can take the next byte */
    size_t len;
    uint64_t due_ns[CARDSIM_PACE_MAX]; /* when each of bytes arrives */
    uint8_t bytes[CARDSIM_PACE_MAX];   /* on their way, or arrived and not yet consumed; oldest first */
};

/* Prepares an idle line of baud bits a second; 0: a line that takes no time. */
void cardsim_pace_init(struct cardsim_pace *pace, uint32_t baud);
/* Returns how many bytes the line can take now. */
size_t cardsim_pace_room(const struct cardsim_pace *pace);
/* Sends bytes. Returns how many were taken: all, or as many as there is room for. */
size_t cardsim_pace_send(struct cardsim_pace *pace, const uint8_t *bytes, size_t len, uint64_t now_us);
/* Returns how many of pace->bytes have arrived. */
size_t cardsim_pace_arrived(const struct cardsim_pace *pace, uint64_t now_us);
/* Removes the first len bytes. */
void cardsim_pace_consume(struct cardsim_pace *pace, size_t len);
/* Returns the time at which the next byte arrives; UINT64_MAX if none is on its way. */
uint64_t cardsim_pace_due_us(const struct cardsim_pace *pace, uint64_t now_us);

#endif
