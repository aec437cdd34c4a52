/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulates a scanner module for QR codes and barcodes (GM65 and its kin) on a serial line of its own: it
 * sends each text that it reads, then CR. What the host sends to it is ignored. Pure: the caller moves the
 * bytes, and owns the struct.
 */
#ifndef CARDSIM_SCANNER_H
#define CARDSIM_SCANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CARDSIM_SCANNER_OUTPUT_MAX = 8192 };

struct cardsim_scanner {
    bool is_fitted;
    size_t output_len;
    uint8_t output[CARDSIM_SCANNER_OUTPUT_MAX]; /* bytes for the host */
};

/* Sends bytes as they are. Returns false, and sends nothing, if the host has not taken what came before. */
bool cardsim_scanner_send(struct cardsim_scanner *scanner, const uint8_t *bytes, size_t len);
/* Reads a code: sends its text, then CR. Returns as cardsim_scanner_send does. */
bool cardsim_scanner_scan(struct cardsim_scanner *scanner, const char *text);
/* Removes the first len bytes of the output, which the host has. */
void cardsim_scanner_consume(struct cardsim_scanner *scanner, size_t len);

#endif
