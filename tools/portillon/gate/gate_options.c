/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/gate_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/maintenance/maintenance.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/secret_file.h"
#include "tools/portillon/common/shell_line.h"
#include "tools/portillon/gate/gate_banner.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_epochs.h"
#include "tools/portillon/site/site_gates.h"

enum { EPOCHS_TRIED = 3 };                                 /* to explain a refusal: each takes a handshake */
enum { BUSY_TRIES = 5, BUSY_MS = 500, BUSY_POLL_MS = 50 }; /* the gate makes room in less than a second */

void gate_options_init(struct gate_options *options, const char *command, enum role role)
{
    memset(options, 0, sizeof *options);
    options->command = command;
    options->role = role;
    options->baud = SERIAL_PORT_DEFAULT_BAUD;
    options->timeout_s = 5;
    options->epoch = GATE_EPOCH_CURRENT;
}

/* Takes one option of GATE_OPTIONS. Returns COMMAND_OK, or COMMAND_USAGE after printing the error. */
static int take_option(struct gate_options *options, int index, const char *value)
{
    switch (index) {
    case 0:
        options->port = value;
        return COMMAND_OK;
    case 1:
        options->site = value;
        return COMMAND_OK;
    case 2:
        options->gate = value;
        return COMMAND_OK;
    case 3:
        options->key_file = value;
        return COMMAND_OK;
    case 4:
        options->role = role_from_name((const uint8_t *)value, strlen(value));
        return options->role != ROLE_NONE
                   ? COMMAND_OK
                   : command_misuse(options->command, "--role %s: it is maintenance or technician", value);
    case 5:
        return command_number(options->command, "baud", value, 9600, 3000000, &options->baud) ? COMMAND_OK
                                                                                              : COMMAND_USAGE;
    case 6:
        return command_number(options->command, "timeout", value, 1, 3600, &options->timeout_s)
                   ? COMMAND_OK
                   : COMMAND_USAGE;
    default:
        return command_number(options->command, "epoch", value, 0, SITE_EPOCHS_MAX, &options->epoch)
                   ? COMMAND_OK
                   : COMMAND_USAGE;
    }
}

/* Takes from the environment what no option said. */
static void take_defaults(struct gate_options *options)
{
    if (options->port == NULL)
        options->port = defaults_get("PORTILLON_PORT");
    if (options->site == NULL && options->key_file == NULL)
        options->site = defaults_get("PORTILLON_SITE");
    if (options->gate == NULL && options->key_file == NULL)
        options->gate = defaults_get("PORTILLON_GATE");
}

int gate_options_parse(struct gate_options *options, const struct command_syntax *syntax, int argc,
                       char **argv, const char **value)
{
    int index;
    while ((index = command_parse(syntax, argc, argv, value)) >= 0) {
        if (index < GATE_OPTION_COUNT && take_option(options, index, *value) != COMMAND_OK)
            return COMMAND_PARSE_ERROR;
        if (strcmp(syntax->options[index].name, "json") == 0)
            options->as_json = true;
        else if (index >= GATE_OPTION_COUNT)
            break;
    }
    if (index == COMMAND_PARSE_DONE)
        take_defaults(options);
    return index;
}

/* Takes 32 hex digits and makes them lower-case: the gate's key is their text (identity_psk). */
static bool take_key(struct gate_options *options, const char *text, size_t len)
{
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r' || text[len - 1] == ' '))
        len--;
    if (len != IDENTITY_PSK_LEN)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        options->psk[i] = c;
    }
    return true;
}

static int read_key_file(struct gate_options *options)
{
    uint8_t *data;
    size_t len;
    bool is_stdin = strcmp(options->key_file, "-") == 0;
    int result = file_read(is_stdin ? "/dev/stdin" : options->key_file, 4096, &data, &len);
    if (result != ERR_OK && take_key(options, options->key_file, strlen(options->key_file)))
        return command_misuse(options->command,
                              "a key is no argument, which everybody on this computer can read: put it "
                              "into a file, and say --key-file FILE");
    if (result != ERR_OK)
        return command_fail("%s: %s: %s", options->command, options->key_file,
                            result == ERR_NO_SPACE ? _("too long for a key") : translate_errno(errno));
    secret_file_check(options->command, options->key_file, _("this key"));
    bool good = take_key(options, (const char *)data, len);
    crypto_wipe(data, len);
    free(data);
    return good ? COMMAND_OK
                : command_fail("%s: %s: not a key: a key has %d hex digits", options->command,
                               options->key_file, IDENTITY_PSK_LEN);
}

typedef char gate_ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1];

