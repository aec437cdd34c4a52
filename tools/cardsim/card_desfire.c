/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MIFARE DESFire EV1, EV2 and EV3: frames that continue with AF both ways, and the table of commands. The
 * handlers stand in desfire_apps.c, desfire_auth.c and desfire_files.c. Command codes and behaviour follow
 * the public MF3ICDx1 and MF2DL documents and AN12343. DES keys, LRP, delegated applications and proximity
 * check are not modelled.
 */
#include <string.h>

#include "tools/cardsim/card.h"
#include "tools/cardsim/desfire_apps.h"
#include "tools/cardsim/desfire_auth.h"
#include "tools/cardsim/desfire_files.h"
#include "tools/cardsim/desfire_frame.h"
#include "tools/cardsim/desfire_options.h"
#include "tools/cardsim/desfire_session.h"
#include "tools/cardsim/desfire_transactions.h"

enum { ADDITIONAL_FRAME = 0xAF, GET_VERSION = 0x60, GET_APPLICATION_IDS = 0x6A, READ_ISO = 0xAD };
enum { ANY_LEN = 0xFFFF };

/* How a command of the table travels. */
enum protection_kind {
    OUTSIDE,    /* not protected: it ends or begins a session */
    ORDINARY,   /* a MAC */
    KEY_DATA,   /* ChangeKey */
    SETTINGS,   /* enciphered data without a header */
    FILE_RULES, /* ChangeFileSettings */
    UID_REPLY,  /* an enciphered answer */
    READING,    /* a file, by its rights */
    WRITING,
};

/* Rights of files, of which a command needs one. */
enum {
    NONE = 0,
    READ = CARDSIM_DESFIRE_MAY_READ | CARDSIM_DESFIRE_MAY_BOTH,
    WRITE = CARDSIM_DESFIRE_MAY_WRITE | CARDSIM_DESFIRE_MAY_BOTH,
    BOTH = CARDSIM_DESFIRE_MAY_BOTH,
    ANY = READ | WRITE,
};

struct command {
    uint8_t code;
    uint8_t since;             /* version of the card */
    uint16_t min_len, max_len; /* of the data, without protection */
    enum protection_kind kind;
    uint8_t rights;
    void (*handle)(struct cardsim_card *, const struct cardsim_desfire_request *,
                   struct cardsim_desfire_reply *);
};

static void get_version(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                        struct cardsim_desfire_reply *reply)
{
    static const uint8_t hidden[7];
    const struct cardsim_desfire *memory = &card->memory.desfire;
    /* the true UID of a card with a random one is told only in a session */
    bool hides = card->random_uid && memory->session.messaging == CARDSIM_DESFIRE_NO_SESSION;
    (void)request;
    cardsim_desfire_write_version(memory->version, hides ? hidden : card->true_uid, reply->data);
    reply->len = CARDSIM_DESFIRE_VERSION_LEN;
}

static void get_card_uid(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                         struct cardsim_desfire_reply *reply)
{
    (void)request;
    if (card->memory.desfire.session.messaging == CARDSIM_DESFIRE_NO_SESSION) {
        reply->status = CARDSIM_DESFIRE_AUTHENTICATION;
        return;
    }
    memcpy(reply->data, card->true_uid, 7);
    reply->len = 7;
}

