/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MIFARE Ultralight (MF0ICU1) and NTAG213: pages of 4 bytes, read four at a time. Commands are those of the
 * NTAG213 data sheet (NTAG213_215_216 rev 3.2, 10): GET_VERSION, READ, FAST_READ, WRITE, COMPATIBILITY_WRITE,
 * READ_SIG. Lock bits and passwords are not enforced.
 */
#include <string.h>

#include "tools/cardsim/card.h"
#include "tools/cardsim/text.h"

enum {
    GET_VERSION = 0x60,
    READ = 0x30,
    FAST_READ = 0x3A,
    READ_SIG = 0x3C,
    WRITE = 0xA2,
    COMPATIBILITY_WRITE = 0xA0,
    ACK = 0x0A,
    FIRST_WRITABLE_PAGE = 2, /* lock bytes; pages 0 and 1 are the UID */
};

static void write_uid(struct cardsim_card *card)
{
    uint8_t(*pages)[4] = card->memory.ultralight.pages;
    const uint8_t *uid = card->uid;
    memcpy(pages[0], uid, 3);
    pages[0][3] = 0x88 ^ uid[0] ^ uid[1] ^ uid[2];
    memcpy(pages[1], uid + 3, 4);
    pages[2][0] = uid[3] ^ uid[4] ^ uid[5] ^ uid[6];
    pages[2][1] = 0x48;
}

static void setup_ultralight(struct cardsim_card *card)
{
    card->memory.ultralight.page_count = 16;
    write_uid(card);
}

static void setup_ntag213(struct cardsim_card *card)
{
    static const uint8_t version[8] = {0x00, 0x04, 0x04, 0x02, 0x01, 0x00, 0x0F, 0x03};
    static const uint8_t capability[4] = {0xE1, 0x10, 0x12, 0x00};
    static const uint8_t empty_ndef[4] = {0x03, 0x00, 0xFE, 0x00};
    struct cardsim_ultralight *memory = &card->memory.ultralight;
    memory->page_count = 45;
    memory->version = version;
    write_uid(card);
    memcpy(memory->pages[3], capability, 4);
    memcpy(memory->pages[4], empty_ndef, 4);
}

static int read_pages(const struct cardsim_ultralight *memory, unsigned first, unsigned count, uint8_t *rx)
{
    for (unsigned i = 0; i < count; i++) /* READ continues at page 0 after the end of the memory */
        memcpy(rx + 4 * i, memory->pages[(first + i) % memory->page_count], 4);
    return (int)(4 * count);
}

static int write_page(struct cardsim_ultralight *memory, uint8_t page, const uint8_t *data, uint8_t *rx)
{
    if (page < FIRST_WRITABLE_PAGE || page >= memory->page_count)
        return CARDSIM_NAK;
    if (page == FIRST_WRITABLE_PAGE)
        memcpy(memory->pages[page] + 2, data + 2, 2);
    else
        memcpy(memory->pages[page], data, 4);
    rx[0] = ACK;
    return 1;
}

static int command(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx)
{
    struct cardsim_ultralight *memory = &card->memory.ultralight;
    if (tx[0] == READ && len == 2 && tx[1] < memory->page_count)
        return read_pages(memory, tx[1], 4, rx);
    if (tx[0] == WRITE && len == 6)
        return write_page(memory, tx[1], tx + 2, rx);
    if (tx[0] == COMPATIBILITY_WRITE && len == 18)
        return write_page(memory, tx[1], tx + 2, rx);
    /* The commands below exist only on Ultralight EV1 and NTAG. An Ultralight does not answer them, and
     * leaves the active state; nfc-mfultralight tells it by that from the others. */
    if (!memory->version)
        return tx[0] == READ || tx[0] == WRITE || tx[0] == COMPATIBILITY_WRITE ? CARDSIM_NAK : CARDSIM_SILENT;
    if (tx[0] == GET_VERSION && len == 1) {
        memcpy(rx, memory->version, 8);
        return 8;
    }
    if (tx[0] == FAST_READ && len == 3 && tx[1] <= tx[2] && tx[2] < memory->page_count)
        return read_pages(memory, tx[1], tx[2] - tx[1] + 1u, rx);
    if (tx[0] == READ_SIG && len == 2) {
        memset(rx, 0, 32); /* real cards have a signature by NXP, which cannot be made here */
        return 32;
    }
    return CARDSIM_NAK;
}

static bool content(struct cardsim_card *card, const char *name, char *text, size_t size)
{
    long page = cardsim_text_number(name, card->memory.ultralight.page_count - 1);
    if (page < 0 || size < 2 * 4 + 1)
        return false;
    cardsim_text_to_hex(card->memory.ultralight.pages[page], 4, text);
    return true;
}

const struct cardsim_card_kind cardsim_kind_ultralight = {
    .name = "ultralight",
    .summary = "MIFARE Ultralight, 7-byte UID, 16 pages",
    .sak = 0x00,
    .uid_lengths = CARDSIM_UID_7,
    .setup = setup_ultralight,
    .command = command,
    .content = content,
};

const struct cardsim_card_kind cardsim_kind_ntag213 = {
    .name = "ntag213",
    .summary = "NTAG213, 7-byte UID, 45 pages, GET_VERSION",
    .sak = 0x00,
    .uid_lengths = CARDSIM_UID_7,
    .setup = setup_ntag213,
    .command = command,
    .content = content,
};
