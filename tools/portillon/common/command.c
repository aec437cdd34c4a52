/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/command.h"

#include "hal/linux/translate.h"
#include "tools/portillon/common/printable.h"
#include "tools/portillon/common/progress.h"
#include "tools/portillon/common/utf8.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 32
#define HELP_COLUMN 26
#define MESSAGE_MAX 8192 /* longer messages are cut */

static command_listener *listener;
static void *listener_ctx;

void command_listen(command_listener *listen, void *ctx)
{
    listener = listen;
    listener_ctx = ctx;
}

/* Prints one line. What it quotes may come from a gate or a file. */
static void say(enum command_message kind, const char *format, va_list arguments, const char *end)
{
    static char message[MESSAGE_MAX];
    vsnprintf(message, sizeof message, translate(format), arguments);
    printable_text(message);
    if (listener != NULL) {
        listener(listener_ctx, kind, message);
        return;
    }
    progress_clear_line();
    fprintf(stderr, "portillon: %s%s\n", message, end);
}

static void say_parts(const char *end, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say_parts(const char *end, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(COMMAND_MESSAGE_FAILURE, format, arguments, end);
    va_end(arguments);
}

int command_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(COMMAND_MESSAGE_FAILURE, format, arguments, "");
    va_end(arguments);
    return COMMAND_FAILED;
}

void command_note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(COMMAND_MESSAGE_NOTE, format, arguments, "");
    va_end(arguments);
}

int command_misuse(const char *command, const char *format, ...)
{
    char what[MESSAGE_MAX / 2], end[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, translate(format), arguments);
    va_end(arguments);
    snprintf(end, sizeof end, _(" (portillon %s --help tells more)"), command);
    say_parts(end, "%s: %s", command, what);
    return COMMAND_USAGE;
}

static void print_option(const struct command_option *option)
{
    char left[64];
    char letter[8] = "    ";
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, option->name, option->argument ? " " : "",
             option->argument ? translate(option->argument) : "");
    printf("%s", left);
    int width = (int)utf8_columns(left);
    if (width >= HELP_COLUMN) {
        putchar('\n');
        width = 0;
    }
    for (const char *line = translate(option->help); line != NULL;) {
        size_t len = strcspn(line, "\n");
        printf("%*s%.*s\n", HELP_COLUMN - width, "", (int)len, line);
        width = 0;
        line = line[len] == '\n' ? line + len + 1 : NULL;
    }
}

static void print_help(const struct command_syntax *syntax, const char *command)
{
    printf(_("usage: portillon %s%s%s\n"), command, syntax->usage[0] ? " " : "", translate(syntax->usage));
    if (syntax->details != NULL)
        printf("\n%s\n", translate(syntax->details));
    printf(_("\noptions:\n"));
    for (const struct command_option *option = syntax->options; option->name != NULL; option++)
        if (option->help != NULL)
            print_option(option);
    print_option(&(struct command_option){"help", 'h', NULL, N_("this text")});
}

/* Makes the tables of getopt_long from the command's own table. val is 256 plus the index of the option. */
static void make_tables(const struct command_syntax *syntax, char letters[3 * OPTIONS_MAX],
                        struct option longs[OPTIONS_MAX + 2])
{
    char *letter = letters;
    int count = 0, index = 0;
    *letter++ = ':'; /* getopt_long then reports a missing argument as ':' and prints nothing */
    for (const struct command_option *option = syntax->options; option->name != NULL && index < OPTIONS_MAX;
         option++, index++) {
        if (option->help == NULL)
            continue;
        longs[count++] = (struct option){option->name, option->argument ? required_argument : no_argument,
                                         NULL, 256 + index};
        if (option->letter != 0) {
            *letter++ = option->letter;
            if (option->argument != NULL)
                *letter++ = ':';
        }
    }
    *letter++ = 'h';
    *letter = '\0';
    longs[count] = (struct option){"help", no_argument, NULL, 'h'};
    longs[count + 1] = (struct option){0};
}

int command_parse(const struct command_syntax *syntax, int argc, char **argv, const char **value)
{
    static bool under_way;
    char letters[3 * OPTIONS_MAX];
    struct option longs[OPTIONS_MAX + 2];
    int result = COMMAND_PARSE_ERROR;

    make_tables(syntax, letters, longs);
    if (!under_way)
        optind = 0; /* glibc: starts again at the first argument */
    opterr = 0;
    int got = getopt_long(argc, argv, letters, longs, NULL);
    under_way = false;
    if (got == -1)
        return COMMAND_PARSE_DONE;
    if (got == 'h') {
        print_help(syntax, argv[0]);
        return COMMAND_PARSE_HELP;
    }
    if (got == ':' || got == '?') {
        char letter[3] = {'-', (char)optopt, '\0'};
        const char *name = optopt > 0 && optopt < 256 ? letter : argv[optind - 1];
        command_misuse(argv[0],
                       got == ':' ? N_("%s: an argument is missing") : N_("%s: no such option, or not so"),
                       name);
        return COMMAND_PARSE_ERROR;
    }
    *value = optarg;
    if (got >= 256)
        result = got - 256;
    else
        for (int i = 0; syntax->options[i].name != NULL; i++)
            if (syntax->options[i].help != NULL && syntax->options[i].letter == got)
                result = i;
    under_way = result >= 0;
    return result;
}

int command_parse_status(int parsed)
{
    return parsed == COMMAND_PARSE_HELP ? COMMAND_OK : COMMAND_USAGE;
}

bool command_number(const char *command, const char *option, const char *text, uint64_t min, uint64_t max,
                    uint64_t *number)
{
    char *end;
    errno = 0;
    unsigned long long parsed = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || parsed < min || parsed > max) {
        command_misuse(command, "--%s %s: not a number from %llu to %llu", option, text,
                       (unsigned long long)min, (unsigned long long)max);
        return false;
    }
    *number = parsed;
    return true;
}
