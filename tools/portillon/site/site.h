/*
 * A site folder: the keys of a school and the gates it has. Layout in tools/portillon/README.md.
 * The caller owns the structs; site_close wipes the secrets. Functions say on stderr what is wrong, as
 * "portillon: what: where: why", so a caller only passes the failure on.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_H
#define TOOLS_PORTILLON_SITE_SITE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"

#define SITE_MASTER_LEN 32
#define SITE_NAME_MAX   63
#define SITE_GATES_MAX  256

struct site {
    char folder[PATH_MAX - 64];
    char name[SITE_NAME_MAX + 1];
    uint8_t public_key[CRYPTO_PUBLIC_KEY_LEN];
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    uint8_t master[SITE_MASTER_LEN];
    uint8_t tag_key[IDENTITY_TAG_KEY_LEN];
};

/* Makes crypto usable in a tool: random numbers of the operating system, memory of the C library.
 * @retval ERR_OK, ERR_CRYPTO. */
int site_crypto_init(void) MUST_USE;

/* Makes a new folder. @retval ERR_OK, ERR_ARGUMENT (exists already; name), ERR_IO, ERR_CRYPTO. */
int site_create(const char *folder, const char *name) MUST_USE;

/* Reads the folder; crypto is initialised on the way. command goes into the messages.
 * @retval ERR_OK, ERR_IO, ERR_FORMAT, ERR_CRYPTO. */
int site_open(struct site *site, const char *command, const char *folder) MUST_USE;
void site_close(struct site *site);

/* Signs a SHA-256 hash with the site's signing key, deterministically (RFC 6979), as DER.
 * @retval ERR_OK, ERR_IO, ERR_FORMAT (the PEM is not a P-256 key), ERR_CRYPTO, ERR_SITE (it is not the key of
 * public-key.pem). */
int site_sign(const struct site *site, const uint8_t hash[CRYPTO_HASH_LEN],
              uint8_t signature[CRYPTO_SIGNATURE_MAX], size_t *signature_len) MUST_USE;

/* Reads a P-256 public key from a PEM file. @retval ERR_OK, ERR_IO, ERR_FORMAT. */
int site_read_public_key(const char *path, uint8_t key[CRYPTO_PUBLIC_KEY_LEN]) MUST_USE;

/* Fills the identity of a device, name and zone as given, a fresh seed. @retval ERR_OK, ERR_CRYPTO. */
int site_derive_identity(const struct site *site, const char *device_id, const char *name, enum zone zone,
                         struct identity *identity) MUST_USE;

/* Reads the identity of a registered gate. @retval ERR_OK, ERR_NOT_FOUND, ERR_IO, ERR_FORMAT and what
 * identity_decode returns. */
int site_read_gate(const struct site *site, const char *command, const char *device_id,
                   struct identity *identity) MUST_USE;

/* Lists the ids of the registered gates, sorted. @retval count of gates, ERR_IO. */
int site_list_gates(const struct site *site, char ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1]) MUST_USE;

/* 1 to 15 of A-Z a-z 0-9 . _ -, the first a letter or digit: it is a file name too. */
bool site_device_id_is_good(const char *device_id);

/* UTF-8 without control characters, 1 to max bytes. */
bool site_name_is_good(const char *name, size_t max);

/* Writes DIR/NAME into path. */
void site_path(const struct site *site, const char *name, char path[PATH_MAX]);

/* The rules of the school (site_rules.h), and its name. */
#define SITE_CONF_FILE "site.conf"

/* Where whitelist build puts a list, and push looks for one, unless told otherwise. */
#define SITE_LIST_FILE "whitelist.list"

#endif
