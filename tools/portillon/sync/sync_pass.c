/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/sync/sync_pass.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/gate/gate_profiles.h"
#include "tools/portillon/gate/pull_report.h"
#include "tools/portillon/site/site.h"

#define CLOCK_EVERY_US UINT64_C(3600000000)
#define ROW_EVERY_US   UINT64_C(60000000)
#define POLL_MS        50

void sync_pass_begin(struct sync_pass *pass)
{
    pass->clock_us = pass->row_us = 0;
    pass->pulled_head = pass->list_sent_version = 0;
    pass->list_is_refused = false;
    pass->list_stamp = (struct stat){0};
    sync_meals_restart(&pass->meals);
}

void sync_pass_end(struct sync_pass *pass)
{
    push_list_free(&pass->list);
}

static void step(const struct sync_pass *pass, const char *text)
{
    sync_message_tell(pass->fd, SYNC_STEP, text);
}

/* Takes the status of a step that may fail without the line: the next steps are done nevertheless. */
static int go_on(struct sync_pass *pass, const struct link *link, int status)
{
    if (status == COMMAND_OK || status == INTERRUPT_STATUS)
        return status;
    pass->has_failed = true;
    return link->connected && !link->refused && link->answered ? COMMAND_OK : status;
}

static int fail_store(struct sync_pass *pass)
{
    pass->has_failed = true;
    return command_fail("%s: %s: %s", pass->job->command, pass->job->store, passage_store_error(pass->store));
}

/* --- what the store notes of the gate --- */

static void copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%.*s", (int)size - 1, text);
}

static void fill_row(struct sync_pass *pass, struct gate_row *row)
{
    const struct answer_status *status = &pass->status;
    memset(row, 0, sizeof *row); /* the padding too: rows are compared */
    row->seen_utc_s = (int64_t)time(NULL);
    row->list_version = status->has_list ? status->list.version : 0;
    row->has_clock = pass->result.has_clock || pass->row.has_clock;
    row->clock_off_s = pass->result.has_clock ? pass->result.clock_off_s : pass->row.clock_off_s;
    row->damaged_blocks = status->list.repaired + status->list.damaged;
    copy(row->device, sizeof row->device, pass->place->device);
    copy(row->name, sizeof row->name, status->name);
    copy(row->zone, sizeof row->zone, status->zone);
    copy(row->state, sizeof row->state, status->state);
    copy(row->direction, sizeof row->direction, gate_direction_name(pass->place->direction));
    copy(row->port, sizeof row->port, pass->place->port);
}

/* Writes the row if something changed in it, or the last time is long ago. */
static int write_row(struct sync_pass *pass)
{
    struct gate_row row, before = pass->row;
    fill_row(pass, &row);
    before.seen_utc_s = row.seen_utc_s;
    uint64_t now_us = link_now_us();
    if (pass->row_us != 0 && now_us - pass->row_us < ROW_EVERY_US && memcmp(&before, &row, sizeof row) == 0)
        return COMMAND_OK;
    if (gate_rows_put(&pass->store->db, &row) != ERR_OK)
        return fail_store(pass);
    pass->row = row;
    pass->row_us = now_us;
    return COMMAND_OK;
}

static int ask_status(struct sync_pass *pass, const struct gate_options *gate, struct link *link)
{
    int status = gate_get_status(gate, link, &pass->status);
    if (status != COMMAND_OK)
        return status;
    pass->result.was_reached = true;
    pass->result.list_version = pass->status.has_list ? pass->status.list.version : 0;
    pass->result.list_cards = pass->status.has_list ? pass->status.list.cards : 0;
    return COMMAND_OK;
}

/* --- the clock --- */

static int visit_clock(struct sync_pass *pass, const struct gate_options *gate, struct link *link)
{
    uint64_t now_us = link_now_us();
    if (!pass->job->sets_clock || (pass->clock_us != 0 && now_us - pass->clock_us < CLOCK_EVERY_US))
        return COMMAND_OK;
    struct clock_visit visit = {.asked = false};
    step(pass, _("clock"));
    int status = clock_visit(gate, link, &visit);
    if (status != COMMAND_OK)
        return go_on(pass, link, status);
    pass->clock_us = now_us;
    pass->result.has_clock = visit.asked && gate_clock_shows_time(&visit.before);
    pass->result.clock_off_s = pass->result.has_clock ? gate_clock_ahead_s(&visit.before) : 0;
    pass->result.clock_was_set = visit.outcome == CLOCK_CONFIRMED;
    if (pass->result.clock_was_set)
        sync_meals_restart(&pass->meals);
    if (!visit.asked || visit.outcome == CLOCK_TOO_FAR || visit.outcome == CLOCK_NO_COMPUTER)
        pass->has_failed = true;
    return COMMAND_OK;
}

/* --- wishes --- */

