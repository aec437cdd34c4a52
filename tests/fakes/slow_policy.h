/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Computes who may pass in a slow, simple way, to compare with firmware/access/policy.c. Every window and
 * service of the nearby days becomes an interval of minutes on one time line, and the rules are checked one
 * after the other. It shares only the structs of a question with policy.c. Pure.
 */
#ifndef TESTS_FAKES_SLOW_POLICY_H
#define TESTS_FAKES_SLOW_POLICY_H

#include "firmware/access/policy.h"

/* Returns the reason of a refusal, or REASON_NONE if the card may pass. */
enum reason slow_policy_reason(const struct policy_question *question);
/* Returns the service that a passage would count for, and stores the day it began; -1 if none. */
int slow_policy_service(const struct policy_question *question, uint16_t *day);

#endif
