/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a gate knew when it decided on a card, from its stored records in the order of their numbers: the list
 * it ran, the groups turned off, the passages counted at a meal. The policy of the firmware is then asked the
 * same question again, or the same with other rules or another list.
 *
 * The caller owns the struct, which owns its counts until gate_model_end. gate_model_take blocks on the store
 * when a list is read for the first time.
 */
#ifndef TOOLS_PORTILLON_REPLAY_GATE_MODEL_H
#define TOOLS_PORTILLON_REPLAY_GATE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/policy.h"
#include "firmware/access/profiles_off.h"
#include "firmware/journal/journal_record.h"
#include "tools/portillon/replay/list_shelf.h"
#include "tools/portillon/replay/meal_count.h"

/* What decides: the cards of a list, with its own tables or others. */
struct gate_rules {
    const struct list_file *list;
    const struct whitelist_tables *tables;
    const int8_t *profile_map; /* the profiles of the list in the tables; NULL: the same */
};

struct gate_model {
    struct list_shelf *shelf;
    uint32_t version;              /* of the list in force; 0: none known */
    bool is_guess;                 /* no record says it: the newest list that was built before */
    const struct shelf_list *list; /* NULL: it is not stored */
    struct profiles_off off;
    bool off_is_unknown; /* groups were turned off under a list that is not stored */
    struct meal_count meals;
};

/* Begins with a journal that has no records yet. */
void gate_model_begin(struct gate_model *model, struct list_shelf *shelf);
/* Frees the counts. */
void gate_model_end(struct gate_model *model);

/* Takes an event or a closing. Other records change nothing. */
void gate_model_take(struct gate_model *model, const struct journal_record *record);
/* Takes a closing into a count. */
void gate_model_close(struct meal_count *meals, const struct journal_record *closing);
/* Prepares for a tap: finds the list in force if no record has told it. Call it before gate_model_rules. */
void gate_model_look(struct gate_model *model, const struct journal_record *tap);
/* Counts a passage that the record logs as granted. */
int gate_model_count(struct gate_model *model, const struct journal_record *tap) MUST_USE;

/* Returns the rules that were in force at the gate. model->list must not be NULL. */
struct gate_rules gate_model_rules(const struct gate_model *model);

enum gate_asked {
    GATE_ASKED,          /* the question is ready for policy_decide */
    GATE_UNKNOWN_CARD,   /* the list does not have the card */
    GATE_UNKNOWN_PROFILE /* the tables do not have the card's profile */
};

/* Makes the question that the gate asks of its policy for a tap, by these rules and this count. *service
 * receives the service that a passage counts for, from 1; 0: none. */
enum gate_asked gate_model_ask(const struct gate_model *model, const struct gate_rules *rules,
                               const struct meal_count *meals, const struct journal_record *tap,
                               struct policy_question *question, uint8_t *service);

#endif
