/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/gate_gpio.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"

/* ---- outputs ---- */

/* Drives an output, unless it is driven like that already. */
static void drive(struct gate_gpio_wire *output, bool on)
{
    if (output->line == NULL || (output->is_known && output->on == on))
        return;
    output->on = on;
    output->is_known = gpio_wire_write(&output->wire, on) == ERR_OK;
    output->error = output->is_known ? 0 : errno;
}

static void set_outputs(void *ctx, uint32_t outputs)
{
    struct gate_gpio *gpio = ctx;

    for (size_t i = 0; i < GATE_OUTPUTS; i++)
        drive(&gpio->outputs[i], (outputs & gate_output_names[i].bit) != 0);
}

/* ---- inputs ---- */

static void settle(struct gate_gpio_wire *input, bool closed, uint64_t now_us)
{
    if (closed != input->level)
        input->since_us = now_us;
    input->level = closed;
    if (!input->is_known || now_us - input->since_us >= UINT64_C(1000) * input->line->debounce_ms)
        input->on = closed;
    input->is_known = true;
}

static void read_input(struct gate_gpio_wire *input, uint64_t now_us)
{
    bool closed = false;

    input->error = gpio_wire_read(&input->wire, &closed) == ERR_OK ? 0 : errno;
    settle(input, closed && input->error == 0, now_us);
}

static uint32_t get_inputs(void *ctx)
{
    struct gate_gpio *gpio = ctx;
    uint64_t now_us = gpio->timer->monotonic_us(gpio->timer->ctx);
    uint32_t active = 0;

    for (size_t i = 0; i < GATE_OUTPUTS; i++)
        drive(&gpio->outputs[i], gpio->outputs[i].on);
    for (size_t i = 0; i < GATE_INPUTS; i++) {
        uint32_t bit = gate_input_names[i].bit;
        if (gpio->inputs[i].line == NULL)
            continue;
        read_input(&gpio->inputs[i], now_us);
        if (gpio->inputs[i].on != ((bit & GATE_WIRING_CLOSED_AT_REST) != 0))
            active |= bit;
    }
    return active;
}

/* ---- lines ---- */

void gate_gpio_init(struct gate_gpio *gpio)
{
    *gpio = (struct gate_gpio){.io = {.set_outputs = set_outputs, .get_inputs = get_inputs, .ctx = gpio}};
    for (size_t i = 0; i < GATE_OUTPUTS; i++)
        gpio->outputs[i].name = &gate_output_names[i];
    for (size_t i = 0; i < GATE_INPUTS; i++)
        gpio->inputs[i].name = &gate_input_names[i];
}

static void say_error(const struct gate_gpio_wire *wire, const char *what, int error,
                      char note[GATE_GPIO_NOTE_LEN])
{
    char place[GPIO_LINE_NAME_LEN + 8];

    gpio_line_print(wire->line, place);
    snprintf(note, GATE_GPIO_NOTE_LEN, "gpio.%s: %s: %s%s%s", wire->name->name, place, what,
             error != 0 ? _(": ") : "", error != 0 ? translate_errno(error) : "");
}

static int open_wires(struct gate_gpio_wire *wires, const struct gate_wiring_wire *lines, size_t count,
                      bool are_outputs, char note[GATE_GPIO_NOTE_LEN])
{
    for (size_t i = 0; i < count; i++) {
        if (!lines[i].is_used)
            continue;
        wires[i].line = &lines[i].line;
        if (gpio_wire_open(&wires[i].wire, wires[i].line, are_outputs) != ERR_OK) {
            say_error(&wires[i], _("cannot use this line"), errno, note);
            wires[i].line = NULL;
            return ERR_IO;
        }
        wires[i].is_known = are_outputs; /* as off */
    }
    return ERR_OK;
}

int gate_gpio_open(struct gate_gpio *gpio, const struct gate_wiring *wiring, const struct timer *timer,
                   char note[GATE_GPIO_NOTE_LEN])
{
    gate_gpio_init(gpio);
    gpio->timer = timer;
    int error = open_wires(gpio->outputs, wiring->outputs, GATE_OUTPUTS, true, note);
    if (error == ERR_OK)
        error = open_wires(gpio->inputs, wiring->inputs, GATE_INPUTS, false, note);
    if (error != ERR_OK)
        gate_gpio_close(gpio);
    return error;
}

/* ---- failures ---- */

static bool tell(struct gate_gpio_wire *wire, bool is_output, char note[GATE_GPIO_NOTE_LEN])
{
    bool fails = wire->error != 0;

    if (fails == wire->error_told)
        return false;
    wire->error_told = fails;
    if (!fails)
        say_error(wire, _("works again"), 0, note);
    else
        say_error(wire, is_output ? _("cannot be driven") : _("cannot be read, counts as an open contact"),
                  wire->error, note);
    return true;
}

bool gate_gpio_tell(struct gate_gpio *gpio, char note[GATE_GPIO_NOTE_LEN])
{
    for (size_t i = 0; i < GATE_OUTPUTS; i++)
        if (tell(&gpio->outputs[i], true, note))
            return true;
    for (size_t i = 0; i < GATE_INPUTS; i++)
        if (tell(&gpio->inputs[i], false, note))
            return true;
    return false;
}

void gate_gpio_close(struct gate_gpio *gpio)
{
    set_outputs(gpio, 0);
    for (size_t i = 0; i < GATE_OUTPUTS; i++)
        gpio_wire_close(&gpio->outputs[i].wire);
    for (size_t i = 0; i < GATE_INPUTS; i++)
        gpio_wire_close(&gpio->inputs[i].wire);
    gate_gpio_init(gpio);
}
