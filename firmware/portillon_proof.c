/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_proof.h"

#include "firmware/portillon_log.h"

/* A card that has not answered all by then is refused as unreadable. An authentication with three exchanges
 * more, for a card with a random UID, takes 0.13 s with libnfc and a PN532 (18 ms an exchange). */
#define PROOF_MAX_US UINT64_C(500000)

void portillon_init_proof(struct portillon *portillon)
{
    const struct identity *identity = portillon->identity;
    card_keys_take(&portillon->proof_of_card.keys, identity->card_keys, identity->card_key_count);
}

/* Takes the applications of the active list for which the gate has keys. A bad one is left out: the others
 * still serve. */
static void take_applications(struct portillon *portillon)
{
    struct portillon_proof *proof = &portillon->proof_of_card;
    const struct whitelist_tables *tables = whitelist_active_tables(&portillon->whitelist);
    size_t count = 0;
    for (int i = 0; i < tables->application_count; i++) {
        proof->applications[count] = card_application_make(&proof->keys, &tables->applications[i]);
        if (proof->applications[count].key.count != 0 &&
            desfire_application_check(&proof->applications[count]) == ERR_OK)
            count++;
    }
    proof->config = (struct desfire_config){.reader = portillon->hardware->reader,
                                            .timer = portillon->hardware->timer,
                                            .applications = proof->applications,
                                            .application_count = count};
}

bool portillon_start_proof(struct portillon *portillon, const struct reader_report *report)
{
    struct portillon_proof *proof = &portillon->proof_of_card;
    if (report->target.ats_len == 0 || report->target.is_unfinished || proof->keys.count == 0)
        return false;
    take_applications(portillon);
    if (proof->config.application_count == 0)
        return false;
    proof->report = *report;
    proof->is_running = true;
    desfire_start(&proof->session, &proof->config, &report->target,
                  portillon_now_us(portillon) + PROOF_MAX_US);
    return true;
}

bool portillon_proof_is_running(const struct portillon *portillon)
{
    return portillon->proof_of_card.is_running;
}

/* Returns what a refused session means for the card; REASON_NONE: it has no application of the school. */
static enum reason meaning_of(enum desfire_reason reason)
{
    switch (reason) {
    case DESFIRE_OTHER_CARD:
    case DESFIRE_NO_APPLICATION:
    case DESFIRE_UNKNOWN_VERSION:
    case DESFIRE_HIDDEN_UID:
    case DESFIRE_BAD_TABLE:
        return REASON_NONE;
    case DESFIRE_KEY_REFUSED:
    case DESFIRE_NOT_GENUINE:
    case DESFIRE_FILE_REFUSED:
    case DESFIRE_WRONG_MAC:
    case DESFIRE_WRONG_LENGTH:
    case DESFIRE_WRONG_STATUS:
    case DESFIRE_BLANK:
        return REASON_NOT_AUTHENTIC;
    case DESFIRE_CARD_LEFT:
    case DESFIRE_NO_ANSWER:
    case DESFIRE_TIME_LIMIT:
    case DESFIRE_READER_FAILED:
        return REASON_UNREADABLE;
    case DESFIRE_REASON_NONE:
    case DESFIRE_CRYPTO_FAILED:
        return REASON_INTERNAL;
    }
    return REASON_INTERNAL;
}

bool portillon_prove(struct portillon *portillon, struct tap_card_seen *card)
{
    struct portillon_proof *proof = &portillon->proof_of_card;
    enum desfire_progress progress = desfire_poll(&proof->session, &card->proven);
    if (progress == DESFIRE_BUSY)
        return false;
    proof->is_running = false;
    card->report = proof->report;
    if (progress != DESFIRE_KNOWN && desfire_has_application(&proof->session))
        card->failure = meaning_of(desfire_reason(&proof->session));
    return true;
}
