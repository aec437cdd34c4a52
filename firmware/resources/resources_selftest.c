/* SPDX-License-Identifier: Apache-2.0 */
/* /selftest */
#include "firmware/resources/resources_selftest.h"

#include "firmware/maintenance/cbor_map.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_state.h"

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof(fields)[0])

static const struct {
    const char *name;
    uint32_t output;
} outputs[] = {
    {"relay", GATE_RELAY},       {"green", GATE_LIGHT_GREEN}, {"red", GATE_LIGHT_RED},
    {"amber", GATE_LIGHT_AMBER}, {"buzzer", GATE_BUZZER},
};
static const char *const inputs[INPUTS_COUNT] = {"rotation", "fire", "tamper", "button"};

static void put_flash(CborEncoder *map, const struct selftest *selftest)
{
    bool failed = selftest->step == SELFTEST_FAILED;
    CborEncoder inner;
    cbor_map_open_map(map, "flash", &inner, 6);
    cbor_map_put_text(&inner, "step", selftest_step_name(selftest->step));
    cbor_map_put_text(&inner, "failed", failed ? selftest_step_name(selftest->failed_step) : NULL);
    cbor_map_put_text(&inner, "error", failed ? error_name(selftest->error) : NULL);
    cbor_map_put_uint(&inner, "erase_us", selftest->erase_us);
    cbor_map_put_uint(&inner, "write_us", selftest->write_us);
    cbor_map_put_uint(&inner, "read_us", selftest->read_us);
    cbor_map_close(map, &inner);
}

static void put_rtc(CborEncoder *map, const struct timer *timer)
{
    uint32_t utc_s;
    if (timer->rtc_read(timer->ctx, &utc_s) == ERR_OK)
        cbor_map_put_uint(map, "rtc", utc_s);
    else
        cbor_map_put_null(map, "rtc");
}

static void put_chip(CborEncoder *map, const struct portillon_hardware *hardware)
{
    struct chip_report report = {.readout = CHIP_READOUT_UNKNOWN};
    CborEncoder inner;
    if (hardware->chip == NULL) {
        cbor_map_put_null(map, "chip");
        return;
    }
    hardware->chip(&report);
    cbor_map_open_map(map, "chip", &inner, 5);
    cbor_map_put_text(&inner, "readout_protection", chip_readout_name(report.readout));
    cbor_map_put_uint(&inner, "brown_out_mv", report.brown_out_mv);
    cbor_map_put_uint(&inner, "brown_out_needed_mv", report.brown_out_needed_mv);
    cbor_map_put_text(&inner, "rtc_source", report.rtc_source);
    cbor_map_put_bool(&inner, "rtc_outlives_power", report.rtc_outlives_power);
    cbor_map_close(map, &inner);
}

static void put_output(CborEncoder *map, const struct selftest *selftest)
{
    const char *name = NULL;
    for (size_t i = 0; i < FIELD_COUNT(outputs); i++)
        if (outputs[i].output == selftest->output)
            name = outputs[i].name;
    cbor_map_put_text(map, "output", name);
}

static void put_inputs(CborEncoder *map, const struct portillon *portillon)
{
    CborEncoder inner, input;
    cbor_map_open_map(map, "inputs", &inner, INPUTS_COUNT);
    for (int i = 0; i < INPUTS_COUNT; i++) {
        cbor_map_open_map(&inner, inputs[i], &input, 2);
        cbor_map_put_bool(&input, "active", portillon->inputs >> i & 1);
        cbor_map_put_uint(&input, "rises", portillon->selftest.input_rises[i]);
        cbor_map_close(&inner, &input);
    }
    cbor_map_close(map, &inner);
}

void resource_get_selftest(const struct resource_call *call)
{
    const struct portillon *portillon = call->portillon;
    const struct timer *timer = portillon->hardware->timer;
    CborEncoder top, map;
    cbor_encoder_init(&top, call->response->body, COAP_SERVER_BODY_MAX, 0);
    (void)cbor_encoder_create_map(&top, &map, 8);
    cbor_map_put_uint(&map, "timer_ms", (uint32_t)(timer->monotonic_us(timer->ctx) / 1000));
    put_rtc(&map, timer);
    cbor_map_put_text(&map, "reader", portillon->reader_text);
    cbor_map_put_bool(&map, "reader_up", portillon->reader_up);
    put_flash(&map, &portillon->selftest);
    put_output(&map, &portillon->selftest);
    put_inputs(&map, portillon);
    put_chip(&map, portillon->hardware);
    cbor_map_close(&top, &map);
    resource_finish_cbor(call, cbor_map_written(&top, call->response->body));
}

void resource_post_selftest(const struct resource_call *call)
{
    bool flash = false, wanted[FIELD_COUNT(outputs)] = {false};
    struct cbor_field fields[FIELD_COUNT(outputs) + 1];
    uint32_t output = 0;
    int asked = 0;
    for (size_t i = 0; i < FIELD_COUNT(outputs); i++)
        fields[i] = (struct cbor_field){.key = outputs[i].name, .flag = &wanted[i]};
    fields[FIELD_COUNT(outputs)] = (struct cbor_field){.key = "flash", .flag = &flash};
    int result = resource_read_payload(call, fields, FIELD_COUNT(fields));
    for (size_t i = 0; i < FIELD_COUNT(outputs); i++) {
        output |= wanted[i] ? outputs[i].output : 0;
        asked += wanted[i];
    }
    if (result == ERR_OK && asked + flash != 1)
        result = ERR_ARGUMENT; /* one test at a time, because a person watches it */
    if (result == ERR_OK)
        result = flash ? portillon_test_flash(call->portillon)
                       : portillon_test_output(call->portillon, output, call->role);
    resource_finish(call, result);
}
