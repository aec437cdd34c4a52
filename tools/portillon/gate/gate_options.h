/*
 * The options every online command shares: which line, which gate, which role, and so which key.
 * The caller owns the struct; gate_options_close wipes the key.
 */
#ifndef TOOLS_PORTILLON_GATE_GATE_OPTIONS_H
#define TOOLS_PORTILLON_GATE_GATE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/gate/link.h"

/* First in the table of a command's options, in this order; a command's own follow. */
/* clang-format off */
#define GATE_OPTIONS \
    {"port", 'p', "DEV", "the serial line: /dev/ttyUSB0, or a pseudo-terminal"}, \
    {"site", 's', "DIR", "the site folder: the key of --gate is in it"}, \
    {"gate", 'g', "ID", "the gate's id (default: the one the line leads to)"}, \
    {"key-file", 'k', "FILE", "instead of a site: a file with the role's key, 32 hex digits"}, \
    {"key", 0, "HEX", "the same on the command line, where other users can see it"}, \
    {"role", 'r', "ROLE", "maintenance or technician (default: what the command needs)"}, \
    {"baud", 'b', "RATE", "bits a second on the line (default 115200)"}, \
    {"timeout", 't', "SECONDS", "how long to wait for an answer (default 5)"}
/* clang-format on */
enum { GATE_OPTION_COUNT = 8 };

struct gate_options {
    const char *command;
    const char *port, *site, *gate, *key, *key_file;
    enum role role;
    uint64_t baud, timeout_s;
    struct identity identity; /* of the gate, where a site was given */
    bool has_identity;
    char psk[IDENTITY_PSK_LEN + 1];
};

void gate_options_init(struct gate_options *options, const char *command);

/* Takes one option: index and value as command_parse gave them.
 * @returns COMMAND_OK, or COMMAND_USAGE after saying what is wrong. */
int gate_options_take(struct gate_options *options, int index, const char *value);

/* Finds the key. need_site: this command cannot do without the site folder (it needs the journal key).
 * @returns COMMAND_OK; COMMAND_USAGE or COMMAND_FAILED after saying what is wrong. */
int gate_options_finish(struct gate_options *options, bool need_site);

/* Opens the gate. @returns COMMAND_OK; COMMAND_FAILED or INTERRUPT_STATUS after saying what is wrong.
 * link_close follows in any case. */
int gate_options_connect(const struct gate_options *options, struct link *link);

/* Says what became of a request that failed, or was refused. @returns COMMAND_FAILED or INTERRUPT_STATUS. */
int gate_fail(const struct gate_options *options, const struct link *link, int error);
int gate_refused(const struct gate_options *options, const char *what, const struct link_answer *answer);

/* GETs a resource. what: for a refusal, "reading its clock".
 * @returns COMMAND_OK with its content; COMMAND_FAILED or INTERRUPT_STATUS after saying why. */
int gate_get(const struct gate_options *options, struct link *link, const char *path, const char *what,
             struct link_answer *answer);

/* "Busy" is an answer that passes: the same request is taken a little later. */
bool gate_is_busy(const struct link_answer *answer);
/* PUTs CBOR, some times over while the gate is busy.
 * @returns COMMAND_OK with its answer, whatever it is; COMMAND_FAILED or INTERRUPT_STATUS after saying why.
 */
int gate_change(const struct gate_options *options, struct link *link, const char *path, const void *payload,
                size_t len, struct link_answer *answer);

/* What to call the gate in a message: its name, or, known by a key alone, its port. */
const char *gate_name(const struct gate_options *options);

void gate_options_close(struct gate_options *options);

#endif
