/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the configuration file of portillond: no crash, each setting has a name and a value within the
 * text, lines are counted upwards, an error says something, and GPIO lines are safe when they are taken.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "boards/linux/config_file.h"
#include "boards/linux/gate_wiring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static bool may_look_closed(const struct gpio_line *line)
{
    return line->bias == GPIO_BIAS_AS_IS ||
           line->bias == (line->active_low ? GPIO_BIAS_PULL_DOWN : GPIO_BIAS_PULL_UP);
}

/* Every line that is taken has one place, and no cut wire of a loop may look closed. */
static void check_wire(struct gate_wiring *lines, const char *name, const char *value)
{
    char note[GPIO_LINE_NOTE_LEN] = "";

    if (gate_wiring_set(lines, name, value, note) != ERR_OK) {
        demand(note[0] != '\0');
        memset(lines, 0, sizeof(*lines)); /* the program ends there */
    }
    for (size_t i = 0; i < GATE_INPUTS; i++) {
        const struct gate_wiring_wire *input = &lines->inputs[i];
        bool loop = (gate_input_names[i].bit & GATE_WIRING_CLOSED_AT_REST) != 0;
        demand(!input->is_used || ((input->line.chip[0] != '\0') != (input->line.name[0] != '\0')));
        demand(!input->is_used || input->line.debounce_ms <= GPIO_LINE_DEBOUNCE_MAX_MS);
        demand(!input->is_used || !loop || !may_look_closed(&input->line));
    }
}

static void check_setting(const struct config_setting *setting, char *text, size_t size)
{
    demand(setting->name >= text && setting->name < text + size && setting->name[0] != '\0');
    demand(setting->value > setting->name && setting->value < text + size && setting->value[0] != '\0');
    demand(strpbrk(setting->name, " \t\n\"=#") == NULL && strchr(setting->value, '\n') == NULL);
    const char *bare = config_file_unquote(setting->value);
    demand(bare == NULL || (bare[0] != '\0' && strchr(bare, '"') == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), note[CONFIG_FILE_NOTE_LEN];
    struct gate_wiring lines = {0};
    struct config_setting setting;
    struct config_file file;
    unsigned line = 0;
    int got;

    demand(text != NULL);
    memcpy(text, data, size);
    config_file_start(&file, text, size);
    while (note[0] = '\0', (got = config_file_next(&file, &setting, note)) != 0) {
        demand(file.line > line && (got == 1 || note[0] != '\0'));
        line = file.line;
        if (got == 1 && strncmp(setting.name, "gpio.", 5) == 0)
            check_wire(&lines, setting.name + 5, setting.value);
        if (got == 1)
            check_setting(&setting, text, size);
    }
    free(text);
    return 0;
}
