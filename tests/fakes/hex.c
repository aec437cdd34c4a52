/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = c == 0 ? NULL : strchr(digits, c);
    if (found == NULL) {
        fprintf(stderr, "not a hex digit: '%c'\n", c);
        abort();
    }
    return (unsigned)(found - digits) % 16;
}

size_t hex_bytes(const char *text, uint8_t *out, size_t size)
{
    size_t len = 0;
    while (*text != 0) {
        if (*text == ' ') {
            text++;
            continue;
        }
        if (len == size)
            abort();
        out[len++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
        text += 2;
    }
    return len;
}
