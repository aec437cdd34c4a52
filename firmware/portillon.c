#include "firmware/portillon.h"

#include <string.h>

#define STORAGE_WAIT_US     UINT64_C(2000000) /* for the first erases of a new chip, at start-up */
#define SCRUB_EVERY_US      UINT64_C(1000000)
#define UPLOAD_FORGOTTEN_US (UINT64_C(1800) * 1000000)
#define TIME_LOOK_BACK      64 /* records */
#define CLOCK_SLIP_S        60 /* a clock set by less tells the same meals */
#define CLOCK_KEPT_TO_S     (6u * 3600u)

static uint64_t now_us(const struct portillon *portillon)
{
    const struct timer *timer = portillon->hardware->timer;
    return timer->monotonic_us(timer->ctx);
}

/* ---- journal ---- */

static struct journal_record stamp(const struct portillon *portillon)
{
    return (struct journal_record){
        .utc_s = clock_utc_s(&portillon->clock),
        .zone = (uint8_t)portillon->identity->zone,
        .flags = (uint8_t)portillon->clock.quality,
    };
}

/* Appends, waiting for a sector to be prepared if it must: only right after start-up, or after damage. */
static int append(struct portillon *portillon, const struct journal_record *record, uint32_t *seq)
{
    if (!portillon->storage_ok)
        return ERR_IO;
    uint64_t started = now_us(portillon);
    int result = journal_append(&portillon->journal, record, seq);
    while (result == ERR_BUSY && now_us(portillon) - started < STORAGE_WAIT_US) {
        journal_poll(&portillon->journal);
        store_poll(&portillon->store); /* whichever of them holds the chip */
        result = journal_append(&portillon->journal, record, seq);
    }
    if (result != ERR_OK)
        portillon->lost_record_count++;
    portillon->journal_fails = result != ERR_OK;
    return result;
}

static void note(struct portillon *portillon, enum journal_kind kind, uint8_t code, uint32_t ref)
{
    struct journal_record record = stamp(portillon);
    uint32_t seq;
    record.kind = kind;
    record.code = code;
    record.ref = ref;
    int result = append(portillon, &record, &seq);
    (void)result; /* counted in lost_record_count */
}

void portillon_log_event(struct portillon *portillon, uint8_t event, uint32_t ref)
{
    note(portillon, JOURNAL_EVENT, event, ref);
}

/* ---- start-up ---- */

static void wait_for_storage(struct portillon *portillon)
{
    uint64_t started = now_us(portillon);
    while ((portillon->store.active < 0 || !portillon->journal.head_ready) &&
           now_us(portillon) - started < STORAGE_WAIT_US) {
        int store = store_poll(&portillon->store), journal = journal_poll(&portillon->journal);
        if (store == ERR_IO || journal == ERR_IO)
            return;
    }
}

static int mount_storage(struct portillon *portillon)
{
    const struct flash *flash = portillon->hardware->flash;
    const struct identity *identity = portillon->identity;
    const struct layout *layout = &portillon->layout;
    int result = layout_plan(&portillon->layout, flash->geometry);
    if (result != ERR_OK)
        return result;
    result = store_mount(&portillon->store, flash, layout->store_base, identity->storage_key);
    if (result != ERR_OK)
        return result;
    result = journal_mount(&portillon->journal, flash, layout->journal_base, layout->journal_len,
                           identity->journal_key, store_get_u32(&portillon->store, STORE_ACKED));
    if (result != ERR_OK)
        return result;
    return whitelist_mount(&portillon->whitelist, flash, layout->whitelist_base, layout->whitelist_len,
                           identity, store_get_u32(&portillon->store, STORE_VERSION_FLOOR));
}

static void apply_settings(struct portillon *portillon, const struct settings *settings)
{
    portillon->settings = *settings;
    portillon->rights.rotation_fitted = settings->rotation_fitted;
    portillon->journal.full_policy = settings->refuse_when_full ? JOURNAL_REFUSE : JOURNAL_DROP_OLDEST;
}

/* The start, and how the run before it ended if that was not well. */
static void log_start(struct portillon *portillon)
{
    static const uint8_t events[] = {[RESET_WATCHDOG] = JOURNAL_EVENT_WATCHDOG,
                                     [RESET_FAULT] = JOURNAL_EVENT_FAULT,
                                     [RESET_PANIC] = JOURNAL_EVENT_PANIC};
    const struct reset_report *reset = portillon->hardware->reset;
    portillon_log_event(portillon, JOURNAL_EVENT_START, portillon->boot_count);
    if (reset != NULL && (unsigned)reset->cause < sizeof events && events[reset->cause] != 0)
        portillon_log_event(portillon, events[reset->cause], reset->program_counter);
}

