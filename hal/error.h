/*
 * The one error enum of the project. Functions return ERR_OK (0), a negative error, or, where the header
 * says so, a positive count. Results must be used: declare such functions MUST_USE.
 */
#ifndef HAL_ERROR_H
#define HAL_ERROR_H

#define MUST_USE __attribute__((warn_unused_result))

enum error {
    ERR_OK = 0,
    ERR_ARGUMENT = -1,    /* the caller's value is outside what the function takes */
    ERR_BUSY = -2,        /* not finished, or occupied: call again later */
    ERR_IO = -3,          /* the device or file did not do what was asked */
    ERR_TIMEOUT = -4,     /* no answer within the time allowed */
    ERR_CORRUPT = -5,     /* a check (CRC, MAC, hash) does not match */
    ERR_NOT_FOUND = -6,   /* no such card, record, key or resource */
    ERR_NO_SPACE = -7,    /* the buffer, table or region is full */
    ERR_FORMAT = -8,      /* malformed input */
    ERR_UNSUPPORTED = -9, /* well formed, but of a version or kind not handled here */
    ERR_SIGNATURE = -10,  /* the signature does not verify under the site key */
    ERR_SITE = -11,       /* made for another site */
    ERR_VERSION = -12,    /* version not above the one running */
    ERR_COUNT = -13,      /* an entry or block count disagrees with the content */
    ERR_NOT_LISTED = -14, /* the block's hash is not in the signed list of hashes */
    ERR_CRYPTO = -15,     /* the crypto library failed (out of pool memory, bad key) */
    ERR_NO_LIST = -16,    /* no whitelist is installed */
    ERR_FORBIDDEN = -17,  /* the role may not do this */
    ERR_WORN = -18,       /* a flash sector no longer erases or programs */
    ERR_TAG_KEY = -19,    /* made with another tag key than the one of this site */
};

/* A short lower-case word for an error ("bad_signature", "io"): for logs, /status and the tools. */
const char *error_name(int error);

#endif
