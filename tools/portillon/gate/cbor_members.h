/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the members of an untrusted CBOR map by name. The first error sticks in the struct, and every later
 * read gives nothing. A decoder therefore checks `error` once, at its end. Control characters in texts are
 * replaced, because the texts are shown on a terminal. Nothing blocks and nothing is allocated. The map
 * points into the caller's bytes.
 */
#ifndef TOOLS_PORTILLON_GATE_CBOR_MEMBERS_H
#define TOOLS_PORTILLON_GATE_CBOR_MEMBERS_H

#include <cbor.h>
#include <stdbool.h>
#include <stdint.h>

#include "hal/error.h"

#define MEMBERS_TEXT_LEN 128

struct members {
    CborValue map;
    int error; /* ERR_OK or ERR_FORMAT */
};

/* Starts to parse an answer and sets *value to its first item. Returns ERR_OK or ERR_FORMAT. */
int members_open_answer(CborParser *parser, CborValue *value, const uint8_t *data, size_t len) MUST_USE;
/* Starts to read an answer that is a map. The parser must live as long as members. Anything else sets the
 * error. */
void members_open(struct members *members, CborParser *parser, const uint8_t *data, size_t len);

/* Finds a required member. Returns true if it exists; otherwise sets the error and returns false. */
bool members_find(struct members *members, const char *key, CborValue *value);
/* Returns true if there is a member with this name. A missing member is no error. */
bool members_has(const struct members *members, const char *key);

/* Reads a required number from 0 to 2^32 - 1. Returns 0 and sets the error if there is none. */
uint32_t members_number(struct members *members, const char *key);
/* Reads a required flag. Returns false and sets the error if there is none. */
bool members_flag(struct members *members, const char *key);
/* Reads a required text. Sets the error, and text to "", if there is none or it is too long. */
void members_text(struct members *members, const char *key, char text[MEMBERS_TEXT_LEN]);
/* Reads a required member that is a text or null, which is read as "". */
void members_text_or_null(struct members *members, const char *key, char text[MEMBERS_TEXT_LEN]);
/* Copies the text of an item. Sets the error, and text to "", if it is no text or is too long. */
void members_copy_text(struct members *members, const CborValue *value, char text[MEMBERS_TEXT_LEN]);
/* Reads a required member that is a map or null. Returns true if it is a map. */
bool members_map(struct members *members, const char *key, struct members *inner);

#endif
