/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/access/rights.h"

#include <string.h>

#include "firmware/access/policy.h"

#define HOUR_S          3600u
#define MOVED_S         (3 * HOUR_S) /* how much later a new list may make the current meal begin */
#define PURGE_AFTER     256          /* records between two purges of a table that is nearly full */
#define CLOCKS_DIFFER_S 600          /* how much the clocks of two gates may differ */

_Static_assert(WHITELIST_SERVICES_MAX < 1 << JOURNAL_SERVICE_BITS, "a number for each service, and 0");

static struct local_time local_time_at(const struct rights *rights, uint32_t utc_s)
{
    return time_zone_local(&whitelist_active_tables(rights->whitelist)->zone, utc_s);
}

struct local_time rights_local_time(const struct rights *rights)
{
    return local_time_at(rights, clock_utc_s(rights->clock));
}

/* ---- counting ---- */

struct meal_filter {
    const struct rights *rights;
    struct policy_meal meal;
    uint32_t since_utc_s; /* earliest time at which it may have begun, by this list or the one before */
    uint32_t elsewhere_s; /* the latest passage at another gate that was found; 0: none */
};

/* Returns the earliest time at which a meal may have begun that, by the local time, began so many minutes
 * ago. One hour is added because the local time may have been set back since, and MOVED_S because a list may
 * have been installed since. */
static uint32_t begun_s(uint32_t now_s, uint32_t minutes)
{
    uint32_t reach_s = minutes * 60 + HOUR_S + MOVED_S;
    return now_s > reach_s ? now_s - reach_s : 0;
}

static struct policy_meal service_at(const struct rights *rights, uint8_t service, uint32_t utc_s)
{
    struct local_time then = local_time_at(rights, utc_s);
    return policy_service_at(whitelist_active_tables(rights->whitelist), service, &then);
}

/* Returns true if a passage for the service at this time is one of the meal: begun on the same day. A passage
 * outside the hours of the service belongs to it too: it was granted under a list with other hours. */
static bool is_time_of_meal(const struct meal_filter *filter, uint32_t utc_s)
{
    struct policy_meal meal = service_at(filter->rights, (uint8_t)filter->meal.service, utc_s);
    return utc_s >= filter->since_utc_s && (meal.service < 0 || meal.day == filter->meal.day);
}

static bool is_of_meal(void *ctx, const struct journal_record *record)
{
    struct meal_filter *filter = ctx;
    bool counts = journal_record_clock(record) == CLOCK_SET &&
                  service_count_number(&filter->rights->meals, record) == filter->meal.service + 1 &&
                  is_time_of_meal(filter, record->utc_s);
    if (counts && journal_record_is_meal_elsewhere(record) && record->ref > filter->elsewhere_s)
        filter->elsewhere_s = record->ref;
    return counts;
}

/* Returns the minutes since the oldest meal in progress began; -1: there is none. */
static int minutes_into_meals(const struct rights *rights)
{
    const struct whitelist_tables *tables = whitelist_active_tables(rights->whitelist);
    struct local_time now = rights_local_time(rights);
    int most = -1;
    for (uint8_t i = 0; i < tables->service_count; i++) {
        struct policy_meal meal = policy_service_at(tables, i, &now);
        if (meal.service >= 0 && meal.minutes > most)
            most = meal.minutes;
    }
    return most;
}

/* Returns the second from which on passages may be of a meal in progress. */
static uint32_t meals_since_s(const struct rights *rights)
{
    return begun_s(clock_utc_s(rights->clock), (uint32_t)(minutes_into_meals(rights) + 1));
}

static bool counts_meals(const struct rights *rights)
{
    return rights->zone == ZONE_CANTEEN && rights->clock->quality == CLOCK_SET &&
           whitelist_active(rights->whitelist) != NULL;
}

static void count_again(struct rights *rights)
{
    rights->recounted_seq = journal_head_seq(rights->journal);
    rights->meal_seen_utc_s = clock_utc_s(rights->clock);
    if (!counts_meals(rights))
        service_count_reset(&rights->meals, rights->journal);
    else
        service_count_again(&rights->meals,
                            &(struct service_recount){.since_utc_s = meals_since_s(rights),
                                                      .run_first_seq = rights->run_first_seq});
}

int rights_work(struct rights *rights)
{
    struct service_count *meals = &rights->meals;
    if (rights->clock->quality != CLOCK_SET)
        return ERR_OK;
    if (service_count_is_counting(meals)) {
        service_count_work(meals);
        return ERR_BUSY;
    }
    if (service_count_is_nearly_full(meals) &&
        journal_head_seq(rights->journal) - rights->recounted_seq >= PURGE_AFTER) {
        rights->recounted_seq = journal_head_seq(rights->journal);
        service_count_purge_start(meals);
    }
    if (!service_count_is_purging(meals))
        return ERR_OK;
    service_count_purge(meals, meals_since_s(rights));
    return ERR_BUSY;
}

