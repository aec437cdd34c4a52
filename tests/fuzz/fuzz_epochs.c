/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as the file `epochs` of a site. A text that is accepted can be changed for one gate; all that is
 * not the line of that gate stays, byte for byte, and so do the epochs of the others. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/site/epochs_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static int find(const char *text, const char *id, struct epochs_place *place)
{
    int error = epochs_text_find(text, id, place);
    must(error == ERR_OK || (error == ERR_FORMAT && place->line_number > 0 && place->why != NULL));
    must(error != ERR_OK || place->epoch <= SITE_EPOCHS_MAX);
    must(place->line == NULL || (place->line >= text && place->line < text + strlen(text)));
    return error;
}

/* Both texts are the same but for the line of the place, and what follows it. */
static void check_rest(const char *text, const struct epochs_place *place, const char *out, size_t len)
{
    size_t before = place->line != NULL ? (size_t)(place->line - text) : strlen(text);
    const char *end = place->line != NULL ? strchr(place->line, '\n') : NULL;
    size_t behind = end != NULL ? strlen(end + 1) : 0;
    must(len == strlen(out) && behind <= len);
    must(text[0] == '\0' || strncmp(text, out, before) == 0);
    must(end == NULL || strcmp(end + 1, out + len - behind) == 0);
}

static void check_put(const char *text, const struct epochs_place *nord)
{
    struct epochs_place sud, after;
    size_t len;
    int error = find(text, "sud", &sud);
    char *out = epochs_text_put(text, nord, "nord", 7, &len);
    must(out != NULL);
    check_rest(text, nord, out, len);
    must(find(out, "nord", &after) == ERR_OK && after.epoch == 7);
    must(find(out, "sud", &after) == error && (error != ERR_OK || after.epoch == sud.epoch));
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct epochs_place nord;
    char *text = malloc(size + 1);
    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (find(text, "nord", &nord) == ERR_OK)
        check_put(text, &nord);
    free(text);
    return 0;
}