static void note_unknown(const struct sync_pass *pass, const struct wish *wish)
{
    if (wish->on)
        command_note("%s: %s is to be turned on, but the gate's list has no such group: this waits for a "
                     "list that has it",
                     pass->job->command, wish->profile);
    else
        command_note("%s: %s is to be turned off, but the gate's list has no such group: this waits for a "
                     "list that has it",
                     pass->job->command, wish->profile);
}

/* Chooses the wishes that the gate can take: its list has the profile. The others are told. */
static void choose(struct sync_pass *pass, const struct answer_profiles *known, struct wishes *wishes,
                   struct answer_profiles *chosen)
{
    int kept = 0;
    chosen->count = 0;
    for (int i = 0; i < wishes->count; i++) {
        const struct wish *wish = &wishes->items[i];
        uint32_t k = 0;
        while (k < known->count && strcmp(known->items[k].name, wish->profile) != 0)
            k++;
        if (k == known->count) {
            note_unknown(pass, wish);
            continue;
        }
        chosen->items[chosen->count] = known->items[k];
        chosen->items[chosen->count++].on = wish->on;
        wishes->items[kept++] = *wish;
    }
    wishes->count = kept;
}

static int note_done(struct sync_pass *pass, const struct wishes *wishes)
{
    for (int i = 0; i < wishes->count; i++) {
        if (wishes_note_done(&pass->store->db, pass->place->device, &wishes->items[i], (int64_t)time(NULL)) !=
            ERR_OK)
            return fail_store(pass);
        pass->result.wishes_brought++;
        pass->result.wishes_open--;
    }
    return COMMAND_OK;
}

static int bring(struct sync_pass *pass, const struct gate_options *gate, struct link *link,
                 struct wishes *wishes)
{
    struct answer_profiles known, chosen;
    step(pass, _("groups"));
    int status = gate_profiles_get(gate, link, &known);
    if (status != COMMAND_OK)
        return go_on(pass, link, status);
    choose(pass, &known, wishes, &chosen);
    if (chosen.count == 0)
        return COMMAND_OK;
    status = gate_profiles_change(gate, link, &chosen);
    return status == COMMAND_OK ? note_done(pass, wishes) : go_on(pass, link, status);
}

static int bring_wishes(struct sync_pass *pass, const struct gate_options *gate, struct link *link)
{
    struct wishes wishes;
    if (wishes_read_open(&pass->store->db, pass->place->device, &wishes) != ERR_OK)
        return fail_store(pass);
    pass->result.wishes_open = (uint32_t)wishes.count;
    if (wishes.count == 0 || !pass->status.has_list)
        return COMMAND_OK;
    return gate->role == ROLE_TECHNICIAN ? bring(pass, gate, link, &wishes) : SYNC_PASS_AGAIN;
}

/* --- the list --- */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads the newest list, if its file changed. A site that has none yet has nothing to send. */
static void read_list(struct sync_pass *pass, const struct gate_options *gate)
{
    struct stat stamp = {0};
    snprintf(pass->list_path, sizeof pass->list_path, "%s/" SITE_LIST_FILE, pass->job->site);
    if (stat(pass->list_path, &stamp) != 0 && errno == ENOENT) {
        pass->list_is_read = pass->list_is_refused = false;
        return;
    }
    if (is_same_file(&stamp, &pass->list_stamp))
        return;
    push_list_free(&pass->list);
    pass->list_stamp = stamp;
    pass->list_sent_version = 0;
    pass->list_is_read = push_list_read(&pass->list, gate, pass->list_path) == COMMAND_OK;
    pass->list_is_refused = !pass->list_is_read;
}

static bool needs_list(const struct sync_pass *pass)
{
    uint32_t version = pass->list.list.header.version;
    return !pass->status.has_list || pass->status.list.version != version ||
           pass->list_sent_version != version;
}

static int send_list(struct sync_pass *pass, const struct gate_options *gate, struct link *link)
{
    enum push_outcome outcome;
    read_list(pass, gate);
    pass->has_failed = pass->has_failed || pass->list_is_refused;
    if (!pass->list_is_read || pass->list_is_refused || !needs_list(pass))
        return COMMAND_OK;
    step(pass, _("list"));
    pass->list.accepts_removals = pass->job->accepts_removals;
    int status = push_list_send(&pass->list, gate, link, &outcome);
    if (status == COMMAND_OK) {
        pass->list_sent_version = pass->list.list.header.version;
        sync_meals_restart(&pass->meals);
        pass->result.list_was_sent = pass->result.list_was_sent || outcome == PUSH_INSTALLED;
        const struct push_session *push = &pass->list.push;
        pass->result.list_as_changes =
            push->patched_blocks > 0 && push->patched_blocks == push->stored_blocks;
        return outcome == PUSH_INSTALLED ? ask_status(pass, gate, link) : COMMAND_OK;
    }
    status = go_on(pass, link, status);
    pass->list_is_refused = status == COMMAND_OK; /* the line works: it was the list */
    return status;
}

/* --- passages --- */

