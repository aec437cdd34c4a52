# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the end-to-end scripts. Gives root, BUILD and portillon (absolute), and a scratch folder, which is the
# current one afterwards; it goes at the end (KEEP=1 keeps it), with the processes named in `running`. Then TAP, and
# what most scripts need to call portillon and wait for others. A script calls report for each check, and finish.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$(cd "$root" && realpath "${BUILD:-build/linux}")
portillon=$BUILD/portillon
count=0 failed=0 running=() logs=(out err gate.log) # logs: what a failed check shows the ends of

work=$(mktemp -d)
clean_up() {
    [ ${#running[@]} = 0 ] || { kill -9 "${running[@]}" && wait; } 2>/dev/null
    [ -n "${KEEP:-}" ] && echo "# kept: $work" || rm -rf "$work"
}
trap clean_up EXIT
cd "$work" || exit 1
export XDG_CONFIG_HOME=$work/no-config # what the user who tests has there counts for nothing

report() { # report STATUS NAME: one TAP line
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" && return
    failed=1
    echo "not ok $count - $2"
    tail -n 20 "${logs[@]}" check.log 2>/dev/null | sed 's/^/# /'
}

check() { # check NAME COMMAND...: one check, which passes when the command succeeds
    local name=$1
    shift
    "$@" >check.log 2>&1
    report $? "$name"
}

skip() { # skip NAME REASON: one check
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

finish() {
    echo "1..$count"
    exit $failed
}

skip_all() { # skip_all NAME REASON
    echo "ok 1 - $1 # SKIP $2"
    exit 0
}

# emulator_or_skip NAME: skips the whole script where QEMU or the cross compiler is missing.
emulator_or_skip() {
    local needed
    for needed in qemu-system-arm:qemu-system-arm arm-none-eabi-gcc:gcc-arm-none-eabi; do
        command -v "${needed%%:*}" >/dev/null || skip_all "$1" "${needed##*:} is not installed"
    done
    case $(arm-none-eabi-gcc --print-file-name=picolibc.specs) in
    /*) ;;
    *) skip_all "$1" "picolibc-arm-none-eabi is not installed" ;;
    esac
}

# board_image BOARD: builds the board's own image, whatever this build of the host tools is (sanitize, coverage).
# tests/run has built it before the scripts start. Of scripts started by hand, side by side, the first builds it and the
# others wait.
board_image() {
    case " ${IMAGES_BUILT:-} " in *" $1 "*) return 0 ;; esac
    flock "$root/build/$1.lock" env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
        make -C "$root" --no-print-directory "BOARD=$1" VARIANT= programs
}

# run STATUS COMMAND...: portillon ends within 60 s with that status; out and err hold what it said
run() {
    local wanted=$1
    shift
    timeout 60 "$portillon" "$@" >out 2>err
    local got=$?
    [ $got = "$wanted" ] || { echo "exit status $got, not $wanted" >>err && false; }
}

# page_commands FILE HEADING: the commands of a page (its indented lines, also those in a list) below a heading, up to the
# next; lines that only show output are left out
page_commands() {
    awk -v heading="$2" '/^#/ { on = $0 == heading } { sub(/^       /, "    ") } on && /^    [^ ]/ && !/^    portillond: / || on && more { print }
        { more = on && /^    .*\\$/ }' "$root/$1" | sed 's/^    //'
}

says() { grep -qF -- "$1" err; }
prints() { grep -qF -- "$1" out; }
lacks() { # lacks FILE PATTERN: the file is there, and no line of it matches; `! grep` would accept a file that is missing
    grep -qaE -- "$2" "$1"
    [ $? = 1 ]
}
ends_with() { # ends_with STATUS COMMAND...: just this status; `! command` would accept one that is missing or crashes
    local wanted=$1
    shift
    "$@"
    [ $? = "$wanted" ]
}
member() { sqlite3 :memory: "SELECT json_extract(CAST(readfile('out') AS TEXT), '\$.$1')"; } # member PATH: of JSON in out

# eventually SECONDS COMMAND...: until it succeeds
eventually() {
    local end=$((SECONDS + $1))
    shift
    while [ $SECONDS -le $end ]; do
        "$@" && return 0
        sleep 0.02
    done
    false
}
await() { eventually 30 grep -qsF -- "$1" "$2"; } # await WORDS FILE
# has_written PID BYTES: by write, since it started. On its way to the gate an upload is as far as that.
has_written() { [ "$(sed -n 's/^wchar: //p' "/proc/$1/io")" -ge "$2" ]; } 2>/dev/null
await_path() { eventually 30 test -e "$1"; }      # await_path PATH

end() { # end PID SIGNAL: returns its exit status
    { kill "-$2" "$1" && wait "$1"; } 2>/dev/null
}

put() { # put FILE OFFSET BYTES(printf): writes over what is there
    # shellcheck disable=SC2059 # BYTES is a format
    printf "$3" | dd of="$1" bs=1 seek=$(($2)) conv=notrunc 2>/dev/null
}
flip() { # flip FILE OFFSET: changes one bit
    local byte
    byte=$(od -An -tu1 -j"$(($2))" -N1 "$1")
    put "$1" "$2" "\\$(printf %o $((byte ^ 1)))"
}

# ---- a gate on Linux whose cards come from a script (tap_source.c), and what stands on its line ----
# start_scripted SCRIPT [OPTION...]: portillond with gate.id at gate.tty; sets gate; returns when it is up
start_scripted() {
    local script=$1
    shift
    : >gate.log # what the run before said is not to be waited for
    "$BUILD/portillond" --identity gate.id --create-flash --pty gate.tty --reader-helper "$BUILD/e2e/tap_source" \
        --reader "$script" "$@" >gate.log 2>&1 &
    gate=$!
    running+=("$gate")
    await ' is up, ' gate.log
}
ask_gate() { # ask_gate COMMAND: prints the answer of the control socket
    echo "$1" | timeout 5 socat -t 2 - UNIX-CONNECT:gate.sock 2>/dev/null
}

# tap_until SECONDS COMMAND...: the scripted cards are tapped until the command succeeds, and the gate has dealt with them:
# its journal grows no more, and nobody is passing
tap_until() {
    local tapped
    touch go
    eventually "$@"
    tapped=$?
    rm go
    eventually 30 journal_rests && [ $tapped = 0 ]
}
# pass_until SECONDS COMMAND...: the same with the gate released by fire, so that nobody is waited for
pass_until() {
    ask_gate 'inputs fire=1' >/dev/null
    touch go
    eventually "$@"
    local passed=$?
    rm go
    ask_gate 'inputs fire=0' >/dev/null
    eventually 30 journal_rests && [ $passed = 0 ]
}
journal_rests() {
    local head
    gate_status && [ "$(member state)" = idle ] && head=$(member journal.head) && sleep 0.2 && gate_status &&
        [ "$(member journal.head)" = "$head" ]
}
gate_status() { run 0 status --port "${gate_tty:-gate.tty}" --baud "${gate_baud:-115200}" --site site --json; }
# has_counted MEMBER NUMBER: of status, at least
has_counted() { gate_status && [ "$(member "$1")" -ge "$2" ]; }

# start_line FROM TO BAUD [DELAY_MS [DAMAGE]]: slow_line joins FROM, where the gate is, to TO; sets line
start_line() {
    rm -f "$2"
    "$BUILD/e2e/slow_line" "$@" >line.log 2>&1 &
    line=$!
    running+=("$line")
    await_path "$2"
}
stop_line() { end "$line" TERM; }

# start_bridge PORT [OPTION...]: sets bridge, and url for clients of CoAP
start_bridge() {
    rm -f bridge.err # what the bridge before said is not to be waited for
    "$portillon" bridge --port "$1" --udp 127.0.0.1:0 "${@:2}" >bridge.out 2>bridge.err &
    bridge=$!
    running+=("$bridge")
    await 'coaps://127.0.0.1:' bridge.err
    url=$(grep -o 'coaps://127.0.0.1:[0-9]*' bridge.err)
}
# client BUILD ROLE KEY METHOD PATH [OPTION...]: Debian's coap-client-BUILD through the bridge, at most client_s seconds; out
# and err hold what it said
# turned_away WORDS: the gate refused that client in the handshake, and the client did not get WORDS
turned_away() { grep -qaiE 'alert.*(bad record mac|psk (identity|username))' out && lacks out "$1"; }
client_s=5
client() {
    timeout $((2 * client_s + 10)) "coap-client-$1" -B $client_s -u "$2" -k "$3" -m "$4" "${@:6}" "$url$5" >out 2>err
}
