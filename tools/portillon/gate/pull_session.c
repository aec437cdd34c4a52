/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/pull_session.h"

#include <stdio.h>
#include <string.h>

#include "firmware/base/bytes.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/interrupt.h"

/* a commit costs the disk some 10 ms, an acknowledgement costs the gate one program operation */
#define BATCH_RECORDS 1000

static void count_new(struct pull_counts *counts, const struct journal_record *record)
{
    counts->stored++;
    switch (record->kind) {
    case JOURNAL_GRANTED:
        counts->granted++;
        break;
    case JOURNAL_REFUSED:
        counts->refused++;
        break;
    case JOURNAL_CLOSED:
        counts->closed++;
        break;
    case JOURNAL_EVENT:
        counts->events++;
        break;
    case JOURNAL_GAP: /* counted in take_gap */
        break;
    }
}

static void add_counts(struct pull_counts *sum, const struct pull_counts *more)
{
    sum->stored += more->stored;
    sum->granted += more->granted;
    sum->refused += more->refused;
    sum->closed += more->closed;
    sum->events += more->events;
    sum->known += more->known;
    sum->forged += more->forged;
    sum->unreadable += more->unreadable;
    sum->missing += more->missing;
    sum->conflicts += more->conflicts;
    sum->corrected += more->corrected;
    sum->dropped += more->dropped;
    sum->uncounted += more->uncounted;
}

/* Adds an anomaly, and counts its places if it is new. Returns ERR_OK or ERR_IO. */
static int set_aside(struct pull_session *pull, enum passage_anomaly anomaly, uint32_t first, uint32_t last,
                     const uint8_t *raw, uint32_t *count)
{
    int result = passage_store_set_aside(pull->store, anomaly, first, last, raw);
    if (result == 1)
        *count += last - first + 1;
    return result < 0 ? result : ERR_OK;
}

/* Handles a gap record. Those of its numbers that this store never had, and that the gate no longer has, are
 * missing. */
static int take_gap(struct pull_session *pull, const struct journal_record *gap, bool is_new)
{
    uint32_t first = gap->dropped.first, last = gap->dropped.last;
    if (is_new && last != pull->gap_last) {
        pull->batch.dropped += gap->ref;
        pull->batch.uncounted += (gap->flags & JOURNAL_FLAG_UNCOUNTED) != 0;
    }
    pull->gap_last = last;
    first = first > pull->hole_first ? first : pull->hole_first;
    last = last < pull->hole_last ? last : pull->hole_last;
    if (pull->hole_last == 0 || first > last)
        return ERR_OK;
    return set_aside(pull, PASSAGE_MISSING, first, last, NULL, &pull->batch.missing);
}

/* Returns true for the record that the store was recognised by. It may have been deleted from the store. */
static bool is_last_known(const struct pull_session *pull, uint32_t seq, const uint8_t *raw)
{
    return seq == pull->memory.last_seq &&
           memcmp(raw + JOURNAL_RECORD_MAC_AT, pull->memory.last_mac, JOURNAL_RECORD_MAC_LEN) == 0;
}

static void note_last(struct pull_session *pull, uint32_t seq, const uint8_t *raw)
{
    pull->last_seq = seq;
    memcpy(pull->last_mac, raw + JOURNAL_RECORD_MAC_AT, sizeof pull->last_mac);
}

/* Adds a record to the store. *added is the result of passage_store_add. Returns ERR_OK (also for a record in
 * conflict), ERR_CORRUPT (the journal is another one) or an error. */
static int add_record(struct pull_session *pull, const struct journal_record *record, const uint8_t *raw,
                      int *added)
{
    *added = passage_store_add(pull->store, record, raw);
    if (*added == 1)
        count_new(&pull->batch, record);
    else if (*added == ERR_OK && !journal_record_is_meal_elsewhere(record))
        pull->batch.known++;
    if (*added >= 0 && record->kind == JOURNAL_GAP)
        return take_gap(pull, record, *added == 1);
    if (*added == ERR_CORRUPT && pull->journal == PULL_JOURNAL_KNOWN) {
        pull->other_seq = record->seq;
        return ERR_CORRUPT;
    }
    pull->batch.conflicts += *added == ERR_CORRUPT;
    return *added >= 0 || *added == ERR_CORRUPT ? ERR_OK : *added;
}

