/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/error.h"

const char *error_name(int error)
{
    switch ((enum error)error) {
    case ERR_OK:
        return "ok";
    case ERR_ARGUMENT:
        return "bad_argument";
    case ERR_BUSY:
        return "busy";
    case ERR_IO:
        return "io";
    case ERR_TIMEOUT:
        return "timeout";
    case ERR_CORRUPT:
        return "corrupt";
    case ERR_NOT_FOUND:
        return "not_found";
    case ERR_NO_SPACE:
        return "no_space";
    case ERR_FORMAT:
        return "malformed";
    case ERR_UNSUPPORTED:
        return "unsupported";
    case ERR_SIGNATURE:
        return "bad_signature";
    case ERR_SITE:
        return "wrong_site";
    case ERR_VERSION:
        return "version_not_above";
    case ERR_COUNT:
        return "wrong_count";
    case ERR_NOT_LISTED:
        return "block_not_listed";
    case ERR_CRYPTO:
        return "crypto";
    case ERR_NO_LIST:
        return "no_list";
    case ERR_FORBIDDEN:
        return "forbidden";
    case ERR_WORN:
        return "worn";
    case ERR_TAG_KEY:
        return "wrong_tag_key";
    case ERR_CONFLICT:
        return "conflict";
    }
    return error > 0 ? "ok" : "unknown";
}
