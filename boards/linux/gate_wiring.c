/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/gate_wiring.h"

#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"

static int wrong(char note[GPIO_LINE_NOTE_LEN], const char *name, const char *what)
{
    snprintf(note, GPIO_LINE_NOTE_LEN, "gpio.%.60s: %.240s", name, what);
    return ERR_FORMAT;
}

static size_t find(const struct gate_name *names, size_t count, const char *name)
{
    size_t i = 0;

    while (i < count && strcmp(names[i].name, name) != 0)
        i++;
    return i;
}

static bool is_taken(const struct gate_wiring_wire *wires, size_t count, const struct gpio_line *line)
{
    for (size_t i = 0; i < count; i++)
        if (wires[i].is_used && gpio_line_is_same(&wires[i].line, line))
            return true;
    return false;
}

static int check_output(const char *name, const struct gpio_line *line, char note[GPIO_LINE_NOTE_LEN])
{
    if (line->bias != GPIO_BIAS_AS_IS || line->debounce_ms != 0)
        return wrong(note, name, _("pull-up, pull-down, no-pull and debounce are for inputs"));
    return ERR_OK;
}

/* A cut wire must read as an open contact. A resistor that stays as it was is not known to do so. */
static int check_input(const struct gate_name *input, const struct gpio_line *line,
                       char note[GPIO_LINE_NOTE_LEN])
{
    enum gpio_bias open_bias = line->active_low ? GPIO_BIAS_PULL_UP : GPIO_BIAS_PULL_DOWN;

    if ((input->bit & GATE_WIRING_CLOSED_AT_REST) == 0 || line->bias == open_bias ||
        line->bias == GPIO_BIAS_NONE)
        return ERR_OK;
    if (line->bias == GPIO_BIAS_AS_IS)
        return wrong(note, input->name,
                     _("say pull-up or pull-down; no-pull if the wiring has its own resistor"));
    return wrong(
        note, input->name,
        _("a cut wire would look like a closed loop: pull-up goes with active-low, pull-down without"));
}

static int set_wire(struct gate_wiring *wiring, struct gate_wiring_wire *wire, const struct gate_name *name,
                    const char *value, char note[GPIO_LINE_NOTE_LEN])
{
    char why[GPIO_LINE_NOTE_LEN];
    struct gpio_line line;
    bool is_output = wire >= wiring->outputs && wire < wiring->outputs + GATE_OUTPUTS;

    if (wire->is_set)
        return wrong(note, name->name, _("stands in the file twice"));
    wire->is_set = true;
    if (strcmp(value, "none") == 0)
        return ERR_OK;
    if (gpio_line_parse(&line, value, why) != ERR_OK)
        return wrong(note, name->name, why);
    if (is_taken(wiring->outputs, GATE_OUTPUTS, &line) || is_taken(wiring->inputs, GATE_INPUTS, &line))
        return wrong(note, name->name, _("this line has another use already"));
    wire->is_used = true;
    wire->line = line;
    return is_output ? check_output(name->name, &line, note) : check_input(name, &line, note);
}

int gate_wiring_set(struct gate_wiring *wiring, const char *name, const char *value,
                    char note[GPIO_LINE_NOTE_LEN])
{
    size_t output = find(gate_output_names, GATE_OUTPUTS, name);
    size_t input = find(gate_input_names, GATE_INPUTS, name);

    if (output < GATE_OUTPUTS)
        return set_wire(wiring, &wiring->outputs[output], &gate_output_names[output], value, note);
    if (input < GATE_INPUTS)
        return set_wire(wiring, &wiring->inputs[input], &gate_input_names[input], value, note);
    return wrong(note, name,
                 _("no such output or input: relay green red amber buzzer rotation fire tamper button"));
}

static bool is_set(const struct gate_wiring_wire *wires, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wires[i].is_set)
            return true;
    return false;
}

bool gate_wiring_any(const struct gate_wiring *wiring)
{
    return is_set(wiring->outputs, GATE_OUTPUTS) || is_set(wiring->inputs, GATE_INPUTS);
}

const char *gate_wiring_missing(const struct gate_wiring *wiring)
{
    if (!gate_wiring_any(wiring))
        return NULL;
    if (!wiring->outputs[find(gate_output_names, GATE_OUTPUTS, "relay")].is_set)
        return "relay";
    return wiring->inputs[find(gate_input_names, GATE_INPUTS, "fire")].is_set ? NULL : "fire";
}
