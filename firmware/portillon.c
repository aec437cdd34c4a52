/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon.h"

#include <string.h>

#include "firmware/base/version.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"
#include "firmware/portillon_owner.h"
#include "firmware/portillon_proof.h"
#include "firmware/portillon_storage.h"
#include "firmware/portillon_taps.h"
#include "firmware/portillon_wait.h"
#include "firmware/resources/resources.h"

/* ---- start ---- */

/* The gate starts before the storage, which may take seconds, because the fire input must work at once. */
static void start_gate(struct portillon *portillon)
{
    portillon->inputs = portillon_read_inputs(portillon) & GATE_FIRE;
    portillon->gate.faulty = true; /* until the first report of the reader */
    gate_enter(&portillon->gate, portillon->inputs ? GATE_RELEASED : GATE_OUT_OF_ORDER,
               portillon_now_us(portillon));
    portillon_drive_outputs(portillon);
}

static void handle_request(void *ctx, const struct coap_request *request, struct coap_response *response)
{
    struct portillon *portillon = ctx;
    resources_handle(portillon, maintenance_role(&portillon->maintenance), request, response);
}

static size_t append(char *line, size_t len, size_t size, const char *text)
{
    size_t text_len = strlen(text), room = size - len;
    memcpy(line + len, text, text_len < room ? text_len : room);
    return len + (text_len < room ? text_len : room);
}

static size_t write_banner(void *ctx, char *line, size_t size)
{
    const struct portillon *portillon = ctx;
    size_t len = append(line, 0, size, "\r\nPortillon ");
    len = append(line, len, size, portillon_version);
    len = append(line, len, size, ", ");
    len = append(line, len, size, portillon->identity->name);
    len = append(line, len, size, ": ");
    len = append(line, len, size, gate_state_name(portillon->gate.state));
    return append(line, len, size, "\r\n");
}

static int start_maintenance(struct portillon *portillon)
{
    const struct portillon_hardware *hardware = portillon->hardware;
    const struct coap_handler handler = {.handle = handle_request, .ctx = portillon};
    return maintenance_init(&portillon->maintenance, hardware->maintenance, hardware->timer,
                            portillon->identity, &handler, write_banner);
}

int portillon_init(struct portillon *portillon, const struct portillon_hardware *hardware,
                   const struct identity *identity)
{
    memset(portillon, 0, sizeof *portillon);
    portillon->hardware = hardware;
    portillon->identity = identity;
    crypto_hmac_key_init(&portillon->tag_key, identity->tag_key, sizeof identity->tag_key);
    portillon_init_proof(portillon);
    seed_entropy_init(&portillon->seed_entropy, identity, hardware->timer, hardware->entropy);
    int result = crypto_init(&portillon->seed_entropy.entropy, portillon->pool, sizeof portillon->pool);
    if (result != ERR_OK)
        return result;
    clock_init(&portillon->clock, hardware->timer);
    portillon->started_us = portillon->scrubbed_us = portillon->upload_moved_us = portillon_now_us(portillon);
    start_gate(portillon);
    portillon_start_noise(portillon);
    portillon_allow_waits(portillon, PORTILLON_START_WAIT_US);
    portillon_start_storage(portillon);
    portillon_start_rights(portillon);
    const uint32_t starts[] = {portillon->boot_count, journal_head_seq(&portillon->journal)};
    result = crypto_stir(starts, sizeof starts);
    if (result != ERR_OK)
        return result;
    if (portillon->inputs & GATE_FIRE)
        portillon_log_event(portillon, JOURNAL_EVENT_FIRE_START, 0);
    portillon->is_started = true;
    return start_maintenance(portillon);
}

/* ---- inputs ---- */

static void note_level(struct portillon *portillon, uint32_t inputs, uint32_t input, enum journal_event on,
                       enum journal_event off)
{
    if ((inputs ^ portillon->inputs) & input)
        portillon_log_event(portillon, (uint8_t)(inputs & input ? on : off), 0);
}

