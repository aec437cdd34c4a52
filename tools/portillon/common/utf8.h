/* UTF-8 (RFC 3629), one code point at a time. */
#ifndef TOOLS_PORTILLON_COMMON_UTF8_H
#define TOOLS_PORTILLON_COMMON_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Reads the code point that starts at text. @retval its length in bytes, 1 to 4; 0: not UTF-8, or cut off. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code_point);

#endif
