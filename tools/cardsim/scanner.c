/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/scanner.h"

#include <string.h>

bool cardsim_scanner_send(struct cardsim_scanner *scanner, const uint8_t *bytes, size_t len)
{
    if (len > sizeof scanner->output - scanner->output_len)
        return false;
    memcpy(scanner->output + scanner->output_len, bytes, len);
    scanner->output_len += len;
    return true;
}

bool cardsim_scanner_scan(struct cardsim_scanner *scanner, const char *text)
{
    size_t before = scanner->output_len;
    if (cardsim_scanner_send(scanner, (const uint8_t *)text, strlen(text)) &&
        cardsim_scanner_send(scanner, (const uint8_t *)"\r", 1))
        return true;
    scanner->output_len = before;
    return false;
}

void cardsim_scanner_consume(struct cardsim_scanner *scanner, size_t len)
{
    memmove(scanner->output, scanner->output + len, scanner->output_len - len);
    scanner->output_len -= len;
}
