/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes a host may send, to a chip with cards in its field. The first byte chooses: bit 0, raw bytes or
 * records of a length and that many bytes, each sent as a well-formed frame, so that commands are reached
 * too; bits 1 to 4, the armed fault. A record of length 0 lets time pass, and takes a card out or puts it
 * back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cardsim/chip.h"

static struct cardsim_field field;
static struct cardsim_chip chip;
static uint64_t now_us;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cardsim_card *add_card(const struct cardsim_card_kind *kind, size_t uid_len, uint8_t fill)
{
    uint8_t uid[CARDSIM_UID_MAX];
    memset(uid, fill, sizeof uid);
    struct cardsim_card *card = cardsim_field_spare(&field);
    if (!cardsim_card_create(card, kind, "card", uid, uid_len))
        abort();
    field.count++;
    cardsim_field_put(&field, card, 0);
    return card;
}

/* A DESFire with an application, files in each mode, and a challenge that does not change. */
static void add_desfire(const struct cardsim_card_kind *kind, uint8_t fill)
{
    static const char *const options[][2] = {{"aid", "010203"},
                                             {"key", "00000000000000000000000000000000"},
                                             {"file", "1:plain:EEEE:00112233445566778899"},
                                             {"file", "2:maced:0000:00112233445566778899"},
                                             {"file", "3:full:1010:00112233445566778899"},
                                             {"rndb", "C05DDD714FD788A6B7B754F3C4D066E8"},
                                             {"ti", "01020304"}};
    struct cardsim_card *card = add_card(kind, 7, fill);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (!card->kind->option(card, options[i][0], options[i][1]))
            abort();
}

static void send_records(const uint8_t *data, size_t size)
{
    uint8_t frame[CARDSIM_FRAME_MAX];
    while (size > 0) {
        size_t len = data[0];
        data++;
        size--;
        if (len > size)
            len = size;
        if (len == 0) {
            struct cardsim_card *card = &field.cards[now_us % field.count];
            if (card->in_field)
                cardsim_field_take(&field, card);
            else
                cardsim_field_put(&field, card, 0);
            now_us += 7001;
        }
        size_t frame_len = cardsim_frame_encode(frame, CARDSIM_TFI_HOST, data, len);
        cardsim_chip_receive(&chip, frame, frame_len, now_us);
        cardsim_chip_poll(&chip, now_us);
        data += len;
        size -= len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t awake[] = {0x55, 0x55, 0x00, 0x00};
    if (size == 0)
        return 0;
    now_us = 1;
    field.count = 0;
    field.powered = false;
    field.random_state = 1;
    cardsim_chip_init(&chip, &field);
    chip.is_instant = data[0] & 0x20;
    chip.faults.kind = (enum cardsim_fault)((data[0] >> 1 & 15) % CARDSIM_FAULT_COUNT);
    chip.faults.left = 5;
    add_card(&cardsim_kind_classic, 4, 0x01);
    add_card(&cardsim_kind_ntag213, 7, 0x02);
    add_desfire(&cardsim_kind_desfire_ev1, 0x03);
    add_card(&cardsim_kind_iso4, 10, 0x04);
    add_card(&cardsim_kind_random, 0, 0x00);
    add_desfire(&cardsim_kind_desfire_ev2, 0x06);
    add_card(&cardsim_kind_clone, 7, 0x07);
    cardsim_chip_receive(&chip, awake, sizeof awake, now_us);
    if (data[0] & 1)
        send_records(data + 1, size - 1);
    else
        cardsim_chip_receive(&chip, data + 1, size - 1, now_us);
    cardsim_chip_poll(&chip, now_us + 1000000);
    if (chip.output_len > CARDSIM_OUTPUT_MAX || chip.reply_len > CARDSIM_REPLY_MAX)
        abort();
    return 0;
}
