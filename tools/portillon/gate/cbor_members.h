/*
 * Members of a CBOR map that came from outside, by name. The first error sticks in the struct, and from then
 * on everything reads as nothing; so a decoder looks at `error` once, at its end. Text is cut of control
 * characters: it ends up on a terminal. Nothing is allocated; the map points into the caller's bytes.
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

/* @retval ERR_OK, ERR_FORMAT. */
int members_open_answer(CborParser *parser, CborValue *value, const uint8_t *data, size_t len) MUST_USE;
void members_open(struct members *members, const CborValue *map);

/* True if there is such a member; its absence is an error … */
bool members_find(struct members *members, const char *key, CborValue *value);
/* … or not. */
bool members_has(const struct members *members, const char *key);

uint32_t members_number(struct members *members, const char *key);
bool members_flag(struct members *members, const char *key);
void members_text(struct members *members, const char *key, char text[MEMBERS_TEXT_LEN]);
void members_copy_text(struct members *members, const CborValue *value, char text[MEMBERS_TEXT_LEN]);
/* A map of its own, or null. @returns true if it is a map. */
bool members_map(struct members *members, const char *key, struct members *inner);

#endif
