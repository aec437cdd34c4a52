/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one error enum of the project.
 *
 * A function returns ERR_OK (0), a negative error or, where its header says so, a positive count. The caller
 * must use the result: such a function is declared MUST_USE.
 */
#ifndef HAL_ERROR_H
#define HAL_ERROR_H

#define MUST_USE __attribute__((warn_unused_result))

enum error {
    ERR_OK = 0,
    ERR_ARGUMENT = -1,    /* an argument is outside the range that the function accepts */
    ERR_BUSY = -2,        /* the operation is not finished, or the device is occupied: call again later */
    ERR_IO = -3,          /* the device or file did not carry out the operation */
    ERR_TIMEOUT = -4,     /* no answer came within the time allowed */
    ERR_CORRUPT = -5,     /* a checksum, MAC or hash does not match */
    ERR_NOT_FOUND = -6,   /* the card, record, key or resource does not exist */
    ERR_NO_SPACE = -7,    /* the buffer, table or region is full */
    ERR_FORMAT = -8,      /* the input is malformed */
    ERR_UNSUPPORTED = -9, /* the input is well formed, but its version or kind is not supported */
    ERR_SIGNATURE = -10,  /* the signature does not verify under the site key */
    ERR_SITE = -11,       /* the data was made for another site */
    ERR_VERSION = -12,    /* the version is not higher than the active one */
    ERR_COUNT = -13,      /* a count of entries or blocks does not match the content */
    ERR_NOT_LISTED = -14, /* the block's hash is not in the signed list of hashes */
    ERR_CRYPTO = -15,     /* the crypto library failed (its memory pool is used up, or a key is bad) */
    ERR_NO_LIST = -16,    /* no whitelist is installed */
    ERR_FORBIDDEN = -17,  /* the role is not allowed to do this */
    ERR_WORN = -18,       /* a flash sector can no longer be erased or programmed */
    ERR_TAG_KEY = -19,    /* the data was made with a tag key that is not the key of this site */
    ERR_CONFLICT = -20,   /* the caller names another content than the one that is stored */
};

/* Returns a short lower-case word for an error ("bad_signature", "io"), for logs, /status and the tools.
 * The word is a constant string. A positive count gives "ok"; a negative value outside the enum gives
 * "unknown". */
const char *error_name(int error);

#endif
