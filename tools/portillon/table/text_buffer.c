/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/text_buffer.h"

#include <stdlib.h>
#include <string.h>

int text_buffer_add(struct text_buffer *buffer, const char *text, size_t len, size_t max)
{
    size_t room = max - buffer->len;
    if (len > room)
        len = room;
    if (buffer->len + len + 1 > buffer->capacity) {
        size_t wanted = 2 * (buffer->len + len) + 64;
        char *moved = realloc(buffer->text, wanted);
        if (moved == NULL)
            return ERR_NO_SPACE;
        buffer->text = moved;
        buffer->capacity = wanted;
    }
    memcpy(buffer->text + buffer->len, text, len);
    buffer->len += len;
    buffer->text[buffer->len] = '\0';
    return ERR_OK;
}

const char *text_buffer_get(const struct text_buffer *buffer)
{
    return buffer->len != 0 ? buffer->text : "";
}