static void count_pull(struct sync_pass *pass, const struct pull_session *pull)
{
    pass->result.stored += pull->counts.stored;
    pass->result.granted += pull->counts.granted;
    pass->result.refused += pull->counts.refused;
    pass->result.acknowledged = pull->acknowledged;
}

/* A gate with another journal than before has another memory: what was wished of it is gone, too. */
static int forget_wishes(struct sync_pass *pass, const struct pull_session *pull)
{
    if (pull->journal != PULL_JOURNAL_OTHER && pull->journal != PULL_JOURNAL_SHORTER)
        return COMMAND_OK;
    return wishes_forget_done(&pass->store->db, pass->place->device) == ERR_OK ? COMMAND_OK
                                                                               : fail_store(pass);
}

static int pull_passages(struct sync_pass *pass, const struct gate_options *gate, struct link *link)
{
    static struct pull_session pull;
    if (pass->pulled_head != 0 && pass->status.journal.head == pass->pulled_head)
        return COMMAND_OK;
    step(pass, _("passages"));
    pull = (struct pull_session){
        .gate = gate, .link = link, .store = pass->store, .store_path = pass->job->store, .mac = pass->mac};
    int status = pull_session_run(&pull);
    pull_report_note(&pull);
    count_pull(pass, &pull);
    if (status != COMMAND_OK)
        return status;
    pass->pulled_head = pull.head;
    pass->result.is_odd = pass->result.is_odd || pull_report_is_odd(&pull);
    pass->has_failed = pass->has_failed || pass->result.is_odd;
    return forget_wishes(pass, &pull);
}

/* --- meals at other lanes --- */

/* Without --watch nothing is told: the passages of the other lanes come at the same time, and the meal goes
 * on after the visit. */
static int tell_meals(struct sync_pass *pass, const struct gate_options *gate, struct link *link)
{
    if (!pass->job->watches || !pass->list_is_read || strcmp(pass->status.zone, zone_name(ZONE_CANTEEN)) != 0)
        return COMMAND_OK;
    int status = sync_meals_tell(&pass->meals, &pass->store->db, gate, link, &pass->list.list,
                                 &pass->result.meals_told);
    return go_on(pass, link, status);
}

/* --- a round, and the session --- */

typedef int round_step(struct sync_pass *pass, const struct gate_options *gate, struct link *link);

static int write_first_row(struct sync_pass *pass, const struct gate_options *gate, struct link *link)
{
    (void)gate;
    (void)link;
    return write_row(pass);
}

static int write_last_row(struct sync_pass *pass, const struct gate_options *gate, struct link *link)
{
    bool has_changed = pass->result.stored > 0 || pass->result.wishes_brought > 0;
    int status = has_changed ? ask_status(pass, gate, link) : COMMAND_OK;
    return status == COMMAND_OK ? write_row(pass) : status;
}

/* Groups are turned off before a list is sent, which may take minutes, and again when the list has brought
 * new groups, or the gate turned out to have another memory. */
static int run_round(struct sync_pass *pass, const struct gate_options *gate, struct link *link)
{
    static round_step *const steps[] = {ask_status, write_first_row, visit_clock,   bring_wishes,
                                        send_list,  bring_wishes,    pull_passages, bring_wishes,
                                        tell_meals, write_last_row};
    int status = COMMAND_OK;
    pass->has_failed = pass->result.is_odd; /* found in a session before, as another role */
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && status == COMMAND_OK; i++)
        status = interrupt_wanted() ? INTERRUPT_STATUS : steps[i](pass, gate, link);
    if (status == COMMAND_OK && pass->has_failed)
        pass->result.status = COMMAND_FAILED;
    pass->good_rounds += status == COMMAND_OK && !pass->has_failed;
    return status;
}

/* Waits for the next round. Returns COMMAND_OK, INTERRUPT_STATUS, or COMMAND_FAILED if the line went away. */
static int wait_for_round(const struct sync_pass *pass, struct link *link)
{
    uint64_t end_us = link_now_us() + pass->job->every_s * 1000000;
    if (pass->meals.has_more)
        return COMMAND_OK;
    step(pass, _("up to date"));
    while (link_now_us() < end_us) {
        if (interrupt_wanted())
            return INTERRUPT_STATUS;
        if (!bridge_get_counts(&link->bridge).line_up)
            return command_fail("%s: %s went away: is the cable still plugged in, and the gate powered?",
                                pass->job->command, pass->place->port);
        link_poll(link, POLL_MS);
    }
    return COMMAND_OK;
}

int sync_pass_talk(void *ctx, const struct gate_options *gate, struct link *link)
{
    struct sync_pass *pass = ctx;
    for (;;) {
        int status = run_round(pass, gate, link);
        if (status != COMMAND_OK || !pass->job->watches)
            return status;
        sync_message_tell_result(pass->fd, &pass->result);
        pass->result = (struct sync_result){.status = COMMAND_OK};
        status = wait_for_round(pass, link);
        if (status != COMMAND_OK)
            return status;
    }
}