/* Finds the registered gate with this name. Returns its index, or -1 if there is none, or several. */
static int find_name(const struct gate_options *options, const struct site *site, const char *name,
                     gate_ids ids, int count)
{
    int found = -1, matches = 0;
    for (int i = 0; i < count; i++) {
        struct identity identity;
        if (site_read_gate(site, options->command, ids[i], &identity) != ERR_OK)
            continue;
        if (strcmp(identity.name, name) == 0) {
            found = i;
            matches++;
        }
        crypto_wipe(&identity, sizeof identity);
    }
    return matches == 1 ? found : -1;
}

/* Prints why no gate could be chosen. name is the name on the line; "" if none. */
static int fail_to_choose(const struct gate_options *options, const char *name, gate_ids ids, int count)
{
    char known[SITE_GATES_TEXT_SIZE];
    site_gates_text(ids, count, known);
    if (name[0] == '\0')
        return command_misuse(options->command,
                              "which gate? %s does not tell; say --gate ID: in %s there are %s",
                              options->port, options->site, known);
    return command_misuse(options->command,
                          "which gate? %s leads to %s, and %s has no one gate of that name; say --gate ID: "
                          "there are %s",
                          options->port, name, options->site, known);
}

/* Chooses the gate without --gate: the only one of the site, or the one whose name the line gives. The
 * session proves that it is this gate. */
static int choose_gate(struct gate_options *options, const struct site *site)
{
    static gate_ids ids; /* outlives the call: gate points into it */
    char name[GATE_BANNER_NAME_SIZE] = "", why[SERIAL_PORT_MESSAGE_LEN];
    int count = site_list_gates(site, ids), found = 0;
    if (count < 0)
        return COMMAND_FAILED;
    if (count == 0)
        return command_fail("%s: %s: no gate is registered there (portillon identity makes one)",
                            options->command, options->site);
    if (count > 1) {
        int result = gate_banner_ask(options->port, (unsigned)options->baud, name, why);
        if (result != ERR_OK && result != ERR_TIMEOUT)
            return command_fail("%s: %s", options->command, why);
        found = result == ERR_OK ? find_name(options, site, name, ids, count) : -1;
        if (found < 0)
            return fail_to_choose(options, name, ids, count);
    }
    options->gate = ids[found];
    return COMMAND_OK;
}

/* Reads the gate's identity, with the keys that are asked for. */
static int read_gate(struct gate_options *options, const struct site *site)
{
    if (options->epoch == GATE_EPOCH_CURRENT)
        return site_read_gate(site, options->command, options->gate, &options->identity);
    return site_read_gate_at(site, options->command, options->gate, (unsigned)options->epoch,
                             &options->identity);
}

static int read_site(struct gate_options *options)
{
    struct site site;
    if (site_open(&site, options->command, options->site) != ERR_OK)
        return COMMAND_FAILED;
    int status = options->gate == NULL ? choose_gate(options, &site) : COMMAND_OK;
    if (status == COMMAND_OK && read_gate(options, &site) != ERR_OK)
        status = COMMAND_FAILED;
    site_close(&site);
    if (status != COMMAND_OK)
        return status;
    options->has_identity = true;
    return identity_psk(&options->identity, options->role, options->psk) == ERR_OK ? COMMAND_OK
                                                                                   : COMMAND_FAILED;
}

int gate_options_finish(struct gate_options *options, bool need_site)
{
    if (options->port == NULL)
        return command_misuse(options->command, "which line? --port DEV is missing");
    if (need_site && options->site == NULL)
        return command_misuse(options->command,
                              "--site DIR is missing: records are checked with a key that is in it");
    if (options->site == NULL && options->key_file == NULL)
        return command_misuse(options->command,
                              "which key? Say --site DIR and --gate ID, or --key-file FILE");
    if (options->site != NULL && options->key_file != NULL)
        return command_misuse(options->command, "--site and --key-file: one of them is enough");
    if (options->site == NULL && options->epoch != GATE_EPOCH_CURRENT)
        return command_misuse(options->command, "--epoch %u: needs --site DIR, which has the keys",
                              (unsigned)options->epoch);
    return options->site != NULL ? read_site(options) : read_key_file(options);
}

/* Opens a session with a key. The caller calls link_close in any case. */
static int open_link(const struct gate_options *options, const char *psk, struct link *link)
{
    struct link_options link_options = {
        .port = options->port,
        .baud = (unsigned)options->baud,
        .role = role_name(options->role),
        .psk = psk,
        .gate = options->gate,
        .timeout_ms = (unsigned)options->timeout_s * 1000,
    };
    return link_open(link, &link_options);
}