static const struct command commands[] = {
    {CARDSIM_DESFIRE_AUTH_AES, 1, 1, 1, OUTSIDE, NONE, cardsim_desfire_auth_start},
    {CARDSIM_DESFIRE_AUTH_FIRST, 2, 2, 8, OUTSIDE, NONE, cardsim_desfire_auth_start},
    {CARDSIM_DESFIRE_AUTH_NON_FIRST, 2, 1, 1, OUTSIDE, NONE, cardsim_desfire_auth_start},
    {0x0A, 1, 1, 1, OUTSIDE, NONE, cardsim_desfire_auth_des},
    {0x1A, 1, 1, 1, OUTSIDE, NONE, cardsim_desfire_auth_des},
    {0x5A, 1, 3, 3, OUTSIDE, NONE, cardsim_desfire_select_application},
    {GET_VERSION, 1, 0, 0, ORDINARY, NONE, get_version},
    {0x51, 1, 0, 0, UID_REPLY, NONE, get_card_uid},
    {0x6E, 1, 0, 0, ORDINARY, NONE, cardsim_desfire_get_free_memory},
    {GET_APPLICATION_IDS, 1, 0, 0, ORDINARY, NONE, cardsim_desfire_get_application_ids},
    {0xCA, 1, 5, 5, ORDINARY, NONE, cardsim_desfire_create_application},
    {0xDA, 1, 3, 3, ORDINARY, NONE, cardsim_desfire_delete_application},
    {0xFC, 1, 0, 0, ORDINARY, NONE, cardsim_desfire_format},
    {0x45, 1, 0, 0, ORDINARY, NONE, cardsim_desfire_get_key_settings},
    {0x54, 1, 1, 1, SETTINGS, NONE, cardsim_desfire_change_key_settings},
    {0x64, 1, 1, 1, ORDINARY, NONE, cardsim_desfire_get_key_version},
    {0xC4, 1, 1, 33, KEY_DATA, NONE, cardsim_desfire_change_key},
    {0xCD, 1, 7, 7, ORDINARY, NONE, cardsim_desfire_create_file},
    {0xCB, 1, 7, 7, ORDINARY, NONE, cardsim_desfire_create_file},
    {0xCC, 1, 17, 17, ORDINARY, NONE, cardsim_desfire_create_value_file},
    {0xC1, 1, 10, 10, ORDINARY, NONE, cardsim_desfire_create_record_file},
    {0xC0, 1, 10, 10, ORDINARY, NONE, cardsim_desfire_create_record_file},
    {0xDF, 1, 1, 1, ORDINARY, NONE, cardsim_desfire_delete_file},
    {0x6F, 1, 0, 0, ORDINARY, NONE, cardsim_desfire_get_file_ids},
    {0xF5, 1, 1, 1, ORDINARY, NONE, cardsim_desfire_get_file_settings},
    {0x5F, 1, 4, 4, FILE_RULES, NONE, cardsim_desfire_change_file_settings},
    {0xBD, 1, 7, 7, READING, READ, cardsim_desfire_read_data},
    {READ_ISO, 2, 7, 7, READING, READ, cardsim_desfire_read_data},
    {0x3D, 1, 7, ANY_LEN, WRITING, WRITE, cardsim_desfire_write_data},
    {0x8D, 2, 7, ANY_LEN, WRITING, WRITE, cardsim_desfire_write_data},
    {0x6C, 1, 1, 1, READING, ANY, cardsim_desfire_get_value},
    {0x0C, 1, 5, 5, WRITING, BOTH, cardsim_desfire_change_value},
    {0xDC, 1, 5, 5, WRITING, ANY, cardsim_desfire_change_value},
    {0x1C, 1, 5, 5, WRITING, WRITE, cardsim_desfire_change_value},
    {0xBB, 1, 7, 7, READING, READ, cardsim_desfire_read_records},
    {0x3B, 1, 7, ANY_LEN, WRITING, WRITE, cardsim_desfire_write_record},
    {0xEB, 1, 1, 1, ORDINARY, BOTH, cardsim_desfire_clear_records},
    {0xC7, 1, 0, 0, ORDINARY, NONE, cardsim_desfire_end_transaction},
    {0xA7, 1, 0, 0, ORDINARY, NONE, cardsim_desfire_end_transaction},
};

static const struct command *find_command(const struct cardsim_desfire *memory, uint8_t code)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (commands[i].code == code && commands[i].since <= memory->version)
            return &commands[i];
    return NULL;
}

