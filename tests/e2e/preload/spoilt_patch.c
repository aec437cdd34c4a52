/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spoils what portillon sends of a list as changes, by LD_PRELOAD (list_changes.sh). SPOIL=path: it asks for
 * another resource, so that the gate answers as one that does not know patches. SPOIL=head, SPOIL=blocks: one
 * bit of each patch is wrong, of the manifest in its signature, which is at the end of its last piece.
 */
#include <coap3/coap.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool in_patch, spoils;

static bool is(const uint8_t *data, size_t len, const char *word)
{
    return word != NULL && len == strlen(word) && memcmp(data, word, len) == 0;
}

size_t coap_add_option(coap_pdu_t *pdu, coap_option_num_t number, size_t len, const uint8_t *data)
{
    size_t (*real)(coap_pdu_t *, coap_option_num_t, size_t, const uint8_t *) =
        (size_t(*)(coap_pdu_t *, coap_option_num_t, size_t, const uint8_t *))dlsym(RTLD_NEXT,
                                                                                   "coap_add_option");
    const char *spoil = getenv("SPOIL");
    if (number == COAP_OPTION_URI_PATH) {
        spoils = in_patch && is(data, len, spoil);
        in_patch = is(data, len, "patch");
    }
    if (number == COAP_OPTION_URI_PATH && in_patch && spoil != NULL && strcmp(spoil, "path") == 0)
        return real(pdu, number, 5, (const uint8_t *)"other");
    return real(pdu, number, len, data);
}

int coap_add_data(coap_pdu_t *pdu, size_t len, const uint8_t *data)
{
    int (*real)(coap_pdu_t *, size_t, const uint8_t *) =
        (int (*)(coap_pdu_t *, size_t, const uint8_t *))dlsym(RTLD_NEXT, "coap_add_data");
    uint8_t changed[1024];
    const char *spoil = getenv("SPOIL");
    bool of_head = spoil != NULL && strcmp(spoil, "head") == 0;
    if (!spoils || len < 15 || len > sizeof(changed) || (of_head && memcmp(data + 8, "\0\0\0\0", 4) == 0))
        return real(pdu, len, data);
    memcpy(changed, data, len);
    changed[len - (of_head ? 12 : 1)] ^= 1;
    spoils = false;
    return real(pdu, len, changed);
}
