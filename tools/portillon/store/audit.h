/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit trail: who looked up, opened, lent, blocked and erased what. It is a table of the store, and
 * entries are only ever added; audit_forget deletes the oldest.
 *
 * An entry names a person by their number in the store, never by name, so that the trail may be kept longer
 * than the passages, and still does not name somebody who was erased. The caller owns all memory. Calls block
 * on the disk or the server, and up to 10 s on the lock of another program.
 */
#ifndef TOOLS_PORTILLON_STORE_AUDIT_H
#define TOOLS_PORTILLON_STORE_AUDIT_H

#include <stdint.h>

#include "firmware/crypto/tag.h"
#include "tools/portillon/store/store_db.h"

#define AUDIT_WHO_SIZE     160
#define AUDIT_SUBJECT_SIZE 64
#define AUDIT_KEEP_DAYS    365

struct audit_entry {
    const char *what;    /* a word: "look_up", "lend", … */
    const char *subject; /* audit_person, audit_card, or another name that is nobody's */
    const char *detail;  /* no names; may be "" */
};

/* An entry as it is stored. person is the name of the subject, "" if it is nobody or was erased. */
struct audit_row {
    int64_t at_utc_s;
    const char *who, *what, *subject, *person, *detail;
};
typedef int audit_callback(void *ctx, const struct audit_row *row);

/* Writes who uses this program: the user of the computer, and the name in the environment variable
 * PORTILLON_NAME, "office (Mme Exemple)". Returns who. */
const char *audit_who(char who[AUDIT_WHO_SIZE]);
/* Write the subject of an entry. Return subject. */
const char *audit_person(int64_t person, char subject[AUDIT_SUBJECT_SIZE]);
const char *audit_card(const struct tag *tag, char subject[AUDIT_SUBJECT_SIZE]);

/* Adds an entry, in the transaction of the store if there is one. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int audit_note(struct store_db *store, const struct audit_entry *entry) MUST_USE;
/* Adds an entry through a connection of its own, for a store that was opened to read. Prints a message if the
 * entry cannot be stored: the file cannot be written, or another program has it for more than a second. */
void audit_note_beside(const struct store_db *store, const char *command, const struct audit_entry *entry);

/* Calls callback for every entry from one time to before another, oldest first. Returns ERR_OK, ERR_IO,
 * ERR_BUSY, or what the callback returned. */
int audit_each(struct store_db *store, int64_t from_utc_s, int64_t until_utc_s, audit_callback *callback,
               void *ctx) MUST_USE;
/* Deletes the entries from before a time. Returns their number, ERR_IO or ERR_BUSY. */
int audit_forget(struct store_db *store, int64_t before_utc_s) MUST_USE;

#endif
