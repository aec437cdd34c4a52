/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/pace.h"

#include <string.h>

enum { BITS_A_BYTE = 10 };

void cardsim_pace_init(struct cardsim_pace *pace, uint32_t baud)
{
    memset(pace, 0, sizeof *pace);
    pace->byte_ns = baud == 0 ? 0 : BITS_A_BYTE * UINT64_C(1000000000) / baud;
}

size_t cardsim_pace_room(const struct cardsim_pace *pace)
{
    return CARDSIM_PACE_MAX - pace->len;
}

size_t cardsim_pace_send(struct cardsim_pace *pace, const uint8_t *bytes, size_t len, uint64_t now_us)
{
    size_t room = cardsim_pace_room(pace), taken = len < room ? len : room;
    if (pace->free_ns < now_us * 1000)
        pace->free_ns = now_us * 1000;
    for (size_t i = 0; i < taken; i++) {
        pace->free_ns += pace->byte_ns;
        pace->due_ns[pace->len] = pace->free_ns;
        pace->bytes[pace->len++] = bytes[i];
    }
    return taken;
}

size_t cardsim_pace_arrived(const struct cardsim_pace *pace, uint64_t now_us)
{
    size_t count = 0;
    while (count < pace->len && pace->due_ns[count] <= now_us * 1000)
        count++;
    return count;
}

void cardsim_pace_consume(struct cardsim_pace *pace, size_t len)
{
    pace->len -= len;
    memmove(pace->bytes, pace->bytes + len, pace->len);
    memmove(pace->due_ns, pace->due_ns + len, pace->len * sizeof pace->due_ns[0]);
}

uint64_t cardsim_pace_due_us(const struct cardsim_pace *pace, uint64_t now_us)
{
    size_t arrived = cardsim_pace_arrived(pace, now_us);
    return arrived == pace->len ? UINT64_MAX : (pace->due_ns[arrived] + 999) / 1000;
}
