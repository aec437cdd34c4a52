/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams at the DTLS session, each with its length (u16, little-endian) before it. The first byte chooses
 * whether a session is open: then nothing that comes may end it, for whoever writes on the line holds neither
 * its key nor a cookie. After all of it a client must get in.
 */
#include <stdlib.h>

#include "tests/fakes/link_bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
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
        link_bench_say_hello(0, NULL);
        link_bench_say_hello(1, session->cookie);
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
