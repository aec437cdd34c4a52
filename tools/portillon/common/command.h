/*
 * What every subcommand of portillon shares: how it is called, its options and --help, how it fails.
 *
 * A command is `int cmd_xxx(int argc, char **argv)`: argv[0] is its whole name ("whitelist push"), the
 * result is the exit status. main.c holds the table. Data goes to stdout; everything said to the person
 * goes to stderr, one line each, "portillon: what: where: why". For one thread.
 */
#ifndef TOOLS_PORTILLON_COMMON_COMMAND_H
#define TOOLS_PORTILLON_COMMON_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

enum command_status {
    COMMAND_OK = 0,
    COMMAND_FAILED = 1, /* understood, not done: the line on stderr says why */
    COMMAND_USAGE = 2,  /* not understood */
};

struct command_option {
    const char *name;     /* long name without dashes; NULL ends the table */
    char letter;          /* short name; 0: none */
    const char *argument; /* "FILE"; NULL: the option takes none */
    const char *help;     /* may hold line ends */
};

/* What a command takes. --help is understood by every command and not listed. */
struct command_syntax {
    const char *usage;   /* what follows the name: "DIR --csv FILE [-o LIST]" */
    const char *details; /* paragraphs below the usage line in --help, without the last line end */
    const struct command_option *options;
};

enum command_parse {
    COMMAND_PARSE_DONE = -1,  /* no more options: operands are argv[optind] and on */
    COMMAND_PARSE_HELP = -2,  /* --help was printed: return COMMAND_OK */
    COMMAND_PARSE_ERROR = -3, /* said on stderr: return COMMAND_USAGE */
};

/* Takes the next option; call until it returns something negative. Starts afresh after each such end.
 * @retval index into syntax->options (*value is its argument, or NULL), or enum command_parse. */
int command_parse(const struct command_syntax *syntax, int argc, char **argv, const char **value);

/* The exit status for a negative end of command_parse other than COMMAND_PARSE_DONE. */
int command_parse_status(int parsed);

/* Reads a whole decimal number from min to max. Says on stderr what is wrong with it otherwise. */
bool command_number(const char *command, const char *option, const char *text, uint64_t min, uint64_t max,
                    uint64_t *number);

/* Says "portillon: " and the message ("what: where: why") on stderr. @returns COMMAND_FAILED. */
int command_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a wrong call, and points at --help. @returns COMMAND_USAGE. */
int command_misuse(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says something worth knowing that is no error, on stderr. */
void command_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
