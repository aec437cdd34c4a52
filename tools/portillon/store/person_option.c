/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/person_option.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/store/audit.h"

#define PEOPLE_SHOWN 20
#define NUMBER       "number="

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

static int fail(const struct people_store *people, const char *command, int error)
{
    command_fail("%s: %s: %s", command, people->db.db.where, people_store_error(people));
    return error;
}

static void say_candidates(const char *command, const char *text, const struct people_person *people,
                           int count)
{
    char label[PERSON_OPTION_LABEL_SIZE];
    command_fail("%s: %s: %d people of this name: say more of it, the class as well, or number=N", command,
                 text, count);
    for (int i = 0; i < count && i < PEOPLE_SHOWN; i++) {
        person_option_label(&people[i], label);
        command_note("  %s (number=%" PRId64 ")", label, people[i].id);
    }
}

static int find_number(struct people_store *store, int64_t number, struct people_person *person)
{
    int count = people_store_find(store, "", NULL, 0), result = ERR_NOT_FOUND;
    if (count <= 0)
        return count < 0 ? count : ERR_NOT_FOUND;
    struct people_person *everybody = calloc((size_t)count, sizeof *everybody);
    if (everybody == NULL)
        return ERR_IO;
    int found = people_store_find(store, "", everybody, count);
    for (int i = 0; i < found && i < count && result != ERR_OK; i++)
        if (everybody[i].id == number) {
            *person = everybody[i];
            result = ERR_OK;
        }
    free(everybody);
    return found < 0 ? found : result;
}

int person_option_find(struct people_store *people, const char *command, const char *text,
                       struct people_person *person)
{
    static struct people_person found[PEOPLE_SHOWN];
    bool is_number = strncmp(text, NUMBER, sizeof NUMBER - 1) == 0;
    int count = is_number ? 0 : people_store_find(people, text, found, PEOPLE_SHOWN);
    int result = count == 1 ? ERR_OK : count < 0 ? count : ERR_NOT_FOUND;
    *person = found[0];
    if (is_number)
        result = find_number(people, strtoll(text + sizeof NUMBER - 1, NULL, 10), person);
    if (result == ERR_OK)
        return ERR_OK;
    if (result != ERR_NOT_FOUND)
        return fail(people, command, result);
    if (count > 1)
        say_candidates(command, text, found, count);
    else
        command_fail("%s: %s: nobody of this name or number in %s (portillon people import brings people "
                     "in)",
                     command, text, people->db.db.where);
    return ERR_NOT_FOUND;
}

static void note_look_up(const struct people_store *people, const char *command,
                         const struct people_person *person)
{
    char subject[AUDIT_SUBJECT_SIZE];
    audit_note_beside(&people->db, command,
                      &(struct audit_entry){"look_up", audit_person(person->id, subject), command});
}

int person_option_cards(const char *command, const char *path, const uint8_t *site_id, const char *text,
                        struct people_person *person, struct tag *tags, int max)
{
    struct people_store people;
    int result = people_store_open_to_read(&people, path, site_id);
    if (result != ERR_OK)
        fail(&people, command, result);
    else
        result = person_option_find(&people, command, text, person);
    if (result == ERR_OK) {
        note_look_up(&people, command, person);
        result = people_store_cards_of(&people, person->id, tags, max);
        if (result < 0)
            fail(&people, command, result);
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
    if (error == ERR_OK)
        note_look_up(&people, command, person);
    if (error != ERR_OK && error != ERR_NOT_FOUND)
        fail(&people, command, error);
    people_store_close(&people);
    return error;
}
