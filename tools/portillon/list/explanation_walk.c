/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/explanation_walk.h"

#include "hal/linux/translate.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/list/explanation.h"
#include "tools/portillon/site/rule_text.h"

enum { WORD_COLUMNS = 13 };

/* What policy_step_name returns. */
__attribute__((unused)) static const char *const words[] = {
    N_("not_blocked"), N_("first_day"),     N_("last_day"), N_("zone"),
    N_("profile_on"),  N_("meal_right"),    N_("open_day"), N_("hours"),
    N_("service_now"), N_("service_right"), N_("meal_day"), N_("passages"),
};

static void on_step(void *ctx, enum policy_step step, bool passed)
{
    struct explanation_walk *walk = ctx;
    if (walk->step_count == EXPLANATION_STEPS_MAX)
        return;
    walk->steps[walk->step_count].step = step;
    walk->steps[walk->step_count++].passed = passed;
}

void explanation_walk_take(struct explanation_walk *walk, const struct policy_question *question,
                           bool is_listed)
{
    const struct policy_listener listener = {on_step, walk};
    *walk = (struct explanation_walk){
        .question = *question, .is_listed = is_listed, .verdict = verdict_deny(REASON_UNKNOWN_CARD)};
    if (is_listed)
        walk->verdict = policy_explain(question, &listener);
}

static const char *rule_of(const struct explanation_walk *walk, char rule[RULE_TEXT_SIZE])
{
    const struct policy_question *question = &walk->question;
    rule_text(&question->rule, &question->tables->profiles[question->rule.profile], rule);
    return rule;
}

void explanation_walk_text(const struct explanation_walk *walk, FILE *out)
{
    char text[EXPLANATION_SIZE], rule[RULE_TEXT_SIZE];
    if (walk->is_listed)
        fprintf(out, _("the list says: %s\n"), rule_of(walk, rule));
    for (int i = 0; i < walk->step_count; i++) {
        explanation_of_step(&walk->question, walk->steps[i].step, walk->steps[i].passed, text);
        const char *word = translate(policy_step_name(walk->steps[i].step));
        fprintf(out, "  %-3s  %-*s %s\n", walk->steps[i].passed ? _("yes") : _("NO"),
                utf8_width(word, WORD_COLUMNS), word, text);
    }
    if (verdict_is_grant(walk->verdict))
        fprintf(out,
                walk->question.clock == CLOCK_SET
                    ? _("GRANTED: %s\n")
                    : _("GRANTED: %s; without a clock it does not look at days and hours\n"),
                explanation_of_reason(REASON_NONE));
    else
        fprintf(out, _("REFUSED (%s): %s\n"), reason_name(walk->verdict.reason),
                explanation_of_reason(walk->verdict.reason));
}

void explanation_walk_json(const struct explanation_walk *walk, struct json_out *json)
{
    char text[EXPLANATION_SIZE], rule[RULE_TEXT_SIZE];
    translate_pause();
    if (walk->is_listed)
        json_out_text(json, "rule", rule_of(walk, rule));
    json_out_text(json, "verdict", verdict_is_grant(walk->verdict) ? "granted" : "refused");
    if (!verdict_is_grant(walk->verdict))
        json_out_text(json, "reason", reason_name(walk->verdict.reason));
    json_out_array(json, "steps");
    for (int i = 0; i < walk->step_count; i++) {
        explanation_of_step(&walk->question, walk->steps[i].step, walk->steps[i].passed, text);
        json_out_object(json, NULL);
        json_out_text(json, "step", policy_step_name(walk->steps[i].step));
        json_out_bool(json, "passed", walk->steps[i].passed);
        json_out_text(json, "because", text);
        json_out_end(json);
    }
    json_out_end(json);
    translate_resume();
}
