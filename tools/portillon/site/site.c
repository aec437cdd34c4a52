/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site.h"

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/passphrase.h"
#include "tools/portillon/common/printable.h"
#include "tools/portillon/common/secret_file.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/site/site_keys.h"
#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/site/site_rules_default.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIGNING_KEY_FILE "signing-key.pem"
#define MASTER_FILE      "master.key"
#define CONF_FILE        SITE_CONF_FILE
#define GATES_FOLDER     SITE_GATES_FOLDER
#define SMALL_FILE_MAX   65536

static const char command_init[] = "site init";

static int fill_from_system(void *ctx, uint8_t *buf, size_t len)
{
    (void)ctx;
    while (len > 0) {
        ssize_t got = getrandom(buf, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ERR_IO;
        buf += got;
        len -= (size_t)got;
    }
    return ERR_OK;
}

int site_crypto_init(void)
{
    static const struct entropy entropy = {fill_from_system, NULL};
    static bool ready;
    if (!ready) {
        if (crypto_init(&entropy, NULL, 0) != ERR_OK) {
            command_fail("random numbers: this system gives none: nothing can be encrypted or signed");
            return ERR_CRYPTO;
        }
        ready = true;
    }
    return ERR_OK;
}

void site_path(const struct site *site, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", site->folder, name);
}

static int set_folder(struct site *site, const char *command, const char *folder)
{
    size_t len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/')
        len--;
    if (len == 0 || len >= sizeof site->folder) {
        command_fail("%s: %s: not a usable folder name", command, len == 0 ? "''" : _("DIR"));
        return ERR_ARGUMENT;
    }
    memcpy(site->folder, folder, len);
    site->folder[len] = '\0';
    return ERR_OK;
}

bool site_name_is_good(const char *name, size_t max)
{
    size_t len = strlen(name), step;
    uint32_t code_point;
    for (size_t i = 0; i < len; i += step) {
        step = utf8_decode(name + i, len - i, &code_point);
        if (step == 0 || !printable_is(code_point))
            return false;
    }
    return len > 0 && len <= max;
}

/* --- making a folder --- */

static int write_in(const struct site *site, const char *name, const void *data, size_t len, mode_t mode)
{
    char path[PATH_MAX];
    site_path(site, name, path);
    int error = file_write_atomic(path, data, len, mode);
    if (error != ERR_OK)
        command_fail("%s: %s: cannot be written: %s", command_init, path, translate_errno(errno));
    return error;
}

static int write_master(const struct site *site)
{
    uint8_t master[SITE_MASTER_LEN];
    char text[2 * SITE_MASTER_LEN + 2];
    if (crypto_random(master, sizeof master) != ERR_OK)
        return ERR_CRYPTO;
    for (size_t i = 0; i < sizeof master; i++)
        snprintf(text + 2 * i, 3, "%02x", master[i]);
    text[2 * SITE_MASTER_LEN] = '\n';
    text[2 * SITE_MASTER_LEN + 1] = '\0';
    int error = write_in(site, MASTER_FILE, text, strlen(text), 0600);
    crypto_wipe(master, sizeof master);
    crypto_wipe(text, sizeof text);
    return error;
}

static int write_keys(const struct site *site, const char *passphrase)
{
    char private_pem[SITE_KEYS_PEM_MAX], public_pem[SITE_KEYS_PEM_MAX];
    int error = site_keys_generate(private_pem, public_pem);
    if (error == ERR_OK && passphrase != NULL)
        error = site_keys_encrypt(private_pem, passphrase, SITE_KEYS_ITERATIONS, private_pem);
    if (error != ERR_OK)
        command_fail("%s: %s: no key pair could be made", command_init, site->folder);
    if (error == ERR_OK)
        error = write_in(site, SIGNING_KEY_FILE, private_pem, strlen(private_pem), 0600);
    if (error == ERR_OK)
        error = write_in(site, SITE_PUBLIC_KEY_FILE, public_pem, strlen(public_pem), 0644);
    if (error == ERR_OK)
        error = write_master(site);
    crypto_wipe(private_pem, sizeof private_pem);
    return error;
}

static bool folder_is_empty(const char *path)
{
    bool empty = true;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            empty = false;
    closedir(folder);
    return empty;
}

/* Deletes an incomplete folder, which would look like a site. A new folder holds nothing of value yet. */
static void unmake(const struct site *site)
{
    static const char *const names[] = {SIGNING_KEY_FILE, SITE_PUBLIC_KEY_FILE, MASTER_FILE, CONF_FILE};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        site_path(site, names[i], path);
        unlink(path);
    }
    site_path(site, GATES_FOLDER, path);
    rmdir(path);
    rmdir(site->folder);
}

