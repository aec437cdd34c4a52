/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of portillon-gate-setup, in their order. Each asks its questions, puts the answers into the
 * draft of the configuration, and tries what they name. Nothing is written.
 *
 * Each returns true to go on, false to end: a message has said why, or the questions were stopped.
 */
#ifndef BOARDS_LINUX_SETUP_SETUP_STEPS_H
#define BOARDS_LINUX_SETUP_SETUP_STEPS_H

#include <stdbool.h>

#include "boards/linux/options.h"
#include "boards/linux/setup/setup_ask.h"
#include "boards/linux/setup/setup_config.h"
#include "firmware/crypto/identity.h"

struct setup {
    const char *root;          /* folder that is the root of the computer to set up; empty: this one */
    const char *config_path;   /* as the gate sees it, without root */
    const char *identity_path; /* the same */
    unsigned limit_s;          /* longest time to wait for a card, or for an input to change */
    bool is_check;             /* the configuration is tried as it is; only the trials ask */
    struct setup_ask ask;
    struct setup_config config; /* the draft */
    struct options options;     /* what the draft says */
    struct identity identity;
    uint8_t block[IDENTITY_LEN_MAX]; /* of the identity */
    size_t block_len;
    bool is_new_identity; /* to be written */
};

/* Reads the draft into setup->options. */
bool setup_steps_read_draft(struct setup *setup);

bool setup_steps_identity(struct setup *setup);
bool setup_steps_reader(struct setup *setup);
bool setup_steps_maintenance(struct setup *setup);
bool setup_steps_clock(struct setup *setup);
bool setup_steps_wires(struct setup *setup);

#endif
