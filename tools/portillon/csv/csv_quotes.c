/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_quotes.h"

static bool ends_cell(char byte, char delimiter)
{
    if (byte == '\r' || byte == '\n')
        return true;
    return delimiter != '\0' ? byte == delimiter : byte == ';' || byte == ',' || byte == '\t';
}

enum csv_quotes csv_quotes_next(enum csv_quotes state, char byte, char delimiter)
{
    bool space = byte == ' ' || byte == '\t';
    if (state == CSV_QUOTES_INSIDE)
        return byte == '"' ? CSV_QUOTES_CLOSED : CSV_QUOTES_INSIDE;
    if (ends_cell(byte, delimiter))
        return CSV_QUOTES_START;
    if (state == CSV_QUOTES_CLOSED)
        return space ? CSV_QUOTES_CLOSED : CSV_QUOTES_INSIDE;
    if (state == CSV_QUOTES_START && byte == '"')
        return CSV_QUOTES_INSIDE;
    return state == CSV_QUOTES_START && space ? CSV_QUOTES_START : CSV_QUOTES_NONE;
}
