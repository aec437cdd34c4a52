/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/setup/setup_ask.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hal/common/answer_words.h"
#include "hal/linux/translate.h"

static volatile sig_atomic_t stopped; /* 0, or the exit status */

#define BY_SIGNAL 130
#define BY_END    1

/* ---- stopping ---- */

static void on_signal(int number)
{
    (void)number;
    stopped = BY_SIGNAL;
}

void setup_ask_catch_signals(void)
{
    static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal}; /* without SA_RESTART: a signal ends a read */

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(stopping) / sizeof(stopping[0]); i++)
        sigaction(stopping[i], &action, NULL);
}

bool setup_ask_is_stopped(void)
{
    return stopped != 0;
}

int setup_ask_stop_status(void)
{
    return stopped;
}

/* ---- a file of answers ---- */

static bool is_key(const char *name)
{
    static const char *const keys[] = {
        "identity", "replace-identity", "reader", "try-reader", "serial",  "rtc",
        "pins",     "try-outputs",      "relay",  "green",      "red",     "amber",
        "buzzer",   "failed",           "write",  "try-inputs", "service", "stop-service",
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(name, keys[i]) == 0)
            return true;
    return strncmp(name, "gpio.", 5) == 0;
}

static int wrong(char note[CONFIG_FILE_NOTE_LEN], const char *path, unsigned line, const char *why)
{
    snprintf(note, CONFIG_FILE_NOTE_LEN, "%.100s:%u: %.180s", path, line, why);
    return ERR_FORMAT;
}

static int take_answer(struct setup_ask *ask, const struct config_setting *answer, const char *path,
                       unsigned line, char note[CONFIG_FILE_NOTE_LEN])
{
    if (!is_key(answer->name))
        return wrong(note, path, line, _("there is no such question (see --help)"));
    if (ask->count == SETUP_ASK_ANSWERS)
        return wrong(note, path, line, _("there are more answers than questions"));
    ask->answers[ask->count++] = *answer;
    return ERR_OK;
}

int setup_ask_load(struct setup_ask *ask, const char *path, char note[CONFIG_FILE_NOTE_LEN])
{
    char why[CONFIG_FILE_NOTE_LEN];
    struct config_setting answer;
    struct config_file file;
    int error = config_file_read(&file, path, ask->text, note), got;

    ask->is_scripted = true;
    while (error == ERR_OK && (got = config_file_next(&file, &answer, why)) != 0)
        error =
            got < 0 ? wrong(note, path, file.line, why) : take_answer(ask, &answer, path, file.line, note);
    return error;
}

static const char *find_answer(const struct setup_ask *ask, const char *key)
{
    for (size_t i = 0; i < ask->count; i++)
        if (strcmp(ask->answers[i].name, key) == 0)
            return ask->answers[i].value;
    return NULL;
}

/* ---- questions ---- */

static bool read_line(struct setup_ask *ask)
{
    fflush(stdout);
    if (stopped || fgets(ask->line, sizeof(ask->line), stdin) == NULL) {
        if (!stopped)
            stopped = BY_END;
        return false;
    }
    ask->line[strcspn(ask->line, "\r\n")] = '\0';
    return true;
}

static const char *answer_or(const char *answer, const char *fallback)
{
    answer += strspn(answer, " \t");
    return answer[0] != '\0' ? answer : fallback;
}

const char *setup_ask_text(struct setup_ask *ask, const char *key, const char *question, const char *fallback)
{
    const char *given = find_answer(ask, key);

    printf(_("%s [%s]: "), question, fallback);
    if (ask->is_scripted) {
        printf("%s\n", given != NULL ? given : fallback);
        return given != NULL ? given : fallback;
    }
    return read_line(ask) ? answer_or(ask->line, fallback) : NULL;
}

const char *setup_ask_word(struct setup_ask *ask, const char *key, const char *question, const char *fallback)
{
    static const char *const words[] = {N_("auto"),     N_("system"), N_("none"),
                                        N_("standard"), N_("own"),    N_("keep")};
    const char *answer = setup_ask_text(ask, key, question, fallback);

    for (size_t i = 0; answer != NULL && i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasecmp(answer, translate(words[i])) == 0)
            return words[i];
    return answer != NULL && strcasecmp(answer, in_context_("reader", "none")) == 0 ? "none" : answer;
}

enum setup_yes setup_ask_yes_no(struct setup_ask *ask, const char *key, const char *question, bool fallback)
{
    for (;;) {
        const char *answer = setup_ask_text(ask, key, question, fallback ? _("yes") : _("no"));
        if (answer == NULL)
            return SETUP_STOPPED;
        enum yes_no meant = answer_words_yes_no(answer);
        if (meant != YES_NO_NEITHER)
            return meant == YES_NO_YES ? SETUP_YES : SETUP_NO;
        printf(_("Answer yes or no.\n"));
        if (ask->is_scripted)
            return SETUP_STOPPED;
    }
}

/* Returns true if the answer is this word or its first letter, as the question shows them, the English
 * word of a file of answers, or the French word. */
static bool is_choice(const char *answer, const char *word, const char *french)
{
    return answer_words_match(answer, translate(word)) || strcmp(answer, word) == 0 ||
           strcmp(answer, french) == 0;
}

enum setup_choice setup_ask_after_failure(struct setup_ask *ask)
{
    for (;;) {
        const char *answer = setup_ask_text(ask, "failed", _("Try [a]gain, [k]eep it as it is, or [s]top?"),
                                            ask->is_scripted ? _("stop") : _("again"));
        if (answer == NULL || is_choice(answer, N_("stop"), "quitter"))
            return SETUP_STOP;
        if (is_choice(answer, N_("keep"), "garder"))
            return SETUP_KEEP;
        if (is_choice(answer, N_("again"), "recommencer") && !ask->is_scripted)
            return SETUP_AGAIN;
        if (ask->is_scripted)
            return SETUP_STOP;
    }
}