bool rights_can_count(const struct rights *rights)
{
    return !service_count_is_full(&rights->meals);
}

void rights_note_granted(struct rights *rights, const struct tag *tag, uint32_t seq, uint8_t service)
{
    if (service == 0)
        return;
    int taken = service_count_add(&rights->meals, tag, seq);
    (void)taken; /* if the table is full, JOURNAL_FLAG_UNCOUNTED in the record says so */
}

void rights_note_unused(struct rights *rights, uint32_t seq)
{
    service_count_remove(&rights->meals, seq);
}

void rights_poll(struct rights *rights)
{
    uint32_t now_s = clock_utc_s(rights->clock);
    if (rights->clock->quality != CLOCK_SET || rights->meals.taken == 0 ||
        service_count_is_counting(&rights->meals))
        return;
    if (minutes_into_meals(rights) >= 0)
        rights->meal_seen_utc_s = now_s;
    else if (now_s - rights->meal_seen_utc_s > 2 * HOUR_S) /* not at once, because a meal may move: begun_s */
        service_count_forget(&rights->meals, rights->meal_seen_utc_s);
}

/* ---- deciding ---- */

struct verdict rights_decide(struct rights *rights, const struct tag *tag,
                             const struct whitelist_answer *answer, const struct rights_evidence *evidence,
                             struct rights_finding *finding)
{
    struct policy_question question = {
        .rule = answer->rule,
        .tables = whitelist_active_tables(rights->whitelist),
        .zone = rights->zone,
        .now = rights_local_time(rights),
        .clock = rights->clock->quality,
        .method = evidence->method,
        .seen = evidence->seen,
        .profiles_off = rights->profiles_off,
    };
    struct meal_filter meal = {.rights = rights, .meal = policy_meal(&question)};
    meal.since_utc_s = begun_s(clock_utc_s(rights->clock), meal.meal.minutes);
    const struct service_filter filter = {is_of_meal, &meal};
    if (meal.meal.service >= 0 && question.rule.passages != POLICY_NO_LIMIT)
        question.used = service_count_of(&rights->meals, tag, &filter);
    *finding = (struct rights_finding){.method = policy_method(&question),
                                       .service = (uint8_t)(meal.meal.service + 1),
                                       .elsewhere_s = meal.elsewhere_s};
    return policy_decide(&question);
}

/* ---- meals at other gates ---- */

/* Returns the place of a service in the active list, from 0; -1: it is not in the list. */
static int find_named(const struct rights *rights, uint32_t code)
{
    const struct whitelist_tables *tables = whitelist_active_tables(rights->whitelist);
    for (uint8_t i = 0; i < tables->service_count; i++)
        if (whitelist_name_code(tables->services[i].name) == code)
            return i;
    return -1;
}

/* Finds the meal of a service that is in progress or about to begin; service -1: there is none. */
static struct meal_filter find_meal(const struct rights *rights, uint32_t code)
{
    uint32_t now_s = clock_utc_s(rights->clock);
    int place = find_named(rights, code);
    struct meal_filter found = {.rights = rights, .meal = {.service = -1}};
    if (place < 0 || rights->zone != ZONE_CANTEEN || rights->clock->quality != CLOCK_SET)
        return found;
    found.meal = service_at(rights, (uint8_t)place, now_s);
    if (found.meal.service < 0)
        found.meal = service_at(rights, (uint8_t)place, now_s + CLOCKS_DIFFER_S);
    found.since_utc_s = begun_s(now_s, found.meal.minutes);
    return found;
}

struct meal_search {
    struct meal_filter meal;
    uint32_t utc_s;
    bool is_found; /* a passage at this time is counted */
};

static bool is_of_searched_meal(void *ctx, const struct journal_record *record)
{
    struct meal_search *search = ctx;
    uint32_t passed_s = journal_record_is_meal_elsewhere(record) ? record->ref : record->utc_s;
    bool counts = is_of_meal(&search->meal, record);
    search->is_found = search->is_found || (counts && passed_s == search->utc_s);
    return counts;
}

