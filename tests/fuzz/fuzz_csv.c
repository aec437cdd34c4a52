/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a school's CSV: no crash, and a list comes of it exactly when no error is reported. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/list/list_builder.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules_default.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte picks notation and encoding, so that one corpus reaches all. */
static void set_options(struct csv_import_options *options, uint8_t byte)
{
    *options = (struct csv_import_options){0};
    options->notation.base = (enum card_number_base)(byte % 3);
    options->notation.reversed = (byte & 0x08) != 0;
    options->encoding = (enum csv_encoding)((byte >> 4) % 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t tag_key[IDENTITY_TAG_KEY_LEN] = {1};
    static struct csv_import import;
    struct csv_import_options options;
    static struct site_rules rules;
    struct list_builder_input input = {.version = 1};
    uint8_t *image;
    size_t image_len;
    const char *why;

    if (size == 0 || site_crypto_init() != ERR_OK)
        return 0;
    if (rules.tables.profile_count == 0)
        site_rules_default(&rules);
    input.profiles = rules.tables.profiles;
    input.profile_count = rules.tables.profile_count;
    set_options(&options, data[0]);
    options.rules = &rules;
    csv_import_init(&import, &options, tag_key);
    if (csv_import_file(&import, "fuzz.csv", (const char *)data + 1, size - 1) == ERR_OK) {
        csv_import_finish(&import);
        input.cards = import.cards.cards;
        input.card_count = import.cards.count;
        if (import.report.error_count == 0) {
            if (import.cards.count == 0)
                abort();
            if (list_builder_build(&input, &image, &image_len, &why) == ERR_OK)
                free(image);
        }
    }
    csv_import_free(&import);
    return 0;
}
