/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/desfire_version.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"

enum {
    AT_VENDOR = 0,
    AT_TYPE = 1,
    AT_HARDWARE = 3,
    AT_STORAGE = 5,
    AT_SOFTWARE = 10,
    AT_UID = 14,
    AT_WEEK = 26,
    AT_YEAR = 27,
};

/* The upper half of the type says in what the product is: a chip, a larger controller, a phone. */
#define TYPE_BITS 0x0F

static const struct product {
    uint8_t type, major;
    bool has_aes, has_ev2;
    const char *name;
} products[] = {
    {1, 0x00, false, false, "MIFARE DESFire (D40)"},
    {1, 0x01, true, false, "MIFARE DESFire EV1"},
    {1, 0x12, true, true, "MIFARE DESFire EV2"},
    {1, 0x22, true, true, "MIFARE DESFire EV2 XL"},
    {1, 0x42, true, true, "MIFARE DESFire EV2"},
    {1, 0x62, true, true, "MIFARE DESFire EV2"},
    {1, 0x33, true, true, "MIFARE DESFire EV3"},
    {1, 0x43, true, true, "MIFARE DESFire EV3"},
    {1, 0xA0, true, true, "MIFARE DUOX"},
    {8, 0x30, true, true, "MIFARE DESFire Light"},
    {2, 0x11, false, false, "MIFARE Plus EV1"},
    {2, 0x22, false, false, "MIFARE Plus EV2"},
    {4, 0x10, false, false, "NTAG 413 DNA"},
    {4, 0x30, false, false, "NTAG 424 DNA"},
    {1, 0, true, true, N_("unknown DESFire")}, /* the last two stand for all others */
    {0, 0, false, false, N_("unknown product")},
};
#define PRODUCT_COUNT (sizeof products / sizeof products[0])

static const struct product *find_product(uint8_t type, uint8_t major)
{
    for (size_t i = 0; i < PRODUCT_COUNT - 2; i++)
        if (products[i].type == (type & TYPE_BITS) && products[i].major == major)
            return &products[i];
    return &products[PRODUCT_COUNT - ((type & TYPE_BITS) == 1 ? 2 : 1)];
}

/* Storage is a power of two, whose exponent stands above bit 0. Bit 0: between that and the next power. */
static void decode_storage(uint8_t storage, struct desfire_version *version)
{
    unsigned power = storage >> 1;
    version->storage_min = power < 31 ? UINT32_C(1) << power : 0;
    version->storage_max = storage & 1 ? 2 * version->storage_min : version->storage_min;
}

static uint8_t from_bcd(uint8_t byte)
{
    return (byte >> 4) <= 9 && (byte & 0xF) <= 9 ? (uint8_t)(10 * (byte >> 4) + (byte & 0xF)) : 0;
}

int desfire_version_decode(const uint8_t *data, size_t len, struct desfire_version *version)
{
    if (len < DESFIRE_VERSION_LEN)
        return ERR_FORMAT;
    const struct product *product = find_product(data[AT_TYPE], data[AT_HARDWARE]);
    *version = (struct desfire_version){.vendor = data[AT_VENDOR],
                                        .hardware = {data[AT_HARDWARE], data[AT_HARDWARE + 1]},
                                        .software = {data[AT_SOFTWARE], data[AT_SOFTWARE + 1]},
                                        .product = product->name,
                                        .has_aes = product->has_aes,
                                        .has_ev2 = product->has_ev2,
                                        .week = from_bcd(data[AT_WEEK]),
                                        .year = from_bcd(data[AT_YEAR])};
    memcpy(version->uid, data + AT_UID, sizeof version->uid);
    decode_storage(data[AT_STORAGE], version);
    return ERR_OK;
}

const char *desfire_version_vendor(uint8_t vendor)
{
    /* ISO/IEC 7816-6, registered manufacturers */
    static const struct {
        uint8_t code;
        const char *name;
    } vendors[] = {
        {0x02, "STMicroelectronics"}, {0x04, "NXP"}, {0x05, "Infineon"}, {0x07, "Texas Instruments"}};
    for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++)
        if (vendors[i].code == vendor)
            return vendors[i].name;
    return NULL;
}

void desfire_version_storage(const struct desfire_version *version, char out[DESFIRE_VERSION_STORAGE_MAX])
{
    uint32_t min = version->storage_min;
    if (min != version->storage_max)
        snprintf(out, DESFIRE_VERSION_STORAGE_MAX, "%" PRIu32 "-%" PRIu32 " B", min, version->storage_max);
    else if (min >= 1024)
        snprintf(out, DESFIRE_VERSION_STORAGE_MAX, "%" PRIu32 " KiB", min / 1024);
    else
        snprintf(out, DESFIRE_VERSION_STORAGE_MAX, "%" PRIu32 " B", min);
}
