/* Test vectors as hex text. Spaces are skipped; anything else that is not a hex digit ends the test program.
 */
#ifndef TESTS_FAKES_HEX_H
#define TESTS_FAKES_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Writes the bytes that text spells. @returns their count; more than size ends the program. */
size_t hex_bytes(const char *text, uint8_t *out, size_t size);

#endif