/* Returns the bytes between the command byte and the data of a command for a file. */
static size_t header_len(const struct command *command)
{
    return command->kind == WRITING && command->max_len != ANY_LEN ? 1 : command->min_len;
}

/* Returns the bytes of data that a writing announces. */
static size_t data_len(const struct command *command, const uint8_t *header)
{
    return command->max_len == ANY_LEN ? cardsim_desfire_uint24(header + 4)
                                       : command->min_len - header_len(command);
}

/* Returns the status of a writing before all its data have come. */
static uint8_t check_writing(struct cardsim_desfire *memory, const struct command *command)
{
    const uint8_t *header = memory->input + 1;
    if (memory->input_len < 1 + header_len(command))
        return CARDSIM_DESFIRE_LENGTH;
    uint8_t status = cardsim_desfire_files_check(memory, header, command->rights);
    if (status != CARDSIM_DESFIRE_OK || command->max_len != ANY_LEN)
        return status;
    return data_len(command, header) ? cardsim_desfire_files_check_bounds(memory, header)
                                     : CARDSIM_DESFIRE_PARAMETER;
}

static struct cardsim_desfire_protection protection_of(struct cardsim_desfire *memory,
                                                       const struct command *command)
{
    struct cardsim_desfire_protection protection = {.mode = CARDSIM_DESFIRE_MACED};
    const uint8_t *header = memory->input + 1;
    switch (command->kind) {
    case OUTSIDE:
    case ORDINARY:
        break;
    case KEY_DATA:
        protection = (struct cardsim_desfire_protection){
            .mode = CARDSIM_DESFIRE_FULL, .secures_data = true, .has_own_crc = true, .header_len = 1};
        break;
    case SETTINGS:
        protection = (struct cardsim_desfire_protection){
            .mode = CARDSIM_DESFIRE_FULL, .secures_data = true, .data_len = command->min_len};
        break;
    case FILE_RULES:
        cardsim_desfire_files_protect_change(memory, header, &protection);
        break;
    case UID_REPLY:
        protection = (struct cardsim_desfire_protection){.mode = CARDSIM_DESFIRE_FULL, .secures_reply = true};
        break;
    case READING:
    case WRITING:
        cardsim_desfire_files_protect(memory, header, command->rights, &protection);
        protection.secures_data = command->kind == WRITING;
        protection.secures_reply = command->kind == READING;
        protection.header_len = header_len(command);
        protection.data_len = command->kind == READING ? 0 : data_len(command, header);
        break;
    }
    return protection;
}

static uint8_t stop(struct cardsim_desfire *memory, uint8_t status)
{
    cardsim_desfire_end_session(memory); /* an error ends session and transaction */
    (void)cardsim_desfire_roll_back(memory);
    memory->output_len = 0;
    return status;
}

/* Runs the whole command in memory->input. Its whole answer is then in memory->output. Returns the status. */
static uint8_t run(struct cardsim_card *card, const struct command *command)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    struct cardsim_desfire_reply reply = {.status = CARDSIM_DESFIRE_OK, .data = memory->output};
    struct cardsim_desfire_protection protection = protection_of(memory, command);
    bool is_inside = command->kind != OUTSIDE;
    if (is_inside)
        reply.status = cardsim_desfire_open(memory, &protection, memory->input, &memory->input_len);
    size_t len = memory->input_len - 1;
    if (reply.status == CARDSIM_DESFIRE_OK && (len < command->min_len || len > command->max_len))
        reply.status = CARDSIM_DESFIRE_LENGTH;
    if (reply.status == CARDSIM_DESFIRE_OK) {
        const struct cardsim_desfire_request request = {
            .command = command->code, .data = memory->input + 1, .len = len};
        command->handle(card, &request, &reply);
    }
    if (reply.status != CARDSIM_DESFIRE_OK && reply.status != CARDSIM_DESFIRE_MORE)
        return stop(memory, reply.status);
    if (is_inside)
        cardsim_desfire_seal(memory, &protection, &reply);
    memory->output_len = reply.len;
    return reply.status;
}

