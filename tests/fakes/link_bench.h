/*
 * A whole gate in memory, seen from the serial line: flash in RAM, a clock that stands until it is moved, a
 * line of two buffers, and at its other end a DTLS client (mbedtls's) that a test or fuzzer drives. One at a
 * time.
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
    bool flash_fails;       /* reads answer ERR_IO */
    size_t write_room;      /* bytes the line takes per write; SIZE_MAX: all */
    uint8_t to_gate[16384]; /* bytes on the line, gate's end */
    size_t to_gate_len;
    uint8_t from_gate[65536]; /* every byte the gate wrote since link_bench_clear */
    size_t from_gate_len;
    struct link_bench_datagram inbox; /* last datagram of the gate not yet taken by the client */
    struct link_bench_datagram
        sent[LINK_BENCH_RECORDED_MAX]; /* what the client sent since link_bench_clear */
    size_t sent_count;
    size_t answered_count; /* datagrams the gate sent since link_bench_clear */
    bool discard;          /* the client's datagrams are recorded, not delivered */
};

/* Starts anew: blank flash of 1 MiB, unless without_flash; monotonic time 0. */
struct link_bench *link_bench_start(bool without_flash);
/* The same without flash and without a random generator: every start goes exactly like the others. */
struct link_bench *link_bench_start_bare(void);

/* Runs the gate's maintenance port until it is idle. */
void link_bench_run(void);
void link_bench_pass_ms(uint32_t ms);
void link_bench_clear(void);

/* Puts raw bytes, or a datagram in a frame, on the line, and runs. */
void link_bench_write(const void *bytes, size_t len);
void link_bench_write_datagram(const void *bytes, size_t len);

/* The hello of some client, the same each time but for its record's number and cookie (NULL: none). */
void link_bench_say_hello(uint8_t record_number, const uint8_t cookie[DTLS_COOKIE_LEN]);

/* A client begins, with a cipher suite of its choice (0: either). @retval 0, or mbedtls's error. */
int link_bench_connect(const char *identity, const char *psk, int cipher_suite);
/* Sends one request and takes its answer. @retval bytes of the answer, 0: none came; negative: mbedtls. */
int link_bench_ask(const uint8_t *request, size_t len, uint8_t *answer, size_t size);
/* The client says goodbye, or vanishes. */
void link_bench_hang_up(bool politely);

#endif
