/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends an emulated processor astray: break_core SOCKET FUNCTION pc|sp|ADDRESS VALUE stops it over QEMU's
 * gdb socket, where a function begins (its address), sets its program counter, its stack pointer or a word
 * of memory, and lets it go. What follows is the firmware's own doing. The little of the protocol that this
 * takes is in "Debugging with GDB", appendix E: $packet#checksum, acknowledged by +.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int line;

static void fail(const char *what)
{
    fprintf(stderr, "break_core: %s\n", what);
    exit(1);
}

static char next(void)
{
    char byte;
    if (read(line, &byte, 1) != 1)
        fail("the socket was closed");
    return byte;
}

/* Skips acknowledgements up to a packet, takes it in, and acknowledges it. */
static void receive(char *answer, size_t size)
{
    size_t len = 0;
    while (next() != '$')
        continue;
    for (char byte; (byte = next()) != '#';)
        if (len + 1 < size)
            answer[len++] = byte;
    answer[len] = 0;
    next();
    next();
    if (write(line, "+", 1) != 1)
        fail("no acknowledgement");
}

static void ask(const char *packet, char *answer, size_t size)
{
    char framed[64];
    uint8_t sum = 0;
    for (const char *byte = packet; *byte; byte++)
        sum += (uint8_t)*byte;
    int len = snprintf(framed, sizeof framed, "$%s#%02x", packet, sum);
    if (write(line, framed, (size_t)len) != len)
        fail("cannot send");
    do
        receive(answer, size);
    while (answer[0] == 'T' && packet[0] != '?' && packet[0] != 'c'); /* the halt may be told once more */
}

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char packet[32], answer[1024];
    if (argc != 5)
        fail("usage: break_core SOCKET FUNCTION pc|sp|ADDRESS VALUE");
    uint32_t function = (uint32_t)strtoul(argv[2], NULL, 0) & ~1u; /* bit 0 says Thumb */
    const char *number = strcmp(argv[3], "pc") == 0 ? "f" : "d";   /* r15, r13 */
    uint32_t value = (uint32_t)strtoul(argv[4], NULL, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[1]);
    line = socket(AF_UNIX, SOCK_STREAM, 0);
    if (line < 0 || connect(line, (struct sockaddr *)&address, sizeof address) != 0)
        fail("no debugger's socket there");
    ask("?", answer, sizeof answer); /* coming stopped it; this asks why */
    if (answer[0] != 'T' && answer[0] != 'S')
        fail("it did not stop");
    snprintf(packet, sizeof packet, "Z0,%x,2", function);
    ask(packet, answer, sizeof answer);
    if (strcmp(answer, "OK") != 0)
        fail("no breakpoint can be set");
    ask("c", answer, sizeof answer);
    packet[0] = 'z';
    ask(packet, answer, sizeof answer);
    /* QEMU lets registers be written one by one only by who has asked for their description. */
    ask("qXfer:features:read:target.xml:0,fff", answer, sizeof answer);
    char where[16];
    if (argv[3][0] == '0')
        snprintf(where, sizeof where, "M%lx,4:", strtoul(argv[3], NULL, 0));
    else
        snprintf(where, sizeof where, "P%s=", number);
    snprintf(packet, sizeof packet, "%s%02x%02x%02x%02x", where, value & 0xFF, value >> 8 & 0xFF,
             value >> 16 & 0xFF, value >> 24);
    ask(packet, answer, sizeof answer);
    if (strcmp(answer, "OK") != 0)
        fail("register or memory cannot be set");
    ask("D", answer, sizeof answer);
    close(line);
    return strcmp(answer, "OK") == 0 ? 0 : 1;
}