/* What the time is where no battery kept it: not before the last record that knew. */
static uint32_t last_known_utc_s(struct portillon *portillon)
{
    struct journal *journal = &portillon->journal;
    struct journal_record record;
    for (uint32_t back = 1; back <= TIME_LOOK_BACK && journal->head_seq - back >= journal->tail_seq; back++)
        if (journal_read(journal, journal->head_seq - back, &record) == ERR_OK &&
            (record.flags & JOURNAL_FLAG_CLOCK_MASK) != CLOCK_UNSET)
            return record.utc_s;
    return 0;
}

/* Remembered to a quarter of a day: setting the clock again and again must not wear the store. */
static void remember_clock(struct portillon *portillon)
{
    uint32_t confirmed_s = portillon->clock.confirmed_utc_s;
    uint32_t kept_s = store_get_u32(&portillon->store, STORE_CLOCK_CONFIRMED);
    uint32_t apart_s = confirmed_s > kept_s ? confirmed_s - kept_s : kept_s - confirmed_s;
    if (apart_s < CLOCK_KEPT_TO_S)
        return;
    int kept = store_set_u32(&portillon->store, STORE_CLOCK_CONFIRMED, confirmed_s);
    (void)kept; /* then it is stale too early after the next start, and opens all the same */
}

static void start_clock(struct portillon *portillon)
{
    uint32_t confirmed_s = store_get_u32(&portillon->store, STORE_CLOCK_CONFIRMED);
    clock_resume(&portillon->clock, last_known_utc_s(portillon));
    clock_recall_confirmed(&portillon->clock, confirmed_s);
    clock_age(&portillon->clock, portillon->settings.clock_days);
    if (confirmed_s == 0 && portillon->clock.quality == CLOCK_SET)
        remember_clock(portillon);
}

static void start_storage(struct portillon *portillon)
{
    uint8_t value[STORE_VALUE_LEN];
    struct settings settings = settings_default();
    portillon->whitelist.running = -1;
    portillon->storage_ok = mount_storage(portillon) == ERR_OK;
    if (!portillon->storage_ok) {
        apply_settings(portillon, &settings);
        return;
    }
    if (store_get(&portillon->store, STORE_SETTINGS, value) == ERR_OK &&
        settings_decode(&settings, value) != ERR_OK)
        settings = settings_default();
    apply_settings(portillon, &settings);
    wait_for_storage(portillon);
    start_clock(portillon);
    portillon->boot_count = store_get_u32(&portillon->store, STORE_BOOT_COUNT) + 1;
    int result = store_set_u32(&portillon->store, STORE_BOOT_COUNT, portillon->boot_count);
    (void)result; /* a count not kept costs nothing but the count */
    log_start(portillon);
}

static void start_rights(struct portillon *portillon)
{
    rights_init(&portillon->rights, portillon->identity->zone, &portillon->whitelist, &portillon->journal,
                &portillon->clock, portillon->settings.rotation_fitted);
    if (portillon->storage_ok)
        rights_load_off(&portillon->rights, &portillon->store);
}

/* Nobody passes, and nobody is told anything. */
static bool is_at_rest(const struct gate *gate, uint64_t now)
{
    return (gate->state == GATE_IDLE || gate->state == GATE_OUT_OF_ORDER) && !gate_is_refusing(gate, now);
}

static void drive_outputs(struct portillon *portillon)
{
    const struct gate_io *gate_io = portillon->hardware->gate_io;
    uint64_t now = now_us(portillon);
    uint32_t outputs = gate_outputs(&portillon->gate, now, &portillon->settings);
    if (!is_at_rest(&portillon->gate, now))
        selftest_stop_output(&portillon->selftest); /* whoever comes sees what concerns them */
    portillon->outputs = selftest_outputs(&portillon->selftest, outputs, now);
    gate_io->set_outputs(gate_io->ctx, portillon->outputs);
}

static uint32_t read_inputs(struct portillon *portillon)
{
    const struct gate_io *gate_io = portillon->hardware->gate_io;
    return inputs_settle(&portillon->wires, gate_io->get_inputs(gate_io->ctx), now_us(portillon));
}