int site_create(const char *folder, const char *name, const char *passphrase)
{
    struct site site;
    char path[PATH_MAX], conf[SITE_CONF_SIZE];
    int error = set_folder(&site, command_init, folder);
    if (error != ERR_OK)
        return error;
    if (!site_name_is_good(name, SITE_NAME_MAX)) {
        command_fail("%s: --name: at most %d bytes of UTF-8 on one line", command_init, SITE_NAME_MAX);
        return ERR_ARGUMENT;
    }
    error = site_crypto_init();
    if (error != ERR_OK)
        return error;
    bool made = mkdir(site.folder, 0700) == 0;
    if (!made && errno == EEXIST && !folder_is_empty(site.folder)) {
        command_fail("%s: %s: exists already: a site's keys are never overwritten", command_init,
                     site.folder);
        return ERR_ARGUMENT;
    }
    if (!made && (errno != EEXIST || chmod(site.folder, 0700) != 0)) {
        command_fail("%s: %s: %s", command_init, site.folder, translate_errno(errno));
        return ERR_IO;
    }
    site_path(&site, GATES_FOLDER, path);
    if (mkdir(path, 0700) != 0) {
        command_fail("%s: %s: %s", command_init, path, translate_errno(errno));
        error = ERR_IO;
    }
    site_rules_write_default(name, conf);
    if (error == ERR_OK)
        error = write_in(&site, CONF_FILE, conf, strlen(conf), 0644);
    if (error == ERR_OK)
        error = write_keys(&site, passphrase);
    if (error != ERR_OK)
        unmake(&site);
    return error;
}

/* --- reading a folder --- */

