/* SPDX-License-Identifier: Apache-2.0 */
/* /board */
#include "firmware/resources/resources_board.h"

#include "firmware/base/version.h"
#include "firmware/maintenance/cbor_map.h"
#include "firmware/portillon_state.h"

/* Writes the address where the chip last failed to erase or program. */
static void put_worn(CborEncoder *map, uint32_t addr)
{
    if (addr == WHITELIST_NOT_WORN)
        cbor_map_put_null(map, "worn");
    else
        cbor_map_put_uint(map, "worn", addr);
}

static const char *reset_word(enum reset_cause cause)
{
    switch (cause) {
    case RESET_POWER:
        return "power";
    case RESET_WATCHDOG:
        return "watchdog";
    case RESET_FAULT:
        return "fault";
    case RESET_PANIC:
        return "panic";
    case RESET_REQUEST:
        return "request";
    }
    return NULL;
}

static void put_reset(CborEncoder *map, const struct reset_report *reset)
{
    CborEncoder inner;
    if (reset == NULL) {
        cbor_map_put_null(map, "reset");
        return;
    }
    cbor_map_open_map(map, "reset", &inner, 3);
    cbor_map_put_text(&inner, "cause", reset_word(reset->cause));
    cbor_map_put_uint(&inner, "pc", reset->program_counter);
    cbor_map_put_uint(&inner, "fault", reset->fault_status);
    cbor_map_close(map, &inner);
}

static void put_stack(CborEncoder *map, const struct portillon_hardware *hardware)
{
    uint32_t used, size;
    CborEncoder inner;
    if (hardware->stack_usage == NULL) {
        cbor_map_put_null(map, "stack");
        return;
    }
    hardware->stack_usage(&used, &size);
    cbor_map_open_map(map, "stack", &inner, 2);
    cbor_map_put_uint(&inner, "used", used);
    cbor_map_put_uint(&inner, "size", size);
    cbor_map_close(map, &inner);
}

/* Writes a text; null if it is "". */
static void put_optional_text(CborEncoder *map, const char *key, const char *(*tell)(void))
{
    const char *text = tell != NULL ? tell() : "";
    cbor_map_put_text(map, key, text[0] != '\0' ? text : NULL);
}

static void put_flash(CborEncoder *map, const struct portillon *portillon)
{
    const struct portillon_hardware *hardware = portillon->hardware;
    const struct flash_geometry *geometry = hardware->flash->geometry;
    CborEncoder inner;
    cbor_map_open_map(map, "flash", &inner, 5);
    put_optional_text(&inner, "name", hardware->flash_name);
    cbor_map_put_uint(&inner, "size", geometry->size);
    cbor_map_put_uint(&inner, "sector", geometry->size > 0 ? geometry->sector_size : 0);
    put_optional_text(&inner, "problem", hardware->flash_problem);
    put_worn(&inner, portillon->storage_ok ? whitelist_worn_addr(&portillon->whitelist) : WHITELIST_NOT_WORN);
    cbor_map_close(map, &inner);
}

static void put_readout(CborEncoder *map, const struct portillon_hardware *hardware)
{
    struct chip_report report = {.readout = CHIP_READOUT_UNKNOWN};
    if (hardware->chip != NULL)
        hardware->chip(&report);
    cbor_map_put_text(map, "readout_protection",
                      hardware->chip != NULL ? chip_readout_name(report.readout) : NULL);
}

void resource_get_board(const struct resource_call *call)
{
    const struct portillon *portillon = call->portillon;
    CborEncoder top, map;
    cbor_encoder_init(&top, call->response->body, COAP_SERVER_BODY_MAX, 0);
    (void)cbor_encoder_create_map(&top, &map, 7);
    cbor_map_put_text(&map, "libs", portillon_libraries);
    cbor_map_put_text(&map, "sources", portillon_sources);
    cbor_map_put_text(&map, "anchor", anchor_state_name(portillon->anchor.state));
    put_stack(&map, portillon->hardware);
    put_reset(&map, portillon->hardware->reset);
    put_flash(&map, portillon);
    put_readout(&map, portillon->hardware);
    cbor_map_close(&top, &map);
    resource_finish_cbor(call, cbor_map_written(&top, call->response->body));
}
