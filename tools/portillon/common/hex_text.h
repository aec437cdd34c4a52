/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as hexadecimal text. Pure. */
#ifndef TOOLS_PORTILLON_COMMON_HEX_TEXT_H
#define TOOLS_PORTILLON_COMMON_HEX_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

/* Reads pairs of hex digits, which spaces or colons may separate, to the end of the text. At most size bytes.
 * Returns ERR_OK (*len is set) or ERR_FORMAT. */
int hex_text_parse(const char *text, uint8_t *out, size_t size, size_t *len) MUST_USE;

#endif