/* Finds out whether the gate accepts its key of another epoch. Nothing is asked in that session. */
static bool accepts_epoch(const struct gate_options *options, const struct site *site, unsigned epoch)
{
    struct link link;
    struct identity identity;
    char psk[IDENTITY_PSK_LEN + 1];
    bool accepts = false;
    if (site_derive_identity(site, options->gate, epoch, options->identity.name, options->identity.zone,
                             &identity) == ERR_OK &&
        identity_psk(&identity, options->role, psk) == ERR_OK) {
        accepts = open_link(options, psk, &link) == ERR_OK;
        link_close(&link);
    }
    crypto_wipe(&identity, sizeof identity);
    crypto_wipe(psk, sizeof psk);
    return accepts;
}

/* Looks for the epoch of the keys that the gate has: the current one and the newest before it, without the
 * one that it refused, and then the one after it. */
static bool find_epoch(const struct gate_options *options, const struct site *site, unsigned current,
                       unsigned *epoch)
{
    unsigned used = options->epoch == GATE_EPOCH_CURRENT ? current : (unsigned)options->epoch;
    for (unsigned back = 0; back <= current && back <= EPOCHS_TRIED; back++) {
        *epoch = current - back;
        if (*epoch != used && !interrupt_wanted() && accepts_epoch(options, site, *epoch))
            return true;
    }
    *epoch = current + 1;
    return !interrupt_wanted() && accepts_epoch(options, site, *epoch);
}

/* Explains a gate that bears the right name and refuses the key. */
static int fail_at_own_door(const struct gate_options *options, const char *refusal)
{
    struct site site;
    unsigned current, found;
    if (site_open(&site, options->command, options->site) != ERR_OK)
        return COMMAND_FAILED;
    int error = site_gate_epoch(&site, options->command, options->gate, &current);
    bool known = error == ERR_OK && find_epoch(options, &site, current, &found);
    site_close(&site);
    const char *command = options->command, *name = options->identity.name;
    if (known && found > current)
        return command_fail("%s: %s. It has the keys of epoch %u, and %s knows only those up to %u: take a "
                            "newer copy of the site folder",
                            command, refusal, found, options->site, current);
    if (known && found < current)
        return command_fail("%s: %s. It has the keys of epoch %u, from before identity --renew: flash it "
                            "with its new identity. If the gate was stolen, this may be the thief",
                            command, refusal, found);
    if (known)
        return command_fail("%s: %s. It has the keys of epoch %u, the current ones: leave out --epoch",
                            command, refusal, found);
    return command_fail("%s: %s, though it says it is %s: was it flashed with another identity?", command,
                        refusal, name);
}

/* Explains a gate that answers but does not accept the key: usually it is the cable of another gate. */
static int fail_at_door(const struct gate_options *options, struct link *link)
{
    char name[GATE_BANNER_NAME_SIZE];
    link_close(link); /* the line is needed */
    if (gate_banner_ask(options->port, (unsigned)options->baud, name, NULL) != ERR_OK)
        return command_fail("%s: %s", options->command, link->message);
    if (options->has_identity && strcmp(name, options->identity.name) == 0)
        return fail_at_own_door(options, link->message);
    return command_fail("%s: %s: it says it is %s", options->command, link->message, name);
}

/* Opens a session. The caller calls link_close in any case. Returns COMMAND_OK, or COMMAND_FAILED or
 * INTERRUPT_STATUS after printing the error. */
static int connect_link(const struct gate_options *options, struct link *link)
{
    int result = open_link(options, options->psk, link);
    if (result == ERR_FORBIDDEN && !interrupt_wanted())
        return fail_at_door(options, link);
    return result == ERR_OK ? COMMAND_OK : gate_fail(options, link, result);
}

int gate_session(const struct gate_options *options, gate_talk *talk, void *ctx)
{
    struct link link;
    interrupt_catch();
    int status = connect_link(options, &link);
    if (status == COMMAND_OK)
        status = talk(ctx, options, &link);
    link_close(&link);
    return status;
}

int gate_run(struct gate_options *options, gate_talk *talk, void *ctx)
{
    int status = gate_options_finish(options, false);
    if (status == COMMAND_OK)
        status = gate_session(options, talk, ctx);
    gate_options_close(options);
    return status;
}

int gate_fail(const struct gate_options *options, const struct link *link, int error)
{
    if (interrupt_wanted()) {
        command_note("%s: interrupted", options->command);
        return INTERRUPT_STATUS;
    }
    return command_fail("%s: %s", options->command,
                        link->message[0] != '\0' ? link->message : error_name(error));
}

