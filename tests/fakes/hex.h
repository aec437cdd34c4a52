/* SPDX-License-Identifier: Apache-2.0 */
/* Reads test vectors from hexadecimal text. Spaces are skipped. Any other character that is not a hexadecimal
 * digit ends the test program. */
#ifndef TESTS_FAKES_HEX_H
#define TESTS_FAKES_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Writes the bytes of text into out. More than size bytes end the test program. Returns the number of
 * bytes. */
size_t hex_bytes(const char *text, uint8_t *out, size_t size);

#endif
