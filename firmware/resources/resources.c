/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/resources/resources.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "firmware/portillon_state.h"
#include "firmware/resources/resource_call.h"
#include "firmware/resources/resources_access.h"
#include "firmware/resources/resources_board.h"
#include "firmware/resources/resources_meals.h"
#include "firmware/resources/resources_passages.h"
#include "firmware/resources/resources_selftest.h"
#include "firmware/resources/resources_status.h"
#include "firmware/resources/resources_whitelist.h"

struct resource {
    const char *path;
    enum coap_code method;
    enum role least;    /* lowest role allowed; ROLE_MAINTENANCE: any role with a key */
    bool needs_storage; /* refused without storage, which holds journal and list */
    int takes;          /* content format of the payload; COAP_FORMAT_NONE: it has none */
    void (*handle)(const struct resource_call *call);
};

static void get_core(const struct resource_call *call);

static const struct resource resources[] = {
    {".well-known/core", COAP_GET, ROLE_MAINTENANCE, false, COAP_FORMAT_NONE, get_core},
    {"status", COAP_GET, ROLE_MAINTENANCE, false, COAP_FORMAT_NONE, resource_get_status},
    {"board", COAP_GET, ROLE_MAINTENANCE, false, COAP_FORMAT_NONE, resource_get_board},
    {"time", COAP_GET, ROLE_MAINTENANCE, false, COAP_FORMAT_NONE, resource_get_time},
    {"time", COAP_PUT, ROLE_MAINTENANCE, false, COAP_FORMAT_CBOR, resource_put_time},
    {"whitelist", COAP_GET, ROLE_MAINTENANCE, true, COAP_FORMAT_NONE, resource_get_whitelist},
    {"whitelist/head", COAP_PUT, ROLE_MAINTENANCE, true, COAP_FORMAT_OCTETS, resource_put_head},
    {"whitelist/wanted", COAP_GET, ROLE_MAINTENANCE, true, COAP_FORMAT_NONE, resource_get_wanted},
    {"whitelist/block", COAP_PUT, ROLE_MAINTENANCE, true, COAP_FORMAT_OCTETS, resource_put_block},
    {"whitelist/patch/head", COAP_PUT, ROLE_MAINTENANCE, true, COAP_FORMAT_OCTETS, resource_put_head_patch},
    {"whitelist/patch/blocks", COAP_PUT, ROLE_MAINTENANCE, true, COAP_FORMAT_OCTETS,
     resource_put_block_patches},
    {"passages", COAP_GET, ROLE_MAINTENANCE, true, COAP_FORMAT_NONE, resource_get_passages},
    {"passages/ack", COAP_POST, ROLE_MAINTENANCE, true, COAP_FORMAT_CBOR, resource_post_ack},
    {"meals", COAP_POST, ROLE_MAINTENANCE, true, COAP_FORMAT_CBOR, resource_post_meals},
    {"settings", COAP_GET, ROLE_TECHNICIAN, false, COAP_FORMAT_NONE, resource_get_settings},
    {"settings", COAP_PUT, ROLE_TECHNICIAN, false, COAP_FORMAT_CBOR, resource_put_settings},
    {"profiles", COAP_GET, ROLE_TECHNICIAN, true, COAP_FORMAT_NONE, resource_get_profiles},
    {"profiles", COAP_PUT, ROLE_TECHNICIAN, true, COAP_FORMAT_CBOR, resource_put_profiles},
    {"open", COAP_POST, ROLE_TECHNICIAN, true, COAP_FORMAT_NONE, resource_post_open},
    {"selftest", COAP_GET, ROLE_TECHNICIAN, false, COAP_FORMAT_NONE, resource_get_selftest},
    {"selftest", COAP_POST, ROLE_TECHNICIAN, true, COAP_FORMAT_CBOR, resource_post_selftest},
};
#define RESOURCE_COUNT (sizeof resources / sizeof resources[0])

/* RFC 6690; ct is the content format that GET returns or PUT accepts. */
static const char core_links[] =
    "</status>;ct=60,</board>;ct=60,</time>;ct=60,</whitelist>;ct=60,</whitelist/head>;ct=42,"
    "</whitelist/wanted>;ct=60,</whitelist/block>;ct=42,</whitelist/patch/head>;ct=42,"
    "</whitelist/patch/blocks>;ct=42,</passages>;ct=60,"
    "</passages/ack>;ct=60,</meals>;ct=60,</settings>;ct=60,</profiles>;ct=60,</open>,"
    "</selftest>;ct=60";

static void get_core(const struct resource_call *call)
{
    static_assert(sizeof core_links - 1 <= COAP_SERVER_BODY_MAX, "the links fit one body");
    struct coap_response *response = call->response;
    response->body_len = sizeof core_links - 1;
    memcpy(response->body, core_links, response->body_len);
    response->content_format = COAP_FORMAT_LINK;
    response->code = COAP_CONTENT;
}

/* Finds the requested resource. Returns its entry, or NULL and the reason in *code. */
static const struct resource *find(const struct coap_message *message, enum coap_code *code)
{
    *code = COAP_NOT_FOUND;
    for (size_t i = 0; i < RESOURCE_COUNT; i++) {
        if (!coap_path_is(message, resources[i].path))
            continue;
        if (resources[i].method == message->code)
            return &resources[i];
        *code = COAP_METHOD_NOT_ALLOWED;
    }
    return NULL;
}

void resources_handle(struct portillon *portillon, enum role role, const struct coap_request *request,
                      struct coap_response *response)
{
    enum coap_code code;
    const struct resource *resource = find(request->message, &code);
    bool format_fits = resource == NULL || request->content_format == COAP_FORMAT_NONE ||
                       resource->takes == COAP_FORMAT_NONE || request->content_format == resource->takes;
    if (resource == NULL)
        resource_respond(response, code,
                         code == COAP_NOT_FOUND ? error_name(ERR_NOT_FOUND) : MAINTENANCE_METHOD_NOT_ALLOWED);
    else if (role < resource->least)
        resource_respond(response, COAP_FORBIDDEN, error_name(ERR_FORBIDDEN));
    else if (!format_fits)
        resource_respond(response, COAP_UNSUPPORTED_FORMAT, error_name(ERR_UNSUPPORTED));
    else if (resource->needs_storage && !portillon->storage_ok)
        resource_respond(response, COAP_UNAVAILABLE, resource_storage_word(portillon));
    else
        resource->handle(&(struct resource_call){portillon, role, request, response});
}