static size_t frame_len(const struct cardsim_desfire *memory)
{
    enum { FRAME = 59, AIDS_FRAME = 57, LONG_FRAME = 240 };
    size_t left = memory->output_len - memory->output_at;
    size_t most = memory->input[0] == GET_APPLICATION_IDS ? AIDS_FRAME
                  : memory->input[0] == READ_ISO          ? LONG_FRAME
                  : memory->input[0] == GET_VERSION && memory->output_at < 2 * CARDSIM_DESFIRE_VERSION_FRAME
                      ? CARDSIM_DESFIRE_VERSION_FRAME
                      : FRAME;
    return left < most ? left : most;
}

/* Gives the next frame of the answer in memory->output. */
static struct cardsim_desfire_frame next_frame(struct cardsim_desfire *memory)
{
    struct cardsim_desfire_frame frame = {.data = memory->output + memory->output_at,
                                          .len = frame_len(memory)};
    memory->output_at += frame.len;
    bool is_last = memory->output_at == memory->output_len;
    memory->pending = is_last ? 0 : memory->input[0];
    frame.status = is_last ? CARDSIM_DESFIRE_OK : CARDSIM_DESFIRE_MORE;
    return frame;
}

static struct cardsim_desfire_frame only_status(uint8_t status)
{
    return (struct cardsim_desfire_frame){.status = status};
}

static struct cardsim_desfire_frame run_and_answer(struct cardsim_card *card, const struct command *command)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint8_t status = run(card, command);
    memory->output_at = 0;
    if (status == CARDSIM_DESFIRE_OK)
        return next_frame(memory);
    return (struct cardsim_desfire_frame){
        .status = status, .data = memory->output, .len = memory->output_len};
}

/* Runs a writing when all its data have come, or asks for more. */
static struct cardsim_desfire_frame collect(struct cardsim_card *card, const struct command *command)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint8_t status = check_writing(memory, command);
    if (status != CARDSIM_DESFIRE_OK)
        return only_status(stop(memory, status));
    struct cardsim_desfire_protection protection = protection_of(memory, command);
    size_t whole = 1 + header_len(command) + cardsim_desfire_wire_len(memory, &protection);
    bool is_chained = command->max_len == ANY_LEN;
    if (memory->input_len > whole || (!is_chained && memory->input_len < whole))
        return only_status(stop(memory, CARDSIM_DESFIRE_LENGTH));
    memory->pending = 0;
    if (memory->input_len == whole)
        return run_and_answer(card, command);
    memory->pending = command->code;
    return only_status(CARDSIM_DESFIRE_MORE);
}

/* Returns true if a piece of a chained command fits into memory->input, and appends it. */
static bool append(struct cardsim_desfire *memory, const uint8_t *data, size_t len)
{
    if (len > sizeof memory->input - memory->input_len)
        return false;
    memcpy(memory->input + memory->input_len, data, len);
    memory->input_len += len;
    return true;
}

static struct cardsim_desfire_frame begin(struct cardsim_card *card, const uint8_t *message, size_t len)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    if (memory->pending) /* the exchange before was not finished */
        return only_status(stop(memory, CARDSIM_DESFIRE_ABORTED));
    const struct command *command = find_command(memory, message[0]);
    if (!command)
        return only_status(stop(memory, CARDSIM_DESFIRE_ILLEGAL_COMMAND));
    memset(memory->input, 0, 1 + CARDSIM_DESFIRE_ACCESS_LEN);
    memory->input_len = 0;
    if (!append(memory, message, len))
        return only_status(stop(memory, CARDSIM_DESFIRE_LENGTH));
    return command->kind == WRITING ? collect(card, command) : run_and_answer(card, command);
}

