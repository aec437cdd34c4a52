/*
 * The resources of the maintenance port (table in maintenance.h): from a request of a known role to a
 * response.
 *
 * resources.c holds the table and decides who may ask what; a handler of resources_*.c is called only for its
 * own path and method and with a role that may. Handlers block for what their part of the gate blocks; the
 * longest is a whitelist block stored (7 ms).
 */
#ifndef FIRMWARE_RESOURCES_RESOURCES_H
#define FIRMWARE_RESOURCES_RESOURCES_H

#include "firmware/crypto/identity.h"
#include "firmware/maintenance/cbor_map.h"
#include "firmware/maintenance/coap_server.h"

struct portillon;

/* Answers one request; role: who asks. */
void resources_handle(struct portillon *portillon, enum role role, const struct coap_request *request,
                      struct coap_response *response);

/* What a handler gets. */
struct resource_call {
    struct portillon *portillon;
    enum role role;
    const struct coap_request *request;
    struct coap_response *response;
};

/* Ends a call: with the error's code and word, or, for ERR_OK, with 2.04. */
void resource_finish(const struct resource_call *call, int error);

/* Ends a call with len bytes of CBOR in the body; 0: they did not fit. */
void resource_finish_cbor(const struct resource_call *call, size_t len);

/* Reads the payload, a map of some ten or hundred bytes: a client that cuts it up has lost its way.
 * @retval of cbor_map_read, ERR_NO_SPACE. */
int resource_read_payload(const struct resource_call *call, struct cbor_field *fields, size_t count) MUST_USE;

void resource_get_status(const struct resource_call *call);
void resource_get_time(const struct resource_call *call);
void resource_put_time(const struct resource_call *call);
void resource_get_whitelist(const struct resource_call *call);
void resource_put_head(const struct resource_call *call);
void resource_get_wanted(const struct resource_call *call);
void resource_put_block(const struct resource_call *call);
void resource_get_passages(const struct resource_call *call);
void resource_post_ack(const struct resource_call *call);
void resource_get_settings(const struct resource_call *call);
void resource_put_settings(const struct resource_call *call);
void resource_get_selftest(const struct resource_call *call);
void resource_get_profiles(const struct resource_call *call);
void resource_put_profiles(const struct resource_call *call);
void resource_post_open(const struct resource_call *call);
void resource_post_selftest(const struct resource_call *call);

#endif
