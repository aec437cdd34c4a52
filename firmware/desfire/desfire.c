/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/desfire/desfire.h"

#include <assert.h>
#include <string.h>

#include "firmware/desfire/desfire_key.h"

enum command {
    GET_CARD_UID = 0x51,
    SELECT_APPLICATION = 0x5A,
    GET_KEY_VERSION = 0x64,
    MORE = 0xAF,
    READ_DATA = 0xBD,
};

enum status {
    STATUS_OK = 0x00,
    STATUS_NO_SUCH_KEY = 0x40,
    STATUS_PERMISSION_DENIED = 0x9D,
    STATUS_NO_APPLICATION = 0xA0,
    STATUS_AUTHENTICATION = 0xAE,
    STATUS_MORE = 0xAF,
    STATUS_BOUNDARY = 0xBE,
    STATUS_NO_FILE = 0xF0,
};

#define UID_LEN 7 /* of a DESFire card; GetCardUID tells it */
/* The longest command is the response of an authentication. */
#define COMMAND_MAX (1 + DESFIRE_RESPONSE_LEN)

/* A function that returns an enum desfire_reason gives DESFIRE_REASON_NONE if the session goes on. */

static enum desfire_reason reason_of_error(int error)
{
    switch (error) {
    case ERR_OK:
        return DESFIRE_REASON_NONE;
    case ERR_FORMAT:
    case ERR_NO_SPACE:
        return DESFIRE_WRONG_LENGTH;
    case ERR_CORRUPT:
        return DESFIRE_WRONG_MAC;
    case ERR_NOT_FOUND:
        return DESFIRE_CARD_LEFT;
    case ERR_TIMEOUT:
        return DESFIRE_NO_ANSWER;
    case ERR_CRYPTO:
        return DESFIRE_CRYPTO_FAILED;
    default:
        return DESFIRE_READER_FAILED;
    }
}

static_assert(sizeof(struct desfire_session) <= 400, "a gate spares the RAM");

/* ---- rounds ---- */

static const struct desfire_key_set *key_set(const struct desfire_session *session, enum desfire_round round)
{
    return round == DESFIRE_ROUND_UID ? &session->application->uid_key : &session->application->key;
}

static size_t text_len(const struct desfire_session *session)
{
    return session->round == DESFIRE_ROUND_UID ? UID_LEN : session->application->len;
}

static enum desfire_mode text_mode(const struct desfire_session *session)
{
    return session->round == DESFIRE_ROUND_UID ? DESFIRE_ENCIPHERED : session->application->mode;
}

/* Makes the card's key of this round. The uid_key is the same in all cards. */
static enum desfire_reason start_round(struct desfire_session *session, enum desfire_round round)
{
    const struct desfire_key *key = session->keys[round];
    struct desfire_proof *proof = &session->proof;
    int result = ERR_OK;
    session->round = round;
    session->step = DESFIRE_CHALLENGE;
    proof->authentication = session->application->authentication;
    if (round == DESFIRE_ROUND_FILE && session->application->is_diversified)
        result =
            desfire_key_of_card(session->application, key->bytes, session->uid, session->uid_len, proof->key);
    else
        memcpy(proof->key, key->bytes, CRYPTO_KEY_LEN);
    return reason_of_error(result);
}

/* Asks for the version of the next key whose generation is not known, or starts the first round. All versions
 * are asked for before the card authenticates, because later the answers would have to be protected. */
static enum desfire_reason prepare_rounds(struct desfire_session *session)
{
    for (enum desfire_round round = session->first_round; round <= DESFIRE_ROUND_FILE; round++)
        if (session->keys[round] == NULL) {
            session->round = round;
            session->step = DESFIRE_ASK_VERSION;
            return DESFIRE_REASON_NONE;
        }
    return start_round(session, session->first_round);
}

/* Turns to an application of the table, which is selected next. */
static enum desfire_reason turn_to(struct desfire_session *session,
                                   const struct desfire_application *application)
{
    const struct desfire_config *config = session->config;
    if (application == config->applications + config->application_count)
        return DESFIRE_NO_APPLICATION;
    session->application = application;
    session->step = DESFIRE_SELECT;
    session->first_round =
        application->is_diversified && credential_is_random_uid(session->uid, session->uid_len)
            ? DESFIRE_ROUND_UID
            : DESFIRE_ROUND_FILE;
    for (enum desfire_round round = session->first_round; round <= DESFIRE_ROUND_FILE; round++) {
        const struct desfire_key_set *set = key_set(session, round);
        session->keys[round] = set->count == 1 ? set->generations : NULL;
    }
    return DESFIRE_REASON_NONE;
}

