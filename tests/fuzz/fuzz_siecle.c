/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the register of SIECLE, joined with a file of cards: no crash, and no card without a pupil. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/csv/csv_cards.h"
#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/csv/csv_register.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules_default.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char cards[] = "INE;Nom;Prenom;Carte\n1;;;04A1B2C3D4E580\n;ESSAI;Zoe;04A1B2C3D4E581\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t tag_key[IDENTITY_TAG_KEY_LEN] = {1};
    static struct csv_import import;
    static struct site_rules rules;
    if (site_crypto_init() != ERR_OK)
        return 0;
    if (rules.tables.profile_count == 0)
        site_rules_default(&rules);
    const struct csv_import_options options = {.rules = &rules, .today = 9822};
    csv_import_init(&import, &options, tag_key);
    csv_cards_begin(&import, "fuzz.xml");
    if (csv_register_read(&import, "fuzz.xml", (const char *)data, size) == ERR_OK &&
        csv_import_file(&import, "cards.csv", cards, sizeof cards - 1) == ERR_OK) {
        csv_import_finish(&import);
        if (import.report.error_count == 0 && import.joined_count < import.cards.count)
            abort();
    }
    csv_import_free(&import);
    return 0;
}
