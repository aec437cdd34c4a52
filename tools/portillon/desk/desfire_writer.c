/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/desfire_writer.h"

#include <string.h>

#include "firmware/desfire/desfire_key.h"
#include "tools/portillon/desk/desfire_link.h"
#include "tools/portillon/desk/desfire_seal.h"
#include "tools/portillon/desk/desfire_version.h"

enum {
    GET_KEY_SETTINGS = 0x45,
    GET_VERSION = 0x60,
    GET_FILE_IDS = 0x6F,
    CREATE_APPLICATION = 0xCA,
    CREATE_FILE = 0xCD,
    GET_FILE_SETTINGS = 0xF5,
};

#define AES_KEYS          0x80 /* beside the count of keys in CreateApplication */
#define PROOF_MAX_US      UINT64_C(2000000)
#define FILE_SETTINGS_LEN 7 /* type, mode, rights, size */

static const uint8_t no_aid[DESFIRE_AID_LEN], no_key[CRYPTO_KEY_LEN];

/* What one call works on. */
struct work {
    const struct reader *reader;
    const struct timer *timer;
    const struct reader_target *card;
    const struct desfire_plan *plan;
    struct desfire_link link;
    uint8_t key[CRYPTO_KEY_LEN]; /* of this card */
};

/* ---- the proof ---- */

/* Asks the card as a gate does. Returns DESFIRE_REASON_NONE if it is known, with its identifier. */
static enum desfire_reason prove(const struct work *work, uint8_t id[CREDENTIAL_ID_MAX])
{
    struct desfire_session session;
    struct credential credential;
    const struct desfire_config config = {.reader = work->reader,
                                          .timer = work->timer,
                                          .applications = work->plan->application,
                                          .application_count = 1};
    enum desfire_progress progress;
    desfire_start(&session, &config, work->card, work->timer->monotonic_us(work->timer->ctx) + PROOF_MAX_US);
    do
        progress = desfire_poll(&session, &credential);
    while (progress == DESFIRE_BUSY);
    if (progress != DESFIRE_KNOWN)
        return desfire_reason(&session);
    memcpy(id, credential.id, credential.id_len);
    return DESFIRE_REASON_NONE;
}

static bool is_transient(enum desfire_reason reason)
{
    return reason == DESFIRE_CARD_LEFT || reason == DESFIRE_NO_ANSWER || reason == DESFIRE_TIME_LIMIT ||
           reason == DESFIRE_READER_FAILED;
}

/* ---- steps ---- */

static uint8_t key_count(const struct desfire_application *application)
{
    return application->key.number + 1;
}

static int open_application(struct work *work, uint8_t number)
{
    return desfire_link_open(&work->link, work->reader, work->plan->application->aid, number, no_key);
}

/* Needs a session with the card's master key. */
static int create_application(struct work *work)
{
    const struct desfire_application *application = work->plan->application;
    uint8_t command[1 + DESFIRE_AID_LEN + 2] = {CREATE_APPLICATION};
    memcpy(command + 1, application->aid, DESFIRE_AID_LEN);
    command[1 + DESFIRE_AID_LEN] = DESFIRE_WRITER_SETTINGS;
    command[2 + DESFIRE_AID_LEN] = AES_KEYS | key_count(application);
    return desfire_link_send(&work->link, command, sizeof command);
}

/* Returns ERR_OK if the selected application is one that create_application made, else ERR_CONFLICT. */
static int check_settings(struct work *work)
{
    static const uint8_t command[] = {GET_KEY_SETTINGS};
    const struct desfire_reply *reply = &work->link.reply;
    int error = desfire_link_send(&work->link, command, sizeof command);
    if (error != ERR_OK)
        return error;
    bool is_ours = reply->len == 2 && reply->data[0] == DESFIRE_WRITER_SETTINGS &&
                   reply->data[1] == (AES_KEYS | key_count(work->plan->application));
    return is_ours ? ERR_OK : ERR_CONFLICT;
}

/* The settings of the file, as CreateStdDataFile takes them: mode, rights, size. The key that gates use
 * reads, and key 0 does all else. */
