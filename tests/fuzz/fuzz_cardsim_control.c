/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as commands, one a line, and then the same text as a cards file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cardsim/control.h"

static struct cardsim_field field;
static struct cardsim_chip chip;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[8192], answer[CARDSIM_ANSWER_MAX];
    char problem[CARDSIM_PROBLEM_MAX], line[CARDSIM_LINE_MAX];
    struct cardsim_control control = {.field = &field, .chip = &chip};
    if (size >= sizeof text)
        return 0;
    field.count = 0;
    field.random_state = 1;
    cardsim_chip_init(&chip, &field);
    memcpy(text, data, size);
    text[size] = '\0';
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, "\n");
        size_t kept = len < sizeof line - 1 ? len : sizeof line - 1;
        memcpy(line, at, kept);
        line[kept] = '\0';
        cardsim_control_run(&control, line, 1000, answer);
        size_t answer_len = strlen(answer);
        if (answer_len == 0 || strchr(answer, '\n') != answer + answer_len - 1)
            abort();
        at += len + (at[len] == '\n');
    }
    field.count = 0;
    (void)cardsim_control_load(&field, text, problem);
    return 0;
}
