/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handles what all online commands share: the options for the line, the gate, the role and the key, and the
 * session. The caller owns the struct. gate_options_close wipes the key. The functions with a link block as
 * link_request does.
 */
#ifndef TOOLS_PORTILLON_GATE_GATE_OPTIONS_H
#define TOOLS_PORTILLON_GATE_GATE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/gate/answers.h"
#include "tools/portillon/gate/link.h"

/* The first entries of a command's option table, in this order; the command's own options follow. */
/* clang-format off */
#define GATE_OPTIONS \
    GATE_OPTIONS_WITH(N_("instead of a site: a file with the role's key, 32 hex digits; -: stdin"))
/* The same for a command that needs more of the site than a role's key. */
#define GATE_OPTIONS_OF_SITE GATE_OPTIONS_WITH(NULL)
#define GATE_OPTIONS_WITH(key_file_help) \
    {"port", 'p', N_("DEV"), N_("the serial line: /dev/ttyUSB0, or udp:HOST:PORT of a serial server")}, \
    {"site", 's', N_("DIR"), N_("the site folder: the key of --gate is in it")}, \
    {"gate", 'g', N_("ID"), N_("the gate's id (default: the one the line leads to)")}, \
    {"key-file", 'k', N_("FILE"), key_file_help}, \
    {"role", 'r', N_("ROLE"), N_("maintenance or technician (default: what the command needs)")}, \
    {"baud", 'b', N_("RATE"), N_("bits a second on the line (default 115200)")}, \
    {"timeout", 't', N_("SECONDS"), N_("how long to wait for an answer (default 5)")}, \
    {"epoch", 0, N_("N"), \
     N_("the keys of before identity --renew, for a gate that does not have the new ones yet")}
/* clang-format on */
enum { GATE_OPTION_COUNT = 8 };

#define GATE_EPOCH_CURRENT UINT64_MAX

struct gate_options {
    const char *command;
    const char *port, *site, *gate, *key_file;
    enum role role;
    uint64_t baud, timeout_s;
    uint64_t epoch;           /* of the gate's keys; GATE_EPOCH_CURRENT without --epoch */
    bool as_json;             /* --json, if the command has it */
    struct identity identity; /* of the gate, if a site was given */
    bool has_identity;
    char psk[IDENTITY_PSK_LEN + 1];
};

/* Sets the defaults. command is the name used in messages. role is what the command needs. */
void gate_options_init(struct gate_options *options, const char *command, enum role role);

/* Takes the options in GATE_OPTIONS, and --json, up to the next option of the command itself. Use it in
 * place of command_parse: the arguments and the result are the same. */
int gate_options_parse(struct gate_options *options, const struct command_syntax *syntax, int argc,
                       char **argv, const char **value);

/* Finds the key. need_site is true for a command that needs the site folder (for the journal key). Returns
 * COMMAND_OK, or COMMAND_USAGE or COMMAND_FAILED after printing the error. */
int gate_options_finish(struct gate_options *options, bool need_site);

/* What a command does in its session with the gate. Returns an exit status. */
typedef int gate_talk(void *ctx, const struct gate_options *gate, struct link *link);

/* Opens a session with the gate, calls talk(ctx, options, link) and ends the session. From here on Ctrl-C is
 * caught (interrupt.h). Returns the result of talk, or COMMAND_FAILED or INTERRUPT_STATUS after printing why
 * there is no session. */
int gate_session(const struct gate_options *options, gate_talk *talk, void *ctx);

/* Does all that follows the options of most commands: gate_options_finish without need of a site,
 * gate_session and gate_options_close. Returns the exit status. */
int gate_run(struct gate_options *options, gate_talk *talk, void *ctx);

/* Prints why a request failed. Returns COMMAND_FAILED or INTERRUPT_STATUS. */
int gate_fail(const struct gate_options *options, const struct link *link, int error);
/* Prints that the gate refused a request. what names the request: "reading its clock". Returns
 * COMMAND_FAILED. */
int gate_refused(const struct gate_options *options, const char *what, const struct link_answer *answer);

/* Sends a GET for a resource. what names the request if the gate refuses it: "reading its clock". Returns
 * COMMAND_OK with the content, or COMMAND_FAILED or INTERRUPT_STATUS after printing why. */
int gate_get(const struct gate_options *options, struct link *link, const char *path, const char *what,
             struct link_answer *answer);

/* Asks for /status, and for /board of a gate that has it. Returns COMMAND_OK, or COMMAND_FAILED or
 * INTERRUPT_STATUS after printing why. */
int gate_get_status(const struct gate_options *options, struct link *link, struct answer_status *status);

/* Returns true if the answer is "busy", a transient error: the gate accepts the same request a little
 * later. */
bool gate_is_busy(const struct link_answer *answer);
/* Sends a PUT with CBOR, and repeats it a few times while the gate is busy. Returns COMMAND_OK with any
 * answer of the gate, or COMMAND_FAILED or INTERRUPT_STATUS after printing why. */
int gate_change(const struct gate_options *options, struct link *link, const char *path, const void *payload,
                size_t len, struct link_answer *answer);

/* Prints on stdout the text before and a call of another command for the same gate, with this line and key,
 * which can be pasted into a shell: "portillon COMMAND --port DEV --site DIR --gate ID OPTION". */
void gate_print_call(const struct gate_options *options, const char *before, const char *command,
                     const char *option);

/* Returns what messages call the gate: its name or, if only a key is known, its port. */
const char *gate_name(const struct gate_options *options);

/* Wipes the keys. */
void gate_options_close(struct gate_options *options);

#endif
