/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MIFARE DESFire EV1, EV2 and EV3: version, application list, key settings, free memory, AES authentication
 * (0xAA) and, once authenticated, the true UID. Commands are native or wrapped in ISO 7816-4 (90 INS 00 00
 * [Lc data] 00), and are answered in the same form. Command codes and sequence follow the public MF3ICD40/EV1
 * documents and AN10922. The tests check the authentication against published vectors. DES and 3DES
 * authentication, files and EV2 secure messaging are not modelled.
 */
#include <string.h>

#include "tools/cardsim/card.h"
#include "tools/cardsim/desfire_crypto.h"
#include "tools/cardsim/text.h"

enum {
    AUTHENTICATE_AES = 0xAA,
    AUTHENTICATE_DES = 0x0A,
    AUTHENTICATE_ISO = 0x1A,
    GET_VERSION = 0x60,
    ADDITIONAL_FRAME = 0xAF,
    SELECT_APPLICATION = 0x5A,
    GET_APPLICATION_IDS = 0x6A,
    GET_KEY_SETTINGS = 0x45,
    GET_KEY_VERSION = 0x64,
    GET_FREE_MEMORY = 0x6E,
    GET_CARD_UID = 0x51,
    GET_FILE_IDS = 0x6F,
};

enum {
    STATUS_OK = 0x00,
    STATUS_ILLEGAL_COMMAND = 0x1C,
    STATUS_NO_SUCH_KEY = 0x40,
    STATUS_LENGTH = 0x7E,
    STATUS_PERMISSION_DENIED = 0x9D,
    STATUS_APPLICATION_NOT_FOUND = 0xA0,
    STATUS_AUTHENTICATION = 0xAE,
    STATUS_MORE = 0xAF,
    STATUS_ABORTED = 0xCA,
};

enum { APP_KEY_COUNT = 5, FREE_MEMORY = 4864, VERSION_LEN = 28, VERSION_FRAME = 7, MAC_LEN = 8 };

/* The answer to one command: a status and up to 48 bytes. */
struct reply {
    uint8_t status;
    uint8_t data[48];
    size_t len;
    bool is_encrypted; /* already enciphered: no MAC is added */
};

static void answer(struct reply *reply, const void *data, size_t len)
{
    memcpy(reply->data, data, len);
    reply->len = len;
}

static void forget_session(struct cardsim_desfire *memory)
{
    memory->authenticated = false;
    memory->pending = 0;
    memset(memory->session_key, 0, sizeof memory->session_key);
    memset(memory->iv, 0, sizeof memory->iv);
}

/* Writes the answer of GetVersion: hardware, software, then UID, batch number, week and year of production
 * (BCD). */
static void version_of(const struct cardsim_card *card, uint8_t out[VERSION_LEN])
{
    static const uint8_t hardware_major[] = {0x01, 0x12, 0x33};
    static const uint8_t software_version[][2] = {{0x01, 0x04}, {0x02, 0x01}, {0x03, 0x00}};
    unsigned generation = card->memory.desfire.version - 1u;
    const uint8_t head[14] = {0x04,
                              0x01,
                              0x01,
                              hardware_major[generation],
                              0x00,
                              0x18,
                              0x05,
                              0x04,
                              0x01,
                              0x01,
                              software_version[generation][0],
                              software_version[generation][1],
                              0x18,
                              0x05};
    static const uint8_t tail[7] = {0xBA, 0x7C, 0x00, 0x00, 0x01, 0x36, 0x25};
    memcpy(out, head, sizeof head);
    memcpy(out + 14, card->true_uid, 7);
    memcpy(out + 21, tail, sizeof tail);
    if (card->random_uid && !card->memory.desfire.authenticated)
        memset(out + 14, 0, 7); /* a card with a random UID shows its true UID only after an authentication */
}

static void get_version(struct cardsim_card *card, struct reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint8_t version[VERSION_LEN];
    version_of(card, version);
    size_t from = (size_t)VERSION_FRAME * memory->step;
    size_t len = memory->step == 2 ? VERSION_LEN - from : VERSION_FRAME;
    answer(reply, version + from, len);
    memory->step++;
    memory->pending = memory->step == 3 ? 0 : GET_VERSION;
    reply->status = memory->pending ? STATUS_MORE : STATUS_OK;
}

static const uint8_t *key_of(const struct cardsim_desfire *memory, uint8_t number)
{
    if (memory->app_selected)
        return number < APP_KEY_COUNT ? memory->app_key : NULL;
    return number == 0 ? memory->picc_key : NULL;
}

