/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/yes_no.h"

#include <stdio.h>
#include <unistd.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/person.h"
#include "tools/portillon/common/progress.h"

#define WAIT_MS 1000

bool yes_no_can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool yes_no_ask(const char *question)
{
    char line[64];
    if (!yes_no_can_ask())
        return false;
    progress_clear_line();
    for (;;) {
        fprintf(stderr, _("%s [y]es, [n]o: "), question);
        enum person_wait wait;
        do
            wait = person_wait_line(line, sizeof line, WAIT_MS);
        while (wait == PERSON_NOTHING && !interrupt_wanted());
        enum yes_no answer = wait == PERSON_LINE ? answer_words_yes_no(line) : YES_NO_NO;
        if (wait != PERSON_LINE)
            fprintf(stderr, "\n");
        if (answer != YES_NO_NEITHER)
            return answer == YES_NO_YES;
    }
}
