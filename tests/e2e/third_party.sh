#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/third_party/fetch against archives of its own: it takes just the files that pins names, applies Debian's patches,
# and reports a newer version in place of taking it. The archives are folders, which APT_CONFIG gives to apt.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
trees=copy/build/third_party
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

sha() { sha256sum "$1" | cut -d' ' -f1; }

# publish ARCHIVE SUITE PACKAGE VERSION TEXT [OLD]: a source package in a suite, with a patch that changes OLD
# (plain, which its file holds) to TEXT
publish() {
    local pool=$1/pool/$2
    rm -rf make && mkdir -p "$pool" "make/$3/library" make/debian/patches
    echo plain >"make/$3/library/word.c"
    touch -d 2020-01-01 "make/$3/library/word.c"
    tar -C make -cJf "$pool/$3_${4%-*}.orig.tar.xz" "$3"
    printf -- '--- a/library/word.c\n+++ b/library/word.c\n@@ -1 +1 @@\n-%s\n+%s\n' "${6:-plain}" "$5" >make/debian/patches/word.patch
    printf '# of Debian\n\nword.patch # a remark\n' >make/debian/patches/series
    tar -C make -cJf "$pool/$3_$4.debian.tar.xz" debian
    echo "$3 $4" >"$pool/$3_$4.dsc"
    index "$1" "$2"
}
# sums PROGRAM FILE...: as Sources and Release name files
sums() {
    local program=$1 file
    shift
    for file in "$@"; do echo " $($program <"$file" | cut -d' ' -f1) $(stat -c %s "$file") ${file##*/}"; done
}
# index ARCHIVE SUITE: writes the lists of the source packages in the suite's pool
index() {
    local dists=$1/dists/$2 pool=$1/pool/$2 dsc package version files
    mkdir -p "$dists/main/source" "$pool"
    for dsc in "$pool"/*.dsc; do
        [ -e "$dsc" ] || continue
        read -r package version <"$dsc"
        files=("$dsc" "$pool/${package}_${version%-*}.orig.tar.xz" "$pool/${package}_$version.debian.tar.xz")
        printf 'Package: %s\nBinary: %s\nVersion: %s\nArchitecture: any\nFormat: 3.0 (quilt)\nDirectory: pool/%s\n' \
            "$package" "$package" "$version" "$2"
        printf 'Files:\n%s\nChecksums-Sha256:\n%s\n\n' "$(sums md5sum "${files[@]}")" "$(sums sha256sum "${files[@]}")"
    done >"$dists/main/source/Sources"
    printf 'Suite: %s\nCodename: %s\nComponents: main\nDate: Mon, 01 Jan 2024 00:00:00 UTC\nSHA256:\n%s\n' "$2" "$2" \
        "$(sums sha256sum "$dists/main/source/Sources" | sed 's,Sources,main/source/Sources,')" >"$dists/Release"
}
# withdraw ARCHIVE SUITE PACKAGE: from the suite's pool and lists
withdraw() {
    rm -f "$1/pool/$2/$3"_*
    index "$1" "$2"
}

# pin PACKAGE VERSION ARCHIVE POLICY: its line of pins, with the SHA-256 of the archive's files
pin() {
    local pool=$3/pool/trixie
    sed -i "/^$1 /d" copy/tools/third_party/pins
    echo "$1 $2 $(sha "$pool/$1_${2%-*}.orig.tar.xz") $(sha "$pool/$1_$2.debian.tar.xz") $4" >>copy/tools/third_party/pins
}
# fetch STATUS [ARGUMENT...]: it ends with that status; out and err hold what it said
fetch() {
    local wanted=$1 got
    shift
    APT_CONFIG=$work/apt.conf timeout 60 copy/tools/third_party/fetch "$@" >out 2>err
    got=$?
    [ $got = "$wanted" ] || { echo "exit status $got, not $wanted" >>err && tail -n 20 $trees/apt/log >>err && false; }
}
holds_word() { [ "$(cat "$trees/$1/library/word.c")" = "$2" ]; } # holds_word PACKAGE WORD: of its tree
marked() { grep -qE "^$2 sha256:[0-9a-f]{64} patches:$3\$" "$trees/$1/.complete"; } # marked PACKAGE VERSION PATCHES
fresh() { rm -rf $trees; }

mkdir -p copy/tools site.d
cp -r "$root/tools/third_party" "$root/tools/setup" copy/tools
sed -i '/^snapshot /d' copy/tools/third_party/pins && echo "snapshot file:$work/old T" >>copy/tools/third_party/pins
cat >apt.conf <<CONF
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$work/site.d";
Acquire::AllowInsecureRepositories "true";
APT::Get::AllowUnauthenticated "true";
CONF
cat >site.d/site.list <<LIST
deb file:$work/main $codename main
deb file:$work/security $codename-security main
LIST
for suite in old/debian/T:trixie old/debian-security/T:trixie-security main:trixie security:trixie-security; do index "${suite%:*}" "${suite#*:}"; done
publish main trixie mbedtls 3.6.6-1 first && publish main trixie tinycbor 0.6.1-1 first
cp main/pool/trixie/* old/debian/T/pool/trixie && index old/debian/T trixie
pin mbedtls 3.6.6-1 main required && pin tinycbor 0.6.1-1 main wanted

fetch 0 && holds_word mbedtls first && holds_word tinycbor first && marked mbedtls 3.6.6-1 '[0-9a-f]{64}'
report $? "the pinned versions are fetched, with Debian's patches"
fetch 0 --check && [ ! -s out ]
report $? "then nothing is missing"
before=$(stat -c %Z $trees/mbedtls/.complete) && mv main away && fetch 0 && [ "$(stat -c %Z $trees/mbedtls/.complete)" = "$before" ]
report $? "and nothing is fetched again"
mv away main

: >$trees/mbedtls/.complete && fetch 0 --check && [ "$(cat out)" = mbedtls-source ] &&
    fetch 0 && marked mbedtls 3.6.6-1 '[0-9a-f]{64}'
report $? "a tree whose marker tells no version is fetched again"
echo 3.6.5-1 >$trees/mbedtls/.complete && echo other >$trees/mbedtls/library/word.c && fetch 0 && holds_word mbedtls first
report $? "and one of another version"

publish security trixie-security mbedtls 3.6.6-1+deb13u1 second
fetch 0 --check && [ ! -s out ] && fetch 0 && holds_word mbedtls first
report $? "a newer security release is not taken"
fetch 1 --newer && says "newer mbedtls than 3.6.6-1" &&
    says "mbedtls 3.6.6-1+deb13u1 $(sha security/pool/trixie-security/mbedtls_3.6.6.orig.tar.xz) $(sha security/pool/trixie-security/mbedtls_3.6.6-1+deb13u1.debian.tar.xz) required"
report $? "but reported, with the line to pin it"
grep '^mbedtls ' err >newer
fresh && fetch 0 && holds_word mbedtls first && says "newer mbedtls than 3.6.6-1"
report $? "also by the fetch of a fresh clone"
cp copy/tools/third_party/pins pins.first
sed -i "s|^mbedtls .*|$(cat newer)|" copy/tools/third_party/pins
fetch 0 && holds_word mbedtls second && fetch 0 --newer && [ ! -s out ]
report $? "that line fetches it from the security suite"
cp pins.first copy/tools/third_party/pins

fresh && withdraw main trixie mbedtls
fetch 0 && holds_word mbedtls first
report $? "a version that the mirror has dropped comes from the snapshots"
fresh && mv old away
fetch 1 && says "mbedtls 3.6.6-1, which tools/third_party/pins names" && says "THIRD_PARTY=newest" &&
    says "mbedtls 3.6.6-1+deb13u1 " && [ ! -e $trees/mbedtls ]
report $? "without them the program stops, and names the line to change"
THIRD_PARTY=newest fetch 0 && holds_word mbedtls second && marked mbedtls '3\.6\.6-1\+deb13u1' '[0-9a-f]{64}'
report $? "THIRD_PARTY=newest takes the newest"
THIRD_PARTY=newest fetch 0 --check && [ ! -s out ]
report $? "and is content with it"
mv away old && publish main trixie mbedtls 3.6.6-1 first && pin mbedtls 3.6.6-1 main required && withdraw security trixie-security mbedtls

fetch 0 && cp copy/tools/third_party/pins pins.first
for field in 3 4; do # the sources, the patches
    rm -rf $trees/apt
    awk -v field=$field '$1 == "mbedtls" { sub(/^./, substr($field, 1, 1) == "0" ? "1" : "0", $field) } { print }' pins.first >copy/tools/third_party/pins
    fetch 1 && says "is not the file that tools/third_party/pins names; nothing was unpacked" && holds_word mbedtls first &&
        says "$(awk -v field=$field '$1 == "mbedtls" { print $field }' pins.first)"
    report $? "a file with another SHA-256 is refused, and the tree stays (field $field)"
done
sed 's/^\(mbedtls 3.6.6-1\) ./\1 x/' pins.first >copy/tools/third_party/pins
fetch 1 && says "tools/third_party/pins: the line of mbedtls" && sed -i '/^mbedtls/d' copy/tools/third_party/pins && fetch 1 && says "the line of mbedtls"
report $? "a line that is damaged or missing is named"
cp pins.first copy/tools/third_party/pins

fresh && mv old away && rm main/pool/trixie/tinycbor_0.6.1-1.debian.tar.xz
fetch 0 && says "no mirror has Debian's patches of tinycbor 0.6.1-1" && holds_word tinycbor plain && marked tinycbor 0.6.1 none
report $? "patches that are only wanted may be missing, and the version tells"
fetch 0 --check && [ ! -s out ]
report $? "and they are not asked for each time"
fetch 0 --newer && prints "the tree of tinycbor lacks Debian's patches"
report $? "but the look for newer ones tells"
fresh && rm main/pool/trixie/mbedtls_3.6.6-1.debian.tar.xz
fetch 1 && says "mbedtls 3.6.6-1, which" && [ ! -e $trees/mbedtls ] && [ ! -e $trees/mbedtls.new ]
report $? "patches that are required may not"
rm -r main/pool/trixie
publish main trixie tinycbor 0.6.1-1 first other && publish main trixie mbedtls 3.6.6-1 first
pin mbedtls 3.6.6-1 main required && pin tinycbor 0.6.1-1 main wanted
fresh
fetch 1 && says "Debian's patch word.patch does not apply" && [ ! -e $trees/tinycbor ]
report $? "a patch that does not apply is named"

fresh && MBEDTLS_SRC=/own TINYCBOR_SRC=/own fetch 0 && [ ! -e $trees/mbedtls ] && MBEDTLS_SRC=/own TINYCBOR_SRC=/own fetch 0 --check && [ ! -s out ]
report $? "trees named by hand are left alone"
sed -i 's|file:[^ ]*|http://127.0.0.1:9|' site.d/site.list && fetch 0 --newer && prints "skipped: the Debian mirror does not answer"
report $? "without a network the look for newer ones is skipped"
fetch 1 && says "is neither on the Debian mirror nor on snapshot.debian.org" && says "MBEDTLS_SRC="
report $? "and fetching says so"
finish