enum rights_meal_weight rights_weigh_meal(struct rights *rights, const struct rights_meal *meal,
                                          uint8_t *service, bool *is_listed)
{
    struct whitelist_answer answer;
    struct meal_search search = {.meal = find_meal(rights, meal->service), .utc_s = meal->utc_s};
    const struct service_filter filter = {is_of_searched_meal, &search};
    if (search.meal.meal.service < 0 || !is_time_of_meal(&search.meal, meal->utc_s) ||
        meal->utc_s > clock_utc_s(rights->clock) + CLOCKS_DIFFER_S)
        return RIGHTS_MEAL_NOT_NOW;
    *service = (uint8_t)(search.meal.meal.service + 1);
    *is_listed = whitelist_lookup(rights->whitelist, &meal->tag, &answer) == ERR_OK;
    uint8_t used = service_count_of(&rights->meals, &meal->tag, &filter);
    if (search.is_found || (*is_listed && answer.rule.passages == POLICY_NO_LIMIT))
        return RIGHTS_MEAL_KNOWN;
    if (*is_listed && used >= answer.rule.passages)
        return RIGHTS_MEAL_USED_UP;
    if (!*is_listed && rights->meals.unlisted >= SERVICE_COUNT_UNLISTED)
        return RIGHTS_MEAL_UNLISTED;
    return rights_can_count(rights) ? RIGHTS_MEAL_NEW : RIGHTS_MEAL_NO_ROOM;
}

void rights_note_elsewhere(struct rights *rights, const struct journal_record *record)
{
    int taken = service_count_add_elsewhere(&rights->meals, record);
    (void)taken;                                          /* rights_weigh_meal found room */
    rights->meal_seen_utc_s = clock_utc_s(rights->clock); /* the meal may be about to begin: rights_poll */
}

/* ---- profiles turned off ---- */

static void mark_profiles(struct rights *rights)
{
    rights->profiles_off = profiles_off_bits(&rights->off, whitelist_active_tables(rights->whitelist));
}

int rights_turn(struct rights *rights, uint32_t on, struct store *store)
{
    int result = profiles_off_turn(&rights->off, whitelist_active_tables(rights->whitelist), on, store);
    mark_profiles(rights);
    return result;
}

void rights_load_off(struct rights *rights, const struct store *store)
{
    profiles_off_load(&rights->off, store);
    mark_profiles(rights);
}

/* ---- services that a new list places differently ---- */

static void take_service_names(const struct whitelist_tables *tables, uint32_t codes[WHITELIST_SERVICES_MAX])
{
    for (uint32_t i = 0; i < WHITELIST_SERVICES_MAX; i++)
        codes[i] = i < tables->service_count ? whitelist_name_code(tables->services[i].name) : 0;
}

/* Returns the place in the new list (from 1) of the service that was at place `before` (from 0); 0: gone. */
static uint8_t find_service(const uint32_t codes[WHITELIST_SERVICES_MAX], uint32_t code, uint8_t before)
{
    if (codes[before] == code) /* the same place first, because two services may have the same name */
        return before + 1;
    for (uint8_t i = 0; i < WHITELIST_SERVICES_MAX; i++)
        if (codes[i] == code)
            return i + 1;
    return 0;
}

struct journal_services rights_renumber_services(struct rights *rights)
{
    uint32_t codes[WHITELIST_SERVICES_MAX];
    struct journal_services map = {{0}};
    bool changed = false;
    take_service_names(whitelist_active_tables(rights->whitelist), codes);
    for (uint8_t i = 0; i < WHITELIST_SERVICES_MAX && rights->services[i] != 0; i++) {
        uint8_t place = find_service(codes, rights->services[i], i);
        map.bytes[i / 2] |= (uint8_t)(place << (i % 2 == 0 ? 0 : 4));
        changed = changed || place != i + 1;
    }
    memcpy(rights->services, codes, sizeof codes);
    return changed ? map : (struct journal_services){{0}};
}

/* ---- start-up and change ---- */

void rights_take_list(struct rights *rights, const struct journal_services *services)
{
    mark_profiles(rights);
    if (counts_meals(rights) && service_count_is_complete(&rights->meals, meals_since_s(rights)))
        service_count_take_list(&rights->meals, journal_head_seq(rights->journal), services);
    else
        count_again(rights);
}

void rights_take_clock(struct rights *rights)
{
    count_again(rights);
}

void rights_init(struct rights *rights, enum zone zone, struct whitelist *whitelist, struct journal *journal,
                 const struct clock *clock)
{
    rights->zone = zone;
    rights->whitelist = whitelist;
    rights->journal = journal;
    rights->clock = clock;
    rights->run_first_seq = journal_head_seq(journal);
    take_service_names(whitelist_active_tables(whitelist), rights->services);
    service_count_reset(&rights->meals, journal);
    mark_profiles(rights);
    count_again(rights);
    service_count_finish(&rights->meals);
}
