/* Checking the signature of a head that was staged in the standby slot. For whitelist*.c alone. */
#ifndef FIRMWARE_WHITELIST_WHITELIST_VERIFY_H
#define FIRMWARE_WHITELIST_WHITELIST_VERIFY_H

#include "firmware/whitelist/whitelist_state.h"

/* Reads the staged head and its signature, and starts to verify it. @retval ERR_OK, ERR_SIGNATURE, ERR_IO,
 * ERR_CRYPTO. */
int whitelist_verify_start(struct whitelist *list) MUST_USE;
/* A head was staged in the slot that does not run before the power went: verify it again and go on from
 * there; one that was cut short fails its signature, quietly. @retval ERR_OK, or why it is not gone on with.
 */
int whitelist_verify_resume(struct whitelist *list, int slot) MUST_USE;

#endif
