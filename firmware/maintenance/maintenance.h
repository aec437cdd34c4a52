/*
 * The maintenance port: what a serial cable can ask of the gate, and who may ask it.
 *
 * Bytes on the line are frames (frame.h). Channel 1 carries DTLS 1.2 datagrams (dtls_session.h; PSK
 * identity = role name, key = identity_psk), inside them CoAP messages (coap.h, RFC 7252), with block-wise
 * transfer (RFC 7959) of both kinds. Structured payloads are CBOR (RFC 8949) maps with text keys. A person
 * with a terminal program presses Enter on a quiet line and gets one line of plain text.
 *
 * method path               role         payload and answer
 * GET    /.well-known/core  any          link format (RFC 6690)
 * GET    /status            any          {version, device, name, zone, state, uptime_s, boots, time, clock,
 *                                        reader, reader_up, storage_ok, taps, granted,
 *                                        list: null or {version, cards, twin_whole, repaired, damaged,
 *                                        failed: repairs given up for a while}, profiles_off: [name, …] of
 *                                        groups turned off, journal: {tail, head, acked, pending, unreadable,
 *                                        lost}, link: {good_frames, bad_frames, sessions, refused}, pool:
 *                                        {now, most, size}, stack: null or {used, size}: bytes, used at most,
 *                                        reset: null or {cause: power, watchdog, fault, panic or request, pc,
 *                                        fault: the processor's fault status}: why it started, flash: {name,
 *                                        size, sector, problem, worn: address of a sector that refused to
 *                                        erase or program}: all but numbers may be null, tap_us: {last,
 *                                        worst}: from card known to relay or verdict} GET    /time
 *                                        any          {time, clock, confirmed: when it was last set, 0:
 *                                        never} PUT    /time              any          {time} -> 2.04 GET
 *                                        /whitelist         any          {running: null or {version, cards,
 *                                        blocks, created, digest}, upload: {state, error: null or word, worn:
 *                                        null or, with that error, the address, digest, version, blocks,
 *                                        have}}; digest: bytes, the first 16 of SHA-256 of head and
 *                                        signature; empty until an upload's head is whole PUT
 *                                        /whitelist/head    any          octets, Block1 -> 2.31 .. 2.04: the
 *                                        head and signature GET    /whitelist/wanted?from=N  any   [[first,
 *                                        count], …] runs of blocks wanted from N on, at most 64 PUT
 *                                        /whitelist/block?n=N  any       octets, Block1 of 1024 -> 2.31 ..
 *                                        2.04: pieces of block N, any order GET    /passages?after=N  any
 *                                        {after, next, tail, head, acked, records: n·32 octets as stored,
 *                                        unreadable: [[first, count], …]}; next: last number covered; the
 *                                        reader is done when next = head - 1 POST   /passages/ack      any
 *                                        {seq} -> 2.04 GET    /settings          technician
 *                                        {rotation_fitted, buzzer_on, refuse_when_full, open_ms,
 *                                        retention_days, clock_days} PUT    /settings          technician
 *                                        the same, any subset -> 2.04 GET    /profiles          technician
 *                                        {name: on, …}: the profiles of the running list; false: turned off
 *                                        PUT    /profiles          technician   the same, any subset -> 2.04
 *                                        POST   /open              technician   opens for one person -> 2.04
 *                                        {state, seq, ahead}: the journal's number, 0 when the gate is
 *                                        released and opens for all; people before them GET    /selftest
 *                                        technician   {timer_ms: runs on, modulo 2^32, rtc: null (no
 *                                        battery-backed clock, or it lost its time) or seconds, reader,
 *                                        reader_up, flash: {step: none, waiting, erasing, looking, writing,
 *                                        reading, passed or failed, failed: null or step, error: null or
 *                                        word, erase_us, write_us, read_us}, output: null or the one driven,
 *                                        inputs: {rotation, fire, tamper, button: {active, rises}}} POST
 *                                        /selftest          technician   {flash: true}: tests the scratch
 *                                        sector of the chip; {relay or green, red, amber, buzzer: true}:
 *                                        drives it alone for a second -> 2.04. The relay opens the gate: it
 *                                        is logged before
 *
 * Answers fit one block of 1024 bytes; a client may ask for smaller ones. Requests may overlap; the last 8
 * PUTs and POSTs are known when they come again.
 *
 * Errors are CoAP codes with the error's word (error_name) as diagnostic payload: 4.00 malformed or refused,
 * 4.03 role, 4.04, 4.05, 4.08 piece out of place, 4.13 too large, 4.15 content format, 5.03 busy (try again
 * shortly) or no_storage (no flash chip answers), 5.00. Without storage, list and journal of /status are null
 * and zeros.
 *
 * The caller owns the struct (6.6 KiB) and keeps it in place. poll handles at most a few frames and returns;
 * whoever reads the line slower than it is written to holds up the maintenance port, nothing else.
 */
#ifndef FIRMWARE_MAINTENANCE_MAINTENANCE_H
#define FIRMWARE_MAINTENANCE_MAINTENANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/maintenance/coap_server.h"
#include "firmware/maintenance/dtls_session.h"
#include "firmware/maintenance/frame.h"
#include "hal/error.h"
#include "hal/serial.h"
#include "hal/timer.h"

#define MAINTENANCE_CHUNK_LEN 128 /* bytes taken off the line at once */

#define MAINTENANCE_BANNER_MAX 128

/* Writes the line that a person who presses Enter gets, line ends included, at most size bytes, without a
 * NUL. ctx: that of the handler. Returns the count of bytes. */
typedef size_t maintenance_banner(void *ctx, char *line, size_t size);

struct maintenance {
    const struct serial *serial;
    const struct timer *timer;
    struct coap_handler handler; /* answers requests of a session; see maintenance_role */
    maintenance_banner *write_banner;
    uint64_t heard_us;       /* last byte on the line */
    uint64_t banner_from_us; /* no banner before */
    uint32_t session;        /* dtls.opened_count of the session coap belongs to */
    bool lent;               /* a datagram in the decoder's buffer waits to be handled */
    size_t in_len, in_taken;
    size_t out_len, out_sent;
    struct frame_decoder decoder;
    struct dtls_session dtls;
    struct coap_server coap;
    uint8_t in[MAINTENANCE_CHUNK_LEN];
    uint8_t message[DTLS_PLAINTEXT_MAX];               /* a request, then its answer */
    uint8_t out[FRAME_ENCODED_MAX(FRAME_PAYLOAD_MAX)]; /* one frame on its way */
};

/* Starts the port; crypto_init comes first. serial, timer and identity are kept by pointer, handler is
 * copied. @retval ERR_OK, ERR_CRYPTO (pool too small for a session). */
int maintenance_init(struct maintenance *maintenance, const struct serial *serial, const struct timer *timer,
                     const struct identity *identity, const struct coap_handler *handler,
                     maintenance_banner *write_banner) MUST_USE;
/* The role whose key opened the session that is being answered. */
enum role maintenance_role(const struct maintenance *maintenance);
/* @retval ERR_OK (idle), ERR_BUSY (bytes are waiting to be written or read). */
int maintenance_poll(struct maintenance *maintenance);

#endif
