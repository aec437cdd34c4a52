/* SPDX-License-Identifier: Apache-2.0 */
/* portillon bridge: connects any CoAP client with a gate's serial line, through a UDP port of this
 * computer. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "firmware/crypto/identity.h"
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/gate/bridge.h"

enum { OPTION_PORT, OPTION_UDP, OPTION_BAUD, OPTION_QUIET };

static const struct command_option options[] = {
    {"port", 'p', N_("DEV"), N_("the serial line: /dev/ttyUSB0, or a pseudo-terminal")},
    {"udp", 'u', N_("127.0.0.1:PORT"), N_("where to listen (default 127.0.0.1:5684; port 0: any free one)")},
    {"baud", 'b', N_("RATE"), N_("bits a second on the line (default 115200)")},
    {"quiet", 'q', NULL, N_("say nothing but errors")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("--port DEV [--udp 127.0.0.1:PORT]"),
    .details =
        N_("Carries DTLS datagrams between a gate's serial line and a UDP port of this computer, until\n"
           "Ctrl-C. It needs no key: the client has it. With libcoap's client:\n"
           "\n"
           "  portillon bridge --port /dev/ttyUSB0 &\n"
           "  coap-client-openssl -u maintenance -k $(portillon identity key ...) coaps://127.0.0.1/status"),
    .options = options,
};

static void say_event(void *ctx, const char *text)
{
    (void)ctx;
    command_note("bridge: %s", text);
}

static void wake(void *ctx)
{
    bridge_stop(ctx);
}

/* Reads "127.0.0.1:5684", "localhost:5684", ":5684" or "5684". */
static bool parse_udp(const char *text, uint64_t *port)
{
    const char *colon = strrchr(text, ':');
    const char *number = colon != NULL ? colon + 1 : text;
    size_t host_len = colon != NULL ? (size_t)(colon - text) : 0;
    if (host_len != 0 && !(host_len == 9 && strncmp(text, "127.0.0.1", 9) == 0) &&
        !(host_len == 9 && strncmp(text, "localhost", 9) == 0)) {
        command_misuse("bridge",
                       "--udp %s: it listens on 127.0.0.1 only, so that nobody comes in from outside", text);
        return false;
    }
    return command_number("bridge", "udp", number, 0, 65535, port);
}

static void say_counts(const struct bridge_counts *counts)
{
    char there[96], damaged[96];
    snprintf(there, sizeof there,
             translate_count(counts->to_gate, "%u datagram to the gate", "%u datagrams to the gate"),
             counts->to_gate);
    snprintf(damaged, sizeof damaged,
             translate_count(counts->bad_frames, "%u damaged frame dropped", "%u damaged frames dropped"),
             counts->bad_frames);
    command_note("bridge: ended; %s, %u back, %s", there, counts->from_gate, damaged);
}

static int run(const char *port, unsigned baud, uint16_t udp_port, bool quiet)
{
    char message[SERIAL_PORT_MESSAGE_LEN];
    struct bridge bridge;
    int fd;

    if (serial_port_open(port, baud, &fd, message) != ERR_OK)
        return command_fail("bridge: %s", message);
    int result = bridge_open(&bridge, fd, port, baud, udp_port);
    if (result != ERR_OK) {
        serial_port_close(fd);
        return command_fail("bridge: 127.0.0.1:%u: %s", udp_port,
                            result == ERR_BUSY
                                ? _("in use by another program (--udp 127.0.0.1:0 takes a free one)")
                                : _("cannot listen there"));
    }
    if (!quiet) {
        bridge.on_event = say_event;
        command_note("bridge: %s is coaps://127.0.0.1:%u for any CoAP client; Ctrl-C ends it", port,
                     bridge.udp_port);
    }
    interrupt_on(wake, &bridge);
    interrupt_catch();
    result = bridge_run(&bridge);
    interrupt_on(NULL, NULL);
    struct bridge_counts counts = bridge_get_counts(&bridge);
    bridge_close(&bridge);
    if (!quiet)
        say_counts(&counts);
    return result == ERR_OK ? COMMAND_OK : command_fail("bridge: %s: input and output failed", port);
}

int cmd_bridge(int argc, char **argv)
{
    const char *value, *port = NULL;
    uint64_t baud = SERIAL_PORT_DEFAULT_BAUD, udp_port = 5684; /* coaps: RFC 7252, section 12.7 */
    bool quiet = false;
    int index;

    while ((index = command_parse(&syntax, argc, argv, &value)) >= 0) {
        if (index == OPTION_PORT)
            port = value;
        else if (index == OPTION_QUIET)
            quiet = true;
        else if (index == OPTION_UDP ? !parse_udp(value, &udp_port)
                                     : !command_number(argv[0], "baud", value, 9600, 3000000, &baud))
            return COMMAND_USAGE;
    }
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    if (port == NULL)
        return command_misuse(argv[0], "which line? --port DEV is missing");
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    return run(port, (unsigned)baud, (uint16_t)udp_port, quiet);
}