/* Reads a file of the folder into memory that the caller frees. */
static int read_in(const struct site *site, const char *command, const char *name, bool secret,
                   uint8_t **data, size_t *len)
{
    char path[PATH_MAX];
    site_path(site, name, path);
    int error = file_read(path, SMALL_FILE_MAX, data, len);
    if (error == ERR_IO && errno == ENOENT)
        command_fail("%s: %s: is not a site folder (no %s in it): portillon site init makes one", command,
                     site->folder, name);
    else if (error != ERR_OK)
        command_fail("%s: %s: %s", command, path,
                     error == ERR_IO ? translate_errno(errno) : _("is too long"));
    else if (secret)
        secret_file_check(command, path, _("this secret"));
    return error;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_master(struct site *site, const char *command)
{
    uint8_t *text;
    size_t len;
    int error = read_in(site, command, MASTER_FILE, true, &text, &len);
    if (error != ERR_OK)
        return error;
    if (len < 2 * SITE_MASTER_LEN ||
        strspn((char *)text + 2 * SITE_MASTER_LEN, "\r\n ") != len - 2 * SITE_MASTER_LEN)
        error = ERR_FORMAT;
    for (size_t i = 0; error == ERR_OK && i < SITE_MASTER_LEN; i++) {
        int high = hex_digit((char)text[2 * i]), low = hex_digit((char)text[2 * i + 1]);
        if (high < 0 || low < 0)
            error = ERR_FORMAT;
        site->master[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
    }
    if (error != ERR_OK)
        command_fail("%s: %s/%s: is not %d hex digits: take it from a backup", command, site->folder,
                     MASTER_FILE, 2 * SITE_MASTER_LEN);
    crypto_wipe(text, len);
    free(text);
    return error;
}

static int read_conf(struct site *site, const char *command)
{
    uint8_t *text;
    size_t len;
    int error = read_in(site, command, CONF_FILE, false, &text, &len);
    if (error != ERR_OK)
        return error;
    bool known = false;
    char *rest = (char *)text;
    for (char *line; (line = strsep(&rest, "\r\n")) != NULL;) {
        char key[32];
        int start = 0;
        if (sscanf(line, " %31[a-z_] = %n", key, &start) != 1 || start == 0)
            continue;
        if (strcmp(key, "name") == 0)
            snprintf(site->name, sizeof site->name, "%s", line + start);
        if (strcmp(key, "format") == 0)
            known = strcmp(line + start, "1") == 0;
    }
    free(text);
    if (!known) {
        command_fail("%s: %s/%s: does not say 'format = 1': made by a later version?", command, site->folder,
                     CONF_FILE);
        return ERR_FORMAT;
    }
    return ERR_OK;
}

int site_read_public_key(const char *path, uint8_t key[CRYPTO_PUBLIC_KEY_LEN])
{
    uint8_t *pem;
    size_t len;
    int error = file_read(path, SMALL_FILE_MAX, &pem, &len);
    if (error != ERR_OK) {
        command_fail("public key: %s: %s", path, error == ERR_IO ? translate_errno(errno) : _("is too long"));
        return error;
    }
    error = site_keys_parse_public(pem, len + 1, key);
    free(pem);
    if (error != ERR_OK)
        command_fail("public key: %s: is not the PEM of a P-256 public key", path);
    return error;
}

int site_open(struct site *site, const char *command, const char *folder)
{
    char path[PATH_MAX];
    memset(site, 0, sizeof *site);
    int error = set_folder(site, command, folder);
    if (error == ERR_OK)
        error = site_crypto_init();
    if (error == ERR_OK)
        error = read_conf(site, command);
    if (error == ERR_OK)
        error = read_master(site, command);
    if (error != ERR_OK)
        return error;
    site_path(site, SITE_PUBLIC_KEY_FILE, path);
    error = site_read_public_key(path, site->public_key);
    if (error == ERR_OK)
        error = site_keys_derive(site->master, "tag", NULL, 0, site->tag_key, sizeof site->tag_key);
    if (error == ERR_OK)
        error = site_card_keys_read(site->folder, command, site->master, &site->card_keys);
    if (error != ERR_OK)
        site_close(site);
    else
        identity_site_id(site->public_key, site->site_id);
    return error;
}

void site_close(struct site *site)
{
    crypto_wipe(site->master, sizeof site->master);
    crypto_wipe(site->tag_key, sizeof site->tag_key);
    crypto_wipe(&site->card_keys, sizeof site->card_keys);
    crypto_wipe(site->signing_key, sizeof site->signing_key);
}

/* Gets the passphrase, and decrypts the key with it. */
static int decrypt(struct site *site, const char *command, const uint8_t *pem, size_t len,
                   const char *passphrase_file)
{
    char passphrase[PASSPHRASE_MAX], question[PATH_MAX + 64];
    int error = ERR_FORBIDDEN;
    snprintf(question, sizeof question, _("Passphrase of %s/%s"), site->folder, SIGNING_KEY_FILE);
    printable_text(question);
    for (int tries = passphrase_file != NULL ? 1 : 3; tries > 0 && error == ERR_FORBIDDEN; tries--) {
        error = passphrase_file != NULL ? passphrase_read(command, passphrase_file, passphrase)
                                        : passphrase_ask(command, question, passphrase);
        if (error != ERR_OK)
            break;
        error = site_keys_decrypt(pem, len, passphrase, site->signing_key);
        if (error == ERR_FORBIDDEN)
            command_fail("%s: %s/%s: the passphrase is wrong", command, site->folder, SIGNING_KEY_FILE);
        else if (error != ERR_OK)
            command_fail("%s: %s/%s: is not a P-256 key, or encrypted in a form that is not known (known: "
                         "PKCS #8 with AES)",
                         command, site->folder, SIGNING_KEY_FILE);
    }
    crypto_wipe(passphrase, sizeof passphrase);
    return error;
}

int site_unlock(struct site *site, const char *command, const char *passphrase_file)
{
    uint8_t public_key[CRYPTO_PUBLIC_KEY_LEN], *pem;
    size_t len;
    int error = read_in(site, command, SIGNING_KEY_FILE, true, &pem, &len);
    if (error != ERR_OK)
        return error;
    if (site_keys_are_encrypted((const char *)pem)) {
        error = decrypt(site, command, pem, len + 1, passphrase_file);
    } else if (len < sizeof site->signing_key) {
        memcpy(site->signing_key, pem, len + 1);
    } else {
        error = ERR_FORMAT;
        command_fail("%s: %s/%s: is too long for a P-256 key", command, site->folder, SIGNING_KEY_FILE);
    }
    crypto_wipe(pem, len);
    free(pem);
    if (error != ERR_OK)
        return error;
    error = site_keys_public_of(site->signing_key, public_key);
    if (error == ERR_OK && memcmp(public_key, site->public_key, sizeof public_key) != 0)
        error = ERR_SITE;
    if (error != ERR_OK)
        command_fail("%s: %s/%s: %s", command, site->folder, SIGNING_KEY_FILE,
                     error == ERR_SITE ? _("is not the key of public-key.pem")
                                       : _("is not the PEM of a P-256 private key"));
    return error;
}

int site_sign(const struct site *site, const uint8_t hash[CRYPTO_HASH_LEN],
              uint8_t signature[CRYPTO_SIGNATURE_MAX], size_t *signature_len)
{
    uint8_t public_key[CRYPTO_PUBLIC_KEY_LEN];
    int error = site_keys_sign((const uint8_t *)site->signing_key, strlen(site->signing_key) + 1, hash,
                               signature, signature_len, public_key);
    if (error != ERR_OK)
        command_fail("sign: %s: the list could not be signed", site->folder);
    return error;
}
