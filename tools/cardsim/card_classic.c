/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MIFARE Classic 1K: 16 sectors of 4 blocks protected by keys (MF1S50YYX_V1 data sheet, 8.6 and 10). Crypto1
 * is not modelled: the chip passes a whole authentication (60 or 61, block, key, UID), and the sector opens
 * when the key is the one in its trailer. Access bits are stored but not enforced. Value blocks work.
 */
#include <string.h>

#include "tools/cardsim/card.h"
#include "tools/cardsim/text.h"

enum { AUTH_A = 0x60, AUTH_B = 0x61, READ = 0x30, WRITE = 0xA0, ACK = 0x0A };
enum { DECREMENT = 0xC0, INCREMENT = 0xC1, RESTORE = 0xC2, TRANSFER = 0xB0 };
enum { KEY_B_AT = 10, BLOCK_COUNT = 64 };

static uint8_t *trailer_of(struct cardsim_classic *memory, uint8_t block)
{
    return memory->blocks[block | 3];
}

static void setup(struct cardsim_card *card)
{
    static const uint8_t transport[16] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x07,
                                          0x80, 0x69, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    struct cardsim_classic *memory = &card->memory.classic;
    for (size_t block = 3; block < BLOCK_COUNT; block += 4)
        memcpy(memory->blocks[block], transport, sizeof transport);
    uint8_t *manufacturer = memory->blocks[0];
    memcpy(manufacturer, card->uid, card->uid_len);
    size_t at = card->uid_len;
    if (at == 4) {
        manufacturer[at] = manufacturer[0] ^ manufacturer[1] ^ manufacturer[2] ^ manufacturer[3];
        at++;
    }
    manufacturer[at++] = card->sak;
    manufacturer[at++] = card->atqa[1];
    manufacturer[at] = card->atqa[0];
    memory->open_sector = -1;
}

static void select_card(struct cardsim_card *card)
{
    card->memory.classic.open_sector = -1;
    card->memory.classic.can_transfer = false;
}

static int authenticate(struct cardsim_card *card, const uint8_t *tx, size_t len)
{
    struct cardsim_classic *memory = &card->memory.classic;
    memory->open_sector = -1;
    if (len != 12 || tx[1] >= BLOCK_COUNT)
        return CARDSIM_NAK;
    const uint8_t *trailer = trailer_of(memory, tx[1]);
    const uint8_t *key = tx[0] == AUTH_A ? trailer : trailer + KEY_B_AT;
    bool uid_fits =
        memcmp(tx + 8, card->uid, 4) == 0 || memcmp(tx + 8, card->uid + card->uid_len - 4, 4) == 0;
    if (!uid_fits || memcmp(tx + 2, key, 6) != 0)
        return CARDSIM_NAK;
    memory->open_sector = (int8_t)(tx[1] / 4);
    return 0;
}

/* A value block holds a value, its complement and the value again, then an address byte likewise (8.6.2.1).
 * */
static bool is_value_block(const uint8_t block[16])
{
    for (size_t i = 0; i < 4; i++)
        if (block[i] != block[8 + i] || (block[i] ^ block[4 + i]) != 0xFF)
            return false;
    return block[12] == block[14] && block[13] == block[15] && (block[12] ^ block[13]) == 0xFF;
}

static uint32_t read_value(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Loads a value block, changed by an operand, into the transfer buffer. The chip sends the operand as a
 * second frame; here it comes with the command. */
static int load_value(struct cardsim_classic *memory, uint8_t code, const uint8_t block[16],
                      const uint8_t *operand, uint8_t *rx)
{
    if (!is_value_block(block))
        return CARDSIM_NAK;
    uint32_t value = read_value(block), change = read_value(operand);
    value = code == INCREMENT ? value + change : code == DECREMENT ? value - change : value;
    for (size_t i = 0; i < 4; i++) {
        memory->transfer[i] = memory->transfer[8 + i] = (uint8_t)(value >> 8 * i);
        memory->transfer[4 + i] = (uint8_t)~memory->transfer[i];
    }
    memcpy(memory->transfer + 12, block + 12, 4);
    memory->can_transfer = true;
    rx[0] = ACK;
    return 1;
}

static int write_block(uint8_t block[16], const uint8_t *data, uint8_t *rx)
{
    memcpy(block, data, 16);
    rx[0] = ACK;
    return 1;
}

static int command(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx)
{
    struct cardsim_classic *memory = &card->memory.classic;
    if (tx[0] == AUTH_A || tx[0] == AUTH_B)
        return authenticate(card, tx, len);
    if (len < 2 || tx[1] >= BLOCK_COUNT || tx[1] / 4 != memory->open_sector)
        return CARDSIM_NAK;
    uint8_t block = tx[1];
    if (tx[0] == READ && len == 2) {
        memcpy(rx, memory->blocks[block], 16);
        if (block % 4 == 3)
            memset(rx, 0, 6); /* key A can never be read */
        return 16;
    }
    if (tx[0] == WRITE && len == 18 && block != 0)
        return write_block(memory->blocks[block], tx + 2, rx);
    if (tx[0] >= DECREMENT && tx[0] <= RESTORE && len == 6 && block % 4 != 3)
        return load_value(memory, tx[0], memory->blocks[block], tx + 2, rx);
    if (tx[0] == TRANSFER && len == 2 && block % 4 != 3 && block != 0 && memory->can_transfer)
        return write_block(memory->blocks[block], memory->transfer, rx);
    return CARDSIM_NAK;
}

static bool option(struct cardsim_card *card, const char *key, const char *value)
{
    uint8_t secret[6];
    if (strcmp(key, "key") != 0 || cardsim_text_hex(value, secret, sizeof secret) != sizeof secret)
        return false;
    for (size_t block = 3; block < BLOCK_COUNT; block += 4) {
        memcpy(card->memory.classic.blocks[block], secret, sizeof secret);
        memcpy(card->memory.classic.blocks[block] + KEY_B_AT, secret, sizeof secret);
    }
    return true;
}

static bool content(struct cardsim_card *card, const char *name, char *text, size_t size)
{
    long block = cardsim_text_number(name, BLOCK_COUNT - 1);
    if (block < 0 || size < 2 * 16 + 1)
        return false;
    cardsim_text_to_hex(card->memory.classic.blocks[block], 16, text);
    return true;
}

const struct cardsim_card_kind cardsim_kind_classic = {
    .name = "classic",
    .summary = "MIFARE Classic 1K, 4 or 7-byte UID; key=12 hex digits (FFFFFFFFFFFF)",
    .sak = 0x08,
    .uid_lengths = CARDSIM_UID_4 | CARDSIM_UID_7,
    .setup = setup,
    .select = select_card,
    .command = command,
    .option = option,
    .content = content,
};
