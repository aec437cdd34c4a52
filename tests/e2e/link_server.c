/*
 * The maintenance port on UDP, with no gate behind it: what Debian's coap-client speaks to in link.sh. Each
 * datagram becomes a frame on an in-memory line to the very code that runs on the gate, and each frame back a
 * datagram. Prints the port, then serves until killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "firmware/portillon.h"

struct line {
    uint8_t bytes[8192];
    size_t len;
    struct frame_decoder decoder;
    int socket;
    struct sockaddr_in peer;
};

static int line_read(void *ctx, uint8_t *buf, size_t size)
{
    struct line *line = ctx;
    size_t count = size < line->len ? size : line->len;
    memcpy(buf, line->bytes, count);
    memmove(line->bytes, line->bytes + count, line->len - count);
    line->len -= count;
    return (int)count;
}

static int line_write(void *ctx, const uint8_t *buf, size_t len)
{
    struct line *line = ctx;
    for (size_t taken = 0; taken < len;) {
        struct frame frame;
        taken += frame_decode(&line->decoder, buf + taken, len - taken, &frame);
        if (frame.payload != NULL)
            (void)!sendto(line->socket, frame.payload, frame.len, 0, (struct sockaddr *)&line->peer,
                          sizeof line->peer);
    }
    return (int)len;
}

static void take_datagram(struct line *line)
{
    uint8_t datagram[2048];
    socklen_t peer_len = sizeof line->peer;
    ssize_t len =
        recvfrom(line->socket, datagram, sizeof datagram, 0, (struct sockaddr *)&line->peer, &peer_len);
    if (len > 0)
        line->len += frame_encode(FRAME_CHANNEL_DTLS, datagram, (size_t)len, line->bytes + line->len,
                                  sizeof line->bytes - line->len);
}

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int no_rtc_read(void *ctx, uint32_t *utc_s)
{
    (void)ctx;
    (void)utc_s;
    return ERR_NOT_FOUND;
}

static int no_rtc_write(void *ctx, uint32_t utc_s)
{
    (void)ctx;
    (void)utc_s;
    return ERR_NOT_FOUND;
}

static int fill_entropy(void *ctx, uint8_t *buf, size_t len)
{
    (void)ctx;
    return getrandom(buf, len, 0) == (ssize_t)len ? ERR_OK : ERR_IO;
}

/* The gate behind the port: only what needs no flash. */
int portillon_set_clock(struct portillon *portillon, uint32_t utc_s)
{
    return clock_set(&portillon->clock, utc_s);
}

int portillon_set_settings(struct portillon *portillon, const struct settings *settings, enum role role)
{
    (void)role;
    portillon->settings = *settings;
    return ERR_OK;
}

int portillon_acknowledge(struct portillon *portillon, uint32_t seq)
{
    return journal_acknowledge(&portillon->journal, seq);
}

int main(void)
{
    static struct portillon portillon;
    static struct line line;
    static const struct timer timer = {monotonic_us, no_rtc_read, no_rtc_write, NULL};
    static const struct entropy entropy = {fill_entropy, NULL};
    static struct identity identity = {
        .zone = ZONE_CANTEEN, .device_id = "LINK-TEST", .name = "Cantine d'essai"};
    const struct serial serial = {line_read, line_write, &line};
    const struct portillon_hardware hardware = {.timer = &timer, .entropy = &entropy, .maintenance = &serial};

    memset(identity.role_key[0], 0xA1, CRYPTO_KEY_LEN); /* a1a1…: maintenance */
    memset(identity.role_key[1], 0xB2, CRYPTO_KEY_LEN); /* b2b2…: technician */
    portillon.hardware = &hardware;
    portillon.identity = &identity;
    portillon.settings = settings_default();
    portillon.whitelist.running = -1;
    clock_init(&portillon.clock, &timer);
    frame_decoder_init(&line.decoder);

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_len = sizeof address;
    line.socket = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(line.socket, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(line.socket, (struct sockaddr *)&address, &address_len) != 0 ||
        crypto_init(&entropy, portillon.pool, sizeof portillon.pool) != ERR_OK ||
        maintenance_init(&portillon.maintenance, &portillon, &serial) != ERR_OK) {
        fprintf(stderr, "link_server: cannot start: %s\n", strerror(errno));
        return 1;
    }
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct pollfd wait = {.fd = line.socket, .events = POLLIN};
        if (poll(&wait, 1, maintenance_poll(&portillon.maintenance) == ERR_BUSY ? 0 : 10) > 0)
            take_datagram(&line);
    }
}
