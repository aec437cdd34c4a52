#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench_store and bench_sync on a PostgreSQL server of its own, with its usual settings: each commit is on the disk.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
clean_up() { :; }
# shellcheck source=tests/e2e/server.sh
. "$root/tests/e2e/server.sh"
start_server && export PORTILLON_TEST_SERVER=$server_url && "$BUILD/bench/bench_store" && "$BUILD/bench/bench_sync"