/* ---- commands ---- */

static void put_u24(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    to[2] = (uint8_t)(value >> 16);
}

static int make_select(const struct desfire_session *session, uint8_t *command)
{
    command[0] = SELECT_APPLICATION;
    memcpy(command + 1, session->application->aid, DESFIRE_AID_LEN);
    return 1 + DESFIRE_AID_LEN;
}

static int make_ask_version(const struct desfire_session *session, uint8_t *command)
{
    command[0] = GET_KEY_VERSION;
    command[1] = key_set(session, session->round)->number;
    return 2;
}

static int make_challenge(const struct desfire_session *session, uint8_t *command)
{
    command[0] = (uint8_t)session->proof.authentication;
    command[1] = key_set(session, session->round)->number;
    command[2] = 0; /* EV2: no capabilities follow */
    return session->proof.authentication == DESFIRE_EV2_FIRST ? 3 : 2;
}

static int make_response(struct desfire_session *session, uint8_t *command)
{
    command[0] = MORE;
    int result = desfire_proof_respond(&session->proof, command + 1);
    return result == ERR_OK ? 1 + DESFIRE_RESPONSE_LEN : result;
}

static int make_read(struct desfire_session *session, uint8_t *command)
{
    size_t len = 1;
    command[0] = GET_CARD_UID;
    if (session->round == DESFIRE_ROUND_FILE) {
        command[0] = READ_DATA;
        command[1] = session->application->file;
        put_u24(command + 2, session->application->offset);
        put_u24(command + 5, session->application->len);
        len = 8;
    }
    return desfire_channel_seal(&session->channel, command, len);
}

static int make_more(uint8_t *command)
{
    command[0] = MORE;
    return 1;
}

/* Returns the length of the next command, or an error. */
static int make_command(struct desfire_session *session, uint8_t command[COMMAND_MAX])
{
    switch (session->step) {
    case DESFIRE_SELECT:
        return make_select(session, command);
    case DESFIRE_ASK_VERSION:
        return make_ask_version(session, command);
    case DESFIRE_CHALLENGE:
        return make_challenge(session, command);
    case DESFIRE_RESPOND:
        return make_response(session, command);
    case DESFIRE_READ:
        return make_read(session, command);
    case DESFIRE_READ_MORE:
        return make_more(command);
    case DESFIRE_ENDED:
        break;
    }
    return ERR_ARGUMENT;
}

/* ---- answers ---- */

struct answer {
    uint8_t status;
    uint8_t *data;
    size_t len;
};

/* The reasons that a status names by itself. */
static enum desfire_reason reason_of_status(uint8_t status, bool is_read)
{
    switch (status) {
    case STATUS_NO_SUCH_KEY:
        return DESFIRE_KEY_REFUSED;
    case STATUS_AUTHENTICATION:
        return is_read ? DESFIRE_FILE_REFUSED : DESFIRE_KEY_REFUSED;
    case STATUS_PERMISSION_DENIED:
    case STATUS_BOUNDARY:
    case STATUS_NO_FILE:
        return is_read ? DESFIRE_FILE_REFUSED : DESFIRE_WRONG_STATUS;
    default:
        return DESFIRE_WRONG_STATUS;
    }
}

/* Returns why an answer is not one with this status and length. */
static enum desfire_reason expect(const struct answer *answer, uint8_t status, size_t len)
{
    if (answer->status != status)
        return reason_of_status(answer->status, false);
    return answer->len == len ? DESFIRE_REASON_NONE : DESFIRE_WRONG_LENGTH;
}

static enum desfire_reason take_select(struct desfire_session *session, const struct answer *answer)
{
    if (answer->status == STATUS_NO_APPLICATION)
        return turn_to(session, session->application + 1);
    enum desfire_reason result = expect(answer, STATUS_OK, 0);
    session->is_selected = result == DESFIRE_REASON_NONE;
    if (result == DESFIRE_REASON_NONE && key_set(session, session->first_round)->count == 0)
        result = DESFIRE_HIDDEN_UID;
    return result == DESFIRE_REASON_NONE ? prepare_rounds(session) : result;
}

