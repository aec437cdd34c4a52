/* SPDX-License-Identifier: Apache-2.0 */
/* Pseudonyms of cards as the store has them: 16 hexadecimal digits in small letters. The functions are pure. */
#ifndef TOOLS_PORTILLON_STORE_TAG_TEXT_H
#define TOOLS_PORTILLON_STORE_TAG_TEXT_H

#include <stdbool.h>

#include "firmware/crypto/tag.h"

#define TAG_TEXT_SIZE (2 * TAG_LEN + 1)

/* Writes a pseudonym. */
void tag_text_write(const struct tag *tag, char out[TAG_TEXT_SIZE]);
/* Reads one. Returns false if the text is none. */
bool tag_text_read(const char *text, struct tag *tag);

#endif
