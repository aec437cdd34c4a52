/* SPDX-License-Identifier: Apache-2.0 */
/* /profiles, /open */
#include "firmware/resources/resources_access.h"

#include "firmware/maintenance/cbor_map.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_state.h"

void resource_get_profiles(const struct resource_call *call)
{
    const struct portillon *portillon = call->portillon;
    const struct whitelist_tables *tables = whitelist_active_tables(&portillon->whitelist);
    CborEncoder top, map;
    if (whitelist_active(&portillon->whitelist) == NULL) {
        resource_finish(call, ERR_NO_LIST);
        return;
    }
    cbor_encoder_init(&top, call->response->body, COAP_SERVER_BODY_MAX, 0);
    (void)cbor_encoder_create_map(&top, &map, tables->profile_count);
    for (uint32_t i = 0; i < tables->profile_count; i++)
        cbor_map_put_bool(&map, tables->profiles[i].name, !(portillon->rights.profiles_off >> i & 1));
    cbor_map_close(&top, &map);
    resource_finish_cbor(call, cbor_map_written(&top, call->response->body));
}

void resource_put_profiles(const struct resource_call *call)
{
    const struct whitelist_tables *tables = whitelist_active_tables(&call->portillon->whitelist);
    struct cbor_field fields[WHITELIST_PROFILES_MAX];
    bool on[WHITELIST_PROFILES_MAX];
    uint32_t bits = 0;
    if (whitelist_active(&call->portillon->whitelist) == NULL) {
        resource_finish(call, ERR_NO_LIST);
        return;
    }
    for (uint32_t i = 0; i < tables->profile_count; i++) {
        on[i] = !(call->portillon->rights.profiles_off >> i & 1);
        fields[i] = (struct cbor_field){.key = tables->profiles[i].name, .flag = &on[i]};
    }
    int result = resource_read_payload(call, fields, tables->profile_count);
    for (uint32_t i = 0; i < tables->profile_count; i++)
        bits |= (uint32_t)on[i] << i;
    if (result == ERR_OK)
        result = portillon_turn_profiles(call->portillon, bits, call->role);
    resource_finish(call, result);
}

/* The response reports the state of the gate after the opening, because the client may not see the gate. */
void resource_post_open(const struct resource_call *call)
{
    const struct gate *gate = &call->portillon->gate;
    CborEncoder top, map;
    int result = portillon_open(call->portillon, JOURNAL_OPENED_BY_TECHNICIAN);
    if (result != ERR_OK) {
        resource_finish(call, result);
        return;
    }
    uint8_t place = gate->queue_count; /* 0: released */
    cbor_encoder_init(&top, call->response->body, COAP_SERVER_BODY_MAX, 0);
    (void)cbor_encoder_create_map(&top, &map, 3);
    cbor_map_put_text(&map, "state", gate_state_name(gate->state));
    cbor_map_put_uint(&map, "seq", place > 0 ? gate->queue[place - 1] : 0);
    cbor_map_put_uint(&map, "ahead", place > 0 ? place - 1U : 0);
    cbor_map_close(&top, &map);
    resource_finish_cbor(call, cbor_map_written(&top, call->response->body));
    call->response->code = COAP_CHANGED;
}