/* Before storage, which may take seconds: a fire panel does not wait. */
static void start_gate(struct portillon *portillon)
{
    portillon->inputs = read_inputs(portillon) & GATE_FIRE;
    portillon->gate.faulty = true; /* until the reader is heard of */
    gate_enter(&portillon->gate, portillon->inputs ? GATE_RELEASED : GATE_OUT_OF_ORDER, now_us(portillon));
    drive_outputs(portillon);
}

int portillon_init(struct portillon *portillon, const struct portillon_hardware *hardware,
                   const struct identity *identity)
{
    memset(portillon, 0, sizeof *portillon);
    portillon->hardware = hardware;
    portillon->identity = identity;
    seed_entropy_init(&portillon->seed_entropy, identity, hardware->timer);
    int result = crypto_init(hardware->entropy ? hardware->entropy : &portillon->seed_entropy.entropy,
                             portillon->pool, sizeof portillon->pool);
    if (result != ERR_OK)
        return result;
    clock_init(&portillon->clock, hardware->timer);
    portillon->started_us = portillon->scrubbed_us = portillon->upload_moved_us = now_us(portillon);
    start_gate(portillon);
    start_storage(portillon);
    start_rights(portillon);
    result = crypto_stir(&portillon->boot_count, sizeof portillon->boot_count);
    if (result != ERR_OK)
        return result;
    if (portillon->inputs & GATE_FIRE)
        portillon_log_event(portillon, JOURNAL_EVENT_FIRE_START, 0);
    return maintenance_init(&portillon->maintenance, portillon, hardware->maintenance);
}

/* ---- the gate ---- */

/* unused: nobody was seen to go through, so that the meal is not taken. */
static void close_passage(struct portillon *portillon, uint32_t seq, enum journal_outcome outcome,
                          bool unused)
{
    struct journal_record record = stamp(portillon);
    uint32_t closing_seq;
    record.kind = JOURNAL_CLOSED;
    record.code = (uint8_t)outcome;
    record.ref = seq;
    if (unused) {
        record.flags |= outcome == JOURNAL_ABANDONED ? 0 : JOURNAL_FLAG_UNCOUNTED;
        rights_note_unused(&portillon->rights, seq);
    }
    int result = append(portillon, &record, &closing_seq);
    (void)result; /* counted in lost_record_count */
}

/* Says in the journal how the passages that this change of state ended went. Whom the fire input let out
 * keeps the meal. */
static void close_passages(struct portillon *portillon, const struct gate *before, enum gate_state next)
{
    if (next == GATE_RELEASED) {
        for (int i = 0; i < before->queue_count; i++)
            close_passage(portillon, before->queue[i], JOURNAL_ASSUMED, true);
    } else if (before->state == GATE_OPEN && before->queue_count > 0) {
        enum journal_outcome outcome = JOURNAL_ASSUMED;
        if (portillon->settings.rotation_fitted)
            outcome = next == GATE_ABANDONED ? JOURNAL_ABANDONED : JOURNAL_PASSED;
        close_passage(portillon, before->queue[0], outcome, outcome == JOURNAL_ABANDONED);
    }
}

/* The relay moves before the state change is written down: an opening for a card has its record already, and
 * neither a closing nor the fire panel waits for flash. */
static void run_gate(struct portillon *portillon, enum gate_event event)
{
    struct gate before = portillon->gate;
    uint64_t now = now_us(portillon);
    portillon->gate.faulty = !portillon->reader_up || !portillon->storage_ok || portillon->journal_fails;
    enum gate_state next = gate_next(&portillon->gate, event, now, &portillon->settings);
    if (next != before.state)
        gate_enter(&portillon->gate, next, now);
    drive_outputs(portillon);
    if (next != before.state)
        close_passages(portillon, &before, next);
}

static void note_level(struct portillon *portillon, uint32_t inputs, uint32_t input, enum journal_event on,
                       enum journal_event off)
{
    if ((inputs ^ portillon->inputs) & input)
        portillon_log_event(portillon, (uint8_t)(inputs & input ? on : off), 0);
}

