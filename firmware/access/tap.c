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

void tap_decide(struct tap_result *result, const struct reader_target *target, const crypto_hmac_key *tag_key,
                struct rights *rights)
{
    struct credential credential;
    struct whitelist_answer answer = {.from_replica = false};

    memset(&result->tag, 0, sizeof result->tag);
    result->from_replica = false;
    result->method = CREDENTIAL_UID;
    result->service = 0;
    result->elsewhere_s = 0;
    int error =
        target->is_unfinished ? ERR_FORMAT : credential_from_uid(&credential, target->uid, target->uid_len);
    if (error != ERR_OK) {
        result->verdict = deny_uid(target, error);
        return;
    }
    error = tag_from_credential_under(&result->tag, tag_key, &credential);
    crypto_wipe(&credential, sizeof credential);
    if (error != ERR_OK) {
        result->verdict = verdict_deny(REASON_INTERNAL);
        return;
    }
    error = whitelist_lookup(rights->whitelist, &result->tag, &answer);
    if (error != ERR_OK) {
        result->verdict = deny_lookup(error);
        return;
    }
    result->from_replica = answer.from_replica;
    const struct rights_evidence evidence = {CREDENTIAL_UID, whitelist_fingerprint_of(target)};
    struct rights_finding finding;
    result->verdict = rights_decide(rights, &result->tag, &answer, &evidence, &finding);
    result->method = finding.method;
    result->service = finding.service;
    result->elsewhere_s = finding.elsewhere_s;
}
