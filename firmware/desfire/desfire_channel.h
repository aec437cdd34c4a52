/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What protects commands and answers after a card has authenticated.
 *
 * DESFIRE_EV1_AES: one session key. The CMAC of each command and of each answer with its status continues
 * from the one before; answers end with its first 8 bytes, also those of plain files. An enciphered answer
 * is AES-CBC, whose IV is the CMAC of the command, over text, CRC-32 of text and status, zeros.
 *
 * DESFIRE_EV2_FIRST: two session keys, a transaction identifier (TI) and a counter of commands. A MAC is
 * every second byte of the CMAC over command or status, counter, TI and data. An enciphered answer is
 * AES-CBC over the text, 80 and zeros, with an IV made from TI and counter; the MAC is over the ciphertext.
 *
 * Sources: NXP's application notes AN12343 (DESFire Light; sections 7.1 and 7.2) and AN12196 (NTAG 424), by
 * the tests of proxmark3 (client/src/mifare/desfiretest.c) and of icedevml/nfc-ev2-crypto (test_ev2.py); for
 * EV1, a session in patsys/desfire-python (test.py), and the UID with CRC of proxmark3.
 *
 * The caller owns the struct, which holds session keys: call crypto_wipe on it at the end. Nothing blocks.
 */
#ifndef FIRMWARE_DESFIRE_DESFIRE_CHANNEL_H
#define FIRMWARE_DESFIRE_DESFIRE_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/desfire/desfire_application.h"

#define DESFIRE_CHANNEL_MAC_LEN  8
#define DESFIRE_CHANNEL_DATA_MAX 64 /* bytes of a command or answer, without command, status and MAC */
#define DESFIRE_CHANNEL_TEXT_MAX 59 /* bytes of text in an answer: with 5 bytes of padding they fit */
#define DESFIRE_RANDOM_LEN       16 /* RndA and RndB */
#define DESFIRE_TI_LEN           4

struct desfire_channel {
    enum desfire_authentication authentication;
    uint8_t mac_key[CRYPTO_KEY_LEN];
    uint8_t cipher_key[CRYPTO_KEY_LEN]; /* of EV1: the same */
    uint8_t chain[CRYPTO_MAC_LEN];      /* EV1: the CMAC so far */
    uint8_t ti[DESFIRE_TI_LEN];         /* EV2 */
    uint16_t counter;                   /* EV2: commands so far */
};

/* Starts a session: computes its keys from the card's key and the random numbers of both sides. ti is read
 * only with DESFIRE_EV2_FIRST. Returns ERR_OK or ERR_CRYPTO. */
int desfire_channel_open(struct desfire_channel *channel, enum desfire_authentication authentication,
                         const uint8_t key[CRYPTO_KEY_LEN], const uint8_t rnd_a[DESFIRE_RANDOM_LEN],
                         const uint8_t rnd_b[DESFIRE_RANDOM_LEN], const uint8_t ti[DESFIRE_TI_LEN]) MUST_USE;

/* Protects a command whose data, if it has any, are not enciphered. There must be room for a MAC behind the
 * len bytes, at most 1 + DESFIRE_CHANNEL_DATA_MAX. Returns the count of bytes to send, ERR_ARGUMENT (the
 * length) or ERR_CRYPTO. */
int desfire_channel_seal(struct desfire_channel *channel, uint8_t *command, size_t len) MUST_USE;

/* Returns the length of an answer with text_len bytes of text, without its status. */
size_t desfire_channel_sealed_len(const struct desfire_channel *channel, enum desfire_mode mode,
                                  size_t text_len);

/* Checks an answer with status 00, without that status, and deciphers it in place: it then begins with the
 * text. Returns ERR_OK, ERR_FORMAT (its length is not that of text_len bytes of text, or
 * these are more than DESFIRE_CHANNEL_TEXT_MAX), ERR_CORRUPT (MAC, CRC or
 * padding), ERR_UNSUPPORTED (DESFIRE_PLAIN with EV2: nothing protects it) or ERR_CRYPTO. */
int desfire_channel_unseal(struct desfire_channel *channel, enum desfire_mode mode, uint8_t *answer,
                           size_t len, size_t text_len) MUST_USE;

#endif
