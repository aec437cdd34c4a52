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

#define TAG_SIZE (2 * TAG_LEN + 1)

static const char *tag_text(const struct tag *tag, char out[TAG_SIZE])
{
    for (size_t i = 0; i < TAG_LEN; i++)
        snprintf(out + 2 * i, 3, "%02x", tag->bytes[i]);
    return out;
}

/* Writes "tue 2026-11-24 07:02", for people. */
static const char *moment_text(const struct replay_report *report, uint32_t utc_s,
                               char out[LOCAL_MOMENT_SIZE])
{
    struct local_time moment = time_zone_local(report->zone, utc_s);
    local_moment_text(&moment, out);
    return out;
}

/* Writes "2026-11-24 07:02", for CSV and JSON. Returns where it begins. */
static const char *moment_data(const struct replay_report *report, uint32_t utc_s,
                               char out[LOCAL_MOMENT_SIZE])
{
    struct local_time moment = time_zone_local(report->zone, utc_s);
    local_moment_format(&moment, out, LOCAL_MOMENT_SIZE);
    return out + strlen("tue ");
}

/* --- text --- */

static void write_pupil(const struct replay_report *report, const struct replay_pupil *pupil, FILE *out)
{
    char moment[LOCAL_MOMENT_SIZE], tag[TAG_SIZE];
    const struct replay_change *first = &pupil->first;
    fputs("  ", out);
    if (pupil->person != 0)
        fputs(pupil->name, out);
    else
        fprintf(out, _("card %s"), tag_text(&first->tag, tag));
    fprintf(out, "%s%s", pupil->class_name[0] != '\0' ? ", " : "", pupil->class_name);
    fprintf(out,
            translate_count(pupil->taps, ": %" PRIu64 " tap, the first %s (%s:%" PRIu32 ")\n",
                            ": %" PRIu64 " taps, the first %s (%s:%" PRIu32 ")\n"),
            pupil->taps, moment_text(report, first->utc_s, moment), first->gate->device, first->seq);
}

/* For CSV and JSON. */
static const char *outcome_name(enum reason reason)
{
    return reason == REASON_NONE ? "granted" : reason_name(reason);
}

/* For people. */
static const char *outcome_text(enum reason reason)
{
    return reason == REASON_NONE ? _("granted") : reason_name(reason);
}

static void write_group(const struct replay_report *report, const struct replay_group *group, FILE *out)
{
    const struct replay_change *change = &group->pupils->first;
    fprintf(out, "\n%s -> %s", outcome_text(change->before), outcome_text(change->after));
    fprintf(out, translate_count(group->count, ": %zu pupil", ": %zu pupils"), group->count);
    fprintf(out, translate_count(group->taps, ", %" PRIu64 " tap (%s)\n", ", %" PRIu64 " taps (%s)\n"),
            group->taps, explanation_of_reason(change->after));
    for (size_t i = 0; i < group->count; i++)
        write_pupil(report, &group->pupils[i], out);
}

static void write_skips(const struct replay *replay, FILE *out)
{
    bool any = false;
    for (int skip = REPLAY_DONE + 1; skip < REPLAY_SKIPS; skip++) {
        if (replay->taps[skip] == 0)
            continue;
        fputs(any ? "" : _("\nnot replayed:\n"), out);
        fprintf(out, translate_count(replay->taps[skip], "  %" PRIu64 " tap %s\n", "  %" PRIu64 " taps %s\n"),
                replay->taps[skip], translate(replay_skip_text((enum replay_skip)skip)));
        any = true;
    }
}

