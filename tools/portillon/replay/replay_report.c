/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/replay/replay_report.h"

#include <inttypes.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/csv_out.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/local_moment.h"
#include "tools/portillon/list/explanation.h"

#define MOMENT_SIZE 64
#define TAG_SIZE    (2 * TAG_LEN + 1)

static const char *tag_text(const struct tag *tag, char out[TAG_SIZE])
{
    for (size_t i = 0; i < TAG_LEN; i++)
        snprintf(out + 2 * i, 3, "%02x", tag->bytes[i]);
    return out;
}

/* Writes "tue 2026-11-24 07:02". */
static const char *moment_text(const struct replay_report *report, uint32_t utc_s, char out[MOMENT_SIZE])
{
    struct local_time moment = time_zone_local(report->zone, utc_s);
    local_moment_format(&moment, out, MOMENT_SIZE);
    return out;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static bool is_as_it_was(const struct replay_report *report)
{
    return report->rules == NULL && report->list == NULL;
}

/* --- text --- */

static void write_pupil(const struct replay_report *report, const struct replay_pupil *pupil, FILE *out)
{
    char moment[MOMENT_SIZE], tag[TAG_SIZE];
    const struct replay_change *first = &pupil->first;
    bool has_class = pupil->class_name[0] != '\0';
    fprintf(out, "  %s%s%s%s: %" PRIu64 " tap%s, the first %s (%s:%" PRIu32 ")\n",
            pupil->person != 0 ? pupil->name : "card ", pupil->person != 0 ? "" : tag_text(&first->tag, tag),
            has_class ? ", " : "", pupil->class_name, pupil->taps, plural(pupil->taps),
            moment_text(report, first->utc_s, moment), first->gate->device, first->seq);
}

static const char *outcome_text(enum reason reason)
{
    return reason == REASON_NONE ? "granted" : reason_name(reason);
}

static void write_group(const struct replay_report *report, const struct replay_group *group, FILE *out)
{
    const struct replay_change *change = &group->pupils->first;
    fprintf(out, "\n%s -> %s: %zu pupil%s, %" PRIu64 " tap%s (%s)\n", outcome_text(change->before),
            outcome_text(change->after), group->count, plural(group->count), group->taps, plural(group->taps),
            explanation_of_reason(change->after));
    for (size_t i = 0; i < group->count; i++)
        write_pupil(report, &group->pupils[i], out);
}

static void write_skips(const struct replay *replay, FILE *out)
{
    bool any = false;
    for (int skip = REPLAY_DONE + 1; skip < REPLAY_SKIPS; skip++) {
        if (replay->taps[skip] == 0)
            continue;
        fprintf(out, "%s  %" PRIu64 " tap%s %s\n", any ? "" : "\nnot replayed:\n", replay->taps[skip],
                plural(replay->taps[skip]), replay_skip_text((enum replay_skip)skip));
        any = true;
    }
}

/* Writes how far the result can be relied on. */
static void write_notes(const struct replay *replay, FILE *out)
{
    if (replay->unchecked != 0)
        fprintf(out,
                "\n%" PRIu64 " tap%s: the list of that time is not stored, so groups turned off are not "
                "known\n",
                replay->unchecked, plural(replay->unchecked));
    if (replay->guessed != 0)
        fprintf(out,
                "\n%" PRIu64 " tap%s: no record says which list the gate had; the newest of that time was "
                "taken\n",
                replay->guessed, plural(replay->guessed));
    if (replay->elsewhere != 0)
        fprintf(out,
                "\n%" PRIu64 " refusal%s as already passed: the gate was told of a meal at another gate\n",
                replay->elsewhere, plural(replay->elsewhere));
    if (replay->unlisted != 0)
        fprintf(out, "\n%" PRIu64 " tap%s of cards that are in no list\n", replay->unlisted,
                plural(replay->unlisted));
}

void replay_report_text(const struct replay_report *report, FILE *out)
{
    const struct replay *replay = report->replay;
    char first[CIVIL_DATE_TEXT_SIZE], last[CIVIL_DATE_TEXT_SIZE];
    uint64_t replayed = replay->taps[REPLAY_DONE];
    civil_date_format(report->first_day, first);
    civil_date_format(report->last_day, last);
    fprintf(out, "%s, %s to %s: %" PRIu64 " tap%s replayed %s%s%s%s\n", report->store, first, last, replayed,
            plural(replayed), is_as_it_was(report) ? "as they were" : "with ",
            report->rules != NULL ? report->rules : "",
            report->rules != NULL && report->list != NULL ? " and " : "",
            report->list != NULL ? report->list : "");
    fprintf(out, "%zu pupil%s would be treated otherwise, at %zu tap%s\n", report->pupils->people,
            plural(report->pupils->people), replay->change_count, plural(replay->change_count));
    for (size_t i = 0; i < report->pupils->group_count; i++)
        write_group(report, &report->pupils->groups[i], out);
    write_skips(replay, out);
    write_notes(replay, out);
}

/* --- CSV --- */

void replay_report_csv(const struct replay_report *report, FILE *out)
{
    static const char *const head[] = {"before", "after", "person", "class", "tag",
                                       "taps",   "first", "device", "seq",   NULL};
    csv_out_start(out);
    csv_out_row(out, head);
    for (size_t i = 0; i < report->pupils->count; i++) {
        const struct replay_pupil *pupil = &report->pupils->pupils[i];
        char moment[MOMENT_SIZE], tag[TAG_SIZE], taps[24], seq[24];
        snprintf(taps, sizeof taps, "%" PRIu64, pupil->taps);
        snprintf(seq, sizeof seq, "%" PRIu32, pupil->first.seq);
        const char *const row[] = {outcome_text(pupil->first.before),
                                   outcome_text(pupil->first.after),
                                   pupil->name,
                                   pupil->class_name,
                                   tag_text(&pupil->first.tag, tag),
                                   taps,
                                   moment_text(report, pupil->first.utc_s, moment) +
                                       4, /* without the weekday */
                                   pupil->first.gate->device,
                                   seq,
                                   NULL};
        csv_out_row(out, row);
    }
}

/* --- JSON --- */

static void json_pupil(const struct replay_report *report, const struct replay_pupil *pupil,
                       struct json_out *json)
{
    char moment[MOMENT_SIZE];
    json_out_object(json, NULL);
    json_out_text_or_null(json, "person", pupil->name);
    json_out_text_or_null(json, "class", pupil->class_name);
    json_out_hex(json, "tag", pupil->first.tag.bytes, TAG_LEN);
    json_out_int(json, "taps", (int64_t)pupil->taps);
    json_out_text(json, "first", moment_text(report, pupil->first.utc_s, moment) + 4);
    json_out_text(json, "device", pupil->first.gate->device);
    json_out_int(json, "seq", pupil->first.seq);
    json_out_end(json);
}

static void json_group(const struct replay_report *report, const struct replay_group *group,
                       struct json_out *json)
{
    json_out_object(json, NULL);
    json_out_text(json, "before", outcome_text(group->pupils->first.before));
    json_out_text(json, "after", outcome_text(group->pupils->first.after));
    json_out_int(json, "taps", (int64_t)group->taps);
    json_out_array(json, "pupils");
    for (size_t i = 0; i < group->count; i++)
        json_pupil(report, &group->pupils[i], json);
    json_out_end(json);
    json_out_end(json);
}

static void json_counts(const struct replay *replay, struct json_out *json)
{
    json_out_object(json, "not_replayed");
    for (int skip = REPLAY_DONE + 1; skip < REPLAY_SKIPS; skip++)
        json_out_int(json, replay_skip_name((enum replay_skip)skip), (int64_t)replay->taps[skip]);
    json_out_end(json);
    json_out_int(json, "unchecked", (int64_t)replay->unchecked);
    json_out_int(json, "guessed", (int64_t)replay->guessed);
    json_out_int(json, "elsewhere", (int64_t)replay->elsewhere);
    json_out_int(json, "unlisted", (int64_t)replay->unlisted);
}

void replay_report_json(const struct replay_report *report, FILE *out)
{
    struct json_out json;
    char day[CIVIL_DATE_TEXT_SIZE];
    json_out_start(&json, out);
    json_out_object(&json, NULL);
    civil_date_format(report->first_day, day);
    json_out_text(&json, "from", day);
    civil_date_format(report->last_day, day);
    json_out_text(&json, "to", day);
    json_out_text_or_null(&json, "rules", report->rules);
    json_out_text_or_null(&json, "list", report->list);
    json_out_int(&json, "replayed", (int64_t)report->replay->taps[REPLAY_DONE]);
    json_out_int(&json, "changed_taps", (int64_t)report->replay->change_count);
    json_out_int(&json, "changed_pupils", (int64_t)report->pupils->people);
    json_out_array(&json, "changes");
    for (size_t i = 0; i < report->pupils->group_count; i++)
        json_group(report, &report->pupils->groups[i], &json);
    json_out_end(&json);
    json_counts(report->replay, &json);
    json_out_end(&json);
}
