/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/desk_survey.h"

#include <string.h>

#include "tools/portillon/desk/desfire_talk.h"

enum { GET_VERSION = 0x60, GET_APPLICATION_IDS = 0x6A, SELECT_APPLICATION = 0x5A };

#define TRIES 3 /* of a command without an answer: the card may lie at the edge of the field */

static int ask(const struct reader *reader, const uint8_t *command, size_t len, struct desfire_reply *reply)
{
    int error = ERR_TIMEOUT;
    for (int i = 0; i < TRIES && error == ERR_TIMEOUT; i++)
        error = desfire_talk(reader, command, len, reply);
    return error;
}

static int ask_version(const struct reader *reader, struct desk_survey *survey)
{
    static const uint8_t command[] = {GET_VERSION};
    struct desfire_reply reply;
    int error = ask(reader, command, sizeof command, &reply);
    if (error == ERR_OK)
        survey->has_version = reply.status == DESFIRE_STATUS_OK &&
                              desfire_version_decode(reply.data, reply.len, &survey->version) == ERR_OK;
    return error;
}

static void take_applications(const struct desfire_reply *reply, struct desk_survey *survey)
{
    if (reply->status == DESFIRE_STATUS_AUTHENTICATION)
        survey->listing = DESK_SURVEY_LOCKED;
    if (reply->status != DESFIRE_STATUS_OK || reply->len % DESK_SURVEY_AID_LEN != 0 ||
        reply->len > sizeof survey->applications)
        return;
    survey->listing = DESK_SURVEY_LISTED;
    survey->application_count = reply->len / DESK_SURVEY_AID_LEN;
    memcpy(survey->applications, reply->data, reply->len);
}

/* The card level is selected, as after each selection of the card. */
static int ask_applications(const struct reader *reader, struct desk_survey *survey)
{
    static const uint8_t select[] = {SELECT_APPLICATION, 0, 0, 0}, list[] = {GET_APPLICATION_IDS};
    struct desfire_reply reply;
    int error = ask(reader, select, sizeof select, &reply);
    if (error == ERR_OK && reply.status == DESFIRE_STATUS_OK)
        error = ask(reader, list, sizeof list, &reply);
    if (error == ERR_OK)
        take_applications(&reply, survey);
    return error == ERR_NO_SPACE ? ERR_OK : error;
}

/* A card that does not list its applications still lets them be selected. */
static int find_site_application(const struct reader *reader, const struct whitelist_tables *tables,
                                 struct desk_survey *survey)
{
    int error = ERR_OK;
    for (int i = 0; i < tables->application_count && error == ERR_OK && survey->site_application < 0; i++) {
        uint8_t select[1 + DESK_SURVEY_AID_LEN] = {SELECT_APPLICATION};
        struct desfire_reply reply;
        memcpy(select + 1, tables->applications[i].aid, DESK_SURVEY_AID_LEN);
        error = ask(reader, select, sizeof select, &reply);
        if (error == ERR_OK && reply.status == DESFIRE_STATUS_OK)
            survey->site_application = i;
    }
    return error;
}

int desk_survey_read(const struct reader *reader, const struct reader_target *card,
                     const struct site_rules *rules, struct desk_survey *survey)
{
    *survey = (struct desk_survey){.card = *card, .site_application = -1};
    if (card->ats_len == 0 || ask_version(reader, survey) != ERR_OK || !survey->has_version)
        return ERR_OK;
    int error = ask_applications(reader, survey);
    return error == ERR_OK && rules != NULL ? find_site_application(reader, &rules->tables, survey) : error;
}