static struct cardsim_desfire_frame finish_authentication(struct cardsim_card *card, const uint8_t *data,
                                                          size_t len)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    struct cardsim_desfire_reply reply = {.status = CARDSIM_DESFIRE_OK, .data = memory->output};
    cardsim_desfire_auth_finish(card, data, len, &reply);
    if (reply.status != CARDSIM_DESFIRE_OK)
        return only_status(stop(memory, reply.status));
    return (struct cardsim_desfire_frame){.status = reply.status, .data = reply.data, .len = reply.len};
}

static struct cardsim_desfire_frame go_on(struct cardsim_card *card, const uint8_t *data, size_t len)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    const struct command *command = find_command(memory, memory->pending);
    if (!command)
        return only_status(stop(memory, CARDSIM_DESFIRE_ABORTED));
    if (command->kind == OUTSIDE)
        return finish_authentication(card, data, len);
    if (command->kind == WRITING)
        return append(memory, data, len) ? collect(card, command)
                                         : only_status(stop(memory, CARDSIM_DESFIRE_LENGTH));
    return len == 0 ? next_frame(memory) : only_status(stop(memory, CARDSIM_DESFIRE_LENGTH));
}

static struct cardsim_desfire_frame take(struct cardsim_card *card, const uint8_t *message, size_t len)
{
    return message[0] == ADDITIONAL_FRAME ? go_on(card, message + 1, len - 1) : begin(card, message, len);
}

static int select_by_name(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx)
{
    /* DF name of the PICC level */
    static const uint8_t df_name[7] = {0xD2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x00};
    bool fits = len >= 12 && tx[1] == 0xA4 && tx[2] == 0x04 && tx[4] == 7 && memcmp(tx + 5, df_name, 7) == 0;
    if (fits)
        cardsim_desfire_apps_select(&card->memory.desfire, 0);
    rx[0] = fits ? 0x90 : tx[1] == 0xA4 ? 0x6A : 0x6D;
    rx[1] = fits ? 0x00 : tx[1] == 0xA4 ? 0x82 : 0x00;
    return 2;
}

static int apdu(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx)
{
    if (len == 0)
        return CARDSIM_SILENT;
    return len >= 5 && tx[0] == 0x00 ? select_by_name(card, tx, len, rx)
                                     : cardsim_desfire_exchange(card, tx, len, rx, take);
}

static void select_card(struct cardsim_card *card)
{
    cardsim_desfire_apps_select(&card->memory.desfire, 0);
}

static void set_up(struct cardsim_card *card, uint8_t version)
{
    card->memory.desfire.version = version;
    cardsim_desfire_apps_setup(&card->memory.desfire);
}

static void setup_ev1(struct cardsim_card *card)
{
    set_up(card, 1);
}

static void setup_ev2(struct cardsim_card *card)
{
    set_up(card, 2);
}

static void setup_ev3(struct cardsim_card *card)
{
    set_up(card, 3);
}

#define DESFIRE_KIND(generation, text)                                                                       \
    {                                                                                                        \
        .name = "desfire-" #generation, .summary = (text), .sak = 0x20, .atqa_high = 0x03,                   \
        .ats = cardsim_desfire_ats, .uid_lengths = CARDSIM_UID_7, .setup = setup_##generation,               \
        .select = select_card, .apdu = apdu, .option = cardsim_desfire_option,                               \
        .describe = cardsim_desfire_describe, .content = cardsim_desfire_content,                            \
    }

const struct cardsim_card_kind cardsim_kind_desfire_ev1 =
    DESFIRE_KIND(ev1, "MIFARE DESFire EV1, 7-byte UID; aid=6 hex digits as sent, key=32 (its AES key), "
                      "file=1:plain:EEEE:00FF, picc-key=32, random-uid=yes and others");
const struct cardsim_card_kind cardsim_kind_desfire_ev2 =
    DESFIRE_KIND(ev2, "MIFARE DESFire EV2, options as EV1");
const struct cardsim_card_kind cardsim_kind_desfire_ev3 =
    DESFIRE_KIND(ev3, "MIFARE DESFire EV3, options as EV1");
