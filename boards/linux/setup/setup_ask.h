/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The questions of portillon-gate-setup. Each has a key and a default. The answers come from a person at the
 * terminal or from a file of lines `key = answer`; with a file nobody is asked, and a key that it lacks
 * takes the default.
 *
 * Ctrl-C, SIGTERM, SIGHUP and the end of the input stop all questions: each then returns that it was
 * stopped. The caller owns the struct. A question blocks until it is answered.
 */
#ifndef BOARDS_LINUX_SETUP_SETUP_ASK_H
#define BOARDS_LINUX_SETUP_SETUP_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "boards/linux/config_file.h"

#define SETUP_ASK_ANSWERS  40
#define SETUP_ASK_LINE_LEN 512

struct setup_ask {
    struct config_setting answers[SETUP_ASK_ANSWERS];
    size_t count;
    bool is_scripted; /* answers come from a file */
    char text[CONFIG_FILE_MAX + 1];
    char line[SETUP_ASK_LINE_LEN];
};

enum setup_yes { SETUP_NO, SETUP_YES, SETUP_STOPPED };
enum setup_choice { SETUP_AGAIN, SETUP_KEEP, SETUP_STOP };

/* Catches the signals that stop the questions. */
void setup_ask_catch_signals(void);
/* Returns true if a signal or the end of the input stopped the questions. */
bool setup_ask_is_stopped(void);
/* Returns the exit status of a program whose questions were stopped: 130 by a signal, 1 by the end of the
 * input. */
int setup_ask_stop_status(void);

/* Reads a file of answers. On error, note is one line that names file and line. Returns ERR_OK, ERR_IO,
 * ERR_NO_SPACE, ERR_FORMAT (a line that is no answer, or answers no question). */
int setup_ask_load(struct setup_ask *ask, const char *path, char note[CONFIG_FILE_NOTE_LEN]) MUST_USE;

/* Asks for a text. Returns the answer, valid until the next question; fallback for an empty one; NULL:
 * stopped. */
const char *setup_ask_text(struct setup_ask *ask, const char *key, const char *question,
                           const char *fallback);

/* Asks for a text, or for one of the words auto, system, none, standard, own and keep. A word is understood
 * in English and in the language of the user, and returned in English; fallback has it in the language of
 * the user. Returns as setup_ask_text. */
const char *setup_ask_word(struct setup_ask *ask, const char *key, const char *question,
                           const char *fallback);

/* Asks until the answer is yes or no, in English or French. */
enum setup_yes setup_ask_yes_no(struct setup_ask *ask, const char *key, const char *question, bool fallback);

/* Asks what to do about something that does not work: try again (the default), keep it as it is, or stop
 * (the default for a file of answers). */
enum setup_choice setup_ask_after_failure(struct setup_ask *ask);

#endif
