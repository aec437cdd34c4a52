/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads buckets that are damaged in both slots while the list is read or repaired. Only for whitelist*.c.
 *
 * A sector with a block that is damaged in both slots is put together bucket by bucket and written to the
 * spare sector. Only then it is rewritten in one slot, and after that in the other. A sector is thus
 * erased only while all its blocks can be made from the copies that stay. The spare sector carries no
 * mark: a bucket of it counts if it passes the check for its number in the list, and a block if it has the
 * hash in the manifest.
 *
 * With sectors of 4 KiB the spare sector is the last but one of the manifest area of slot 0, which no
 * manifest reaches. With sectors of 64 KiB it is the last sector of a slot, if the list leaves it free.
 *
 * A read of a bucket blocks for three reads of 64 bytes and, if the copies of two slots are merged, for 64
 * checks: 15 ms on a 142 MHz Cortex-M3.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_MEND_H
#define FIRMWARE_WHITELIST_WHITELIST_MEND_H

#include "firmware/whitelist/whitelist_state.h"

/* Reads a bucket of the active list from the copy that passes its check: in one of the slots or in the
 * spare sector. If none does, it is made from those of both slots (whitelist_bucket_merge). except is a
 * copy that is left out, because it will be erased: a slot or WHITELIST_SPARE; -1: none. Returns ERR_OK,
 * ERR_CORRUPT (in has a damaged bucket), ERR_IO, ERR_CRYPTO. */
int whitelist_mend_read_bucket(struct whitelist *list, int except, uint32_t index,
                               uint8_t in[WHITELIST_BUCKET_LEN]) MUST_USE;

#endif