/* Returns an explanation of the gate's word for the user, or NULL. */
static const char *explain_word(const char *word)
{
    static const struct {
        int error;
        const char *meaning;
    } meanings[] = {
        {ERR_BUSY, N_("it is busy; try again in a moment")},
        {ERR_NO_LIST, N_("it has no list yet (portillon whitelist push)")},
        {ERR_NOT_FOUND, N_("its firmware does not know of that: an older one?")},
        {ERR_FORMAT, N_("it does not understand the request: another version of its firmware?")},
        {ERR_IO, N_("its memory chip fails")},
        {ERR_CONFLICT, N_("its journal is another one than was read")},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcmp(error_name(meanings[i].error), word) == 0)
            return translate(meanings[i].meaning);
    if (strcmp(word, MAINTENANCE_OTHER_OWNER) == 0)
        return _("its memory chip holds the records of another gate (portillon status tells whose, and what "
                 "to do)");
    return strcmp(word, MAINTENANCE_NO_STORAGE) == 0
               ? _("its memory chip does not answer, and nothing can be kept")
               : NULL;
}

int gate_refused(const struct gate_options *options, const char *what, const struct link_answer *answer)
{
    const char *meaning = explain_word(answer->diagnostic);
    if (strcmp(answer->diagnostic, MAINTENANCE_CLOCK_TOO_FAR) == 0)
        return command_fail("%s: %s: role %s may correct it by ten minutes a day; more is for a technician "
                            "(portillon clock set --role technician)",
                            options->command, translate(what), role_name(options->role));
    if (answer->code == COAP_FORBIDDEN)
        return command_fail("%s: %s: the gate does not allow it to role %s", options->command,
                            translate(what), role_name(options->role));
    if (meaning != NULL)
        return command_fail("%s: %s: the gate says that %s", options->command, translate(what), meaning);
    return command_fail("%s: %s: the gate answers %u.%02u%s%s", options->command, translate(what),
                        COAP_CLASS(answer->code), COAP_DETAIL(answer->code),
                        answer->diagnostic[0] != '\0' ? ", " : "", answer->diagnostic);
}

int gate_get(const struct gate_options *options, struct link *link, const char *path, const char *what,
             struct link_answer *answer)
{
    int result = link_request(link, &(struct link_request){.method = LINK_GET, .path = path}, answer);
    if (result != ERR_OK)
        return gate_fail(options, link, result);
    return answer->code == COAP_CONTENT ? COMMAND_OK : gate_refused(options, what, answer);
}

int gate_get_status(const struct gate_options *options, struct link *link, struct answer_status *status)
{
    struct link_answer answer;
    int got = gate_get(options, link, "status", N_("reading its status"), &answer);
    if (got != COMMAND_OK)
        return got;
    bool makes_sense = answer_status_decode(status, answer.data, answer.len) == ERR_OK;
    int result = link_request(link, &(struct link_request){.method = LINK_GET, .path = "board"}, &answer);
    if (result != ERR_OK)
        return gate_fail(options, link, result);
    if (answer.code == COAP_CONTENT)
        makes_sense = makes_sense && answer_board_decode(status, answer.data, answer.len) == ERR_OK;
    else if (answer.code != COAP_NOT_FOUND)
        return gate_refused(options, N_("reading about its board"), &answer);
    return makes_sense ? COMMAND_OK
                       : command_fail("%s: the gate's answer to /status makes no sense: a newer firmware?",
                                      options->command);
}

bool gate_is_busy(const struct link_answer *answer)
{
    return link_answer_is(answer, COAP_UNAVAILABLE, ERR_BUSY);
}

int gate_change(const struct gate_options *options, struct link *link, const char *path, const void *payload,
                size_t len, struct link_answer *answer)
{
    const struct link_request request = {
        .method = LINK_PUT, .path = path, .payload = payload, .payload_len = len};
    int result = ERR_OK;
    for (int tries = 0; tries < BUSY_TRIES; tries++) {
        result = link_request(link, &request, answer);
        if (result != ERR_OK || !gate_is_busy(answer))
            break;
        for (int ms = 0; ms < BUSY_MS && !interrupt_wanted(); ms += BUSY_POLL_MS)
            link_poll(link, BUSY_POLL_MS);
    }
    return result == ERR_OK ? COMMAND_OK : gate_fail(options, link, result);
}

void gate_print_call(const struct gate_options *options, const char *before, const char *command,
                     const char *option)
{
    const char *words[9] = {command, "--port", options->port};
    size_t count = 3;
    if (options->site != NULL) {
        words[count++] = "--site";
        words[count++] = options->site;
        words[count++] = "--gate";
        words[count++] = options->identity.device_id;
    } else {
        words[count++] = "--key-file";
        words[count++] = options->key_file;
    }
    words[count] = option;
    shell_line_print(before, words);
}

const char *gate_name(const struct gate_options *options)
{
    return options->has_identity ? options->identity.name : options->port;
}

void gate_options_close(struct gate_options *options)
{
    crypto_wipe(&options->identity, sizeof options->identity);
    crypto_wipe(options->psk, sizeof options->psk);
}
