/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request to a resource: the parameters of a handler, and the functions that end the request. Nothing
 * blocks.
 */
#ifndef FIRMWARE_RESOURCES_RESOURCE_CALL_H
#define FIRMWARE_RESOURCES_RESOURCE_CALL_H

#include "firmware/crypto/identity.h"
#include "firmware/maintenance/cbor_map.h"
#include "firmware/maintenance/coap_server.h"

struct portillon;

/* The parameters of a handler. */
struct resource_call {
    struct portillon *portillon;
    enum role role;
    const struct coap_request *request;
    struct coap_response *response;
};

/* Ends a response without a body. diagnostic is a static word, or NULL. */
void resource_respond(struct coap_response *response, enum coap_code code, const char *diagnostic);

/* Returns the word that tells why there is no storage. */
const char *resource_storage_word(const struct portillon *portillon);

/* Ends a call with 2.04 for ERR_OK, or with the code and the name of the error. */
void resource_finish(const struct resource_call *call, int error);

/* Ends a call with len bytes of CBOR in the body. If len is 0, they did not fit, and the call ends with
 * an error. */
void resource_finish_cbor(const struct resource_call *call, size_t len);

/* Reads the payload, a CBOR map in one message. Returns the results of cbor_map_read, ERR_NO_SPACE (the
 * payload is one part of a block-wise transfer, RFC 7959; such a part may be valid CBOR, but is not the
 * whole payload). */
int resource_read_payload(const struct resource_call *call, struct cbor_field *fields, size_t count) MUST_USE;

#endif
