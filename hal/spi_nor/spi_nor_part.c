/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/spi_nor/spi_nor_part.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    WINBOND_STATUS_2 = 0x35, /* W25Q128JV datasheet, revision F: SUS is bit 7 */
    WINBOND_SUSPENDED = 0x80,
    SPANSION_STATUS_2 = 0x07, /* S25FL128S datasheet, 001-98283 revision P: ES is bit 1 */
    SPANSION_SUSPENDED = 0x02,
    SPANSION_BANK = 0x17,   /* the same: bit 7 is EXTADD, four address bytes */
    SPANSION_ERRORS = 0x60, /* E_ERR and P_ERR are bits 5 and 6 of status register 1 */
    DENSITY_MIN = 0x14,     /* 1 MiB */
    DENSITY_REACHED = 0x18, /* 16 MiB, the most that 24 address bits reach */
    DENSITY_MAX = 0x22,     /* 256 MiB: after 19h (32 MiB) some makers continue with 1Ah, others with 20h */
};

/* The bytes of an id that a row compares. Bit 0 stands for the first byte. */
enum {
    MAKER_AND_TYPE = 0x03,
    FIRST_3 = 0x07,
    FIRST_3_AND_5TH = 0x17,
    MAKER_4TH_5TH = 0x19,
    MAKER_4TH_6TH = 0x29,
    ALL_6 = 0x3F
};

/*
 * The first row that matches is used. The fifth byte of a Spansion id with a fourth byte of 4Dh gives the
 * sectors (00h: 256 KiB, 01h: 64 KiB), the sixth the family (80h: FL-S, 81h: FS-S). The 4 KiB sectors of a
 * FL-S cover only one end of the array, and the 64 KiB erase works there too. On a FS-S it does not: the
 * sectors at that end have 4 KiB and 32 KiB. The chips of maker 34h (Semper) have both kinds too. The older
 * S25SL12801, which is also the chip of QEMU on the emcraft-sf2, cannot suspend. Winbond W25N and W25M are
 * NAND chips, with a density byte that NOR chips have too (drivers/mtd/nand/spi/winbond.c of Linux).
 */
#define WINBOND  SPI_NOR_SECTOR_4K, 0, WINBOND_STATUS_2, WINBOND_SUSPENDED, 0
#define SPANSION SPI_NOR_SECTOR_64K, SPANSION_ERRORS, SPANSION_STATUS_2, SPANSION_SUSPENDED, SPANSION_BANK
#define PLAIN    SPI_NOR_SECTOR_64K, 0, 0, 0, 0
#define UNFIT    0, 0, 0, 0, 0
#define TOO_BIG  "the chip erases 256 KiB at once, id"
#define UNEVEN   "the chip has sectors of several sizes, id"
#define NAND     "the chip is a NAND flash, id"
static const struct spi_nor_part parts[] = {
    {"W25Q128", {0xEF, 0x40, 0x18}, FIRST_3, WINBOND},
    {"W25Q128", {0xEF, 0x70, 0x18}, FIRST_3, WINBOND},
    {"W25Q", {0xEF, 0x40}, MAKER_AND_TYPE, WINBOND},
    {"W25Q", {0xEF, 0x60}, MAKER_AND_TYPE, WINBOND},
    {"W25Q", {0xEF, 0x70}, MAKER_AND_TYPE, WINBOND},
    {NAND, {0xEF, 0xAA}, MAKER_AND_TYPE, UNFIT},
    {NAND, {0xEF, 0xAB}, MAKER_AND_TYPE, UNFIT},
    {NAND, {0xEF, 0xBA}, MAKER_AND_TYPE, UNFIT},
    {NAND, {0xEF, 0xBC}, MAKER_AND_TYPE, UNFIT},
    {NAND, {0xEF, 0xBF}, MAKER_AND_TYPE, UNFIT},
    {TOO_BIG, {0x01, 0, 0, 0x4D, 0x00}, MAKER_4TH_5TH, UNFIT},
    {UNEVEN, {0x01, 0, 0, 0x4D, 0, 0x81}, MAKER_4TH_6TH, UNFIT},
    {"S25FL128S", {0x01, 0x20, 0x18, 0x4D, 0x01, 0x80}, ALL_6, SPANSION},
    {"S25FL256S", {0x01, 0x02, 0x19, 0x4D, 0x01, 0x80}, ALL_6, SPANSION},
    {"S25SL12801", {0x01, 0x20, 0x18, 0, 0x01}, FIRST_3_AND_5TH, PLAIN},
    {TOO_BIG, {0x01, 0x20, 0x18, 0, 0x00}, FIRST_3_AND_5TH, UNFIT},
    {TOO_BIG, {0x20, 0x20, 0x18}, FIRST_3, UNFIT},
    {UNEVEN, {0x34, 0x2A}, MAKER_AND_TYPE, UNFIT},
    {UNEVEN, {0x34, 0x2B}, MAKER_AND_TYPE, UNFIT},
    {"NOR flash", {0}, 0, PLAIN},
};

static bool is_part(const struct spi_nor_part *part, const uint8_t id[SPI_NOR_ID_LEN])
{
    for (size_t i = 0; i < SPI_NOR_ID_LEN; i++)
        if (part->id_compared >> i & 1 && id[i] != part->id[i])
            return false;
    return true;
}

const struct spi_nor_part *spi_nor_part_find(const uint8_t id[SPI_NOR_ID_LEN])
{
    const struct spi_nor_part *part = parts;
    if (id[2] < DENSITY_MIN || id[2] > DENSITY_MAX)
        return NULL;
    while (!is_part(part, id))
        part++; /* the last row matches every id */
    return part;
}

bool spi_nor_part_may_use_4_bytes(const uint8_t id[SPI_NOR_ID_LEN])
{
    return id[2] > DENSITY_REACHED;
}

uint32_t spi_nor_part_size(const uint8_t id[SPI_NOR_ID_LEN])
{
    return 1u << (id[2] < DENSITY_REACHED ? id[2] : DENSITY_REACHED);
}
