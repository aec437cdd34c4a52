/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/host_identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hal/linux/translate.h"

static const char *what_is_wrong(int error)
{
    if (error == ERR_FORMAT)
        return _("is not a gate's identity");
    if (error == ERR_UNSUPPORTED)
        return _("is an identity of a format this program does not know");
    if (error == ERR_CORRUPT)
        return _("is a damaged identity (its CRC does not match)");
    if (error == ERR_SITE)
        return _("is an identity whose site id is not that of its public key");
    return _("cannot be used as an identity");
}

int host_identity_read(struct identity *identity, const uint8_t *block, size_t len, const char *path,
                       char note[HOST_IDENTITY_NOTE_LEN])
{
    if (len != IDENTITY_LEN && len != IDENTITY_LEN_MAX) {
        snprintf(note, HOST_IDENTITY_NOTE_LEN, _("%s: an identity file has %d or %d bytes, this one has %zu"),
                 path, IDENTITY_LEN, IDENTITY_LEN_MAX, len);
        return ERR_FORMAT;
    }
    int error = identity_decode(identity, block, len);
    if (error != ERR_OK)
        snprintf(note, HOST_IDENTITY_NOTE_LEN, "%s: %s", path, what_is_wrong(error));
    return error;
}

int host_identity_load(struct identity *identity, const char *path, char note[HOST_IDENTITY_NOTE_LEN])
{
    uint8_t block[IDENTITY_LEN_MAX + 1]; /* one more, to detect a file that is too long */
    struct stat status;
    ssize_t len = 0;
    int error = ERR_IO;

    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        bool missing = errno == ENOENT;
        snprintf(note, HOST_IDENTITY_NOTE_LEN, _("%s: cannot open the identity file: %s%s"), path,
                 translate_errno(errno), missing ? _(" (`portillon identity` makes one)") : "");
        return missing ? ERR_NOT_FOUND : ERR_IO;
    }
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        snprintf(note, HOST_IDENTITY_NOTE_LEN, _("%s: the identity file is not a regular file"), path);
        goto cleanup;
    }
    if ((status.st_mode & 077) != 0) {
        snprintf(
            note, HOST_IDENTITY_NOTE_LEN,
            _("%s: mode %04o lets others at the keys of this gate; chmod 600 it, and consider them seen"),
            path, (unsigned)status.st_mode & 07777);
        error = ERR_FORBIDDEN;
        goto cleanup;
    }
    len = read(fd, block, sizeof(block));
    if (len < 0) {
        snprintf(note, HOST_IDENTITY_NOTE_LEN, _("%s: cannot read the identity file: %s"), path,
                 translate_errno(errno));
        goto cleanup;
    }
    error = host_identity_read(identity, block, (size_t)(len > IDENTITY_LEN_MAX ? status.st_size : len), path,
                               note);
cleanup:
    crypto_wipe(block, sizeof(block));
    close(fd);
    return error;
}