static void watch_inputs(struct portillon *portillon)
{
    uint32_t inputs = read_inputs(portillon);
    uint32_t risen = inputs & ~portillon->inputs, fallen = portillon->inputs & ~inputs;
    selftest_count_rises(&portillon->selftest, risen);
    enum gate_event event = GATE_EVENT_NONE;
    if (risen & GATE_FIRE)
        event = GATE_EVENT_FIRE_START;
    else if (fallen & GATE_FIRE)
        event = GATE_EVENT_FIRE_END;
    else if (risen & GATE_ROTATION)
        event = GATE_EVENT_ROTATION;
    portillon->gate.tampered = inputs & GATE_TAMPER;
    run_gate(portillon, event);
    if (risen & GATE_BUTTON) {
        int opened = portillon_open(portillon, JOURNAL_OPENED_BY_BUTTON);
        (void)opened; /* whoever pressed it sees that nothing opens */
    }
    note_level(portillon, inputs, GATE_FIRE, JOURNAL_EVENT_FIRE_START, JOURNAL_EVENT_FIRE_END);
    note_level(portillon, inputs, GATE_TAMPER, JOURNAL_EVENT_TAMPER_START, JOURNAL_EVENT_TAMPER_END);
    portillon->inputs = inputs;
}

/* ---- taps ---- */

static uint8_t service_flags(struct portillon *portillon, uint8_t service)
{
    if (service == 0)
        return 0;
    return (uint8_t)(service << JOURNAL_SERVICE_SHIFT |
                     (rights_can_count(&portillon->rights) ? 0 : JOURNAL_FLAG_UNCOUNTED));
}

/* Makes the verdict durable and acts on it. A grant opens only once its record stands in flash. */
static void act_on(struct portillon *portillon, struct tap_result *result)
{
    struct journal_record record = stamp(portillon);
    bool granted = verdict_is_grant(result->verdict);
    record.kind = granted ? JOURNAL_GRANTED : JOURNAL_REFUSED;
    record.code = (uint8_t)result->verdict.reason;
    record.tag = result->tag;
    record.flags |= result->from_twin ? JOURNAL_FLAG_TWIN : 0;
    record.flags |= granted ? service_flags(portillon, result->service) : 0;
    int error = append(portillon, &record, &result->seq);
    if (granted && error == ERR_OK) {
        portillon->granted_count++;
        if (portillon->gate.state == GATE_RELEASED) { /* the way is open, and nobody counts who takes it */
            close_passage(portillon, result->seq, JOURNAL_ASSUMED, true);
            return;
        }
        rights_note_granted(&portillon->rights, &result->tag, result->seq, result->service);
        bool was_open = portillon->gate.state == GATE_OPEN;
        if (gate_admit(&portillon->gate, result->seq) == ERR_OK) {
            run_gate(portillon, GATE_EVENT_NONE);
            if (portillon->gate.state == GATE_OPEN && !was_open)
                result->relay_us = now_us(portillon);
            return;
        }
        result->verdict = verdict_deny(REASON_INTERNAL); /* the queue was seen to have room */
    } else if (granted) {
        result->verdict = verdict_deny(REASON_JOURNAL_FAILED);
    }
    gate_refuse(&portillon->gate, result->verdict.reason, now_us(portillon));
    drive_outputs(portillon);
}

/* How long a tap took the gate, where the reader says when it began. A card that waited for people to pass
 * says nothing of that. */
static void time_tap(struct portillon *portillon, const struct tap_result *result)
{
    uint64_t done_us = result->relay_us != 0 ? result->relay_us : result->decided_us;
    uint64_t took_us = done_us - result->seen_us;
    if (result->seen_us == 0 || result->seen_us > done_us)
        return;
    portillon->tap_last_us = took_us < UINT32_MAX ? (uint32_t)took_us : UINT32_MAX;
    if (portillon->tap_last_us > portillon->tap_worst_us)
        portillon->tap_worst_us = portillon->tap_last_us;
}

static struct tap_result take_tap(struct portillon *portillon, const struct reader_report *report)
{
    struct tap_result result = {.seen_us = report->seen_us};
    tap_decide(&result, &report->target, portillon->identity, &portillon->rights);
    result.decided_us = now_us(portillon);
    portillon->tap_count++;
    act_on(portillon, &result);
    if (portillon->hardware->on_tap)
        portillon->hardware->on_tap(portillon->hardware->on_tap_ctx, &result);
    return result;
}

static void set_reader_state(struct portillon *portillon, bool up, const char *text)
{
    size_t len = strlen(text), most = sizeof portillon->reader_text - 1;
    if (len > 0) {
        memset(portillon->reader_text, 0, sizeof portillon->reader_text);
        memcpy(portillon->reader_text, text, len < most ? len : most);
    }
    if (up == portillon->reader_up)
        return;
    portillon->reader_up = up;
    portillon_log_event(portillon, up ? JOURNAL_EVENT_READER_UP : JOURNAL_EVENT_READER_DOWN, 0);
}

