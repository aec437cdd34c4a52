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

report() { # report STATUS NAME: one TAP line
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" && return
    failed=1
    echo "not ok $count - $2"
    tail -n 20 "${logs[@]}" 2>/dev/null | sed 's/^/# /'
}

finish() {
    echo "1..$count"
    exit $failed
}

skip_all() { # skip_all NAME REASON
    echo "ok 1 - $1 # SKIP $2"
    exit 0
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
says() { grep -qF -- "$1" err; }
prints() { grep -qF -- "$1" out; }
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

end() { # end PID SIGNAL
    { kill "-$2" "$1" && wait "$1"; } 2>/dev/null
}