/* First half of the authentication: the card sends E(RndB). All blocks form one CBC chain from a zero IV. */
static void authenticate_start(struct cardsim_card *card, uint8_t number, struct reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    forget_session(memory);
    const uint8_t *key = key_of(memory, number);
    if (!key) {
        reply->status = STATUS_NO_SUCH_KEY;
        return;
    }
    memcpy(memory->auth_key, key, 16);
    for (size_t i = 0; i < 16 && !memory->rnd_b_is_fixed; i++)
        memory->rnd_b[i] = cardsim_card_random(card);
    memcpy(reply->data, memory->rnd_b, 16);
    cardsim_cbc_encrypt(memory->auth_key, memory->iv, reply->data, 16);
    reply->len = 16;
    reply->status = STATUS_MORE;
    memory->pending = AUTHENTICATE_AES;
}

/* Second half: the reader sends RndA, and RndB rotated left by a byte as proof; the card answers with RndA
 * rotated. */
static void authenticate_finish(struct cardsim_card *card, const uint8_t *data, size_t len,
                                struct reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    memory->pending = 0;
    if (len != 32) {
        reply->status = STATUS_LENGTH;
        return;
    }
    uint8_t plain[32];
    memcpy(plain, data, 32);
    cardsim_cbc_decrypt(memory->auth_key, memory->iv, plain, 32);
    const uint8_t *rnd_a = plain, *rnd_b = memory->rnd_b;
    if (memcmp(plain + 16, rnd_b + 1, 15) != 0 || plain[31] != rnd_b[0]) {
        reply->status = STATUS_AUTHENTICATION;
        return;
    }
    memcpy(reply->data, rnd_a + 1, 15);
    reply->data[15] = rnd_a[0];
    cardsim_cbc_encrypt(memory->auth_key, memory->iv, reply->data, 16);
    reply->len = 16;
    reply->is_encrypted = true;
    memcpy(memory->session_key, rnd_a, 4);
    memcpy(memory->session_key + 4, rnd_b, 4);
    memcpy(memory->session_key + 8, rnd_a + 12, 4);
    memcpy(memory->session_key + 12, rnd_b + 12, 4);
    memset(memory->iv, 0, sizeof memory->iv);
    memory->authenticated = true;
}

static void select_application(struct cardsim_card *card, const uint8_t *aid, struct reply *reply)
{
    static const uint8_t picc[3] = {0, 0, 0};
    struct cardsim_desfire *memory = &card->memory.desfire;
    forget_session(memory);
    bool is_picc = memcmp(aid, picc, 3) == 0;
    if (!is_picc && !(memory->has_app && memcmp(aid, memory->app_aid, 3) == 0)) {
        reply->status = STATUS_APPLICATION_NOT_FOUND;
        return;
    }
    memory->app_selected = !is_picc;
}

static void get_card_uid(struct cardsim_card *card, struct reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    if (!memory->authenticated) {
        reply->status = STATUS_AUTHENTICATION;
        return;
    }
    uint8_t checked[8]; /* UID, then the status, which the CRC covers too */
    memcpy(checked, card->true_uid, 7);
    checked[7] = STATUS_OK;
    uint32_t crc = cardsim_desfire_crc32(checked, sizeof checked);
    uint8_t plain[16] = {0};
    memcpy(plain, card->true_uid, 7);
    for (int i = 0; i < 4; i++)
        plain[7 + i] = (uint8_t)(crc >> 8 * i);
    cardsim_cbc_encrypt(memory->session_key, memory->iv, plain, 16);
    answer(reply, plain, 16);
    reply->is_encrypted = true;
}

static void get_key_settings(const struct cardsim_desfire *memory, struct reply *reply)
{
    /* 0F: the master key allows everything; bit 7 of the second byte means AES */
    const uint8_t settings[2] = {0x0F, 0x80 | (memory->app_selected ? APP_KEY_COUNT : 1)};
    answer(reply, settings, 2);
}

