/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_wait.h"

static uint64_t now_us(const struct portillon *portillon)
{
    const struct timer *timer = portillon->hardware->timer;
    return timer->monotonic_us(timer->ctx);
}

void portillon_allow_waits(struct portillon *portillon, uint64_t us)
{
    portillon->wait_until_us = now_us(portillon) + us;
}

/* Opens the gate when the fire input becomes active. It stays open until the loop runs. */
static void watch_fire(struct portillon *portillon)
{
    const struct gate_io *gate_io = portillon->hardware->gate_io;
    uint64_t now = now_us(portillon);
    uint32_t inputs = inputs_settle(&portillon->wires, gate_io->get_inputs(gate_io->ctx), now);
    if (!(inputs & GATE_FIRE) || portillon->gate.state == GATE_RELEASED)
        return;
    portillon->inputs |= GATE_FIRE;
    gate_enter(&portillon->gate, GATE_RELEASED, now);
    portillon->outputs = gate_outputs(&portillon->gate, now, &portillon->settings);
    gate_io->set_outputs(gate_io->ctx, portillon->outputs);
}

void portillon_stay_alive(struct portillon *portillon)
{
    if (portillon->is_started)
        return;
    if (portillon->hardware->feed_watchdog != NULL)
        portillon->hardware->feed_watchdog();
    watch_fire(portillon);
}

bool portillon_may_wait(struct portillon *portillon)
{
    portillon_stay_alive(portillon);
    return now_us(portillon) < portillon->wait_until_us;
}
