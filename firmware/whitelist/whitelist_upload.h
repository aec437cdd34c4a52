/* Taking in a new list: head, signature, blocks, commit (whitelist.h says how). For whitelist*.c alone. */
#ifndef FIRMWARE_WHITELIST_WHITELIST_UPLOAD_H
#define FIRMWARE_WHITELIST_WHITELIST_UPLOAD_H

#include "firmware/whitelist/whitelist.h"

/* A head was staged in the slot that does not run before the power went: verify it again and go on from
 * there; one that was cut short fails its signature, quietly. @retval ERR_OK, or why it is not gone on with.
 */
int whitelist_upload_resume(struct whitelist *list, int slot) MUST_USE;
/* The part of whitelist_poll for an upload under way; same results. */
int whitelist_upload_poll(struct whitelist *list) MUST_USE;

#endif