static void write_file_settings(const struct desfire_application *application, uint8_t settings[6])
{
    uint32_t size = application->offset + application->len;
    settings[0] = (uint8_t)application->mode;
    settings[1] = 0x00;                                    /* read and write, change */
    settings[2] = (uint8_t)(application->key.number << 4); /* read, write */
    for (int i = 0; i < 3; i++)
        settings[3 + i] = (uint8_t)(size >> 8 * i);
}

/* Returns ERR_OK (the file is there, and as it should be), ERR_NOT_FOUND, ERR_CONFLICT or another error. */
static int find_file(struct work *work)
{
    const struct desfire_application *application = work->plan->application;
    const struct desfire_reply *reply = &work->link.reply;
    const uint8_t list[] = {GET_FILE_IDS}, ask[] = {GET_FILE_SETTINGS, application->file};
    uint8_t expected[FILE_SETTINGS_LEN] = {0}; /* a standard data file */
    write_file_settings(application, expected + 1);
    int error = desfire_link_send(&work->link, list, sizeof list);
    if (error != ERR_OK)
        return error;
    if (memchr(reply->data, application->file, reply->len) == NULL)
        return ERR_NOT_FOUND;
    error = desfire_link_send(&work->link, ask, sizeof ask);
    if (error != ERR_OK)
        return error;
    return reply->len == sizeof expected && memcmp(reply->data, expected, sizeof expected) == 0
               ? ERR_OK
               : ERR_CONFLICT;
}

static int create_file(struct work *work)
{
    uint8_t command[2 + 6] = {CREATE_FILE, work->plan->application->file};
    write_file_settings(work->plan->application, command + 2);
    return desfire_link_send(&work->link, command, sizeof command);
}

static int write_id(struct work *work)
{
    const struct desfire_application *application = work->plan->application;
    uint8_t command[DESFIRE_SEAL_MAX];
    int len = desfire_seal_write(&work->link.channel, application->mode, application->file,
                                 application->offset, work->plan->id, application->len, command);
    return desfire_link_send_sealed(&work->link, command, len, true);
}

/* Changes a key from zeros in a session with key 0, which ends if that is the key. */
static int change_key(struct work *work, uint8_t number)
{
    uint8_t command[DESFIRE_SEAL_MAX];
    int len = desfire_seal_change_key(&work->link.channel, number, number != 0 ? no_key : NULL, work->key,
                                      work->plan->key->version, command);
    int error = desfire_link_send_sealed(&work->link, command, len, number != 0);
    crypto_wipe(command, sizeof command);
    return error;
}

/* Changes a key other than 0, unless that was done before. */
static int change_other_key(struct work *work, uint8_t number)
{
    int error = open_application(work, number);
    if (error == ERR_FORBIDDEN)
        return ERR_OK; /* the proof at the end finds whether it is the right one */
    if (error == ERR_OK)
        error = open_application(work, 0);
    return error == ERR_OK ? change_key(work, number) : error;
}

static int change_keys(struct work *work)
{
    int error = ERR_OK;
    for (uint8_t number = 1; number < key_count(work->plan->application) && error == ERR_OK; number++)
        error = change_other_key(work, number);
    if (error == ERR_OK)
        error = open_application(work, 0);
    return error == ERR_OK ? change_key(work, 0) : error;
}

/* Takes an application whose master key is zeros to its end. */
static int finish(struct work *work)
{
    int error = open_application(work, 0);
    if (error == ERR_OK)
        error = check_settings(work);
    if (error == ERR_OK)
        error = find_file(work);
    if (error == ERR_NOT_FOUND)
        error = create_file(work);
    if (error == ERR_OK)
        error = write_id(work);
    return error == ERR_OK ? change_keys(work) : error;
}

/* ---- the whole ---- */

static int make_key(struct work *work)
{
    const struct desfire_plan *plan = work->plan;
    memcpy(work->key, plan->key->bytes, CRYPTO_KEY_LEN);
    return plan->application->is_diversified
               ? desfire_key_of_card(plan->application, plan->key->bytes, work->card->uid,
                                     work->card->uid_len, work->key)
               : ERR_OK;
}

