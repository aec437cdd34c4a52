/* One request on its way through the resources: what a handler gets, and how it ends. */
#ifndef FIRMWARE_RESOURCES_RESOURCE_CALL_H
#define FIRMWARE_RESOURCES_RESOURCE_CALL_H

#include "firmware/crypto/identity.h"
#include "firmware/maintenance/cbor_map.h"
#include "firmware/maintenance/coap_server.h"

struct portillon;

/* What a handler gets. */
struct resource_call {
    struct portillon *portillon;
    enum role role;
    const struct coap_request *request;
    struct coap_response *response;
};

/* Ends a response without a body: code (enum coap_code) and a static word, or NULL. */
void resource_respond(struct coap_response *response, uint8_t code, const char *diagnostic);

/* Ends a call: with the error's code and word, or, for ERR_OK, with 2.04. */
void resource_finish(const struct resource_call *call, int error);

/* Ends a call with len bytes of CBOR in the body; 0: they did not fit. */
void resource_finish_cbor(const struct resource_call *call, size_t len);

/* Reads the payload, a CBOR map that fits one message. Returns what cbor_map_read returns, or ERR_NO_SPACE
 * for a piece of a block-wise transfer (RFC 7959): a piece may parse, but is not the payload. */
int resource_read_payload(const struct resource_call *call, struct cbor_field *fields, size_t count) MUST_USE;

#endif
