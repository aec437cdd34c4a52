/*
 * Datagrams at the DTLS session, each with its length (u16, little-endian) before it. The first byte chooses
 * whether a session is open: then nothing that comes may end it, for whoever writes on the line does not hold
 * its key. After all of it a client must get in.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/link_bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

/* A client's hello with the cookie it was given, to have a handshake under way. */
static void write_hello(struct dtls_session *session)
{
    enum { BODY_LEN = 2 + DTLS_RANDOM_LEN + 1 + 1 + DTLS_COOKIE_LEN + 6, LEN = 25 + BODY_LEN };
    uint8_t hello[LEN] = {22,
                          0xFE,
                          0xFD,
                          [12] = 12 + BODY_LEN,
                          [13] = 1,
                          [16] = BODY_LEN,
                          [24] = BODY_LEN,
                          [25] = 0xFE,
                          [26] = 0xFD,
                          [60] = DTLS_COOKIE_LEN};
    memcpy(hello + 61, session->cookie, DTLS_COOKIE_LEN);
    memcpy(hello + 61 + DTLS_COOKIE_LEN, "\x00\x02\x00\xa8\x01\x00", 6);
    link_bench_write_datagram(hello, sizeof hello);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct link_bench *bench = link_bench_start(true);
    struct dtls_session *session = &bench->portillon.maintenance.dtls;
    bool open = data[0] % 4 == 1, half_open = data[0] % 4 == 2, spoken = data[0] & 0x10;
    static const uint8_t get_time[] = "\x40\x01\x00\x01\xb4time";
    uint8_t answer[1280];
    if (open) {
        demand(link_bench_connect("maintenance", LINK_BENCH_MAINTENANCE_PSK, 0) == 0);
        demand(!spoken || link_bench_ask(get_time, sizeof get_time - 1, answer, sizeof answer) > 0);
    } else if (half_open) {
        write_hello(session);
    }
    data++;
    size--;
    while (size >= 2) {
        size_t len = (size_t)data[0] | (size_t)data[1] << 8;
        data += 2;
        size -= 2;
        len = len < size ? len : size;
        len = len < FRAME_PAYLOAD_MAX ? len : FRAME_PAYLOAD_MAX;
        link_bench_write_datagram(data, len);
        data += len;
        size -= len;
    }
    if (open) {
        demand(session->state == DTLS_OPEN && session->opened_count == 1);
        bench->inbox.len = 0;
        demand(link_bench_ask(get_time, sizeof get_time - 1, answer, sizeof answer) > 0);
    }
    demand(link_bench_connect("technician", LINK_BENCH_TECHNICIAN_PSK, 0) == 0);
    return 0;
}
