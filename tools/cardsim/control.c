/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/control.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hal/common/plural.h"
#include "tools/cardsim/text.h"

enum { WORDS_MAX = 48, TAP_MS = 300, TAP_MAX_MS = 3600000 };

static const struct cardsim_card_kind *find_kind(const char *name)
{
    for (size_t i = 0; cardsim_kinds[i]; i++)
        if (strcmp(cardsim_kinds[i]->name, name) == 0)
            return cardsim_kinds[i];
    return NULL;
}

__attribute__((format(printf, 2, 3))) static void *fail(char *problem, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(problem, CARDSIM_PROBLEM_MAX, format, args);
    va_end(args);
    return NULL;
}

/* Sets an option of a card. atqa=, sak= and ats= exist for every kind; each kind may have others. */
static bool set_option(struct cardsim_card *card, const char *key, const char *value)
{
    uint8_t bytes[CARDSIM_ATS_MAX];
    int len = cardsim_text_hex(value, bytes, sizeof bytes);
    if (strcmp(key, "atqa") == 0 && len == 2) {
        memcpy(card->atqa, bytes, 2);
        return true;
    }
    if (strcmp(key, "sak") == 0 && len == 1 && !(bytes[0] & 0x04)) {
        card->sak = bytes[0];
        return true;
    }
    if (strcmp(key, "ats") == 0 && strcmp(value, "none") == 0 && card->kind->ats) {
        card->ats_len = 0;
        return true;
    }
    if (strcmp(key, "ats") == 0 && len >= 1 && bytes[0] == len && card->kind->ats) {
        memcpy(card->ats, bytes, (size_t)len);
        card->ats_len = (uint8_t)len;
        return true;
    }
    return card->kind->option && card->kind->option(card, key, value);
}

static bool set_options(struct cardsim_card *card, char *const *words, size_t count, char *problem)
{
    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(words[i], '=');
        char key[24];
        if (!equals || (size_t)(equals - words[i]) >= sizeof key)
            return fail(problem, "'%.40s' is not an option (KEY=VALUE)", words[i]);
        memcpy(key, words[i], (size_t)(equals - words[i]));
        key[equals - words[i]] = '\0';
        if (!set_option(card, key, equals + 1))
            return fail(problem, "%s has no option '%.60s'", card->kind->name, words[i]);
    }
    return true;
}

/* Defines a card from words: NAME KIND [UID] [OPTION=VALUE]... Returns the card, or NULL after writing the
 * error to problem (CARDSIM_PROBLEM_MAX bytes). */
static struct cardsim_card *define(struct cardsim_field *field, char *const *words, size_t count,
                                   char *problem)
{
    uint8_t uid[CARDSIM_UID_MAX];
    int uid_len = 0;
    if (count < 2)
        return fail(problem, "a card needs a name, a kind and a UID");
    const struct cardsim_card_kind *kind = find_kind(words[1]);
    if (!kind)
        return fail(problem, "no kind of card is called '%.40s' (see help)", words[1]);
    if (strlen(words[0]) >= CARDSIM_NAME_MAX)
        return fail(problem, "the name '%.40s' is longer than %d characters", words[0], CARDSIM_NAME_MAX - 1);
    if (cardsim_field_find(field, words[0]))
        return fail(problem, "there already is a card '%.40s'", words[0]);
    size_t used = 2;
    if (count > 2 && !strchr(words[2], '=')) {
        used = 3;
        uid_len = strcmp(words[2], "-") == 0 ? 0 : cardsim_text_hex(words[2], uid, sizeof uid);
        if (uid_len < 0)
            return fail(problem, "'%.40s' is not a UID of 4, 7, 8 or 10 bytes in hex", words[2]);
    }
    struct cardsim_card *card = cardsim_field_spare(field);
    if (!card)
        return fail(problem, "there are %d cards already", CARDSIM_CARDS_MAX);
    if (!cardsim_card_create(card, kind, words[0], uid, (size_t)uid_len)) {
        if (uid_len == 0)
            return fail(problem, "%s needs a UID", kind->name);
        return fail(problem, "%s does not come with a UID of %d bytes", kind->name, uid_len);
    }
    if (!set_options(card, words + used, count - used, problem))
        return NULL;
    field->count++;
    return card;
}

unsigned cardsim_control_load(struct cardsim_field *field, char *text, char *problem)
{
    char *words[WORDS_MAX];
    for (unsigned number = 1; *text; number++) {
        char *end = text + strcspn(text, "\n");
        char *next = *end ? end + 1 : end;
        *end = '\0';
        size_t count = cardsim_text_split(text, words, WORDS_MAX);
        if (count > WORDS_MAX) {
            fail(problem, "more than %d words", WORDS_MAX);
            return number;
        }
        if (count > 0 && !define(field, words, count, problem))
            return number;
        text = next;
    }
    return 0;
}

