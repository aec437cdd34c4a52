/* Small text helpers of the control language and the cards file. Pure. */
#ifndef CARDSIM_TEXT_H
#define CARDSIM_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Reads hex digits, in pairs that may be parted by ':' or '-'. Returns the bytes stored in out, or -1 when
 * text is empty, has an odd or strange digit, or more than size bytes. */
int cardsim_text_hex(const char *text, uint8_t *out, size_t size);
/* Writes len bytes as upper-case hex with a final NUL; out has room for 2 * len + 1. Returns out. */
char *cardsim_text_to_hex(const uint8_t *bytes, size_t len, char *out);
/* Cuts line in place into words at blanks; '#' starts a comment. Returns their count, max + 1: too many. */
size_t cardsim_text_split(char *line, char **words, size_t max);
/* Reads a decimal number of 0 to max. Returns it, or -1. */
long cardsim_text_number(const char *text, long max);

#endif
