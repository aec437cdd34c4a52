/* SPDX-License-Identifier: Apache-2.0 */
/* The words for the lights and the sound of a tap. The patterns are those of README.md, "What the pupil
 * sees". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tools/demo/lights.h"

static struct lights lights;

static int start(void **state)
{
    (void)state;
    lights = (struct lights){0};
    return 0;
}

/* Reports the outputs at a time in ms. which names those that are on: r relay, G green, R red, A amber, B
 * buzzer. */
static void report(unsigned ms, const char *which)
{
    char line[128];
    snprintf(line, sizeof line, "outputs %u relay=%d green=%d red=%d amber=%d buzzer=%d", ms * 1000,
             strchr(which, 'r') != NULL, strchr(which, 'G') != NULL, strchr(which, 'R') != NULL,
             strchr(which, 'A') != NULL, strchr(which, 'B') != NULL);
    assert_true(lights_take_line(&lights, line));
}

static void shows(const char *words)
{
    char text[LIGHTS_TEXT_SIZE];
    lights_describe(&lights, text);
    assert_string_equal(text, words);
}

static void a_passage_is_green_with_one_short_beep(void **state)
{
    (void)state;
    lights_begin(&lights);
    report(100, "rGB");
    assert_true(lights_is_on(&lights, LIGHTS_RELAY));
    assert_false(lights_are_back(&lights));
    report(220, "rG");
    report(900, "");
    assert_true(lights_are_back(&lights));
    shows("green, short beep");
}

static void a_known_card_is_steady_red_with_one_long_sound(void **state)
{
    (void)state;
    lights_begin(&lights);
    report(100, "RB");
    report(600, "R");
    report(1600, "");
    shows("red, long sound");
}

static void an_unknown_card_is_blinking_red_with_two_beeps(void **state)
{
    (void)state;
    lights_begin(&lights);
    for (unsigned i = 0; i < 3; i++) {
        report(100 + i * 500, i < 2 ? "RB" : "R");
        report(350 + i * 500, "");
    }
    shows("red blinking, 2 beeps");
}

static void a_gate_at_fault_is_blinking_red_and_amber_with_three_beeps(void **state)
{
    (void)state;
    lights_begin(&lights);
    for (unsigned i = 0; i < 3; i++) {
        report(100 + i * 500, "RAB");
        report(350 + i * 500, "");
    }
    shows("red and amber blinking, 3 beeps");
}

static void each_tap_is_described_by_itself(void **state)
{
    (void)state;
    lights_begin(&lights);
    report(100, "RB");
    report(350, "");
    report(600, "RB");
    report(850, "");
    lights_begin(&lights);
    shows("nothing");
    report(2000, "rGB");
    report(2120, "rG");
    shows("green, short beep");
}

static void what_was_on_before_the_tap_is_seen_too(void **state)
{
    (void)state;
    report(100, "A");
    lights_begin(&lights);
    shows("amber");
    assert_true(lights_are_back(&lights));
    report(200, "rGAB");
    report(320, "rGA");
    assert_false(lights_are_back(&lights));
    report(900, "A");
    assert_true(lights_are_back(&lights));
    shows("green and amber, short beep");
}

static void other_lines_are_left_alone(void **state)
{
    (void)state;
    assert_false(lights_take_line(&lights, "tap refused reason=expired seq=13 zone=building"));
    assert_false(lights_take_line(&lights, "state 81236790 gate=open reader=up"));
    assert_true(lights_take_line(&lights, "ok relay=0 green=0 red=0 amber=1 buzzer=0 rotation=0 fire=0"));
    assert_true(lights_is_on(&lights, LIGHTS_AMBER));
    assert_false(lights_is_on(&lights, LIGHTS_RED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_passage_is_green_with_one_short_beep, start),
        cmocka_unit_test_setup(a_known_card_is_steady_red_with_one_long_sound, start),
        cmocka_unit_test_setup(an_unknown_card_is_blinking_red_with_two_beeps, start),
        cmocka_unit_test_setup(a_gate_at_fault_is_blinking_red_and_amber_with_three_beeps, start),
        cmocka_unit_test_setup(each_tap_is_described_by_itself, start),
        cmocka_unit_test_setup(what_was_on_before_the_tap_is_seen_too, start),
        cmocka_unit_test_setup(other_lines_are_left_alone, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