/* Handles the release button. As for a card, the gate opens only if the opening can be logged; only the
 * fire input opens it without a record. If logging fails, the gate shows and sounds a fault. If the
 * queue is full, the gate is already opening and nothing more is done. */
static void press_button(struct portillon *portillon)
{
    int result = portillon_open(portillon, JOURNAL_OPENED_BY_BUTTON);
    if (result == ERR_OK || portillon->gate.queue_count == GATE_QUEUE_MAX)
        return;
    gate_refuse(&portillon->gate, REASON_JOURNAL_FAILED, portillon_now_us(portillon));
    portillon_drive_outputs(portillon);
}

static void watch_inputs(struct portillon *portillon)
{
    uint32_t inputs = portillon_read_inputs(portillon);
    uint32_t risen = inputs & ~portillon->inputs, fallen = portillon->inputs & ~inputs;
    selftest_count_rises(&portillon->selftest, risen);
    enum gate_event event = GATE_EVENT_NONE;
    if (risen & GATE_FIRE)
        event = GATE_EVENT_FIRE_START;
    else if (fallen & GATE_FIRE)
        event = GATE_EVENT_FIRE_END;
    else if (risen & GATE_ROTATION)
        event = GATE_EVENT_ROTATION;
    if (risen & GATE_ROTATION)
        portillon_note_rotation(portillon);
    portillon->gate.tampered = inputs & GATE_TAMPER;
    portillon_run_gate(portillon, event);
    if (risen & GATE_BUTTON)
        press_button(portillon);
    note_level(portillon, inputs, GATE_FIRE, JOURNAL_EVENT_FIRE_START, JOURNAL_EVENT_FIRE_END);
    note_level(portillon, inputs, GATE_TAMPER, JOURNAL_EVENT_TAMPER_START, JOURNAL_EVENT_TAMPER_END);
    portillon->inputs = inputs;
}

/* ---- the loop ---- */

/* Does a piece of the work that is not urgent. While the port has some, the port and the storage take
 * turns, so that a card waits for one piece and not for two: what a request starts begins a turn later. */
static int serve_rest(struct portillon *portillon)
{
    bool shared = portillon->port_busy;
    bool is_ports = portillon->ports_turn = !portillon->ports_turn;
    if (!shared || is_ports)
        portillon->port_busy = maintenance_poll(&portillon->maintenance) == ERR_BUSY;
    if (!shared || !is_ports)
        portillon->storage_busy = portillon_serve_storage(portillon) == ERR_BUSY;
    return portillon->port_busy || portillon->storage_busy ? ERR_BUSY : ERR_OK;
}

int portillon_poll(struct portillon *portillon)
{
    portillon_allow_waits(portillon, PORTILLON_TURN_WAIT_US);
    bool tapped = portillon_serve_reader(portillon);
    watch_inputs(portillon);
    int rest = serve_rest(portillon);
    return tapped ? ERR_BUSY : rest;
}

/* ---- for the board ---- */

bool portillon_takes_cards(const struct portillon *portillon)
{
    return portillon->gate.queue_count < GATE_QUEUE_MAX;
}

struct portillon_summary portillon_summary(const struct portillon *portillon)
{
    return (struct portillon_summary){
        .state = gate_state_name(portillon->gate.state),
        .list = portillon->storage_ok ? whitelist_active(&portillon->whitelist) : NULL,
        .reader_text = portillon->reader_text,
        .reader_up = portillon->reader_up,
        .storage_ok = portillon->storage_ok,
        .chip_owner = portillon_has_other_owner(portillon) ? portillon->owner.device_id : NULL,
        .list_rolled_back = portillon->storage_ok && whitelist_is_rolled_back(&portillon->whitelist),
        .clock = portillon->clock.quality,
        .boot_count = portillon->boot_count,
    };
}
