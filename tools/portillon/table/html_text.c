/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/html_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define NAME_MAX 8

/* Names of the HTML standard, for the characters of French texts. A no-break space is a space here. */
static const struct {
    char name[NAME_MAX + 1];
    uint16_t code_point;
} names[] = {
    {"amp", '&'},      {"lt", '<'},       {"gt", '>'},       {"quot", '"'},     {"apos", '\''},
    {"nbsp", ' '},     {"laquo", 0xAB},   {"raquo", 0xBB},   {"deg", 0xB0},     {"ordm", 0xBA},
    {"ordf", 0xAA},    {"middot", 0xB7},  {"sup2", 0xB2},    {"Agrave", 0xC0},  {"Aacute", 0xC1},
    {"Acirc", 0xC2},   {"Atilde", 0xC3},  {"Auml", 0xC4},    {"Aring", 0xC5},   {"AElig", 0xC6},
    {"Ccedil", 0xC7},  {"Egrave", 0xC8},  {"Eacute", 0xC9},  {"Ecirc", 0xCA},   {"Euml", 0xCB},
    {"Igrave", 0xCC},  {"Iacute", 0xCD},  {"Icirc", 0xCE},   {"Iuml", 0xCF},    {"Ntilde", 0xD1},
    {"Ograve", 0xD2},  {"Oacute", 0xD3},  {"Ocirc", 0xD4},   {"Otilde", 0xD5},  {"Ouml", 0xD6},
    {"Oslash", 0xD8},  {"Ugrave", 0xD9},  {"Uacute", 0xDA},  {"Ucirc", 0xDB},   {"Uuml", 0xDC},
    {"szlig", 0xDF},   {"agrave", 0xE0},  {"aacute", 0xE1},  {"acirc", 0xE2},   {"atilde", 0xE3},
    {"auml", 0xE4},    {"aring", 0xE5},   {"aelig", 0xE6},   {"ccedil", 0xE7},  {"egrave", 0xE8},
    {"eacute", 0xE9},  {"ecirc", 0xEA},   {"euml", 0xEB},    {"igrave", 0xEC},  {"iacute", 0xED},
    {"icirc", 0xEE},   {"iuml", 0xEF},    {"ntilde", 0xF1},  {"ograve", 0xF2},  {"oacute", 0xF3},
    {"ocirc", 0xF4},   {"otilde", 0xF5},  {"ouml", 0xF6},    {"oslash", 0xF8},  {"ugrave", 0xF9},
    {"uacute", 0xFA},  {"ucirc", 0xFB},   {"uuml", 0xFC},    {"yuml", 0xFF},    {"OElig", 0x152},
    {"oelig", 0x153},  {"Yuml", 0x178},   {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018},
    {"rsquo", 0x2019}, {"ldquo", 0x201C}, {"rdquo", 0x201D}, {"euro", 0x20AC},  {"thinsp", 0x2009},
};

static size_t put_utf8(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t len = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, code_point >>= 6)
        out[i] = (char)(0x80 | (code_point & 0x3F));
    out[0] = (char)(((0xF00 >> len) & 0xFF) | code_point);
    return len;
}

static uint32_t digit(char c, unsigned base)
{
    uint32_t value = c >= '0' && c <= '9'                     ? (uint32_t)(c - '0')
                     : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (uint32_t)((c | 0x20) - 'a' + 10)
                                                              : 99;
    return value < base ? value : 99;
}

/* Reads "#233" or "#xE9", from behind the #. Returns the length of the digits and their sign. */
static size_t read_number(const char *text, size_t len, uint32_t *code_point)
{
    unsigned base = len > 0 && (text[0] | 0x20) == 'x' ? 16 : 10;
    size_t first = base == 16, at = first;
    *code_point = 0;
    for (; at < len && at < first + 8 && digit(text[at], base) != 99; at++)
        *code_point = *code_point * base + digit(text[at], base);
    bool character =
        *code_point != 0 && *code_point < 0x110000 && (*code_point < 0xD800 || *code_point > 0xDFFF);
    return at > first && character ? at : 0;
}

static size_t read_name(const char *text, size_t len, uint32_t *code_point)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t name_len = strlen(names[i].name);
        if (name_len < len && memcmp(text, names[i].name, name_len) == 0 && text[name_len] == ';') {
            *code_point = names[i].code_point;
            return name_len;
        }
    }
    return 0;
}

size_t html_reference_read(const char *text, size_t len, char out[4], size_t *out_len)
{
    uint32_t code_point;
    if (len < 3 || text[0] != '&')
        return 0;
    size_t used = text[1] == '#' ? read_number(text + 2, len - 2, &code_point)
                                 : read_name(text + 1, len - 1, &code_point);
    if (used == 0)
        return 0;
    used += text[1] == '#' ? 2 : 1;
    *out_len = put_utf8(code_point, out);
    return used < len && text[used] == ';' ? used + 1 : used;
}
