/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/link_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/client_hello.h"

#define FLASH_SIZE  (1 << 20)
#define SECTOR_SIZE 4096

static struct link_bench bench;
static uint8_t flash_bytes[FLASH_SIZE];
static struct identity identity;
static struct frame_decoder client_decoder;
static bool client_open;
static mbedtls_ssl_context client;
static mbedtls_ssl_config client_config;
static uint64_t client_timer_start_us;
static uint32_t client_timer_soon_ms, client_timer_end_ms;

/* --- the hardware of the gate --- */

static int flash_read(void *ctx, uint32_t addr, void *buf, size_t len)
{
    (void)ctx;
    if (addr > FLASH_SIZE || len > FLASH_SIZE - addr)
        return ERR_ARGUMENT;
    memcpy(buf, flash_bytes + addr, len);
    return bench.flash_fails ? ERR_IO : ERR_OK;
}

static int flash_program(void *ctx, uint32_t addr, const void *buf, size_t len)
{
    (void)ctx;
    const uint8_t *bytes = buf;
    if (addr > FLASH_SIZE || len > FLASH_SIZE - addr)
        return ERR_ARGUMENT;
    for (size_t i = 0; i < len; i++)
        flash_bytes[addr + i] &= bytes[i];
    return ERR_OK;
}

static int flash_erase_start(void *ctx, uint32_t addr)
{
    (void)ctx;
    if (addr >= FLASH_SIZE)
        return ERR_ARGUMENT;
    memset(flash_bytes + addr / SECTOR_SIZE * SECTOR_SIZE, 0xFF, SECTOR_SIZE);
    return ERR_OK;
}

static int flash_erase_poll(void *ctx)
{
    (void)ctx;
    return ERR_OK;
}

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    return bench.now_us++; /* each reading of the clock takes a microsecond */
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

/* Gives the same bytes each time, so that a fuzzer's finding can be repeated. */
static int fill_entropy(void *ctx, uint8_t *buf, size_t len)
{
    (void)ctx;
    static uint8_t next;
    for (size_t i = 0; i < len; i++)
        buf[i] = next++;
    return ERR_OK;
}

static int reader_poll(void *ctx, struct reader_report *report)
{
    (void)ctx;
    (void)report;
    return 0;
}

static int reader_exchange(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    (void)ctx;
    (void)tx;
    (void)tx_len;
    (void)rx;
    (void)rx_size;
    return ERR_NOT_FOUND;
}

static void set_outputs(void *ctx, uint32_t outputs)
{
    (void)ctx;
    (void)outputs;
}

static uint32_t get_inputs(void *ctx)
{
    (void)ctx;
    return 0;
}

/* --- the line --- */

static int line_read(void *ctx, uint8_t *buf, size_t size)
{
    (void)ctx;
    size_t count = size < bench.to_gate_len ? size : bench.to_gate_len;
    memcpy(buf, bench.to_gate, count);
    memmove(bench.to_gate, bench.to_gate + count, bench.to_gate_len - count);
    bench.to_gate_len -= count;
    return (int)count;
}

static int line_write(void *ctx, const uint8_t *buf, size_t len)
{
    (void)ctx;
    size_t count = len < bench.write_room ? len : bench.write_room;
    for (size_t taken = 0; taken < count;) {
        struct frame frame;
        taken += frame_decode(&client_decoder, buf + taken, count - taken, &frame);
        if (frame.payload == NULL || frame.len > sizeof bench.inbox.bytes)
            continue;
        memcpy(bench.inbox.bytes, frame.payload, frame.len);
        bench.inbox.len = frame.len;
        bench.answered_count++;
    }
    size_t room = sizeof bench.from_gate - bench.from_gate_len, kept = count < room ? count : room;
    memcpy(bench.from_gate + bench.from_gate_len, buf, kept);
    bench.from_gate_len += kept;
    return (int)count;
}

static const struct flash_geometry geometry = {FLASH_SIZE, SECTOR_SIZE, 256}, no_geometry = {0, 4096, 256};
static struct flash flash = {flash_read, flash_program, flash_erase_start, flash_erase_poll, NULL, &geometry};
static const struct timer timer = {monotonic_us, no_rtc_read, no_rtc_write, NULL};
static const struct entropy entropy = {fill_entropy, NULL};
static const struct reader reader = {reader_poll, reader_exchange, NULL};
static const struct gate_io gate_io = {set_outputs, get_inputs, NULL};
static const struct serial serial = {line_read, line_write, NULL};
static struct portillon_hardware hardware = {.reader = &reader,
                                             .flash = &flash,
                                             .gate_io = &gate_io,
                                             .timer = &timer,
                                             .entropy = &entropy,
                                             .maintenance = &serial};

static void demand(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "link_bench: %s\n", what);
        abort();
    }
}

static struct link_bench *start(bool without_flash, bool without_entropy)
{
    if (client_open)
        link_bench_hang_up(false);
    memset(&bench, 0, sizeof bench);
    memset(flash_bytes, 0xFF, sizeof flash_bytes);
    bench.write_room = SIZE_MAX;
    flash.geometry = without_flash ? &no_geometry : &geometry;
    hardware.entropy = without_entropy ? NULL : &entropy;
    identity = (struct identity){.zone = ZONE_BUILDING, .device_id = "BENCH-1", .name = "Portail d'essai"};
    memset(identity.role_key[0], 0xA1, CRYPTO_KEY_LEN);
    memset(identity.role_key[1], 0xB2, CRYPTO_KEY_LEN);
    frame_decoder_init(&client_decoder);
    demand(portillon_init(&bench.portillon, &hardware, &identity) == ERR_OK, "the gate does not start");
    return &bench;
}

