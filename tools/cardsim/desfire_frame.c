/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/desfire_frame.h"

#include <string.h>

const uint8_t cardsim_desfire_ats[6] = {0x06, 0x75, 0x77, 0x81, 0x02, 0x80};

/* Unwraps 90 INS 00 00 [Lc data] 00. Returns the length of the native message in out, or 0 when it is
 * malformed. */
static size_t unwrap(const uint8_t *tx, size_t len, uint8_t *out)
{
    if (tx[2] != 0 || tx[3] != 0)
        return 0;
    size_t data_len = len == 5 ? 0 : tx[4];
    if (len > 5 && len != 5 + data_len && len != 6 + data_len) /* Le may be missing */
        return 0;
    out[0] = tx[1];
    memcpy(out + 1, tx + 5, data_len);
    return 1 + data_len;
}

int cardsim_desfire_exchange(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx,
                             cardsim_desfire_take *take)
{
    bool is_wrapped = len >= 5 && tx[0] == 0x90;
    uint8_t native[CARDSIM_RF_MAX];
    size_t native_len = is_wrapped ? unwrap(tx, len, native) : len;
    if (!is_wrapped)
        memcpy(native, tx, len);
    struct cardsim_desfire_frame frame = {.status = CARDSIM_DESFIRE_LENGTH};
    if (native_len)
        frame = take(card, native, native_len);
    uint8_t *data = is_wrapped ? rx : rx + 1;
    if (frame.len)
        memcpy(data, frame.data, frame.len);
    if (!is_wrapped) {
        rx[0] = frame.status;
        return (int)frame.len + 1;
    }
    rx[frame.len] = 0x91;
    rx[frame.len + 1] = frame.status;
    return (int)frame.len + 2;
}

void cardsim_desfire_write_version(uint8_t version, const uint8_t uid[7],
                                   uint8_t out[CARDSIM_DESFIRE_VERSION_LEN])
{
    static const uint8_t hardware_major[] = {0x01, 0x12, 0x33};
    static const uint8_t software_version[][2] = {{0x01, 0x04}, {0x02, 0x01}, {0x03, 0x00}};
    static const uint8_t tail[7] = {0xBA, 0x7C, 0x00, 0x00, 0x01, 0x36, 0x25};
    const uint8_t *software = software_version[version - 1u];
    const uint8_t head[14] = {0x04, 0x01, 0x01,        hardware_major[version - 1u],
                              0x00, 0x18, 0x05,        0x04,
                              0x01, 0x01, software[0], software[1],
                              0x18, 0x05};
    memcpy(out, head, sizeof head);
    memcpy(out + 14, uid, 7);
    memcpy(out + 21, tail, sizeof tail);
}
