# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL server of its own for a script, reached by a socket in a folder of its own. PostgreSQL does not run as root, so
# for root it runs as the user "postgres" that Debian's package makes.
server_folder=""

as_server_user() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi
}

# start_server: starts it, and sets server_url. Trust: only the socket is there, and who may enter the folder may use it.
start_server() {
    trap 'delete_server; clean_up' EXIT
    server_bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -1)
    server_folder=$(mktemp -d /tmp/portillon-pg.XXXXXX)
    [ "$(id -u)" != 0 ] || chown postgres "$server_folder"
    server_options="-k $server_folder -c listen_addresses='' $*"
    (cd "$server_folder" && as_server_user env LC_ALL=C.UTF-8 "$server_bin/initdb" -A trust -U portillon -D data >initdb.log 2>&1) &&
        restart_server || return 1
    server_url="postgresql:///postgres?host=$server_folder&user=portillon"
}

stop_server() { # stop_server [MODE]: "immediate" is a crash
    (cd "$server_folder" && as_server_user "$server_bin/pg_ctl" -s -m "${1:-fast}" -D data stop) >&2
}

restart_server() { (cd "$server_folder" && as_server_user "$server_bin/pg_ctl" -s -w -D data -l log -o "$server_options" start) >&2; }

delete_server() {
    stop_server immediate 2>/dev/null
    rm -rf "$server_folder"
}
