/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives tests an empty store of the office. The environment variable PORTILLON_TEST_SERVER, a URL of a
 * PostgreSQL server, makes the same tests run there (tests/e2e/postgres.sh does); otherwise it is a file.
 */
#ifndef TESTS_FAKES_TEST_STORE_H
#define TESTS_FAKES_TEST_STORE_H

#include <stdbool.h>

#include "firmware/crypto/identity.h"

#define TEST_STORE_PATH_SIZE 512

/* The site and the gates of the tests. */
extern const uint8_t test_store_site[IDENTITY_SITE_ID_LEN];
struct identity test_store_gate(const char *device_id);

/* Makes an empty database and writes its file name or URL into path. Ends the program if it cannot. */
void test_store_new(char path[TEST_STORE_PATH_SIZE]);
/* Deletes it. */
void test_store_delete(const char *path);
/* Returns true if the tests run on a server. */
bool test_store_is_server(void);

/* Returns the first column of the first row as text ("NULL" for NULL), through a connection of its own, as
 * another program would read it. group_concat(text) works on both. Ends the program if there is no row. */
const char *test_store_ask(const char *path, const char *sql);

#endif
