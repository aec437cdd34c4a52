/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/desfire_talk.h"

#include <string.h>

int desfire_talk_once(const struct reader *reader, const uint8_t *command, size_t len,
                      struct desfire_reply *reply)
{
    uint8_t frame[1 + DESFIRE_TALK_MAX];
    reply->len = 0;
    int got = reader->exchange(reader->ctx, command, len, frame, sizeof frame);
    if (got <= 0)
        return got < 0 ? got : ERR_FORMAT;
    reply->status = frame[0];
    reply->len = (size_t)got - 1;
    memcpy(reply->data, frame + 1, reply->len);
    return ERR_OK;
}

/* Asks for one more part. */
static int add_part(const struct reader *reader, struct desfire_reply *reply)
{
    static const uint8_t more[] = {DESFIRE_STATUS_MORE};
    struct desfire_reply part;
    int error = desfire_talk_once(reader, more, sizeof more, &part);
    if (error != ERR_OK)
        return error;
    if (part.status == DESFIRE_STATUS_MORE && part.len == 0)
        return ERR_FORMAT;
    if (part.len > sizeof reply->data - reply->len)
        return ERR_NO_SPACE;
    memcpy(reply->data + reply->len, part.data, part.len);
    reply->len += part.len;
    reply->status = part.status;
    return ERR_OK;
}

int desfire_talk(const struct reader *reader, const uint8_t *command, size_t len, struct desfire_reply *reply)
{
    int error = desfire_talk_once(reader, command, len, reply);
    while (error == ERR_OK && reply->status == DESFIRE_STATUS_MORE)
        error = add_part(reader, reply);
    return error;
}
