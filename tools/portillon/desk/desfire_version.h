/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a DESFire card says of itself: the answer to GetVersion (60), in three parts.
 *
 *   0    hardware: vendor, type, subtype, major version, minor version, storage size, protocol
 *   7    software: the same
 *   14   UID (zeros if it is random), 5 bytes of the batch, week and year of production in BCD
 *
 * The names of the products go by type and version of the hardware, as proxmark3 lists them
 * (client/src/cmdhfmfdes.c). Pure.
 */
#ifndef TOOLS_PORTILLON_DESK_DESFIRE_VERSION_H
#define TOOLS_PORTILLON_DESK_DESFIRE_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define DESFIRE_VERSION_LEN         28
#define DESFIRE_VERSION_UID_LEN     7
#define DESFIRE_VERSION_STORAGE_MAX 24

struct desfire_version {
    uint8_t vendor;
    uint8_t hardware[2], software[2]; /* major, minor */
    /* "MIFARE DESFire EV2"; translate() gives a name for people. Others than DESFire know GetVersion too. */
    const char *product;
    bool has_aes;         /* a DESFire that can have AES keys: all but the first generation */
    bool has_ev2;         /* it also knows AuthenticateEV2First */
    uint32_t storage_min; /* bytes */
    uint32_t storage_max; /* the same, unless the card only tells bounds */
    uint8_t uid[DESFIRE_VERSION_UID_LEN];
    uint8_t week, year; /* of production; 0: not told */
};

/* Reads an answer. A longer one has data at its end that are left out. Returns ERR_OK or ERR_FORMAT (too
 * short). */
int desfire_version_decode(const uint8_t *data, size_t len, struct desfire_version *version) MUST_USE;

/* Returns the vendor's name; NULL: unknown. */
const char *desfire_version_vendor(uint8_t vendor);

/* Writes the storage: "4 KiB", "512 B" or "512-1024 B". */
void desfire_version_storage(const struct desfire_version *version, char out[DESFIRE_VERSION_STORAGE_MAX]);

#endif