/* Writes how far the result can be relied on. */
static void write_notes(const struct replay *replay, FILE *out)
{
    if (replay->unchecked != 0)
        fprintf(
            out,
            translate_count(replay->unchecked,
                            "\n%" PRIu64 " tap: the list of that time is not stored, so groups turned off "
                            "are not known\n",
                            "\n%" PRIu64 " taps: the list of that time is not stored, so groups turned off "
                            "are not known\n"),
            replay->unchecked);
    if (replay->guessed != 0)
        fprintf(
            out,
            translate_count(replay->guessed,
                            "\n%" PRIu64 " tap: no record says which list the gate had; the newest of that "
                            "time was taken\n",
                            "\n%" PRIu64 " taps: no record says which list the gate had; the newest of that "
                            "time was taken\n"),
            replay->guessed);
    if (replay->elsewhere != 0)
        fprintf(out,
                translate_count(replay->elsewhere,
                                "\n%" PRIu64 " refusal as already passed: the gate was told of a meal at "
                                "another gate\n",
                                "\n%" PRIu64 " refusals as already passed: the gate was told of a meal at "
                                "another gate\n"),
                replay->elsewhere);
    if (replay->unlisted != 0)
        fprintf(out,
                translate_count(replay->unlisted, "\n%" PRIu64 " tap of cards that are in no list\n",
                                "\n%" PRIu64 " taps of cards that are in no list\n"),
                replay->unlisted);
}

/* Writes by which rules the taps were replayed. */
static void write_with(const struct replay_report *report, FILE *out)
{
    if (report->rules != NULL && report->list != NULL)
        fprintf(out, _("with %s and %s\n"), report->rules, report->list);
    else if (report->rules != NULL || report->list != NULL)
        fprintf(out, _("with %s\n"), report->rules != NULL ? report->rules : report->list);
    else
        fputs(_("as they were\n"), out);
}

void replay_report_text(const struct replay_report *report, FILE *out)
{
    const struct replay *replay = report->replay;
    char first[CIVIL_DATE_TEXT_SIZE], last[CIVIL_DATE_TEXT_SIZE];
    uint64_t replayed = replay->taps[REPLAY_DONE];
    civil_date_text(report->first_day, first);
    civil_date_text(report->last_day, last);
    fprintf(out,
            translate_count(replayed, "%s, %s to %s: %" PRIu64 " tap replayed ",
                            "%s, %s to %s: %" PRIu64 " taps replayed "),
            report->store, first, last, replayed);
    write_with(report, out);
    fprintf(out,
            translate_count(report->pupils->people, "%zu pupil would be treated otherwise",
                            "%zu pupils would be treated otherwise"),
            report->pupils->people);
    fprintf(out, translate_count(replay->change_count, ", at %zu tap\n", ", at %zu taps\n"),
            replay->change_count);
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
        char moment[LOCAL_MOMENT_SIZE], tag[TAG_SIZE], taps[24], seq[24];
        snprintf(taps, sizeof taps, "%" PRIu64, pupil->taps);
        snprintf(seq, sizeof seq, "%" PRIu32, pupil->first.seq);
        const char *const row[] = {outcome_name(pupil->first.before),
                                   outcome_name(pupil->first.after),
                                   pupil->name,
                                   pupil->class_name,
                                   tag_text(&pupil->first.tag, tag),
                                   taps,
                                   moment_data(report, pupil->first.utc_s, moment),
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
    char moment[LOCAL_MOMENT_SIZE];
    json_out_object(json, NULL);
    json_out_text_or_null(json, "person", pupil->name);
    json_out_text_or_null(json, "class", pupil->class_name);
    json_out_hex(json, "tag", pupil->first.tag.bytes, TAG_LEN);
    json_out_int(json, "taps", (int64_t)pupil->taps);
    json_out_text(json, "first", moment_data(report, pupil->first.utc_s, moment));
    json_out_text(json, "device", pupil->first.gate->device);
    json_out_int(json, "seq", pupil->first.seq);
    json_out_end(json);
}

static void json_group(const struct replay_report *report, const struct replay_group *group,
                       struct json_out *json)
{
    json_out_object(json, NULL);
    json_out_text(json, "before", outcome_name(group->pupils->first.before));
    json_out_text(json, "after", outcome_name(group->pupils->first.after));
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