static int take_record(struct pull_session *pull, uint32_t seq, const uint8_t *raw)
{
    struct journal_record record;
    int added, result = journal_record_decode(&record, pull->mac, raw);
    if (result == ERR_CRYPTO)
        return result;
    /* a valid record in the place of another number counts as forged too */
    if (result != ERR_OK || record.seq != seq)
        return set_aside(pull, PASSAGE_FORGED, seq, seq, raw, &pull->batch.forged);
    if (is_last_known(pull, seq, raw)) {
        pull->batch.known++;
        note_last(pull, seq, raw);
        return ERR_OK;
    }
    result = add_record(pull, &record, raw, &added);
    if (added >= 0)
        note_last(pull, seq, raw);
    return result;
}

/* Makes the record with this number from the damaged bytes of the page. Returns false if that is not
 * possible. */
static bool correct(const struct pull_session *pull, const struct answer_passages *page, uint32_t seq,
                    struct journal_record *record, uint8_t raw[JOURNAL_RECORD_LEN])
{
    const uint8_t *damaged = answer_damaged_find(page, seq);
    if (damaged == NULL)
        return false;
    memcpy(raw, damaged, JOURNAL_RECORD_LEN);
    return journal_record_correct(raw, pull->mac, seq) == ERR_OK &&
           journal_record_parse(record, raw) == ERR_OK;
}

/* Stores a corrected record. It is not acknowledged by itself: the gate compares the MAC with the bytes that
 * it has. */
static int take_corrected(struct pull_session *pull, const struct journal_record *record, const uint8_t *raw,
                          const uint8_t *damaged)
{
    int added;
    if (is_last_known(pull, record->seq, raw)) {
        pull->batch.known++;
        return ERR_OK;
    }
    int result = add_record(pull, record, raw, &added);
    if (result != ERR_OK || added != 1)
        return result;
    return set_aside(pull, PASSAGE_CORRECTED, record->seq, record->seq, damaged, &pull->batch.corrected);
}

static int set_unreadable(struct pull_session *pull, uint32_t first, uint32_t end)
{
    if (first == end)
        return ERR_OK;
    return set_aside(pull, PASSAGE_UNREADABLE, first, end - 1, NULL, &pull->batch.unreadable);
}

/* Stores numbers that the gate cannot read: the records that can be corrected, and which ones cannot. */
static int take_unreadable(struct pull_session *pull, const struct answer_passages *page,
                           const struct answer_run *run)
{
    uint32_t first = run->first, end = run->first + run->count;
    int result = ERR_OK;
    for (uint32_t seq = run->first; seq < end && result == ERR_OK; seq++) {
        struct journal_record record;
        uint8_t raw[JOURNAL_RECORD_LEN];
        if (!correct(pull, page, seq, &record, raw))
            continue;
        result = set_unreadable(pull, first, seq);
        if (result == ERR_OK)
            result = take_corrected(pull, &record, raw, answer_damaged_find(page, seq));
        first = seq + 1;
    }
    return result == ERR_OK ? set_unreadable(pull, first, end) : result;
}

/* Handles the numbers between the last in the store and the first that the gate still has. The acknowledged
 * ones were fetched by another computer. Above them, a gap record will name the dropped numbers; the other
 * numbers never existed, because numbers jump when retention empties the sector of the head. For a store that
 * never had a record of this gate nothing is missing. */
