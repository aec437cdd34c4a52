/* SPDX-License-Identifier: Apache-2.0 */
/* Handles the commands for files. There are standard data files only. Pure. */
#ifndef CARDSIM_DESFIRE_FILES_H
#define CARDSIM_DESFIRE_FILES_H

#include "tools/cardsim/card.h"
#include "tools/cardsim/desfire_session.h"

enum { CARDSIM_DESFIRE_ACCESS_LEN = 7 }; /* header of reading and writing: file, offset, length */

/* Makes a file of zeros in an application. Returns CARDSIM_DESFIRE_OK or the status of the refusal; *made
 * is the file. */
uint8_t cardsim_desfire_files_create(struct cardsim_desfire *memory, uint8_t app, uint8_t number,
                                     uint8_t mode, uint16_t rights, uint32_t size,
                                     struct cardsim_desfire_file **made);
/* Returns a file of an application, or NULL. */
struct cardsim_desfire_file *cardsim_desfire_files_find(struct cardsim_desfire *memory, uint8_t app,
                                                        uint8_t number);

/* Fills in how a reading, a writing or a change of a file's settings travels. header is what follows the
 * command byte: for reading and writing CARDSIM_DESFIRE_ACCESS_LEN bytes, else the file number. */
void cardsim_desfire_files_protect(struct cardsim_desfire *memory, const uint8_t *header, bool is_writing,
                                   struct cardsim_desfire_protection *protection);
void cardsim_desfire_files_protect_change(struct cardsim_desfire *memory, const uint8_t *header,
                                          struct cardsim_desfire_protection *protection);
/* Returns the status of an access before its data have come: file, rights, bounds. */
uint8_t cardsim_desfire_files_check(struct cardsim_desfire *memory, const uint8_t *header, bool is_writing);

void cardsim_desfire_create_file(struct cardsim_card *, const struct cardsim_desfire_request *,
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
