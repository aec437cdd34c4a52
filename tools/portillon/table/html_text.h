/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes the character references of HTML (&eacute; &#233; &#xE9;) that French pages use. Pure. */
#ifndef TOOLS_PORTILLON_TABLE_HTML_TEXT_H
#define TOOLS_PORTILLON_TABLE_HTML_TEXT_H

#include <stddef.h>

/* Reads the reference that text begins with. Writes its character as UTF-8 and sets *out_len. Returns the
 * length of the reference, or 0 if it is none that is known: the & then stands for itself. */
size_t html_reference_read(const char *text, size_t len, char out[4], size_t *out_len);

#endif
