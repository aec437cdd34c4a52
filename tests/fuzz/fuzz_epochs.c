/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as the file `epochs` of a site. A text that is accepted can be changed for one gate; all that is
 * not the line of that gate stays, byte for byte, and so do the epochs of the others. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/site/site_epochs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static int find(const char *text, const char *id, struct gate_line *place)
{
    int error = gate_lines_text_find(&site_epochs_lines, text, id, place);
    must(error == ERR_OK || (error == ERR_FORMAT && place->line_number > 0 && place->why != NULL));
    must(error != ERR_OK || atoi(place->value) <= SITE_EPOCHS_MAX);
    must(place->line == NULL || (place->line >= text && place->line < text + strlen(text)));
    return error;
}

/* Both texts are the same but for the line of the place, and what follows it. */
static void check_rest(const char *text, const struct gate_line *place, const char *out, size_t len)
{
    size_t before = place->line != NULL ? (size_t)(place->line - text) : strlen(text);
    const char *end = place->line != NULL ? strchr(place->line, '\n') : NULL;
    size_t behind = end != NULL ? strlen(end + 1) : 0;
    must(len == strlen(out) && behind <= len);
    must(text[0] == '\0' || strncmp(text, out, before) == 0);
    must(end == NULL || strcmp(end + 1, out + len - behind) == 0);
}

static void check_put(const char *text, const struct gate_line *nord)
{
    struct gate_line sud, after;
    size_t len;
    int error = find(text, "sud", &sud);
    char *out = gate_lines_text_put(&site_epochs_lines, text, nord, "nord", "7", &len);
    must(out != NULL);
    check_rest(text, nord, out, len);
    must(find(out, "nord", &after) == ERR_OK && strcmp(after.value, "7") == 0);
    must(find(out, "sud", &after) == error && (error != ERR_OK || strcmp(after.value, sud.value) == 0));
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gate_line nord;
    char *text = malloc(size + 1);
    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (find(text, "nord", &nord) == ERR_OK)
        check_put(text, &nord);
    free(text);
    return 0;
}
