/*
 * The resources of the maintenance port (table in maintenance/PROTOCOL.md): from a request of a known role
 * to a response.
 *
 * resources.c holds the table and decides who may ask what; a handler of resources_*.c is called only for its
 * own path and method and with a role that may. Handlers block for what their part of the gate blocks; the
 * longest is a whitelist block stored (7 ms).
 */
#ifndef FIRMWARE_RESOURCES_RESOURCES_H
#define FIRMWARE_RESOURCES_RESOURCES_H

#include "firmware/crypto/identity.h"
#include "firmware/maintenance/coap_server.h"

struct portillon;

/* Answers one request; role: who asks. */
void resources_handle(struct portillon *portillon, enum role role, const struct coap_request *request,
                      struct coap_response *response);

#endif
