/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resources of the maintenance port (table in maintenance/PROTOCOL.md): answers each request
 * according to the role of the client.
 *
 * resources.c has the table and checks path, method and role. It calls a handler of resources_*.c only
 * with its own path and method and with a role that is allowed. A handler blocks as long as the part of
 * the gate that it uses; the longest is the last piece of the manifest of a list (whitelist_upload.h).
 */
#ifndef FIRMWARE_RESOURCES_RESOURCES_H
#define FIRMWARE_RESOURCES_RESOURCES_H

#include "firmware/crypto/identity.h"
#include "firmware/maintenance/coap_server.h"

struct portillon;

/* Answers one request. role is that of the client. */
void resources_handle(struct portillon *portillon, enum role role, const struct coap_request *request,
                      struct coap_response *response);

#endif