/* With a full queue a card waits until somebody has passed; one, for the next pupil stands behind it. */
static bool serve_waiting_card(struct portillon *portillon)
{
    if (!portillon->card_waits || portillon->gate.queue_count == GATE_QUEUE_MAX)
        return false;
    portillon->card_waits = false;
    take_tap(portillon, &portillon->waiting_card);
    return true;
}

static bool serve_reader(struct portillon *portillon)
{
    const struct reader *reader = portillon->hardware->reader;
    struct reader_report report;
    if (serve_waiting_card(portillon))
        return true;
    if (reader->poll(reader->ctx, &report) <= 0)
        return false;
    set_reader_state(portillon, report.event != READER_DOWN,
                     report.event == READER_UP || report.event == READER_DOWN ? report.text : "");
    if (!tap_tracker_feed(&portillon->taps, &report))
        return true;
    if (portillon->gate.queue_count < GATE_QUEUE_MAX) {
        struct tap_result result = take_tap(portillon, &report);
        time_tap(portillon, &result);
    } else if (!portillon->card_waits) {
        portillon->card_waits = true;
        portillon->waiting_card = report;
    }
    return true;
}

/* ---- background ---- */

static void forget_stalled_upload(struct portillon *portillon)
{
    struct whitelist *list = &portillon->whitelist;
    bool waits = list->upload_state == WHITELIST_HEAD || list->upload_state == WHITELIST_RECEIVING;
    uint32_t progress = list->head_received + list->have_count * 4 + list->assembly_pieces;
    if (!waits || progress != portillon->upload_progress) {
        portillon->upload_progress = progress;
        portillon->upload_moved_us = now_us(portillon);
    } else if (now_us(portillon) - portillon->upload_moved_us > UPLOAD_FORGOTTEN_US) {
        whitelist_upload_abandon(list);
    }
}

static int serve_whitelist(struct portillon *portillon)
{
    struct whitelist *list = &portillon->whitelist;
    if (now_us(portillon) - portillon->scrubbed_us >= SCRUB_EVERY_US) {
        portillon->scrubbed_us = now_us(portillon);
        whitelist_scrub(list);
        forget_stalled_upload(portillon);
        clock_age(&portillon->clock, portillon->settings.clock_days);
        rights_poll(&portillon->rights);
    }
    int result = whitelist_poll(list);
    if (result == 1) {
        /* The slots themselves hold the floor; the store keeps it should both be lost. */
        int kept = store_set_u32(&portillon->store, STORE_VERSION_FLOOR, list->version_floor);
        (void)kept;
        rights_recount(&portillon->rights);
        portillon_log_event(portillon, JOURNAL_EVENT_LIST_INSTALLED, list->version_floor);
    } else if (result == 2) {
        portillon_log_event(portillon, JOURNAL_EVENT_LIST_REFUSED, (uint32_t)-list->upload_error);
    } else if (result == 3) {
        portillon_log_event(portillon, JOURNAL_EVENT_BLOCK_REPAIRED, list->repair_block);
    }
    return result == ERR_OK ? ERR_OK : ERR_BUSY;
}

/* Acknowledged passages from before this second are to be erased; 0: none, as long as the time is not sure.
 */
static uint32_t retention_bound(const struct portillon *portillon)
{
    uint32_t now_s = clock_utc_s(&portillon->clock), kept_s = portillon->settings.retention_days * 86400u;
    return portillon->clock.quality == CLOCK_SET && now_s > kept_s ? now_s - kept_s : 0;
}

static int serve_storage(struct portillon *portillon)
{
    if (!portillon->storage_ok)
        return ERR_OK;
    portillon->journal.stamp = stamp(portillon);
    portillon->journal.forget_before_s = retention_bound(portillon);
    int journal = journal_poll(&portillon->journal);
    int store = store_poll(&portillon->store);
    int whitelist = serve_whitelist(portillon);
    int selftest = selftest_poll(&portillon->selftest, now_us(portillon));
    return journal == ERR_BUSY || store == ERR_BUSY || whitelist == ERR_BUSY || selftest == ERR_BUSY
               ? ERR_BUSY
               : ERR_OK;
}

int portillon_poll(struct portillon *portillon)
{
    bool tapped = serve_reader(portillon);
    watch_inputs(portillon);
    int maintenance = maintenance_poll(&portillon->maintenance);
    int storage = serve_storage(portillon);
    return tapped || maintenance == ERR_BUSY || storage == ERR_BUSY ? ERR_BUSY : ERR_OK;
}

