/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/crypto/seed_entropy.h"

#include <string.h>

#include "firmware/base/bytes.h"

static int fill(void *ctx, uint8_t *buf, size_t len)
{
    struct seed_entropy *seed = ctx;
    uint8_t digest[CRYPTO_HASH_LEN];
    if (seed->hardware != NULL && seed->hardware->fill(seed->hardware->ctx, buf, len) == ERR_OK)
        return ERR_OK;
    while (len > 0) {
        uint8_t moment[12];
        uint64_t now_us = seed->timer->monotonic_us(seed->timer->ctx);
        bytes_put_u32(moment, seed->count++);
        bytes_put_u32(moment + 4, (uint32_t)now_us);
        bytes_put_u32(moment + 8, (uint32_t)(now_us >> 32));
        if (crypto_hmac(seed->identity->seed, IDENTITY_SEED_LEN, moment, sizeof moment, digest) != ERR_OK)
            return ERR_IO;
        size_t piece = len < sizeof digest ? len : sizeof digest;
        memcpy(buf, digest, piece);
        buf += piece;
        len -= piece;
    }
    crypto_wipe(digest, sizeof digest);
    return ERR_OK;
}

void seed_entropy_init(struct seed_entropy *seed, const struct identity *identity, const struct timer *timer,
                       const struct entropy *hardware)
{
    *seed = (struct seed_entropy){
        .entropy = {.fill = fill}, .identity = identity, .timer = timer, .hardware = hardware};
    seed->entropy.ctx = seed;
}