static enum desfire_writer_result finish_and_prove(struct work *work, struct desfire_written *written)
{
    int error = finish(work);
    written->command = work->link.command;
    written->status = work->link.status;
    if (error == ERR_CONFLICT)
        return DESFIRE_WRITER_NOT_OURS;
    if (error != ERR_OK)
        return DESFIRE_WRITER_HALF_MADE;
    written->reason = prove(work, written->id);
    if (is_transient(written->reason))
        return DESFIRE_WRITER_HALF_MADE;
    return written->reason == DESFIRE_REASON_NONE ? DESFIRE_WRITER_MADE : DESFIRE_WRITER_UNPROVEN;
}

/* Makes the application on a card without it. */
static enum desfire_writer_result begin(struct work *work, struct desfire_written *written)
{
    int error = desfire_link_open(&work->link, work->reader, no_aid, 0, no_key);
    if (error == ERR_FORBIDDEN || error == ERR_UNSUPPORTED)
        return DESFIRE_WRITER_MASTER_KEY;
    if (error != ERR_OK)
        return DESFIRE_WRITER_LEFT;
    error = create_application(work);
    written->command = work->link.command;
    written->status = work->link.status;
    if (error == ERR_FORBIDDEN || error == ERR_UNSUPPORTED)
        return DESFIRE_WRITER_REFUSED;
    return error == ERR_OK ? finish_and_prove(work, written) : DESFIRE_WRITER_HALF_MADE;
}

/* Looks at an application that does not prove itself: half made, or of others. */
static enum desfire_writer_result go_on(struct work *work, struct desfire_written *written)
{
    int error = open_application(work, 0);
    if (error == ERR_FORBIDDEN || error == ERR_UNSUPPORTED)
        return DESFIRE_WRITER_NOT_OURS;
    return error == ERR_OK ? finish_and_prove(work, written) : DESFIRE_WRITER_LEFT;
}

/* Returns DESFIRE_WRITER_MADE if the card is of a product that can be made. */
static enum desfire_writer_result check_product(const struct work *work)
{
    static const uint8_t command[] = {GET_VERSION};
    struct desfire_reply reply;
    struct desfire_version version;
    int error = desfire_talk(work->reader, command, sizeof command, &reply);
    if (error != ERR_OK)
        return DESFIRE_WRITER_LEFT;
    if (reply.status != DESFIRE_STATUS_OK ||
        desfire_version_decode(reply.data, reply.len, &version) != ERR_OK || !version.has_aes)
        return DESFIRE_WRITER_NO_DESFIRE;
    return work->plan->application->authentication == DESFIRE_EV2_FIRST && !version.has_ev2
               ? DESFIRE_WRITER_OLD
               : DESFIRE_WRITER_MADE;
}

static enum desfire_writer_result make(struct work *work, struct desfire_written *written)
{
    enum desfire_writer_result result = check_product(work);
    if (result != DESFIRE_WRITER_MADE)
        return result;
    enum desfire_reason reason = prove(work, written->id);
    if (reason == DESFIRE_REASON_NONE)
        return DESFIRE_WRITER_FOUND;
    if (reason == DESFIRE_CRYPTO_FAILED || make_key(work) != ERR_OK)
        return DESFIRE_WRITER_FAILED;
    if (is_transient(reason))
        return DESFIRE_WRITER_LEFT;
    return reason == DESFIRE_NO_APPLICATION ? begin(work, written) : go_on(work, written);
}

int desfire_writer_check(const struct desfire_application *application)
{
    int error = desfire_application_check(application);
    return error == ERR_OK && application->uid_key.count != 0 ? ERR_UNSUPPORTED : error;
}

enum desfire_writer_result desfire_writer_make(const struct reader *reader, const struct timer *timer,
                                               const struct reader_target *card,
                                               const struct desfire_plan *plan,
                                               struct desfire_written *written)
{
    struct work work = {.reader = reader, .timer = timer, .card = card, .plan = plan};
    *written = (struct desfire_written){0};
    if (card->ats_len == 0 || credential_is_random_uid(card->uid, card->uid_len))
        return DESFIRE_WRITER_NO_DESFIRE;
    enum desfire_writer_result result = make(&work, written);
    crypto_wipe(&work, sizeof work);
    return result;
}