/* ---- what maintenance may change ---- */

int portillon_set_settings(struct portillon *portillon, const struct settings *settings, enum role role)
{
    uint8_t value[STORE_VALUE_LEN];
    int result = settings_check(settings);
    if (result != ERR_OK)
        return result;
    if (!portillon->storage_ok)
        return ERR_IO;
    settings_encode(settings, value);
    result = store_set(&portillon->store, STORE_SETTINGS, value);
    if (result != ERR_OK)
        return result;
    apply_settings(portillon, settings);
    portillon_log_event(portillon, JOURNAL_EVENT_SETTINGS, (uint32_t)role);
    return ERR_OK;
}

int portillon_set_clock(struct portillon *portillon, uint32_t utc_s)
{
    struct clock changed = portillon->clock;
    int result = clock_set(&changed, utc_s);
    if (result != ERR_OK)
        return result;
    portillon_log_event(portillon, JOURNAL_EVENT_CLOCK_SET, utc_s); /* stamped with the old time */
    uint32_t before_s = clock_utc_s(&portillon->clock);
    uint32_t moved_s = utc_s > before_s ? utc_s - before_s : before_s - utc_s;
    bool another_time = portillon->clock.quality != CLOCK_SET || moved_s > CLOCK_SLIP_S;
    portillon->clock = changed;
    if (portillon->storage_ok)
        remember_clock(portillon);
    if (another_time)
        rights_recount(&portillon->rights);
    return ERR_OK;
}

int portillon_open(struct portillon *portillon, enum journal_opening_source source)
{
    struct journal_record record = stamp(portillon);
    uint32_t seq;
    if (portillon->gate.state == GATE_RELEASED)
        return ERR_OK;
    if (portillon->gate.queue_count == GATE_QUEUE_MAX)
        return ERR_BUSY;
    record.kind = JOURNAL_EVENT;
    record.code = JOURNAL_EVENT_MANUAL_OPENING;
    record.ref = (uint32_t)source;
    int result = append(portillon, &record, &seq);
    if (result == ERR_OK)
        result = gate_admit(&portillon->gate, seq);
    run_gate(portillon, GATE_EVENT_NONE);
    return result;
}

int portillon_turn_profiles(struct portillon *portillon, uint32_t on)
{
    if (!portillon->storage_ok)
        return ERR_IO;
    if (portillon->whitelist.running < 0)
        return ERR_NO_LIST;
    int result = rights_turn(&portillon->rights, on, &portillon->store);
    if (result == ERR_OK)
        portillon_log_event(portillon, JOURNAL_EVENT_PROFILES, portillon->rights.profiles_off);
    return result;
}

int portillon_acknowledge(struct portillon *portillon, uint32_t seq)
{
    if (!portillon->storage_ok)
        return ERR_IO;
    if (seq >= portillon->journal.head_seq)
        return ERR_ARGUMENT;
    if (seq <= portillon->journal.acked_seq)
        return ERR_OK;
    int result = store_set_u32(&portillon->store, STORE_ACKED, seq);
    if (result != ERR_OK)
        return result;
    portillon->journal_fails = false; /* if it was full, it has room again */
    return journal_acknowledge(&portillon->journal, seq);
}

int portillon_test_flash(struct portillon *portillon)
{
    uint32_t seed;
    if (!portillon->storage_ok)
        return ERR_IO;
    if (portillon->layout.scratch_len == 0)
        return ERR_UNSUPPORTED;
    if (crypto_random((uint8_t *)&seed, sizeof seed) != ERR_OK)
        seed = portillon->boot_count; /* it need not be secret, only another than last time */
    return selftest_start_flash(&portillon->selftest, portillon->hardware->flash,
                                portillon->layout.scratch_base, seed, now_us(portillon));
}

int portillon_test_output(struct portillon *portillon, uint32_t output, enum role role)
{
    if (!is_at_rest(&portillon->gate, now_us(portillon)))
        return ERR_BUSY;
    if (output & GATE_RELAY) {
        struct journal_record record = stamp(portillon);
        uint32_t seq;
        record.kind = JOURNAL_EVENT;
        record.code = JOURNAL_EVENT_TEST_OPENING;
        record.ref = (uint32_t)role;
        int result = append(portillon, &record, &seq);
        if (result != ERR_OK)
            return result;
    }
    selftest_start_output(&portillon->selftest, output, now_us(portillon));
    drive_outputs(portillon);
    return ERR_OK;
}
