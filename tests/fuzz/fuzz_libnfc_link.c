/* SPDX-License-Identifier: Apache-2.0 */
/* What portillon-reader may send when a hostile reader has taken it over: each LIBNFC_LINK_SIZE bytes of the
 * input are one packet, the rest is a short one. What is accepted must be in bounds and be written back as it
 * came. */
#include <stdlib.h>
#include <string.h>

#include "hal/libnfc/libnfc_link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct libnfc_link_message *message, const uint8_t *wire)
{
    uint8_t again[LIBNFC_LINK_SIZE];
    const struct reader_target *target = &message->target;
    if (target->uid_len > READER_UID_MAX || target->ats_len > READER_ATS_MAX ||
        message->data_len > LIBNFC_LINK_DATA_MAX || message->result > 0 ||
        strnlen(message->text, sizeof message->text) == sizeof message->text)
        abort();
    if (libnfc_link_encode(message, again) != ERR_OK || memcmp(again, wire, sizeof again) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct libnfc_link_message message;
    for (; size >= LIBNFC_LINK_SIZE; data += LIBNFC_LINK_SIZE, size -= LIBNFC_LINK_SIZE)
        if (libnfc_link_decode(data, LIBNFC_LINK_SIZE, &message) == ERR_OK)
            check(&message, data);
    if (size > 0 && libnfc_link_decode(data, size, &message) == ERR_OK)
        abort();
    return 0;
}
