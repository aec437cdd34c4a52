/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes UTF-8 (RFC 3629), one code point at a time. Pure. */
#ifndef TOOLS_PORTILLON_COMMON_UTF8_H
#define TOOLS_PORTILLON_COMMON_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Reads the code point that starts at text. Returns its length in bytes, 1 to 4, or 0 when the bytes are not
 * UTF-8 or are cut off at len. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code_point);

#endif
