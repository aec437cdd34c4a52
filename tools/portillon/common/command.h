/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provides what all subcommands of portillon share: the calling convention, options and --help, and messages.
 *
 * A command is `int cmd_xxx(int argc, char **argv)`. argv[0] is its whole name ("whitelist push"). Its result
 * is the exit status. main.c holds the table of commands. Data goes to stdout. Messages for the user go to
 * stderr, one line each, as "portillon: what: where: why". These functions allocate no memory, and only one
 * thread may call them.
 */
#ifndef TOOLS_PORTILLON_COMMON_COMMAND_H
#define TOOLS_PORTILLON_COMMON_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

enum command_status {
    COMMAND_OK = 0,
    COMMAND_FAILED = 1, /* the call was understood but the work was not done; the line on stderr says why */
    COMMAND_USAGE = 2,  /* the call was not understood */
};

struct command_option {
    const char *name;     /* long name without dashes; NULL ends the table */
    char letter;          /* short name; 0 if there is none */
    const char *argument; /* name of the argument ("FILE"); NULL if the option takes none */
    const char *help;     /* help text; it may contain line ends. NULL: this command does not have the option,
                             which only keeps its place in a table that several commands share */
};

/* The options and the help of a command. Every command understands --help, so the table does not list it. */
struct command_syntax {
    const char *usage;   /* the text after the command's name: "DIR --csv FILE [-o LIST]" */
    const char *details; /* paragraphs that --help prints below the usage line, without the last line end */
    const struct command_option *options;
};

enum command_parse {
    COMMAND_PARSE_DONE = -1,  /* no more options; the operands start at argv[optind] */
    COMMAND_PARSE_HELP = -2,  /* --help was printed; the command returns COMMAND_OK */
    COMMAND_PARSE_ERROR = -3, /* the error was printed on stderr; the command returns COMMAND_USAGE */
};

/* Takes the next option. The caller repeats the call until the result is negative; the call after that starts
 * again at the first option. Returns the index of the option in syntax->options, with *value set to its
 * argument or NULL, or a value of enum command_parse. */
int command_parse(const struct command_syntax *syntax, int argc, char **argv, const char **value);

/* Returns the exit status for a negative result of command_parse other than COMMAND_PARSE_DONE. */
int command_parse_status(int parsed);

/* Reads a decimal number from min to max. Returns true when text is such a number. Otherwise prints the error
 * on stderr and returns false. */
bool command_number(const char *command, const char *option, const char *text, uint64_t min, uint64_t max,
                    uint64_t *number);

/* Prints "portillon: " and the message ("what: where: why") on stderr. Returns COMMAND_FAILED. */
int command_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the message for a wrong call on stderr and refers to --help. Returns COMMAND_USAGE. */
int command_misuse(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints on stderr a message that is useful to the user but is not an error. */
void command_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

enum command_message {
    COMMAND_MESSAGE_NOTE,    /* of command_note */
    COMMAND_MESSAGE_FAILURE, /* of command_fail or command_misuse */
};

/* Receives a message without "portillon: " and line end. */
typedef void command_listener(void *ctx, enum command_message kind, const char *message);

/* Gives all further messages of this process to listen(ctx, ...) instead of stderr; NULL: to stderr again. */
void command_listen(command_listener *listen, void *ctx);

#endif