static int take_missing(struct pull_session *pull, const struct answer_passages *page)
{
    if (pull->memory.covered == 0 || page->first <= pull->reached + 1)
        return ERR_OK;
    uint32_t first = pull->reached + 1, last = page->first - 1;
    uint32_t fetched = page->acked < last ? page->acked : last;
    if (last > page->acked) {
        pull->hole_first = page->acked < first ? first : page->acked + 1;
        pull->hole_last = last;
    }
    if (fetched < first)
        return ERR_OK;
    return set_aside(pull, PASSAGE_MISSING, first, fetched, NULL, &pull->batch.missing);
}

int pull_session_recall(struct pull_session *pull)
{
    int result = passage_store_recall(pull->store, &pull->memory);
    pull->covered = pull->memory.covered;
    return result;
}

uint32_t pull_session_first_after(const struct pull_session *pull)
{
    return pull->memory.last_seq > 0 && !pull->compares_all ? pull->memory.last_seq - 1 : 0;
}

enum pull_journal pull_session_recognise(const struct pull_session *pull, const struct answer_passages *page)
{
    struct journal_record record;
    uint8_t raw[JOURNAL_RECORD_LEN];
    uint32_t last = pull->memory.last_seq;
    if (pull->memory.covered == 0)
        return PULL_JOURNAL_KNOWN;
    if (page->head <= pull->memory.covered)
        return PULL_JOURNAL_SHORTER;
    if (last > 0 && page->tail > last)
        return PULL_JOURNAL_KNOWN;
    if (last > 0 && page->first == last && correct(pull, page, last, &record, raw))
        return is_last_known(pull, last, raw) ? PULL_JOURNAL_KNOWN : PULL_JOURNAL_OTHER;
    if (last == 0 || page->first != last || page->record_count == 0 ||
        journal_record_decode(&record, pull->mac, page->records) != ERR_OK || record.seq != last)
        return PULL_JOURNAL_UNSURE;
    return is_last_known(pull, last, page->records) ? PULL_JOURNAL_KNOWN : PULL_JOURNAL_OTHER;
}

static int open_batch(struct pull_session *pull)
{
    int result = pull->batch_open ? ERR_OK : passage_store_begin(pull->store);
    if (result != ERR_OK || pull->batch_open)
        return result;
    pull->batch_open = true;
    pull->batch = (struct pull_counts){0};
    pull->reached = pull->covered;
    return ERR_OK;
}

int pull_session_begin_run(struct pull_session *pull, enum pull_journal why,
                           const struct answer_passages *page)
{
    uint32_t covered = pull->memory.covered;
    const uint8_t *raw = NULL;
    pull->closed_run = pull->memory.run;
    if (why == PULL_JOURNAL_OTHER && pull->other_seq == 0) {
        pull->other_seq = page->first;
        raw = page->records;
    }
    if (pull->batch_open) /* what it had belongs to the new run */
        passage_store_rollback(pull->store);
    pull->batch_open = false;
    int result = open_batch(pull);
    if (result == ERR_OK)
        result = passage_store_begin_run(pull->store);
    if (result == ERR_OK && why == PULL_JOURNAL_OTHER)
        result = passage_store_set_aside(pull->store, PASSAGE_OTHER, pull->other_seq, pull->other_seq, raw);
    else if (result == ERR_OK)
        result = passage_store_set_aside(pull->store, PASSAGE_SHORTER, page->head, covered, NULL);
    if (result < 0)
        return result;
    if (why == PULL_JOURNAL_SHORTER)
        pull->other_seq = covered;
    pull->journal = why;
    pull->compares_all = false;
    pull->memory = pull->store->memory;
    pull->covered = pull->reached = pull->last_seq = 0;
    return ERR_OK;
}

int pull_session_page(struct pull_session *pull, const struct answer_passages *page)
{
    int result = open_batch(pull);
    if (result == ERR_OK)
        result = take_missing(pull, page);
    uint32_t run = 0, record = 0;
    for (uint32_t seq = page->first; seq <= page->next && result == ERR_OK;) {
        if (run < page->unreadable_count && page->unreadable[run].first == seq) {
            result = take_unreadable(pull, page, &page->unreadable[run]);
            seq += page->unreadable[run++].count;
        } else {
            result = take_record(pull, seq, page->records + (size_t)record * JOURNAL_RECORD_LEN);
            seq++;
            record++;
        }
    }
    if (page->next > pull->reached)
        pull->reached = page->next;
    return result;
}

