/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t wanted;
static void (*volatile wake_up)(void *ctx);
static void *volatile wake_up_ctx;

static void on_signal(int signal_number)
{
    (void)signal_number;
    wanted = 1;
    if (wake_up != NULL)
        wake_up(wake_up_ctx);
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

bool interrupt_wanted(void)
{
    return wanted != 0;
}

void interrupt_on(void (*wake)(void *ctx), void *ctx)
{
    wake_up = NULL;
    wake_up_ctx = ctx;
    wake_up = wake;
}
