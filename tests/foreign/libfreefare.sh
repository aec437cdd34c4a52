#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# libfreefare's own test suite against the cards of cardsim. The tests come from Debian's source package and are linked
# with the library of the package libfreefare0; cutter.h, beside this file, stands in for their framework, which Debian
# does not have. Each test gets a new card. Fetched once into build/third_party/libfreefare, by apt.
# alone: a reader counts as lost when a busy machine answers too late
# usage: make test-libfreefare, or BUILD=build/linux tests/foreign/libfreefare.sh
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/../e2e/scratch.sh"
logs=(said fetch.log)
version=0.4.0
sum=c2880d147660317b85aae41d67bb17b218c3aba1d43d727e51181b65296c6a8e # of the upstream archive
kept=$root/build/third_party/libfreefare
foreign=$root/tests/foreign
zeros=00000000000000000000000000000000

# What the cards cannot do yet, and what these tests cannot do; said as a skip each time, a pass all the same.
declare -A not_yet=(
    [test_mifare_desfire]="DES keys"
    [test_mifare_desfire_des_macing]="DES keys"
    [test_mifare_desfire_free_read]="DES keys"
    [test_mifare_desfire_get_many_application_ids]="libfreefare forgets an AES session when it formats, real cards and cardsim do not"
    [test_mifare_desfire_ev1_3des]="DES keys"
    [test_mifare_desfire_ev1_3k3des]="DES keys"
    [test_mifare_desfire_ev1_iso]="DF names"
)

# Where a test may end: all before it was done. After that it goes on with DES keys.
declare -A as_far_as=([test_mifare_desfire_ev1_aes]='test_mifare_desfire_ev1_aes[.]c:817: ')

fetch() {
    local mirror codename options
    [ -e "$kept/libfreefare-$version/test/test_tlv.c" ] && return 0
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    mirror=$(apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' \
        "Release: $codename" | head -n 1)
    [ -n "$mirror" ] || { echo "apt knows no Debian mirror" && return 1; }
    mkdir -p "$kept/lists/partial" "$kept/parts" "$kept/cache/archives/partial"
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $codename main" >"$kept/parts/source.list"
    options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$kept/parts" -o "Dir::State::Lists=$kept/lists"
        -o "Dir::Cache=$kept/cache" -o APT::Sandbox::User=root -o Acquire::http::Timeout=15)
    # Debian's own patches are not needed; where the mirror lacks them, apt fails, but has brought the rest.
    apt-get "${options[@]}" update && (cd "$kept" && apt-get "${options[@]}" source --download-only libfreefare)
    echo "$sum  $kept/libfreefare_$version.orig.tar.gz" | sha256sum -c && tar -C "$kept" -xzf "$kept/libfreefare_$version.orig.tar.gz"
}

# build NAME SOURCE...: a program that prints the names of its tests, or runs the one that is named
build() {
    local name=$1 sources=() test
    shift
    for source in "$@"; do sources+=("$kept/libfreefare-$version/test/$source.c"); done
    {
        echo '#include "cutter.h"'
        sed -nE 's/^(test_[a-z0-9_]+) \(void\).*/void \1(void);/p' "${sources[@]}"
        echo 'int main(int argc, char **argv) { if (argc > 1 && cut_setup) cut_setup();'
        for test in $(sed -nE 's/^(test_[a-z0-9_]+) \(void\).*/\1/p' "${sources[@]}"); do
            echo "if (argc < 2) puts(\"$test\"); else if (strcmp(argv[1], \"$test\") == 0) $test();"
        done
        echo 'if (argc > 1 && cut_teardown) cut_teardown(); return 0; }'
    } >"$name.c"
    : >config.h # what configure would write
    gcc -std=gnu99 -w -D_GNU_SOURCE -DHAVE_ENDIAN_H -I. -I"$foreign" -I"$kept/libfreefare-$version/libfreefare" \
        -I"$kept/libfreefare-$version/test" -o "$name" "$name.c" "${sources[@]}" -l:libfreefare.so.0 -lnfc
}

# run_test NAME TEST: status 0 passed, 77 left out by the test itself
run_test() {
    LIBNFC_DEFAULT_DEVICE=pn532_uart:$work/reader:115200 timeout 60 "./$1" "$2" >said 2>&1
}

# tell STATUS TEST: one line
tell() {
    case $1 in
    0) report 0 "$2" ;;
    77) skip "$2" "$(sed -n 's/.*[.]c:[0-9]*: //p' said)" ;;
    *)
        if [ -n "${not_yet[$2]:-}" ]; then
            skip "$2" "${not_yet[$2]}"
        elif [ -n "${as_far_as[$2]:-}" ] && grep -q "${as_far_as[$2]}" said; then
            report 0 "$2, as far as it uses AES keys"
        else
            report 1 "$2"
        fi
        ;;
    esac
}

# on_cards NAME CARD...: each test of a program with a new card on the reader
on_cards() {
    local name=$1 test status sim
    shift
    for test in $("./$name"); do
        "$BUILD/cardsim" --instant --pty "$work/reader" --control control >sim.out 2>sim.err </dev/null &
        sim=$!
        running+=("$sim")
        await_path control
        "$BUILD/cardsim" ctl control put "$@" >/dev/null
        run_test "$name" "$test"
        status=$?
        end "$sim" TERM
        tell $status "$test"
    done
}

without_card() { # without_card NAME SOURCE...
    local test
    build "$@" >said 2>&1 || { report 1 "$1 is built" && return; }
    for test in $("./$1"); do
        run_test "$1" "$test"
        tell $? "$test"
    done
}

[ -e /usr/lib/"$(gcc -print-multiarch)"/libfreefare.so.0 ] || skip_all "libfreefare's suite" "libfreefare0 is not installed"
fetch >fetch.log 2>&1 || skip_all "libfreefare's suite" "its source cannot be fetched: $(tail -n 1 fetch.log)"
for name in mad mifare_application mifare_classic_create_trailer_block mifare_classic_sector_boundaries mifare_desfire_aes \
    mifare_desfire_aid mifare_desfire_des mifare_desfire_key tlv; do
    without_card "$name" "test_$name"
done
check "the tests with cards are built" eval '
    build classic test_mifare_classic test_mifare_classic_mad mifare_classic_fixture &&
    build ultralight test_mifare_ultralight mifare_ultralight_fixture &&
    build desfire test_mifare_desfire mifare_desfire_fixture common/mifare_desfire_auto_authenticate &&
    build ev1 test_mifare_desfire_ev1 test_mifare_desfire_ev1_3des test_mifare_desfire_ev1_3k3des test_mifare_desfire_ev1_aes \
        test_mifare_desfire_ev1_iso mifare_desfire_ev1_fixture common/mifare_desfire_auto_authenticate'
on_cards classic lea classic 01020304
on_cards ultralight noe ultralight 04A1A2A3A4A5A6
on_cards desfire anna desfire-ev1 04782E21801D80 "picc-key=$zeros:42"
on_cards ev1 anna desfire-ev1 04782E21801D80 "picc-key=$zeros:42"
finish
