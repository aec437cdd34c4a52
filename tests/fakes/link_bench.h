/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a whole gate in memory, for tests and fuzzers of the serial line: flash in RAM, a clock that the test
 * moves, and a line of two buffers. At the other end of the line is a DTLS client (mbedtls) that the test
 * drives. The state is static, so there is only one gate at a time. An error of the bench itself ends the
 * test program. Nothing blocks.
 */
#ifndef TESTS_FAKES_LINK_BENCH_H
#define TESTS_FAKES_LINK_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/portillon.h"

#define LINK_BENCH_MAINTENANCE_PSK "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
#define LINK_BENCH_TECHNICIAN_PSK  "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2"
#define LINK_BENCH_RECORDED_MAX    64
#define LINK_BENCH_DATAGRAM_MAX    1500

struct link_bench_datagram {
    uint8_t bytes[LINK_BENCH_DATAGRAM_MAX];
    size_t len;
};

struct link_bench {
    struct portillon portillon;
    uint64_t now_us;
    bool flash_fails;       /* reads return ERR_IO */
    size_t write_room;      /* bytes that the line takes per write; SIZE_MAX: all */
    uint8_t to_gate[16384]; /* bytes on the line to the gate */
    size_t to_gate_len;
    uint8_t from_gate[65536]; /* every byte the gate wrote since link_bench_clear */
    size_t from_gate_len;
    struct link_bench_datagram inbox; /* last datagram of the gate that the client has not taken */
    /* datagrams that the client sent since link_bench_clear */
    struct link_bench_datagram sent[LINK_BENCH_RECORDED_MAX];
    size_t sent_count;
    size_t answered_count; /* datagrams that the gate sent since link_bench_clear */
    bool discard;          /* the client's datagrams are recorded, but not delivered */
};

/* Starts a new gate, with blank flash of 1 MiB unless without_flash, and with monotonic time 0. Returns the
 * bench. */
struct link_bench *link_bench_start(bool without_flash);
/* Does the same without flash and without a random generator, so that every start is exactly alike. */
struct link_bench *link_bench_start_bare(void);

/* Runs the gate's maintenance port until it is idle. */
void link_bench_run(void);
/* Advances the time, and runs. */
void link_bench_pass_ms(uint32_t ms);
/* Forgets the recorded bytes and datagrams. */
void link_bench_clear(void);

/* Puts raw bytes on the line, and runs. */
void link_bench_write(const void *bytes, size_t len);
/* Puts a datagram in a frame on the line, and runs. */
void link_bench_write_datagram(const void *bytes, size_t len);

/* Sends the hello of a client. Only its record number and cookie (NULL: none) change between calls. */
void link_bench_say_hello(uint8_t record_number, const uint8_t cookie[DTLS_COOKIE_LEN]);

/* Connects a client, with a cipher suite (0: any). Returns 0 or an error of mbedtls. */
int link_bench_connect(const char *identity, const char *psk, int cipher_suite);
/* Sends one request and takes its answer. Returns the bytes of the answer; 0: none came; negative: an error
 * of mbedtls. */
int link_bench_ask(const uint8_t *request, size_t len, uint8_t *answer, size_t size);
/* Ends the client's session. politely sends a close alert; otherwise the client just disappears. */
void link_bench_hang_up(bool politely);

#endif
