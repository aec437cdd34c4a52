/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells a gate of the canteen which cards passed at the other gates: encodes the payload of POST /meals and
 * decodes its answer. firmware/maintenance/PROTOCOL.md has the formats. Nothing blocks and nothing is
 * allocated.
 *
 * The gate takes what it does not know yet, so everything that passed in a service may be sent again, and is
 * to be after the gate was out of reach. Only passages are sent that were closed as passed or assumed, or
 * that say assumed themselves (journal_record.h): one that was abandoned is no meal, and one that is still
 * open may become that. So no meal that was told has to be taken back.
 */
#ifndef TOOLS_PORTILLON_GATE_MEALS_H
#define TOOLS_PORTILLON_GATE_MEALS_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/tag.h"
#include "firmware/resources/resources_meals.h"
#include "hal/error.h"

/* Bytes of a payload with RESOURCE_MEALS_MAX meals, at most. */
#define MEALS_PAYLOAD_MAX (24 + RESOURCE_MEALS_MAX * RESOURCE_MEAL_LEN)

struct told_meal {
    struct tag tag;
    uint32_t utc_s; /* of the record of the passage */
};

/* What the gate did with the meals: how many of each kind (portillon_meals.h). */
struct meals_answer {
    uint32_t taken, known;
    uint32_t later;    /* to be sent again in some seconds */
    uint32_t not_now;  /* of another meal than the one in progress there, or its clock is not set */
    uint32_t unlisted; /* to be sent again after a list that has the cards was pushed */
    uint32_t no_room;
};

/* Encodes meals of one service. Returns the number of bytes, ERR_ARGUMENT (more than RESOURCE_MEALS_MAX) or
 * ERR_NO_SPACE. */
int meals_encode(const char *service, const struct told_meal *meals, size_t count, uint8_t *out,
                 size_t size) MUST_USE;
/* Decodes the answer. Returns ERR_OK or ERR_FORMAT. */
int meals_answer_decode(struct meals_answer *answer, const uint8_t *data, size_t len) MUST_USE;

#endif
