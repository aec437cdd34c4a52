/* SPDX-License-Identifier: Apache-2.0 */
/* Handles the commands for files as such, and reads and writes data files. Pure. */
#ifndef CARDSIM_DESFIRE_FILES_H
#define CARDSIM_DESFIRE_FILES_H

#include "tools/cardsim/card.h"
#include "tools/cardsim/desfire_session.h"

enum { CARDSIM_DESFIRE_ACCESS_LEN = 7 }; /* header of reading and writing: file, offset, length */

/* The rights of which a command needs one. */
enum { CARDSIM_DESFIRE_MAY_READ = 1, CARDSIM_DESFIRE_MAY_WRITE = 2, CARDSIM_DESFIRE_MAY_BOTH = 4 };

/* Makes a file in an application from a plan: app, number, type, mode, rights, size and, for records,
 * records_max; values as they are. Its data are zeros. Returns CARDSIM_DESFIRE_OK or the status of the
 * refusal; *made is the file. */
uint8_t cardsim_desfire_files_create(struct cardsim_desfire *memory, const struct cardsim_desfire_file *plan,
                                     struct cardsim_desfire_file **made);
/* Returns a file of an application, or NULL. */
struct cardsim_desfire_file *cardsim_desfire_files_find(struct cardsim_desfire *memory, uint8_t app,
                                                        uint8_t number);

/* Returns a file of the selected application, or NULL. */
struct cardsim_desfire_file *cardsim_desfire_files_selected(struct cardsim_desfire *memory, uint8_t number);

/* Fills in the mode in which a command with one of some rights (a set of CARDSIM_DESFIRE_MAY_) travels.
 * header is what follows the command byte. */
void cardsim_desfire_files_protect(struct cardsim_desfire *memory, const uint8_t *header, unsigned rights,
                                   struct cardsim_desfire_protection *protection);
/* Fills in how ChangeFileSettings travels. */
void cardsim_desfire_files_protect_change(struct cardsim_desfire *memory, const uint8_t *header,
                                          struct cardsim_desfire_protection *protection);
/* Returns the status of a command with one of some rights: is there such a file, and may it be used. */
uint8_t cardsim_desfire_files_check(struct cardsim_desfire *memory, const uint8_t *header, unsigned rights);
/* Returns CARDSIM_DESFIRE_OK if offset and length of a header lie within the data or a record of its file. */
uint8_t cardsim_desfire_files_check_bounds(struct cardsim_desfire *memory, const uint8_t *header);
/* Returns where the data of a file stand that a transaction has not yet committed; for a standard file, its
 * data. */
uint8_t *cardsim_desfire_files_next(struct cardsim_desfire *memory, const struct cardsim_desfire_file *file);

/* The commands, in the order of the table in card_desfire.c. */
void cardsim_desfire_create_file(struct cardsim_card *, const struct cardsim_desfire_request *,
                                 struct cardsim_desfire_reply *);
void cardsim_desfire_create_value_file(struct cardsim_card *, const struct cardsim_desfire_request *,
                                       struct cardsim_desfire_reply *);
void cardsim_desfire_create_record_file(struct cardsim_card *, const struct cardsim_desfire_request *,
                                        struct cardsim_desfire_reply *);
void cardsim_desfire_delete_file(struct cardsim_card *, const struct cardsim_desfire_request *,
                                 struct cardsim_desfire_reply *);
void cardsim_desfire_get_file_ids(struct cardsim_card *, const struct cardsim_desfire_request *,
                                  struct cardsim_desfire_reply *);
void cardsim_desfire_get_file_settings(struct cardsim_card *, const struct cardsim_desfire_request *,
                                       struct cardsim_desfire_reply *);
void cardsim_desfire_change_file_settings(struct cardsim_card *, const struct cardsim_desfire_request *,
                                          struct cardsim_desfire_reply *);
void cardsim_desfire_read_data(struct cardsim_card *, const struct cardsim_desfire_request *,
                               struct cardsim_desfire_reply *);
void cardsim_desfire_write_data(struct cardsim_card *, const struct cardsim_desfire_request *,
                                struct cardsim_desfire_reply *);
void cardsim_desfire_get_free_memory(struct cardsim_card *, const struct cardsim_desfire_request *,
                                     struct cardsim_desfire_reply *);

#endif