int pull_session_commit(struct pull_session *pull)
{
    if (!pull->batch_open)
        return ERR_OK;
    pull->batch_open = false;
    int result = passage_store_commit(pull->store, pull->reached);
    if (result != ERR_OK)
        return result;
    pull->covered = pull->reached;
    add_counts(&pull->counts, &pull->batch);
    return ERR_OK;
}

static int fail_store(const struct pull_session *pull)
{
    return command_fail("passages pull: %s: %s", pull->store_path, passage_store_error(pull->store));
}

static int decode_page(const struct pull_page *page, struct answer_passages *decoded)
{
    if (answer_passages_decode(decoded, page->data, page->len) == ERR_OK && decoded->after == page->after)
        return COMMAND_OK;
    return command_fail("passages pull: the gate's answer to /passages makes no sense: a newer firmware?");
}

/* Waits for the next page and keeps it behind the pages of the next batch. */
static int get_page(struct pull_session *pull, struct answer_passages *page)
{
    struct link_answer answer;
    struct pull_page *kept = &pull->pages[pull->page_count];
    int result = page_fetch_next(&pull->fetch, &kept->after, &answer);
    if (result != ERR_OK)
        return gate_fail(pull->gate, pull->link, result);
    if (answer.code != COAP_CONTENT)
        return gate_refused(pull->gate, N_("reading its journal"), &answer);
    kept->len = answer.len < sizeof kept->data ? answer.len : sizeof kept->data;
    memcpy(kept->data, answer.data, kept->len);
    return decode_page(kept, page);
}

/* Acknowledges the last record that is stored. Places above it that cannot be read are acknowledged with the
 * next record. */
static int acknowledge(struct pull_session *pull)
{
    uint8_t payload[32];
    struct link_answer answer;
    if (pull->last_seq <= pull->acknowledged)
        return COMMAND_OK;
    int len = answer_encode_ack(pull->last_seq, pull->last_mac, payload, sizeof payload);
    if (len < 0)
        return command_fail("passages pull: %s", error_name(len));
    int result = link_request(
        pull->link,
        &(struct link_request){
            .method = LINK_POST, .path = "passages/ack", .payload = payload, .payload_len = (size_t)len},
        &answer);
    if (result != ERR_OK)
        return gate_fail(pull->gate, pull->link, result);
    if (answer.code != COAP_CHANGED)
        return gate_refused(pull->gate, N_("acknowledging"), &answer);
    pull->acknowledged = pull->last_seq;
    return COMMAND_OK;
}

static int commit_and_acknowledge(struct pull_session *pull)
{
    return pull_session_commit(pull) == ERR_OK ? acknowledge(pull) : fail_store(pull);
}

/* Begins a new run, and commits it at once: the store is not locked while the pages come again. */
static int begin_run(struct pull_session *pull, enum pull_journal why, const struct answer_passages *page)
{
    int result = pull_session_begin_run(pull, why, page);
    return result == ERR_OK ? pull_session_commit(pull) : result;
}

/* Handles the first page, which shows whose journal it is. Returns COMMAND_OK with *again true if the pages
 * start again at the first record, or COMMAND_FAILED after printing why. */
static int take_first(struct pull_session *pull, const struct answer_passages *page, bool *again)
{
    enum pull_journal found = pull_session_recognise(pull, page);
    int result = ERR_OK;
    if (found == PULL_JOURNAL_UNSURE)
        pull->compares_all = true;
    else if (found != PULL_JOURNAL_KNOWN)
        result = begin_run(pull, found, page);
    *again = found != PULL_JOURNAL_KNOWN;
    return result == ERR_OK ? COMMAND_OK : fail_store(pull);
}

