/*
 * Who may pass, worked out the long way: every window and service of the days around becomes a stretch of
 * minutes on one line of time, and rules are looked through one after the other. Shares no code with
 * firmware/access/policy.c but the structs of a question; for comparing the two.
 */
#ifndef TESTS_FAKES_SLOW_POLICY_H
#define TESTS_FAKES_SLOW_POLICY_H

#include "firmware/access/policy.h"

/* REASON_NONE: may pass. */
enum reason slow_policy_reason(const struct policy_question *question);
/* The service a passage would count for, and the day it began; -1: none. */
int slow_policy_service(const struct policy_question *question, uint16_t *day);

#endif
