/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy of a DESFire, as a telephone or an emulator makes it: UID, ATQA, SAK, ATS and version of a DESFire
 * EV2, every application is there, and every reading gives what was copied. It does not have the keys: it
 * takes part in an authentication with random bytes, accepts whatever the reader sends, and cannot prove
 * anything.
 */
#include <string.h>

#include "tools/cardsim/desfire_auth.h"
#include "tools/cardsim/desfire_frame.h"
#include "tools/cardsim/text.h"

enum { ADDITIONAL_FRAME = 0xAF, GET_VERSION = 0x60, SELECT_APPLICATION = 0x5A, READ = 0xBD, READ_ISO = 0xAD };

static struct cardsim_desfire_frame answer(struct cardsim_clone *memory, uint8_t status, size_t len)
{
    return (struct cardsim_desfire_frame){.status = status, .data = memory->answer, .len = len};
}

static struct cardsim_desfire_frame answer_version(struct cardsim_card *card)
{
    struct cardsim_clone *memory = &card->memory.clone;
    uint8_t version[CARDSIM_DESFIRE_VERSION_LEN];
    cardsim_desfire_write_version(2, card->true_uid, version);
    size_t at = (size_t)memory->frames * CARDSIM_DESFIRE_VERSION_FRAME;
    bool is_last = memory->frames == 2;
    size_t len = is_last ? sizeof version - at : CARDSIM_DESFIRE_VERSION_FRAME;
    memcpy(memory->answer, version + at, len);
    memory->frames = is_last ? 0 : memory->frames + 1;
    memory->pending = is_last ? 0 : GET_VERSION;
    return answer(memory, is_last ? CARDSIM_DESFIRE_OK : CARDSIM_DESFIRE_MORE, len);
}

static struct cardsim_desfire_frame answer_random(struct cardsim_card *card, uint8_t status, size_t len)
{
    struct cardsim_clone *memory = &card->memory.clone;
    for (size_t i = 0; i < len; i++)
        memory->answer[i] = cardsim_card_random(card);
    return answer(memory, status, len);
}

static struct cardsim_desfire_frame answer_copied(struct cardsim_clone *memory)
{
    memcpy(memory->answer, memory->content, memory->content_len);
    return answer(memory, CARDSIM_DESFIRE_OK, memory->content_len);
}

static struct cardsim_desfire_frame go_on(struct cardsim_card *card)
{
    struct cardsim_clone *memory = &card->memory.clone;
    uint8_t command = memory->pending;
    if (command == GET_VERSION)
        return answer_version(card);
    memory->pending = 0;
    if (command == 0)
        return answer(memory, CARDSIM_DESFIRE_ABORTED, 0);
    return answer_random(card, CARDSIM_DESFIRE_OK, command == CARDSIM_DESFIRE_AUTH_FIRST ? 32 : 16);
}

static struct cardsim_desfire_frame take(struct cardsim_card *card, const uint8_t *message, size_t len)
{
    struct cardsim_clone *memory = &card->memory.clone;
    (void)len;
    if (message[0] == ADDITIONAL_FRAME)
        return go_on(card);
    memory->frames = 0;
    memory->pending = 0;
    switch (message[0]) {
    case GET_VERSION:
        return answer_version(card);
    case SELECT_APPLICATION:
        return answer(memory, CARDSIM_DESFIRE_OK, 0);
    case READ:
    case READ_ISO:
        return answer_copied(memory);
    case CARDSIM_DESFIRE_AUTH_AES:
    case CARDSIM_DESFIRE_AUTH_FIRST:
    case CARDSIM_DESFIRE_AUTH_NON_FIRST:
        memory->pending = message[0];
        return answer_random(card, CARDSIM_DESFIRE_MORE, 16);
    default:
        return answer(memory, CARDSIM_DESFIRE_ILLEGAL_COMMAND, 0);
    }
}

static int apdu(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx)
{
    return len == 0 ? CARDSIM_SILENT : cardsim_desfire_exchange(card, tx, len, rx, take);
}

static void select_card(struct cardsim_card *card)
{
    card->memory.clone.pending = 0;
    card->memory.clone.frames = 0;
}

static bool option(struct cardsim_card *card, const char *key, const char *value)
{
    struct cardsim_clone *memory = &card->memory.clone;
    int len = cardsim_text_hex(value, memory->content, sizeof memory->content);
    if (strcmp(key, "content") != 0 || len < 0)
        return false;
    memory->content_len = (uint8_t)len;
    return true;
}

const struct cardsim_card_kind cardsim_kind_clone = {
    .name = "clone",
    .summary = "a copy of a DESFire EV2 without its keys; content=hex (what it answers to ReadData)",
    .sak = 0x20,
    .atqa_high = 0x03,
    .ats = cardsim_desfire_ats,
    .uid_lengths = CARDSIM_UID_7,
    .select = select_card,
    .apdu = apdu,
    .option = option,
};