static enum desfire_reason take_version(struct desfire_session *session, const struct answer *answer)
{
    enum desfire_reason result = expect(answer, STATUS_OK, 1);
    if (result != DESFIRE_REASON_NONE)
        return result;
    const struct desfire_key *key = desfire_key_set_find(key_set(session, session->round), answer->data[0]);
    session->keys[session->round] = key;
    return key != NULL ? prepare_rounds(session) : DESFIRE_UNKNOWN_VERSION;
}

static enum desfire_reason take_challenge(struct desfire_session *session, const struct answer *answer)
{
    enum desfire_reason result = expect(answer, STATUS_MORE, DESFIRE_RANDOM_LEN);
    session->step = DESFIRE_RESPOND;
    return result == DESFIRE_REASON_NONE
               ? reason_of_error(desfire_proof_take_challenge(&session->proof, answer->data))
               : result;
}

static enum desfire_reason take_proof(struct desfire_session *session, const struct answer *answer)
{
    enum desfire_reason result = expect(answer, STATUS_OK, answer->len);
    if (result != DESFIRE_REASON_NONE)
        return result;
    int error = desfire_proof_check(&session->proof, answer->data, answer->len, &session->channel);
    session->step = DESFIRE_READ;
    session->answer_len = 0;
    return error == ERR_CORRUPT ? DESFIRE_NOT_GENUINE : reason_of_error(error);
}

/* Uses the text that was read. */
static enum desfire_reason take_text(struct desfire_session *session)
{
    if (session->round == DESFIRE_ROUND_FILE) {
        session->step = DESFIRE_ENDED;
        return DESFIRE_REASON_NONE;
    }
    memcpy(session->uid, session->answer, UID_LEN);
    session->uid_len = UID_LEN;
    return start_round(session, DESFIRE_ROUND_FILE);
}

/* Takes a part of an answer, which may come in several. Each brings at least a byte, so that they end. */
static enum desfire_reason take_part(struct desfire_session *session, const struct answer *answer)
{
    size_t room = desfire_channel_sealed_len(&session->channel, text_mode(session), text_len(session)) -
                  session->answer_len;
    if (answer->status != STATUS_OK && answer->status != STATUS_MORE)
        return reason_of_status(answer->status, true);
    if (answer->len == 0 || answer->len > room)
        return DESFIRE_WRONG_LENGTH;
    memcpy(session->answer + session->answer_len, answer->data, answer->len);
    session->answer_len += (uint8_t)answer->len;
    session->step = DESFIRE_READ_MORE;
    if (answer->status == STATUS_MORE)
        return DESFIRE_REASON_NONE;
    enum desfire_reason result = reason_of_error(desfire_channel_unseal(
        &session->channel, text_mode(session), session->answer, session->answer_len, text_len(session)));
    return result == DESFIRE_REASON_NONE ? take_text(session) : result;
}

static enum desfire_reason take_answer(struct desfire_session *session, const struct answer *answer)
{
    switch (session->step) {
    case DESFIRE_SELECT:
        return take_select(session, answer);
    case DESFIRE_ASK_VERSION:
        return take_version(session, answer);
    case DESFIRE_CHALLENGE:
        return take_challenge(session, answer);
    case DESFIRE_RESPOND:
        return take_proof(session, answer);
    case DESFIRE_READ:
    case DESFIRE_READ_MORE:
        return take_part(session, answer);
    case DESFIRE_ENDED:
        break;
    }
    return DESFIRE_WRONG_STATUS;
}

/* ---- the session ---- */

static bool is_late(const struct desfire_session *session)
{
    const struct timer *timer = session->config->timer;
    return timer->monotonic_us(timer->ctx) >= session->deadline_us;
}

static enum desfire_reason exchange(struct desfire_session *session, uint8_t command[COMMAND_MAX],
                                    uint8_t frame[DESFIRE_ANSWER_MAX])
{
    const struct reader *reader = session->config->reader;
    if (is_late(session))
        return DESFIRE_TIME_LIMIT;
    int len = make_command(session, command);
    if (len < 0)
        return reason_of_error(len);
    len = reader->exchange(reader->ctx, command, (size_t)len, frame, DESFIRE_ANSWER_MAX);
    if (len < 0)
        return reason_of_error(len);
    if (is_late(session))
        return DESFIRE_TIME_LIMIT;
    return len == 0 ? DESFIRE_WRONG_LENGTH
                    : take_answer(session, &(struct answer){frame[0], frame + 1, (size_t)len - 1});
}

