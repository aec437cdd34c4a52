/*
 * The profiles of a school: what they are called in its files, and which zones they open. The one place
 * that says so. Every list carries all of them, in this order.
 */
#ifndef TOOLS_PORTILLON_PROFILE_TABLE_H
#define TOOLS_PORTILLON_PROFILE_TABLE_H

#include "firmware/whitelist_format.h"

#define PROFILE_TABLE_LEN 6

extern const struct whitelist_profile profile_table[PROFILE_TABLE_LEN];

/* For messages: what a file may say. */
extern const char profile_table_words[];

/* The profile a folded word (text_fold.h) names. @retval index, ERR_NOT_FOUND. */
int profile_table_find(const char *folded) MUST_USE;

#endif
