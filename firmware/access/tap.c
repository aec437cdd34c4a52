/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/access/tap.h"

#include <string.h>

/* Returns why a UID makes no credential. */
static struct verdict deny_uid(const struct reader_target *target, int error)
{
    if (error != ERR_UNSUPPORTED)
        return verdict_deny(REASON_UNREADABLE);
    return verdict_deny(credential_is_random_uid(target->uid, target->uid_len) ? REASON_RANDOM_UID
                                                                               : REASON_SHARED_UID);
}

static struct verdict deny_lookup(int error)
{
    if (error == ERR_NOT_FOUND)
        return verdict_deny(REASON_UNKNOWN_CARD);
    if (error == ERR_NO_LIST)
        return verdict_deny(REASON_NO_LIST);
    if (error == ERR_VERSION)
        return verdict_deny(REASON_LIST_ROLLED_BACK);
    return verdict_deny(error == ERR_CORRUPT || error == ERR_IO ? REASON_LIST_DAMAGED : REASON_INTERNAL);
}

/* What a decision is made with. */
struct question {
    struct tap_result *result;
    const struct tap_card_seen *card;
    const crypto_hmac_key *tag_key;
    struct rights *rights;
};

/* Asks for the rights of a card that is listed. */
static void decide_listed(const struct question *question, enum credential_method method,
                          const struct whitelist_answer *answer)
{
    struct tap_result *result = question->result;
    const struct rights_evidence evidence = {method,
                                             whitelist_fingerprint_of(&question->card->report.target)};
    struct rights_finding finding;
    result->from_replica = answer->from_replica;
    result->verdict = rights_decide(question->rights, &result->tag, answer, &evidence, &finding);
    result->method = finding.method;
    result->service = finding.service;
    result->elsewhere_s = finding.elsewhere_s;
}

static int tag_of_uid(const struct question *question, struct tag *tag)
{
    const struct reader_target *target = &question->card->report.target;
    struct credential credential;
    int error =
        target->is_unfinished ? ERR_FORMAT : credential_from_uid(&credential, target->uid, target->uid_len);
    if (error == ERR_OK)
        error = tag_from_credential_under(tag, question->tag_key, &credential);
    crypto_wipe(&credential, sizeof credential);
    return error;
}

/* Takes the pseudonym of the card's UID, if the list has that too. */
static void count_as_uid(const struct question *question)
{
    struct tag tag;
    struct whitelist_answer unused;
    if (tag_of_uid(question, &tag) == ERR_OK &&
        whitelist_lookup(question->rights->whitelist, &tag, &unused) == ERR_OK)
        question->result->tag = tag;
}

/* Decides by the identifier that the card has proven. Returns ERR_NOT_FOUND if the list does not have it, and
 * ERR_OK if the verdict is made. */
static int decide_by_proof(const struct question *question)
{
    struct tap_result *result = question->result;
    struct whitelist_answer answer = {.from_replica = false};
    if (tag_from_credential_under(&result->tag, question->tag_key, &question->card->proven) != ERR_OK) {
        result->verdict = verdict_deny(REASON_INTERNAL);
        return ERR_OK;
    }
    result->method = question->card->proven.method;
    int error = whitelist_lookup(question->rights->whitelist, &result->tag, &answer);
    if (error == ERR_NOT_FOUND)
        return ERR_NOT_FOUND;
    if (error != ERR_OK) {
        result->verdict = deny_lookup(error);
        return ERR_OK;
    }
    if (answer.rule.flags & WHITELIST_RULE_COUNTS_AS_UID)
        count_as_uid(question);
    decide_listed(question, result->method, &answer);
    return ERR_OK;
}

static void decide_by_uid(const struct question *question)
{
    struct tap_result *result = question->result;
    struct whitelist_answer answer = {.from_replica = false};
    bool is_proven = question->card->proven.id_len != 0; /* and not listed: its tag stands already */
    struct tag tag;
    int error = tag_of_uid(question, &tag);
    if (error != ERR_OK) {
        result->verdict = error == ERR_CRYPTO ? verdict_deny(REASON_INTERNAL)
                          : is_proven         ? verdict_deny(REASON_UNKNOWN_CARD)
                                              : deny_uid(&question->card->report.target, error);
        return;
    }
    error = whitelist_lookup(question->rights->whitelist, &tag, &answer);
    if (error == ERR_NOT_FOUND && is_proven) {
        result->verdict = verdict_deny(REASON_UNKNOWN_CARD);
        return;
    }
    result->tag = tag;
    result->method = CREDENTIAL_UID;
    if (error != ERR_OK)
        result->verdict = deny_lookup(error);
    else
        decide_listed(question, CREDENTIAL_UID, &answer);
}

void tap_decide(struct tap_result *result, const struct tap_card_seen *card, const crypto_hmac_key *tag_key,
                struct rights *rights)
{
    const struct question question = {result, card, tag_key, rights};
    memset(&result->tag, 0, sizeof result->tag);
    result->method = CREDENTIAL_UID;
    result->from_replica = false;
    result->service = 0;
    result->elsewhere_s = 0;
    if (card->failure != REASON_NONE) {
        int error = tag_of_uid(&question, &result->tag); /* so that the office learns which card is copied */
        (void)error;
        result->verdict = verdict_deny(card->failure);
    } else if (card->proven.id_len == 0 || decide_by_proof(&question) == ERR_NOT_FOUND) {
        decide_by_uid(&question);
    }
}