/* The answer being built: never longer than its buffer, always ended by a newline. */
struct out {
    char *text;
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void say(struct out *out, const char *format, ...)
{
    size_t room = CARDSIM_ANSWER_MAX - 1 - out->len; /* keeps one byte for the newline */
    va_list args;
    va_start(args, format);
    int len = vsnprintf(out->text + out->len, room, format, args);
    va_end(args);
    if (len > 0)
        out->len += (size_t)len < room ? (size_t)len : room - 1;
}

static void say_card(struct out *out, const struct cardsim_card *card)
{
    char hex[2 * CARDSIM_UID_MAX + 1];
    say(out, "%s %s %s", card->name, card->kind->name, cardsim_text_to_hex(card->uid, card->uid_len, hex));
}

/* Returns the most likely kind for a UID alone. */
static const struct cardsim_card_kind *guess_kind(size_t uid_len)
{
    return uid_len == 4    ? &cardsim_kind_classic
           : uid_len == 7  ? &cardsim_kind_desfire_ev2
           : uid_len == 10 ? &cardsim_kind_iso4
                           : NULL;
}

/* Finds a card by name, by UID, by "KIND UID [OPTION]..." or by "NAME KIND UID [OPTION]...". A card that does
 * not exist is made. */
static struct cardsim_card *find_or_make(struct cardsim_control *control, char **words, size_t count,
                                         char *problem)
{
    char *full[WORDS_MAX + 2];
    char name[CARDSIM_NAME_MAX];
    uint8_t uid[CARDSIM_UID_MAX];
    if (count == 0)
        return fail(problem, "which card?");
    struct cardsim_card *card = cardsim_field_find(control->field, words[0]);
    if (card && count == 1)
        return card;
    int uid_len = cardsim_text_hex(words[0], uid, sizeof uid);
    if (find_kind(words[0])) {
        if (count > 1 && (card = cardsim_field_find(control->field, words[1])) && count == 2 &&
            card->kind == find_kind(words[0]))
            return card;
        full[0] = name;
        memcpy(full + 1, words, count * sizeof *words);
        count++;
        if (count > 2 && (uid_len = cardsim_text_hex(words[1], uid, sizeof uid)) > 0)
            cardsim_text_to_hex(uid, (size_t)uid_len, name);
        else
            snprintf(name, sizeof name, "%s-%u", words[0], ++control->names_given);
    } else if (count == 1 && uid_len > 0 && guess_kind((size_t)uid_len)) {
        char kind_name[CARDSIM_NAME_MAX];
        snprintf(kind_name, sizeof kind_name, "%s", guess_kind((size_t)uid_len)->name);
        cardsim_text_to_hex(uid, (size_t)uid_len, name);
        char *guessed[] = {name, kind_name, words[0]};
        return define(control->field, guessed, 3, problem);
    } else if (count == 1) {
        return fail(problem, "there is no card '%.40s' (see list)", words[0]);
    } else {
        memcpy(full, words, count * sizeof *words);
    }
    return define(control->field, full, count, problem);
}

static bool say_error(struct out *out, const char *problem)
{
    out->len = 0;
    say(out, "error %s", problem);
    return false;
}

static bool run_put(struct cardsim_control *control, char **words, size_t count, uint64_t now_us,
                    struct out *out)
{
    char problem[CARDSIM_PROBLEM_MAX];
    struct cardsim_card *card = find_or_make(control, words, count, problem);
    if (!card)
        return say_error(out, problem);
    cardsim_field_put(control->field, card, 0);
    say(out, "ok put ");
    say_card(out, card);
    say(out, " at_us=%" PRIu64, now_us);
    return true;
}

/* Runs tap CARD... [MS]. The last word is a time if it is a short number after another word. */
static bool run_tap(struct cardsim_control *control, char **words, size_t count, uint64_t now_us,
                    struct out *out)
{
    char problem[CARDSIM_PROBLEM_MAX];
    long ms = TAP_MS;
    if (count > 1 && strlen(words[count - 1]) < 8) {
        long told = cardsim_text_number(words[count - 1], TAP_MAX_MS);
        if (told >= 0) {
            ms = told;
            count--;
        }
    }
    struct cardsim_card *card = find_or_make(control, words, count, problem);
    if (!card)
        return say_error(out, problem);
    cardsim_field_put(control->field, card, now_us + 1000ull * (uint64_t)ms);
    say(out, "ok tap ");
    say_card(out, card);
    say(out, " ms=%ld at_us=%" PRIu64, ms, now_us);
    return true;
}

static bool run_take(struct cardsim_control *control, char **words, size_t count, struct out *out)
{
    if (count != 1)
        return say_error(out, "take NAME|UID|all");
    if (strcmp(words[0], "all") == 0) {
        unsigned taken = 0;
        for (size_t i = 0; i < control->field->count; i++)
            if (control->field->cards[i].in_field) {
                cardsim_field_take(control->field, &control->field->cards[i]);
                taken++;
            }
        say(out, "ok took %u", taken);
        return true;
    }
    struct cardsim_card *card = cardsim_field_find(control->field, words[0]);
    if (!card || !card->in_field) {
        say(out, card ? "error '%.40s' is not in the field" : "error there is no card '%.40s' (see list)",
            words[0]);
        return false;
    }
    cardsim_field_take(control->field, card);
    say(out, "ok took %s", card->name);
    return true;
}

/* Runs show CARD [NAME]: what a card stores, or the content of one file, block or page of it. */
static bool run_show(struct cardsim_control *control, char **words, size_t count, struct out *out)
{
    enum { STORED_MAX = CARDSIM_ANSWER_MAX / 2 };
    char stored[STORED_MAX] = "";
    if (count < 1 || count > 2)
        return say_error(out, "show CARD [AID:FILE|BLOCK|PAGE]");
    struct cardsim_card *card = cardsim_field_find(control->field, words[0]);
    if (!card) {
        say(out, "error there is no card '%.40s' (see list)", words[0]);
        return false;
    }
    if (count == 2 && !(card->kind->content && card->kind->content(card, words[1], stored, sizeof stored))) {
        say(out, "error %s has no '%.40s'", card->name, words[1]);
        return false;
    }
    if (count == 1 && card->kind->describe)
        card->kind->describe(card, stored, sizeof stored);
    say(out, "ok show ");
    say_card(out, card);
    say(out, "%s%s", *stored ? " " : "", stored);
    return true;
}

static bool run_list(struct cardsim_control *control, char **words, size_t count, struct out *out)
{
    (void)words;
    (void)count;
    say(out, "ok %zu card%s", control->field->count, plural(control->field->count, "", "s"));
    for (size_t i = 0; i < control->field->count; i++) {
        say(out, i ? ", " : ": ");
        say_card(out, &control->field->cards[i]);
        say(out, control->field->cards[i].in_field ? " in" : " out");
    }
    return true;
}

static bool run_fault(struct cardsim_control *control, char **words, size_t count, struct out *out)
{
    enum { COUNT_MAX = 1000000, SLOW_MAX_MS = 600000 };
    enum cardsim_fault kind = count ? cardsim_fault_by_name(words[0]) : CARDSIM_FAULT_COUNT;
    if (kind == CARDSIM_FAULT_COUNT || count > 3) {
        say(out, "error fault KIND [COUNT|forever] [MS], KIND being");
        for (int i = 0; i < CARDSIM_FAULT_COUNT; i++)
            say(out, " %s", cardsim_fault_name((enum cardsim_fault)i));
        return false;
    }
    struct cardsim_faults faults = {.kind = kind, .left = kind == CARDSIM_FAULT_HANG ? UINT32_MAX : 1};
    if (count > 1) {
        long told = cardsim_text_number(words[1], COUNT_MAX);
        if (told < 1 && strcmp(words[1], "forever") != 0)
            return say_error(out, "a fault's count is a number from 1 on, or 'forever'");
        faults.left = told < 1 ? UINT32_MAX : (uint32_t)told;
    }
    if (count > 2) {
        long told = cardsim_text_number(words[2], SLOW_MAX_MS);
        if (told < 1 || kind != CARDSIM_FAULT_SLOW)
            return say_error(out, "only 'slow' takes milliseconds, from 1 to 600000");
        faults.slow_ms = (uint32_t)told;
    }
    control->chip->faults = faults;
    if (faults.left == UINT32_MAX)
        say(out, "ok fault %s until cleared", words[0]);
    else
        say(out, "ok fault %s %" PRIu32, words[0], kind == CARDSIM_FAULT_NONE ? 0 : faults.left);
    return true;
}

static bool run_status(struct cardsim_control *control, char **words, size_t count, struct out *out)
{
    const struct cardsim_chip *chip = control->chip;
    unsigned inside = 0;
    (void)words;
    (void)count;
    for (size_t i = 0; i < control->field->count; i++)
        inside += control->field->cards[i].in_field;
    say(out, "ok chip=%s field=%s cards=%zu in_field=%u commands=%" PRIu64 " fault=%s",
        chip->is_asleep ? "asleep" : "awake", control->field->powered ? "on" : "off", control->field->count,
        inside, chip->commands, cardsim_fault_name(chip->faults.kind));
    return true;
}

static bool run_help(struct cardsim_control *control, char **words, size_t count, struct out *out)
{
    (void)control;
    (void)words;
    (void)count;
    say(out, "ok put NAME|UID|KIND UID [OPTION=VALUE]..., take NAME|UID|all, tap NAME|UID [MS], list, "
             "show NAME|UID [AID:FILE|BLOCK|PAGE], scan TEXT, scan-bytes HEX, "
             "fault KIND [COUNT|forever] [MS], status, help; kinds:");
    for (size_t i = 0; cardsim_kinds[i]; i++)
        say(out, " %s", cardsim_kinds[i]->name);
    say(out, "; faults:");
    for (int i = 0; i < CARDSIM_FAULT_COUNT; i++)
        say(out, " %s", cardsim_fault_name((enum cardsim_fault)i));
    return true;
}

static bool say_scanned(struct out *out, bool sent, uint64_t now_us)
{
    if (!sent)
        return say_error(out, "nobody takes what was scanned before");
    say(out, "ok scan at_us=%" PRIu64, now_us);
    return true;
}

/* Runs scan TEXT: the text is the rest of the line as it is. */
static bool run_scan(struct cardsim_control *control, char *text, uint64_t now_us, struct out *out)
{
    text[strcspn(text, "\r\n")] = '\0';
    if (!control->scanner || !control->scanner->is_fitted)
        return say_error(out, "there is no scanner (see --scanner)");
    if (*text == '\0')
        return say_error(out, "scan TEXT");
    return say_scanned(out, cardsim_scanner_scan(control->scanner, text), now_us);
}

/* Runs scan-bytes HEX: anything at all on the scanner's line, without the CR. */
static bool run_scan_bytes(struct cardsim_control *control, char **words, size_t count, uint64_t now_us,
                           struct out *out)
{
    uint8_t bytes[CARDSIM_LINE_MAX / 2];
    int len = count == 1 ? cardsim_text_hex(words[0], bytes, sizeof bytes) : -1;
    if (!control->scanner || !control->scanner->is_fitted)
        return say_error(out, "there is no scanner (see --scanner)");
    if (len < 0)
        return say_error(out, "scan-bytes HEX");
    return say_scanned(out, cardsim_scanner_send(control->scanner, bytes, (size_t)len), now_us);
}

static bool run_words(struct cardsim_control *control, char **words, size_t count, uint64_t now_us,
                      struct out *out)
{
    static const struct {
        const char *name;
        bool (*run)(struct cardsim_control *control, char **words, size_t count, struct out *out);
    } table[] = {{"take", run_take},   {"list", run_list},     {"show", run_show},
                 {"fault", run_fault}, {"status", run_status}, {"help", run_help}};
    if (count == 0)
        return say_error(out, "an empty command (see help)");
    if (strcmp(words[0], "put") == 0)
        return run_put(control, words + 1, count - 1, now_us, out);
    if (strcmp(words[0], "tap") == 0)
        return run_tap(control, words + 1, count - 1, now_us, out);
    if (strcmp(words[0], "scan-bytes") == 0)
        return run_scan_bytes(control, words + 1, count - 1, now_us, out);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(words[0], table[i].name) == 0)
            return table[i].run(control, words + 1, count - 1, out);
    say(out, "error no command is called '%.40s' (see help)", words[0]);
    return false;
}

/* Returns what stands behind `scan` and one blank, or NULL if the line is another command. */
static char *text_to_scan(char *line)
{
    line += strspn(line, " \t");
    if (strncmp(line, "scan", 4) != 0 || !strchr(" \t\r\n", line[4]))
        return NULL;
    return line[4] == ' ' || line[4] == '\t' ? line + 5 : line + 4;
}

bool cardsim_control_run(struct cardsim_control *control, char *line, uint64_t now_us, char *answer)
{
    char *words[WORDS_MAX];
    struct out out = {.text = answer};
    char *text = text_to_scan(line);
    size_t count = text ? 0 : cardsim_text_split(line, words, WORDS_MAX);
    bool ok = text                ? run_scan(control, text, now_us, &out)
              : count > WORDS_MAX ? say_error(&out, "too many words")
                                  : run_words(control, words, count, now_us, &out);
    answer[out.len++] = '\n';
    answer[out.len] = '\0';
    return ok;
}
