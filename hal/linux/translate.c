/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/linux/translate.h"

#include <libgen.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 4096

static int pauses;

/* What the C library says of these errors. Its own catalogue is often not installed; then ours is used. */
__attribute__((unused)) static const char *const system_texts[] = {
    N_("Operation not permitted"),
    N_("No such file or directory"),
    N_("Interrupted system call"),
    N_("Input/output error"),
    N_("No such device or address"),
    N_("Resource temporarily unavailable"),
    N_("Cannot allocate memory"),
    N_("Permission denied"),
    N_("Device or resource busy"),
    N_("File exists"),
    N_("Invalid cross-device link"),
    N_("No such device"),
    N_("Not a directory"),
    N_("Is a directory"),
    N_("Invalid argument"),
    N_("Too many open files"),
    N_("Inappropriate ioctl for device"),
    N_("File too large"),
    N_("No space left on device"),
    N_("Illegal seek"),
    N_("Read-only file system"),
    N_("Broken pipe"),
    N_("File name too long"),
    N_("Directory not empty"),
    N_("Too many levels of symbolic links"),
    N_("Address already in use"),
    N_("Cannot assign requested address"),
    N_("Network is unreachable"),
    N_("Connection reset by peer"),
    N_("Connection timed out"),
    N_("Connection refused"),
    N_("No route to host"),
    N_("Disk quota exceeded"),
    N_("Success"),
};

/* Returns the language that the environment asks for, as setlocale reads it; NULL: none. */
static const char *language_wanted(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return NULL;
}

/* gettext translates in a locale other than C. A small system has the locale C.UTF-8 only: then this one is
 * taken, and LANGUAGE says which catalogue. */
static void choose_locale(void)
{
    const char *wanted = language_wanted();
    const char *languages = getenv("LANGUAGE");
    if (wanted == NULL || strcmp(wanted, "C") == 0 || strcmp(wanted, "POSIX") == 0)
        return;
    if (setlocale(LC_MESSAGES, "") != NULL || setlocale(LC_MESSAGES, "C.UTF-8") == NULL)
        return;
    if (languages == NULL || languages[0] == '\0')
        setenv("LANGUAGE", wanted, 1);
}

static void find_catalogue(const char *domain)
{
    char program[PATH_SIZE], folder[PATH_SIZE + 32];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len <= 0)
        return;
    program[len] = '\0';
    const char *place = dirname(program);
    snprintf(folder, sizeof folder, "%s/locale", place);
    if (access(folder, R_OK) != 0)
        snprintf(folder, sizeof folder, "%s/../share/locale", place);
    bindtextdomain(domain, folder);
}

void translate_start(const char *domain)
{
    choose_locale();
    find_catalogue(domain);
    bind_textdomain_codeset(domain, "UTF-8");
    textdomain(domain);
}

/* gettext("") is the head of the catalogue. */
const char *translate(const char *text)
{
    return text[0] == '\0' || pauses != 0 ? text : gettext(text);
}

const char *translate_in_context(const char *key, const char *text)
{
    const char *found = gettext(key);
    return found == key ? text : found;
}

const char *translate_count(uint64_t count, const char *one, const char *many)
{
    if (pauses != 0)
        return count == 1 ? one : many;
    return ngettext(one, many, (unsigned long)count);
}

const char *translate_errno(int number)
{
    return translate(strerror(number));
}

void translate_pause(void)
{
    pauses++;
}

void translate_resume(void)
{
    pauses--;
}
