#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The store on a PostgreSQL server: the same tests as on a file, and the same answers to the queries of the README.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
# shellcheck source=tests/e2e/server.sh
. "$root/tests/e2e/server.sh"
start_server
report $? "a server of its own"

# ---- the tests of the store, on the server ----
for test in passage_store people_store people_moved wishes; do
    PORTILLON_TEST_SERVER=$server_url "$BUILD/unit/portillon/test_$test" >out 2>err
    report $? "test_$test on the server"
done
finish
