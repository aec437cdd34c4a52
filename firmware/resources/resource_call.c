/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/resources/resource_call.h"

#include "firmware/maintenance/maintenance.h"
#include "firmware/portillon_owner.h"

static enum coap_code code_of(int error)
{
    switch (error) {
    case ERR_OK:
        return COAP_CHANGED;
    case ERR_BUSY:
        return COAP_UNAVAILABLE;
    case ERR_NOT_FOUND:
    case ERR_NO_LIST:
        return COAP_NOT_FOUND;
    case ERR_FORBIDDEN:
        return COAP_FORBIDDEN;
    case ERR_CONFLICT:
        return COAP_CONFLICT;
    case ERR_NO_SPACE:
        return COAP_TOO_LARGE;
    case ERR_IO:
    case ERR_CRYPTO:
    case ERR_CORRUPT:
    case ERR_TIMEOUT:
    case ERR_WORN:
        return COAP_SERVER_ERROR;
    default:
        return COAP_BAD_REQUEST;
    }
}

void resource_respond(struct coap_response *response, enum coap_code code, const char *diagnostic)
{
    response->code = code;
    response->diagnostic = diagnostic;
}

const char *resource_storage_word(const struct portillon *portillon)
{
    return portillon_has_other_owner(portillon) ? MAINTENANCE_OTHER_OWNER : MAINTENANCE_NO_STORAGE;
}

void resource_finish(const struct resource_call *call, int error)
{
    resource_respond(call->response, code_of(error), error == ERR_OK ? NULL : error_name(error));
}

void resource_finish_cbor(const struct resource_call *call, size_t len)
{
    call->response->content_format = COAP_FORMAT_CBOR;
    call->response->body_len = len;
    resource_respond(call->response, len > 0 ? COAP_CONTENT : COAP_SERVER_ERROR,
                     len > 0 ? NULL : error_name(ERR_NO_SPACE));
}

int resource_read_payload(const struct resource_call *call, struct cbor_field *fields, size_t count)
{
    const struct coap_message *message = call->request->message;
    if (call->request->block1.num > 0 || call->request->block1.more)
        return ERR_NO_SPACE;
    return cbor_map_read(fields, count, message->payload, message->payload_len);
}
