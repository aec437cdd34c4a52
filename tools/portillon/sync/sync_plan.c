/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/sync/sync_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/suggest.h"
#include "tools/portillon/site/site.h"

#define FILE_MAX  65536
#define LINE_SIZE 512
#define BLANKS    " \t\r"

int sync_plan_start(struct sync_plan *plan, const char *command, const char *folder)
{
    static char ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1];
    static struct site site;
    memset(plan, 0, sizeof *plan);
    if (site_open(&site, command, folder) != ERR_OK)
        return COMMAND_FAILED;
    plan->count = site_list_gates(&site, ids);
    site_close(&site);
    if (plan->count < 0)
        return COMMAND_FAILED;
    if (plan->count == 0)
        return command_fail("%s: %s: no gate is registered there (portillon identity makes one)", command,
                            folder);
    for (int i = 0; i < plan->count; i++) {
        struct sync_place *place = &plan->places[i];
        memcpy(place->device, ids[i], sizeof place->device);
        snprintf(place->port, sizeof place->port, SYNC_UDEV_NAME "%s", place->device);
        place->is_guess = true;
        if (site_directions_get(folder, command, ids[i], &place->direction) != ERR_OK)
            return COMMAND_FAILED;
    }
    return COMMAND_OK;
}

static struct sync_place *find(struct sync_plan *plan, const char *device)
{
    for (int i = 0; i < plan->count; i++)
        if (strcmp(plan->places[i].device, device) == 0)
            return &plan->places[i];
    return NULL;
}

/* Returns the id that is nearest to a word, for a message; "" if none is near. */
static const char *nearest(const struct sync_plan *plan, const char *word)
{
    const char *ids[SITE_GATES_MAX + 1];
    for (int i = 0; i < plan->count; i++)
        ids[i] = plan->places[i].device;
    ids[plan->count] = NULL;
    const char *near = suggest_nearest(word, ids);
    return near != NULL ? near : "";
}

static void set_port(struct sync_place *place, const char *port)
{
    snprintf(place->port, sizeof place->port, "%s", port);
    place->is_left_out = strcmp(port, "-") == 0;
    place->is_guess = false;
}

/* Takes one line, which it cuts into words. Returns NULL, or what is wrong with the line. */
static const char *take_line(struct sync_plan *plan, char *line, char why[LINE_SIZE])
{
    char *rest = NULL, *device = strtok_r(line, BLANKS, &rest);
    if (device == NULL || device[0] == '#')
        return NULL;
    char *port = strtok_r(NULL, BLANKS, &rest);
    struct sync_place *place = find(plan, device);
    if (place == NULL) {
        const char *near = nearest(plan, device);
        snprintf(why, LINE_SIZE,
                 near[0] != '\0' ? _("%s: no such gate is registered; did you mean %s?")
                                 : _("%s: no such gate is registered"),
                 device, near);
        return why;
    }
    if (!place->is_guess)
        return _("this gate has a line already");
    if (port == NULL || strlen(port) >= SYNC_PORT_SIZE)
        return _("the device is missing or too long; a line is \"GATE DEV\"");
    if (strtok_r(NULL, BLANKS, &rest) != NULL)
        return _("there is more than a gate and its device");
    set_port(place, port);
    return NULL;
}

int sync_plan_take_text(struct sync_plan *plan, const char *command, const char *path, const char *text,
                        size_t len)
{
    char line[LINE_SIZE], why[LINE_SIZE];
    for (size_t at = 0, number = 1; at < len; number++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line_len = end != NULL ? (size_t)(end - text) - at : len - at;
        const char *wrong = _("this line is too long, or is no text");
        if (line_len < sizeof line && memchr(text + at, '\0', line_len) == NULL) {
            memcpy(line, text + at, line_len);
            line[line_len] = '\0';
            wrong = take_line(plan, line, why);
        }
        if (wrong != NULL)
            return command_fail("%s: %s:%zu: %s", command, path, number, wrong);
        at += line_len + 1;
    }
    return COMMAND_OK;
}

int sync_plan_take_file(struct sync_plan *plan, const char *command, const char *folder)
{
    char path[PATH_MAX];
    uint8_t *data = NULL;
    size_t len;
    snprintf(path, sizeof path, "%s/" SYNC_PORTS_FILE, folder);
    int result = file_read(path, FILE_MAX, &data, &len);
    if (result != ERR_OK && errno == ENOENT)
        return COMMAND_OK;
    if (result != ERR_OK)
        return command_fail("%s: %s: %s", command, path,
                            result == ERR_NO_SPACE ? _("too long for a list of lines")
                                                   : translate_errno(errno));
    int status = sync_plan_take_text(plan, command, path, (const char *)data, len);
    free(data);
    return status;
}

int sync_plan_take_option(struct sync_plan *plan, const char *command, const char *value)
{
    char device[IDENTITY_DEVICE_ID_MAX + 1] = "";
    const char *equals = strchr(value, '='), *port = equals != NULL ? equals + 1 : value;
    if (equals == NULL && plan->count != 1)
        return command_misuse(command, "--port %s: of which gate? Say --port GATE=DEV", value);
    if (port[0] == '\0' || strlen(port) >= SYNC_PORT_SIZE)
        return command_misuse(command, "--port %s: the device is missing or too long", value);
    if (equals != NULL && (size_t)(equals - value) < sizeof device)
        memcpy(device, value, (size_t)(equals - value));
    struct sync_place *place = equals != NULL ? find(plan, device) : &plan->places[0];
    if (place == NULL) {
        const char *near = nearest(plan, device);
        if (near[0] != '\0')
            return command_misuse(command, "--port %s: no such gate is registered; did you mean %s?", value,
                                  near);
        return command_misuse(command, "--port %s: no such gate is registered", value);
    }
    set_port(place, port);
    return COMMAND_OK;
}

int sync_plan_check(const struct sync_plan *plan, const char *command)
{
    for (int i = 0; i < plan->count; i++)
        for (int k = 0; k < i; k++)
            if (!plan->places[i].is_left_out && strcmp(plan->places[i].port, plan->places[k].port) == 0)
                return command_misuse(command, "%s is named as the line of %s and of %s",
                                      plan->places[i].port, plan->places[k].device, plan->places[i].device);
    return COMMAND_OK;
}