/* Runs one command. data does not include the command byte. */
static void execute(struct cardsim_card *card, uint8_t command, const uint8_t *data, size_t len,
                    struct reply *reply)
{
    static const uint8_t free_memory[3] = {FREE_MEMORY & 0xFF, FREE_MEMORY >> 8, 0};
    static const uint8_t key_version[1] = {0};
    struct cardsim_desfire *memory = &card->memory.desfire;
    static const struct {
        uint8_t command;
        uint8_t len;
    } lengths[] = {{GET_VERSION, 0},      {SELECT_APPLICATION, 3}, {GET_APPLICATION_IDS, 0},
                   {GET_KEY_SETTINGS, 0}, {GET_KEY_VERSION, 1},    {GET_FREE_MEMORY, 0},
                   {GET_CARD_UID, 0},     {GET_FILE_IDS, 0},       {AUTHENTICATE_AES, 1},
                   {AUTHENTICATE_DES, 1}, {AUTHENTICATE_ISO, 1}};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        if (lengths[i].command == command && lengths[i].len != len) {
            reply->status = STATUS_LENGTH;
            return;
        }
    memory->pending = 0;
    memory->step = 0;
    switch (command) {
    case GET_VERSION:
        get_version(card, reply);
        return;
    case SELECT_APPLICATION:
        select_application(card, data, reply);
        return;
    case GET_APPLICATION_IDS:
        if (memory->app_selected)
            reply->status = STATUS_PERMISSION_DENIED;
        else if (memory->has_app)
            answer(reply, memory->app_aid, 3);
        return;
    case GET_KEY_SETTINGS:
        get_key_settings(memory, reply);
        return;
    case GET_KEY_VERSION:
        if (key_of(memory, data[0]))
            answer(reply, key_version, 1);
        else
            reply->status = STATUS_NO_SUCH_KEY;
        return;
    case GET_FREE_MEMORY:
        answer(reply, free_memory, 3);
        return;
    case GET_FILE_IDS:
        if (!memory->app_selected)
            reply->status = STATUS_PERMISSION_DENIED;
        return;
    case GET_CARD_UID:
        get_card_uid(card, reply);
        return;
    case AUTHENTICATE_AES:
        authenticate_start(card, data[0], reply);
        return;
    case AUTHENTICATE_DES: /* the keys are AES keys and do not fit other algorithms */
    case AUTHENTICATE_ISO:
        reply->status = STATUS_AUTHENTICATION;
        return;
    default:
        reply->status = STATUS_ILLEGAL_COMMAND;
        return;
    }
}

static void go_on(struct cardsim_card *card, const uint8_t *data, size_t len, struct reply *reply)
{
    switch (card->memory.desfire.pending) {
    case GET_VERSION:
        get_version(card, reply);
        return;
    case AUTHENTICATE_AES:
        authenticate_finish(card, data, len, reply);
        return;
    default:
        reply->status = STATUS_ABORTED;
        return;
    }
}

/* Adds the MAC. In an AES session the CMAC covers every command and answer, and its last block is the next
 * IV. A plain answer ends with the first 8 bytes of the MAC. Frames that continue with AF count as one
 * message. */
static void add_mac(struct cardsim_card *card, bool was_authenticated, struct reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    if (!was_authenticated || !memory->authenticated || reply->is_encrypted || reply->status != STATUS_OK)
        return;
    uint8_t message[VERSION_LEN + sizeof reply->data + 1];
    size_t len = 0;
    if (memory->step == 3) { /* the last frame of a version: the MAC covers all three frames */
        version_of(card, message);
        len = VERSION_LEN;
    } else {
        memcpy(message, reply->data, reply->len);
        len = reply->len;
    }
    message[len++] = reply->status;
    cardsim_desfire_cmac(memory->session_key, memory->iv, message, len);
    memcpy(reply->data + reply->len, memory->iv, MAC_LEN);
    reply->len += MAC_LEN;
}

static void run(struct cardsim_card *card, const uint8_t *message, size_t len, struct reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    bool was_authenticated = memory->authenticated;
    if (message[0] == ADDITIONAL_FRAME) {
        go_on(card, message + 1, len - 1, reply);
    } else {
        if (memory->authenticated)
            cardsim_desfire_cmac(memory->session_key, memory->iv, message, len);
        execute(card, message[0], message + 1, len - 1, reply);
    }
    if (reply->status != STATUS_OK && reply->status != STATUS_MORE) {
        reply->len = 0;
        forget_session(memory); /* an error ends the session */
    }
    add_mac(card, was_authenticated, reply);
}