static enum desfire_reason exchange_once(struct desfire_session *session)
{
    uint8_t command[COMMAND_MAX], frame[DESFIRE_ANSWER_MAX];
    enum desfire_reason result = exchange(session, command, frame);
    crypto_wipe(command, sizeof command);
    crypto_wipe(frame, sizeof frame);
    return result;
}

static void end(struct desfire_session *session, enum desfire_reason reason)
{
    bool is_selected = session->is_selected;
    crypto_wipe(session, sizeof *session);
    session->is_selected = is_selected;
    session->reason = reason;
}

static enum desfire_reason check_start(struct desfire_session *session, const struct reader_target *target)
{
    const struct desfire_config *config = session->config;
    if (target->ats_len == 0 || target->uid_len > sizeof session->uid)
        return DESFIRE_OTHER_CARD;
    for (size_t i = 0; i < config->application_count; i++)
        if (desfire_application_check(&config->applications[i]) != ERR_OK)
            return DESFIRE_BAD_TABLE;
    memcpy(session->uid, target->uid, target->uid_len);
    session->uid_len = target->uid_len;
    return turn_to(session, config->applications);
}

void desfire_start(struct desfire_session *session, const struct desfire_config *config,
                   const struct reader_target *target, uint64_t deadline_us)
{
    *session = (struct desfire_session){.config = config, .deadline_us = deadline_us};
    enum desfire_reason result = check_start(session, target);
    if (result != DESFIRE_REASON_NONE)
        end(session, result);
}

enum desfire_progress desfire_poll(struct desfire_session *session, struct credential *credential)
{
    *credential = (struct credential){0};
    if (session->step == DESFIRE_ENDED)
        return DESFIRE_REFUSED;
    enum desfire_reason result = exchange_once(session);
    if (result == DESFIRE_REASON_NONE && session->step != DESFIRE_ENDED)
        return DESFIRE_BUSY;
    if (result == DESFIRE_REASON_NONE &&
        credential_from_desfire(credential, session->application->aid, session->answer,
                                session->application->len) != ERR_OK)
        result = DESFIRE_BLANK;
    end(session, result);
    return result == DESFIRE_REASON_NONE ? DESFIRE_KNOWN : DESFIRE_REFUSED;
}

bool desfire_has_application(const struct desfire_session *session)
{
    return session->is_selected;
}

enum desfire_reason desfire_reason(const struct desfire_session *session)
{
    return session->reason;
}

void desfire_abort(struct desfire_session *session)
{
    end(session, DESFIRE_REASON_NONE);
}

const char *desfire_reason_name(enum desfire_reason reason)
{
    static const char *const names[] = {
        [DESFIRE_REASON_NONE] = "none",
        [DESFIRE_BAD_TABLE] = "bad_table",
        [DESFIRE_OTHER_CARD] = "other_card",
        [DESFIRE_NO_APPLICATION] = "no_application",
        [DESFIRE_UNKNOWN_VERSION] = "unknown_version",
        [DESFIRE_HIDDEN_UID] = "hidden_uid",
        [DESFIRE_KEY_REFUSED] = "key_refused",
        [DESFIRE_NOT_GENUINE] = "not_genuine",
        [DESFIRE_FILE_REFUSED] = "file_refused",
        [DESFIRE_WRONG_MAC] = "wrong_mac",
        [DESFIRE_WRONG_LENGTH] = "wrong_length",
        [DESFIRE_WRONG_STATUS] = "wrong_status",
        [DESFIRE_BLANK] = "blank",
        [DESFIRE_CARD_LEFT] = "card_left",
        [DESFIRE_NO_ANSWER] = "no_answer",
        [DESFIRE_TIME_LIMIT] = "time_limit",
        [DESFIRE_READER_FAILED] = "reader_failed",
        [DESFIRE_CRYPTO_FAILED] = "crypto_failed",
    };
    return reason <= DESFIRE_REASON_LAST ? names[reason] : "unknown_reason";
}
