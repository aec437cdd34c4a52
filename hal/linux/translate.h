/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows messages in the language of the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG), by gettext.
 *
 * The messages in the sources are English. A catalogue holds those of another language. It is sought beside
 * the program, locale/LANGUAGE/LC_MESSAGES/DOMAIN.mo (in the folder of a build), then in ../share/locale
 * (installed). Without a catalogue messages stay English. tools/translations collects the messages and checks
 * the catalogues.
 *
 * Only messages change. Numbers, dates and the order of text stay as in the C locale, so that data which the
 * programs write is the same in each language.
 */
#ifndef HAL_LINUX_TRANSLATE_H
#define HAL_LINUX_TRANSLATE_H

#include <stdint.h>

/* The message in the language of the user. Its text is a constant string. */
#define _(text) translate(text)

/* Marks a constant message where a function cannot be called, in a static table. Pass it to translate()
 * when it is shown. */
#define N_(text) text

/* A word that has several meanings, with what it is said of: in_context_("self-test", "passed"). */
#define in_context_(context, text) translate_in_context(context "\004" text, text)

/* Starts the translation. domain is the name of the catalogue. Call it once, before the first message. */
void translate_start(const char *domain);

/* Returns the message in the language of the user: a static string. Returns text itself if there is none. */
const char *translate(const char *text) __attribute__((format_arg(1)));

/* Returns the message in the language of the user; key is its context, "\004" and text (in_context_). */
const char *translate_in_context(const char *key, const char *text) __attribute__((format_arg(2)));

/* Returns the form of a message that goes with a count, in the language of the user:
 * translate_count(n, "%u card", "%u cards"). */
const char *translate_count(uint64_t count, const char *one, const char *many)
    __attribute__((format_arg(2), format_arg(3)));

/* Returns the system's text for an errno value, in the language of the user. It is valid until the next
 * call. */
const char *translate_errno(int number);

/* Keeps messages English until translate_resume(), for texts that go into JSON. Pairs may nest. */
void translate_pause(void);
void translate_resume(void);

#endif