/* Adds the pages that were kept to the store. *again is true if they showed that it is another journal: the
 * pages start again at the first record. */
static int store_pages(struct pull_session *pull, bool *again)
{
    struct answer_passages page = {0};
    int result = ERR_OK;
    for (unsigned i = 0; i < pull->page_count && result == ERR_OK; i++) {
        if (decode_page(&pull->pages[i], &page) != COMMAND_OK)
            return COMMAND_FAILED;
        result = pull_session_page(pull, &page);
    }
    pull->page_count = pull->page_records = 0;
    if (result == ERR_CORRUPT && pull->journal == PULL_JOURNAL_KNOWN) {
        *again = true;
        result = begin_run(pull, PULL_JOURNAL_OTHER, &page);
    }
    return result == ERR_OK ? COMMAND_OK : fail_store(pull);
}

static void note_page(struct pull_session *pull, const struct answer_passages *page)
{
    pull->tail = page->tail;
    pull->head = page->head;
    if (page->acked > pull->acknowledged)
        pull->acknowledged = page->acked;
}

static void show_page(struct pull_session *pull, const struct answer_passages *page, bool *started)
{
    if (!*started)
        progress_start(&pull->progress, _("fetching passages"), _("records"), 0, page->head - page->first);
    *started = true;
    progress_update(&pull->progress, pull->progress.total - (page->head - 1 - page->next));
}

/* Keeps the page that was received for the next batch. Stores the batch when it is large enough, or with the
 * last page. */
static int take_page(struct pull_session *pull, const struct answer_passages *page, bool is_last, bool *again)
{
    pull->page_count++;
    pull->page_records += page->record_count;
    bool is_full = pull->page_records >= BATCH_RECORDS || pull->page_count == PULL_PAGES_MAX;
    if (!is_last && !is_full)
        return COMMAND_OK;
    int status = store_pages(pull, again);
    return status == COMMAND_OK && !*again && !is_last ? commit_and_acknowledge(pull) : status;
}

static int take_pages(struct pull_session *pull)
{
    bool started = false, is_recognised = false, again = false;
    for (;;) {
        if (again)
            page_fetch_again(&pull->fetch, 0);
        struct answer_passages page = {0};
        int status = get_page(pull, &page);
        if (status != COMMAND_OK)
            return status;
        note_page(pull, &page);
        again = false;
        if (!is_recognised) {
            is_recognised = true;
            status = take_first(pull, &page, &again);
            if (status != COMMAND_OK)
                return status;
            if (again)
                continue;
        }
        if (page.next < page.first)
            return COMMAND_OK; /* an empty journal */
        show_page(pull, &page, &started);
        bool is_last = page.next + 1 >= page.head || page.next == page.after;
        page_fetch_done(&pull->fetch, &page);
        status = take_page(pull, &page, is_last, &again);
        if (status != COMMAND_OK)
            return status;
        if (is_last && !again) {
            progress_finish(&pull->progress);
            return COMMAND_OK;
        }
    }
}

/* Stores what was received before Ctrl-C. */
static void store_rest(struct pull_session *pull)
{
    bool again = false;
    if (store_pages(pull, &again) == COMMAND_OK)
        (void)!pull_session_commit(pull);
}

int pull_session_run(struct pull_session *pull)
{
    uint64_t started_us = link_now_us();
    if (pull_session_recall(pull) != ERR_OK)
        return fail_store(pull);
    page_fetch_start(&pull->fetch, pull->link, pull_session_first_after(pull));
    int status = take_pages(pull);
    page_fetch_stop(&pull->fetch);
    if (status == COMMAND_OK)
        status = commit_and_acknowledge(pull);
    else if (interrupt_wanted() || status == INTERRUPT_STATUS)
        store_rest(pull);
    if (pull->batch_open) {
        passage_store_rollback(pull->store);
        pull->batch_open = false;
    }
    pull->total_us = link_now_us() - started_us;
    return status;
}