struct link_bench *link_bench_start(bool without_flash)
{
    return start(without_flash, false);
}

struct link_bench *link_bench_start_bare(void)
{
    return start(true, true);
}

void link_bench_run(void)
{
    for (int turns = 0; maintenance_poll(&bench.portillon.maintenance) == ERR_BUSY; turns++)
        demand(turns < 100000, "the maintenance port spins");
}

void link_bench_pass_ms(uint32_t ms)
{
    bench.now_us += ms * 1000ull;
    link_bench_run();
}

void link_bench_clear(void)
{
    bench.from_gate_len = bench.sent_count = bench.answered_count = 0;
    bench.inbox.len = 0;
}

void link_bench_write(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        size_t room = sizeof bench.to_gate - bench.to_gate_len, count = len < room ? len : room;
        memcpy(bench.to_gate + bench.to_gate_len, at, count);
        bench.to_gate_len += count;
        at += count;
        len -= count;
        link_bench_run();
    }
}

void link_bench_write_datagram(const void *bytes, size_t len)
{
    uint8_t frame[FRAME_ENCODED_MAX(FRAME_PAYLOAD_MAX)];
    link_bench_write(frame, frame_encode(FRAME_CHANNEL_DTLS, bytes, len, frame, sizeof frame));
}

void link_bench_say_hello(uint8_t record_number, const uint8_t cookie[DTLS_COOKIE_LEN])
{
    uint8_t hello[CLIENT_HELLO_MAX];
    link_bench_write_datagram(hello, client_hello_make(hello, 0x77, record_number, cookie));
}

/* --- the client --- */

static int client_send(void *ctx, const unsigned char *datagram, size_t len)
{
    (void)ctx;
    if (bench.sent_count < LINK_BENCH_RECORDED_MAX && len <= LINK_BENCH_DATAGRAM_MAX) {
        memcpy(bench.sent[bench.sent_count].bytes, datagram, len);
        bench.sent[bench.sent_count++].len = len;
    }
    if (!bench.discard)
        link_bench_write_datagram(datagram, len);
    return (int)len;
}

static int client_receive(void *ctx, unsigned char *buf, size_t size)
{
    (void)ctx;
    size_t len = bench.inbox.len;
    bench.inbox.len = 0;
    if (len == 0 || len > size)
        return MBEDTLS_ERR_SSL_WANT_READ;
    memcpy(buf, bench.inbox.bytes, len);
    return (int)len;
}

static void client_set_timer(void *ctx, uint32_t soon_ms, uint32_t end_ms)
{
    (void)ctx;
    client_timer_start_us = bench.now_us;
    client_timer_soon_ms = soon_ms;
    client_timer_end_ms = end_ms;
}

static int client_get_timer(void *ctx)
{
    (void)ctx;
    uint64_t elapsed_ms = (bench.now_us - client_timer_start_us) / 1000;
    if (client_timer_end_ms == 0)
        return -1;
    return elapsed_ms >= client_timer_end_ms ? 2 : elapsed_ms >= client_timer_soon_ms;
}

int link_bench_connect(const char *name, const char *psk, int cipher_suite)
{
    static int suites[2];
    if (client_open)
        link_bench_hang_up(false);
    mbedtls_ssl_init(&client);
    mbedtls_ssl_config_init(&client_config);
    client_open = true;
    demand(mbedtls_ssl_config_defaults(&client_config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                       MBEDTLS_SSL_PRESET_DEFAULT) == 0,
           "no client configuration");
    mbedtls_ssl_conf_rng(&client_config, crypto_random_callback, NULL);
    suites[0] = cipher_suite;
    if (cipher_suite != 0)
        mbedtls_ssl_conf_ciphersuites(&client_config, suites);
    int result = mbedtls_ssl_conf_psk(&client_config, (const unsigned char *)psk, strlen(psk),
                                      (const unsigned char *)name, strlen(name));
    if (result == 0)
        result = mbedtls_ssl_setup(&client, &client_config);
    if (result != 0)
        return result;
    mbedtls_ssl_set_bio(&client, NULL, client_send, client_receive, NULL);
    mbedtls_ssl_set_timer_cb(&client, NULL, client_set_timer, client_get_timer);
    bench.inbox.len = 0;
    for (int turns = 0; turns < 1000; turns++) {
        result = mbedtls_ssl_handshake(&client);
        if (result != MBEDTLS_ERR_SSL_WANT_READ && result != MBEDTLS_ERR_SSL_WANT_WRITE)
            return result;
        if (bench.inbox.len == 0)
            link_bench_pass_ms(100);
    }
    return MBEDTLS_ERR_SSL_TIMEOUT;
}

int link_bench_ask(const uint8_t *request, size_t len, uint8_t *answer, size_t size)
{
    int result = mbedtls_ssl_write(&client, request, len);
    if (result < 0)
        return result;
    for (int turns = 0; turns < 50; turns++) {
        result = mbedtls_ssl_read(&client, answer, size);
        if (result != MBEDTLS_ERR_SSL_WANT_READ)
            return result;
        link_bench_pass_ms(1);
    }
    return 0;
}

void link_bench_hang_up(bool politely)
{
    if (politely)
        (void)mbedtls_ssl_close_notify(&client);
    mbedtls_ssl_free(&client);
    mbedtls_ssl_config_free(&client_config);
    client_open = false;
}
