/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries the hardware of a gate with the person in front of it: the reader with a card, the hardware clock,
 * the maintenance port, each output, each input. What is found is printed. A trial blocks until it has an
 * answer or its time is over.
 */
#ifndef BOARDS_LINUX_SETUP_SETUP_TRIAL_H
#define BOARDS_LINUX_SETUP_SETUP_TRIAL_H

#include "boards/linux/options.h"
#include "boards/linux/setup/setup_ask.h"

enum setup_trial { SETUP_WORKS, SETUP_FAILS, SETUP_TRIAL_STOPPED };

/* Waits until the reader answers and has read a card, each for at most limit_s. Of the card its length and
 * last byte are printed, and no more. */
enum setup_trial setup_trial_reader(const struct options *options, unsigned limit_s);

/* Prints what libnfc finds without being told where. Waits for at most 3 seconds. Returns true if it finds a
 * reader. */
bool setup_trial_find_reader(const struct options *options);

/* Reads the hardware clock. One that lost its time works. */
enum setup_trial setup_trial_clock(const char *device);

/* Opens the serial port. */
enum setup_trial setup_trial_port(const char *device, unsigned baud);

/* Switches each output on and asks whether it is. The relay is the last. All are tried, also after a
 * failure. */
enum setup_trial setup_trial_outputs(struct setup_ask *ask, const struct gate_wiring *wiring);

/* Looks whether all inputs are at rest. If they are, waits for each of them to change and to change back,
 * each time for at most limit_s. */
enum setup_trial setup_trial_inputs(const struct gate_wiring *wiring, unsigned limit_s);

#endif
