/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/demo/lights.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LONG_SOUND_US 300000u /* a beep is shorter */

static const char *const names[LIGHTS_COUNT] = {"relay", "green", "red", "amber", "buzzer"};

void lights_begin(struct lights *lights)
{
    for (int i = 0; i < LIGHTS_COUNT; i++) {
        struct lights_output *output = &lights->outputs[i];
        output->was_on = output->on;
        output->rises = 0;
        output->longest_us = 0;
        output->since_us = lights->at_us;
    }
}

static void set(struct lights *lights, struct lights_output *output, bool on)
{
    if (on && !output->on) {
        output->rises++;
        output->since_us = lights->at_us;
    } else if (!on && output->on && lights->at_us - output->since_us > output->longest_us) {
        output->longest_us = lights->at_us - output->since_us;
    }
    output->on = on;
}

bool lights_take_line(struct lights *lights, const char *line)
{
    (void)sscanf(line, "outputs %" SCNu64, &lights->at_us);
    for (int i = 0; i < LIGHTS_COUNT; i++) {
        char word[16];
        snprintf(word, sizeof word, " %s=", names[i]);
        const char *at = strstr(line, word);
        if (at == NULL)
            return false;
        set(lights, &lights->outputs[i], at[strlen(word)] == '1');
    }
    return true;
}

bool lights_is_on(const struct lights *lights, enum lights_name name)
{
    return lights->outputs[name].on;
}

bool lights_are_back(const struct lights *lights)
{
    for (int i = 0; i < LIGHTS_COUNT; i++)
        if (lights->outputs[i].on != lights->outputs[i].was_on)
            return false;
    return true;
}

static void add(char text[LIGHTS_TEXT_SIZE], const char *between, const char *words)
{
    size_t len = strlen(text);
    snprintf(text + len, LIGHTS_TEXT_SIZE - len, "%s%s", len > 0 ? between : "", words);
}

static void describe_lights(const struct lights *lights, char text[LIGHTS_TEXT_SIZE])
{
    bool blinking = false;
    for (int i = LIGHTS_GREEN; i <= LIGHTS_AMBER; i++) {
        const struct lights_output *light = &lights->outputs[i];
        if (light->on || light->was_on || light->rises > 0)
            add(text, " and ", names[i]);
        blinking = blinking || light->rises > 1;
    }
    if (blinking)
        add(text, "", " blinking");
}

static void describe_sound(const struct lights *lights, char text[LIGHTS_TEXT_SIZE])
{
    const struct lights_output *buzzer = &lights->outputs[LIGHTS_BUZZER];
    unsigned sounds = buzzer->rises + buzzer->was_on;
    char beeps[24];
    snprintf(beeps, sizeof beeps, "%u beeps", sounds);
    if (sounds == 1)
        add(text, ", ", buzzer->longest_us < LONG_SOUND_US ? "short beep" : "long sound");
    else if (sounds > 1)
        add(text, ", ", beeps);
}

void lights_describe(const struct lights *lights, char text[LIGHTS_TEXT_SIZE])
{
    text[0] = '\0';
    describe_lights(lights, text);
    describe_sound(lights, text);
    if (text[0] == '\0')
        add(text, "", "nothing");
}
