/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/person_option.h"

#include <stdio.h>

#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"

#define PEOPLE_SHOWN 10

static int fail_store(const char *command, const char *path, const struct people_store *people, int error)
{
    command_fail("%s: %s: %s", command, path, people_store_error(people));
    return error;
}

void person_option_label(const struct people_person *person, char label[PERSON_OPTION_LABEL_SIZE])
{
    snprintf(label, PERSON_OPTION_LABEL_SIZE, "%s%s%s", person->name,
             person->class_name[0] != '\0' ? ", " : "", person->class_name);
}

int person_option_store(const char *command, const char *site_folder, const char *given, char path[PATH_MAX])
{
    int error = ERR_OK;
    const char *found = given != NULL ? given : defaults_get("PORTILLON_STORE");
    if (found != NULL)
        snprintf(path, PATH_MAX, "%s", found);
    else
        error = office_register_read(site_folder, command, path);
    if (error == ERR_OK && given == NULL && !people_store_is_there(path)) {
        command_note("%s: %s: the store is not there, so no person is known", command, path);
        error = ERR_NOT_FOUND;
    }
    return error;
}

static void say_candidates(const char *command, const char *text, const struct people_person *people,
                           int count)
{
    char label[PERSON_OPTION_LABEL_SIZE];
    command_fail("%s: --person %s: %d people of this name: say more of it, or the class as well", command,
                 text, count);
    for (int i = 0; i < count && i < PEOPLE_SHOWN; i++) {
        person_option_label(&people[i], label);
        command_note("  %s", label);
    }
}

int person_option_find(struct people_store *people, const char *command, const char *path, const char *text,
                       struct people_person *person)
{
    static struct people_person found[PEOPLE_SHOWN];
    int count = people_store_find(people, text, found, PEOPLE_SHOWN);
    if (count == 1) {
        *person = found[0];
        return ERR_OK;
    }
    if (count < 0)
        return fail_store(command, path, people, count);
    if (count == 0)
        command_fail(
            "%s: --person %s: nobody of this name in %s: the school's file is noted there with portillon "
            "whitelist build --store",
            command, text, path);
    else
        say_candidates(command, text, found, count);
    return ERR_NOT_FOUND;
}

int person_option_cards(const char *command, const char *path, const uint8_t *site_id, const char *text,
                        struct people_person *person, struct tag *tags, int max)
{
    struct people_store people;
    int result = people_store_open_to_read(&people, path, site_id);
    if (result != ERR_OK)
        fail_store(command, path, &people, result);
    else
        result = person_option_find(&people, command, path, text, person);
    if (result == ERR_OK) {
        result = people_store_cards_of(&people, person->id, tags, max);
        if (result < 0)
            fail_store(command, path, &people, result);
    }
    people_store_close(&people);
    return result;
}

int person_option_holder(const char *command, const char *path, const uint8_t *site_id, const struct tag *tag,
                         struct people_person *person)
{
    struct people_store people;
    int error = people_store_open_to_read(&people, path, site_id);
    if (error == ERR_OK)
        error = people_store_holder(&people, tag, person);
    if (error != ERR_OK && error != ERR_NOT_FOUND)
        fail_store(command, path, &people, error);
    people_store_close(&people);
    return error;
}