static int select_by_name(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx)
{
    /* DF name of the PICC level */
    static const uint8_t df_name[7] = {0xD2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x00};
    bool fits = len >= 12 && tx[1] == 0xA4 && tx[2] == 0x04 && tx[4] == 7 && memcmp(tx + 5, df_name, 7) == 0;
    if (fits) {
        forget_session(&card->memory.desfire);
        card->memory.desfire.app_selected = false;
    }
    rx[0] = fits ? 0x90 : tx[1] == 0xA4 ? 0x6A : 0x6D;
    rx[1] = fits ? 0x00 : tx[1] == 0xA4 ? 0x82 : 0x00;
    return 2;
}

/* Unwraps 90 INS 00 00 [Lc data] 00. Returns the length of the native message in out, or 0 when it is
 * malformed. */
static size_t unwrap(const uint8_t *tx, size_t len, uint8_t *out)
{
    if (tx[2] != 0 || tx[3] != 0)
        return 0;
    size_t data_len = len == 5 ? 0 : tx[4];
    if (len > 5 && len != 5 + data_len && len != 6 + data_len) /* Le may be missing */
        return 0;
    out[0] = tx[1];
    memcpy(out + 1, tx + 5, data_len);
    return 1 + data_len;
}

static int apdu(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx)
{
    struct reply reply = {.status = STATUS_OK};
    if (len == 0)
        return CARDSIM_SILENT;
    if (len >= 5 && tx[0] == 0x00)
        return select_by_name(card, tx, len, rx);
    if (len < 5 || tx[0] != 0x90) {
        run(card, tx, len, &reply);
        rx[0] = reply.status;
        memcpy(rx + 1, reply.data, reply.len);
        return (int)reply.len + 1;
    }
    uint8_t native[CARDSIM_RF_MAX];
    size_t native_len = unwrap(tx, len, native);
    if (native_len)
        run(card, native, native_len, &reply);
    else
        reply.status = STATUS_LENGTH;
    memcpy(rx, reply.data, reply.len);
    rx[reply.len] = 0x91;
    rx[reply.len + 1] = reply.status;
    return (int)reply.len + 2;
}

static void select_card(struct cardsim_card *card)
{
    forget_session(&card->memory.desfire);
    card->memory.desfire.app_selected = false;
}

static bool option(struct cardsim_card *card, const char *key, const char *value)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint8_t bytes[16];
    int len = cardsim_text_hex(value, bytes, sizeof bytes);
    if (strcmp(key, "key") == 0 && len == 16) {
        memcpy(memory->app_key, bytes, 16);
        return true;
    }
    if (strcmp(key, "picc-key") == 0 && len == 16) {
        memcpy(memory->picc_key, bytes, 16);
        return true;
    }
    if (strcmp(key, "aid") == 0 && len == 3) {
        memcpy(memory->app_aid, bytes, 3);
        memory->has_app = true;
        return true;
    }
    if (strcmp(key, "rndb") == 0 && len == 16) {
        memcpy(memory->rnd_b, bytes, 16);
        memory->rnd_b_is_fixed = true;
        return true;
    }
    if (strcmp(key, "random-uid") == 0 && strcmp(value, "yes") == 0) {
        card->random_uid = true;
        return true;
    }
    return false;
}

static void setup_ev1(struct cardsim_card *card)
{
    card->memory.desfire.version = 1;
}

static void setup_ev2(struct cardsim_card *card)
{
    card->memory.desfire.version = 2;
}

static void setup_ev3(struct cardsim_card *card)
{
    card->memory.desfire.version = 3;
}

static const uint8_t desfire_ats[] = {0x06, 0x75, 0x77, 0x81, 0x02, 0x80};

#define DESFIRE_KIND(generation, text)                                                                       \
    {                                                                                                        \
        .name = "desfire-" #generation, .summary = (text), .sak = 0x20, .atqa_high = 0x03,                   \
        .ats = desfire_ats, .uid_lengths = CARDSIM_UID_7, .setup = setup_##generation,                       \
        .select = select_card, .apdu = apdu, .option = option,                                               \
    }

const struct cardsim_card_kind cardsim_kind_desfire_ev1 =
    DESFIRE_KIND(ev1, "MIFARE DESFire EV1, 7-byte UID; aid=6 hex digits as sent, key=32 (its AES key), "
                      "picc-key=32, random-uid=yes");
const struct cardsim_card_kind cardsim_kind_desfire_ev2 =
    DESFIRE_KIND(ev2, "MIFARE DESFire EV2, options as EV1");
const struct cardsim_card_kind cardsim_kind_desfire_ev3 =
    DESFIRE_KIND(ev3, "MIFARE DESFire EV3, options as EV1");
