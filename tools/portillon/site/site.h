/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads and makes a site folder: the keys and rules of a school (for its gates see site_gates.h).
 * tools/portillon/README.md has the layout. The caller owns the structs, and site_close wipes the secrets.
 * The functions block on the file system. They print each error on stderr as
 * "portillon: what: where: why", so the caller only returns the failure.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_H
#define TOOLS_PORTILLON_SITE_SITE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "tools/portillon/site/site_card_keys.h"
#include "tools/portillon/site/site_keys.h"

#define SITE_MASTER_LEN 32
#define SITE_NAME_MAX   63

struct site {
    char folder[PATH_MAX - 64];
    char name[SITE_NAME_MAX + 1];
    uint8_t public_key[CRYPTO_PUBLIC_KEY_LEN];
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    uint8_t master[SITE_MASTER_LEN];
    uint8_t tag_key[IDENTITY_TAG_KEY_LEN];
    struct site_card_keys card_keys;
    char signing_key[SITE_KEYS_PEM_MAX]; /* after site_unlock */
};

/* Initialises the crypto library for a tool, with random numbers from the operating system and memory from
 * the C library. Further calls do nothing. Returns ERR_OK or ERR_CRYPTO. */
int site_crypto_init(void) MUST_USE;

/* Makes a new site folder with fresh keys. The signing key is encrypted under passphrase, unless that is
 * NULL. An existing folder must be empty. After a failure the folder and its files are deleted. Returns
 * ERR_OK, ERR_ARGUMENT (the folder is not empty, or its name or the school's name is not usable), ERR_IO or
 * ERR_CRYPTO. */
int site_create(const char *folder, const char *name, const char *passphrase) MUST_USE;

/* Reads the folder into site, and initialises the crypto library. command is the name used in messages.
 * Returns ERR_OK, ERR_ARGUMENT (the folder's name is not usable), ERR_IO, ERR_NO_SPACE (a file is too long),
 * ERR_FORMAT or ERR_CRYPTO. */
int site_open(struct site *site, const char *command, const char *folder) MUST_USE;
/* Wipes the secrets in site. */
void site_close(struct site *site);

/* Reads the signing key. If it has a passphrase, reads it from passphrase_file or, if that is NULL, asks for
 * it at the terminal, three times at most. Returns ERR_OK, ERR_IO, ERR_NO_SPACE (a file is too long),
 * ERR_FORMAT (the PEM is not a P-256 key), ERR_FORBIDDEN (the passphrase is wrong) or ERR_SITE (it is not the
 * key of public-key.pem). */
int site_unlock(struct site *site, const char *command, const char *passphrase_file) MUST_USE;

/* Signs a SHA-256 hash with the site's signing key, deterministically (RFC 6979), as DER. site_unlock must
 * have been called. Returns ERR_OK, ERR_FORMAT or ERR_CRYPTO. */
int site_sign(const struct site *site, const uint8_t hash[CRYPTO_HASH_LEN],
              uint8_t signature[CRYPTO_SIGNATURE_MAX], size_t *signature_len) MUST_USE;

/* Reads a P-256 public key from a PEM file. Returns ERR_OK, ERR_IO, ERR_NO_SPACE (the file is too long) or
 * ERR_FORMAT. */
int site_read_public_key(const char *path, uint8_t key[CRYPTO_PUBLIC_KEY_LEN]) MUST_USE;

/* Returns true when name is printable UTF-8 (printable.h), 1 to max bytes long. */
bool site_name_is_good(const char *name, size_t max);

/* Writes FOLDER/NAME into path. */
void site_path(const struct site *site, const char *name, char path[PATH_MAX]);

/* The public half of the signing key. */
#define SITE_PUBLIC_KEY_FILE "public-key.pem"

/* The file with the rules of the school (site_rules.h) and its name. */
#define SITE_CONF_FILE "site.conf"

/* The folder of the gates in it (site_gates.h). */
#define SITE_GATES_FOLDER "gates"

/* The file that `whitelist build` writes and `whitelist push` reads, unless an option names another. */
#define SITE_LIST_FILE "whitelist.list"
/* The list that the last one replaced. */
#define SITE_LIST_BEFORE_FILE "whitelist.before"

#endif
