#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `make install` puts where, that it runs from there, and that uninstalling leaves the configuration alone; the man
# pages; completion in bash.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(said)
tree=$work/tree

# to ACTION PART...: tools/install below $tree
to() { PREFIX=${prefix:-/usr} DESTDIR=$tree "$root/tools/install" "$@" >said 2>&1; }
# files: all of the tree, with their modes
files() { (cd "$tree" && find . -type f -printf '%m %P\n' | LC_ALL=C sort -k2); }

# ---- files ----
mkdir -p "$tree/etc/portillon" && echo "# mine" >"$tree/etc/portillon/gate.conf"
to install office gate cardsim
report $? "everything is installed"
[ "$(cat "$tree/etc/portillon/gate.conf")" = "# mine" ]
report $? "a configuration that is there stays as it is"
rm "$tree/etc/portillon/gate.conf" && to install gate && cmp -s "$tree/etc/portillon/gate.conf" "$root/boards/linux/gate.conf"
report $? "without one the example becomes the configuration"
cat >fixed <<'END'
644 etc/portillon/gate.conf
755 usr/bin/cardsim
755 usr/bin/portillon
755 usr/libexec/portillon/portillon-reader
755 usr/libexec/portillond/portillon-reader
755 usr/sbin/portillond
644 usr/share/bash-completion/completions/cardsim
644 usr/share/bash-completion/completions/portillon
644 usr/share/bash-completion/completions/portillond
644 usr/share/doc/cardsim/LICENSE
644 usr/share/doc/cardsim/README.md
644 usr/share/doc/portillon/LICENSE
644 usr/share/doc/portillon/README.md
644 usr/share/doc/portillon/SECURITY.md
644 usr/share/doc/portillon/citus.sql
644 usr/share/doc/portillon/roles.sql
644 usr/share/doc/portillond/LICENSE
644 usr/share/doc/portillond/RASPBERRY.md
644 usr/share/doc/portillond/README.md
644 usr/share/man/man1/cardsim.1
644 usr/share/man/man1/portillon.1
644 usr/share/man/man5/gate.conf.5
644 usr/share/man/man8/portillond.8
END
# What there may be besides, as far as it is built or in the tree: units, rules, users, a set-up, translations.
optional() {
    local file
    for file in "$root"/{boards/linux,tools/portillon}/system/* "$root"/{boards/linux,tools/portillon}/system/*.d/*.conf; do
        case $file in
        *.sysusers) file=${file##*/} && echo "644 usr/lib/sysusers.d/${file%.sysusers}.conf" ;;
        *.tmpfiles) file=${file##*/} && echo "644 usr/lib/tmpfiles.d/${file%.tmpfiles}.conf" ;;
        *.rules) echo "644 usr/lib/udev/rules.d/${file##*/}" ;;
        *'*'*) ;;
        */system/*.d/*.conf) echo "644 usr/lib/systemd/system/${file#*/system/}" ;;
        *.service | *.timer | *.path) echo "644 usr/lib/systemd/system/${file##*/}" ;;
        esac
    done
    [ ! -e "$root/boards/linux/system/portillond.service" ] || echo "644 usr/lib/systemd/system/portillond@.service"
    if [ -e "$BUILD/portillon-gate-setup" ]; then
        echo 755 usr/sbin/portillon-gate-setup
        echo 644 usr/share/bash-completion/completions/portillon-gate-setup
        echo 644 usr/share/man/man8/portillon-gate-setup.8
    fi
    [ ! -e "$root/README.fr.md" ] || echo 644 usr/share/doc/portillon/README.fr.md
    (cd "$BUILD" && find locale -name 'portillon*.mo' -o -name cardsim.mo 2>/dev/null) | sed 's|^|644 usr/share/|'
}
"$portillon" help | sed -nE 's/^  ([a-z]+( [a-z]+)?)  +.*/\1/p' | grep -vx help >commands
[ "$(wc -l <commands)" -ge 36 ]
report $? "portillon help lists the commands"
{
    cat fixed
    optional
    sed 's/ /-/; s|.*|644 usr/share/man/man1/portillon-&.1|' commands
} | LC_ALL=C sort -k2 >wanted
files >there
grep -v ' usr/share/man/[a-z]*/man' there | diff wanted - >said
report $? "just these files are there, with these modes"
# pages_of FOLDER DOMAIN: the pages of the programs that have these messages; the English ones are in man
pages_of() { sed -n "s|^644 usr/share/$1/\(man[18]/$2[-.].*\)|\1|p" there; }
for catalogue in "$BUILD"/locale/*/LC_MESSAGES/{portillon,portillond}.mo; do
    [ -e "$catalogue" ] || continue
    language=${catalogue#"$BUILD"/locale/} language=${language%%/*} domain=$(basename "$catalogue" .mo)
    [ -n "$(pages_of man "$domain")" ] && diff <(pages_of man "$domain") <(pages_of "man/$language" "$domain") >said
    report $? "each man page of $domain is there in the language $language"
done

# ---- the programs where they are installed ----
for program in bin/portillon sbin/portillond bin/cardsim sbin/portillon-gate-setup; do
    [ -e "$BUILD/${program#*/}" ] || continue # one that this tree does not have
    "$tree/usr/$program" --version 2>said | grep -q "^${program#*/} [0-9]"
    report $? "${program#*/} --version"
done
"$tree/usr/bin/portillon" site init site >said 2>&1 &&
    "$tree/usr/bin/portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id >said 2>&1
report $? "portillon makes an identity"
"$tree/usr/bin/cardsim" --pty reader --control cards.sock >cardsim.log 2>&1 &
running+=($!)
await_path cards.sock
"$tree/usr/bin/cardsim" ctl cards.sock put 04A1B2C3D4E580 >said 2>&1 &&
    timeout 20 "$tree/usr/bin/portillon" card read --reader "pn532_uart:$work/reader:115200" >out 2>said && grep -q 04A1B2C3D4E580 out
report $? "portillon finds its portillon-reader, which reads a card"
sed -e "s|/etc/portillon/||; s|/var/lib/portillon/||; s|^reader = .*|reader = pn532_uart:$work/reader:115200|" \
    -e 's|^#pty = .*|pty = gate.tty|; s|^#control = .*|control = gate.sock|' "$tree/etc/portillon/gate.conf" >gate.conf
"$tree/usr/sbin/portillond" --config gate.conf >said 2>&1 &
gate=$!
running+=("$gate")
reader_up() { ask_gate get | grep -q 'reader=up'; }
eventually 20 reader_up
report $? "portillond finds its own, from the installed configuration"
end "$gate" TERM
[ -e "$tree/usr/libexec/portillond/portillon-reader" ] && rm -r "$tree/usr/libexec/portillon" &&
    ends_with 1 timeout 20 "$tree/usr/bin/portillon" card read --reader auto >out 2>said && grep -qF "$tree/usr/bin/portillon-reader: cannot start" said
report $? "without it the error names the folder of the program"
to install office

# ---- units ----
mkdir -p copy/tools/portillon/system copy/boards/linux/system/portillon-.service.d &&
    cp "$root/tools/install" copy/tools && (
    cd copy/boards/linux/system && touch 7-x.rules portillond.sysusers portillond.tmpfiles &&
        printf '%s\n' '[Service]' 'ExecStart=portillond --config gate%i.conf' 'ExecStartPre=-portillon-gate-setup --x' >portillond.service &&
        printf '%s\n' '[Service]' 'ExecStart=portillon sync portillon ' 'ExecStop=portillon' >portillon-x.service && touch portillon-.service.d/a.conf
) && BUILD=none PREFIX=/opt/p DESTDIR=$work/units copy/tools/install install gate >said 2>&1
(cd units/opt/p/lib && find . -type f | LC_ALL=C sort | tr '\n' ' ') >said
[ "$(cat said)" = "./systemd/system/portillon-.service.d/a.conf ./systemd/system/portillon-x.service ./systemd/system/portillond.service ./systemd/system/portillond@.service ./sysusers.d/portillond.conf ./tmpfiles.d/portillond.conf ./udev/rules.d/7-x.rules " ]
report $? "units, rules, users and temporary files go where the system looks for them"
cat units/opt/p/lib/systemd/system/portillon{d,d@,-x}.service >said
printf '%s\n' '[Service]' 'ExecStart=/opt/p/sbin/portillond --config gate%i.conf' 'ExecStartPre=-/opt/p/sbin/portillon-gate-setup --x' \
    '[Service]' 'ExecStart=/opt/p/sbin/portillond --config gate%i.conf' 'ExecStartPre=-/opt/p/sbin/portillon-gate-setup --x' \
    '[Service]' 'ExecStart=/opt/p/bin/portillon sync portillon ' 'ExecStop=/opt/p/bin/portillon' | cmp -s - said
report $? "a unit names the programs where they are installed"
BUILD=none PREFIX=/opt/p DESTDIR=$work/units copy/tools/install uninstall gate >said 2>&1 && find units -name '*portillon*' -o -name '*.rules' >said
[ "$(cat said)" = units/etc/portillon ] || [ ! -s said ]
report $? "uninstalling takes them away"

# ---- what make hands over ----
env -u MAKEFLAGS make -C "$root" -n BOARD=linux install-gate PREFIX=/opt/p DESTDIR=/stage SYSCONFDIR=/opt/etc 2>/dev/null |
    grep 'tools/install install gate' >said
grep -qF 'DESTDIR="/stage" PREFIX="/opt/p" SYSCONFDIR="/opt/etc" UNITDIR="/opt/p/lib/systemd/system"' said
report $? "make install takes PREFIX, DESTDIR and SYSCONFDIR"
to install kitchen
[ $? = 2 ] && grep -q "'kitchen' is no part" said
report $? "an unknown part is refused"

# ---- man pages ----
pages=$(find "$tree/usr/share/man" -type f)
[ "$(wc -l <<<"$pages")" -ge 40 ]
report $? "there is a page for each command and program"
if command -v mandoc >/dev/null && command -v man >/dev/null; then
    # shellcheck disable=SC2086 # no name has blanks
    mandoc -T lint -W warning $pages >said 2>&1 && [ ! -s said ]
    report $? "mandoc finds nothing wrong in any page"
    # shellcheck disable=SC2086
    LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z $pages 2>said >man.out
    grep -qi 'portillon' man.out || echo "man shows nothing" >>said
    [ ! -s said ]
    report $? "man warns of nothing in any page"
else
    skip "man and mandoc take each page" "mandoc or man-db is not installed"
fi
# option_names FILE: of a page, those that stand as an entry of a list
option_names() { sed -n '/^\.TP$/{n;p}' "$1" | grep -oE '\\fB\\-\\-[a-z]+(\\-[a-z]+)*' | sed 's/^.fB//; s/\\//g' | sort -u; }
while read -r command; do
    # shellcheck disable=SC2086 # one word or two
    diff <("$portillon" $command --help | sed -nE 's/^ {2,6}(-[A-Za-z], )?(--[a-z-]+).*/\2/p' | sort -u) \
        <(option_names "$tree/usr/share/man/man1/portillon-${command// /-}.1") || echo "$command"
done <commands >said
[ ! -s said ]
report $? "the page of each command lists its options as --help does"
diff <("$BUILD/portillond" --help | sed -nE 's/^  (--[a-z-]+).*/\1/p' | sort -u) <(option_names "$tree/usr/share/man/man8/portillond.8" | grep -vx -- --help) >said
report $? "so does the page of portillond"
diff <(sed -nE 's/^#?([a-z][a-z.-]+) = .*/\1/p' "$root/boards/linux/gate.conf") \
    <(sed -n '/^\.TP$/{n;p}' "$tree/usr/share/man/man5/gate.conf.5" | sed 's/^\\fB//; s/\\fR = .*//; s/\\-/-/g') >said
report $? "gate.conf(5) has each option of the example"
grep -q '^portillon\\-whitelist\\-push \\- install a list on a gate' "$tree/usr/share/man/man1/portillon-whitelist-push.1"
report $? "a page says what its command is for"
# A program whose help is in another language: its words are not those of English, its form is the same.
mkdir bin && cat >bin/cardsim <<'END'
#!/bin/sh
[ "$LANGUAGE" = fr ] || exit 1
printf '%s\n' 'utilisation : cardsim --pty CHEMIN' '             cardsim ctl PRISE' '' "Un lecteur d'essai : pour rien." '' \
    'la ligne :' "  --pty CHEMIN        fait l'entrée" '                      et un lien' \
    '  --baud DÉBIT       la vitesse' '                      en bits' '  --version, --help' '' 'Fin.'
END
mkdir -p bin/locale/fr/LC_MESSAGES && touch bin/locale/fr/LC_MESSAGES/cardsim.mo && chmod +x bin/cardsim && "$root/tools/man/pages" bin pages fr >said 2>&1
sed 1,2d pages/fr/man1/cardsim.1 | diff - <(printf '%s\n' .nh '.ad l' '.SH NOM' "cardsim \\- Un lecteur d\\(aqessai" '.SH SYNOPSIS' \
    '\fBcardsim\fR \fB\-\-pty\fR \fICHEMIN\fR' .br '\fBcardsim\fR ctl \fIPRISE\fR' '.SH DESCRIPTION' \
    "Un lecteur d\\(aqessai : pour rien." '.SH OPTIONS' '.SS "la ligne"' .TP '\fB\-\-pty\fR \fICHEMIN\fR' "fait l\\(aqentrée" \
    'et un lien' .TP '\fB\-\-baud\fR \fIDÉBIT\fR' 'la vitesse' 'en bits' .TP '\fB\-\-version\fR, \fB\-\-help\fR' '.SH NOTES' Fin. '.SH "VOIR AUSSI"' '.BR portillond (8)') >said
report $? "a page in French comes from the help in French"

# ---- completion ----
cat >complete.sh <<'END'
# usage: complete.sh FILE WORD...: prints what completes the last word
. "$1" && shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
name=$(complete -p "${1##*/}") && name=${name##*-F } && name=${name%% *}
"$name" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" && printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | paste -sd' '
END
# completes WANTED WORD...
completes() {
    local wanted=$1 name=$2
    shift
    PATH=$tree/usr/bin:$tree/usr/sbin:$PATH bash --norc complete.sh "$tree/usr/share/bash-completion/completions/$name" "$@" >out 2>said
    cat out >>said
    [ "$(cat out)" = "$wanted" ] && [ "$(wc -l <said)" = 1 ]
    report $? "completion: ${*@Q}"
}
mkdir -p folder/gates "folder/a b" && touch list.csv folder/gates/self-{1,2}.identity
completes "whitelist" portillon wh
completes "card cards clock" portillon c
completes "card cards" portillon help ca
completes "build diff push show" portillon whitelist ''
completes "key" portillon identity k
completes "--every" portillon sync --e
completes "--site --store" portillon sync --s
completes "--all --all-gates" portillon profiles off --al
completes "folder" portillon sync --site fol
completes "folder/a b" portillon sync --site folder/a
completes "folder" portillon whitelist build fol
completes "list.csv" portillon whitelist build folder --csv l
completes "list.csv" portillon whitelist build folder --csv = l
completes "list.csv" portillon sync --port nord = l
completes "building canteen" portillon identity folder --zone ''
completes "self-1 self-2" portillon status --site folder --gate s
completes "" portillon whitelist push --timeout ''
completes "--accept-removals" portillon whitelist push --acc
completes "" portillon kitchen --a
completes "--config --control --create-flash" portillond --c
completes "list.csv" portillond --config l
completes "--connect --control" cardsim --co
completes "ctl" cardsim c
completes "drop-ack" cardsim ctl cards.sock fault d
completes "take tap" cardsim ctl cards.sock ta
started=${EPOCHREALTIME/[.,]/}
PATH=$tree/usr/bin:$PATH bash --norc complete.sh "$tree/usr/share/bash-completion/completions/portillon" portillon sync --w >out
echo "# completion of an option, a new shell and the reading of two helps included: $(((${EPOCHREALTIME/[.,]/} - started) / 1000)) ms"
LANGUAGE=fr LC_ALL=C.UTF-8 completes "--every" portillon sync --e

# ---- uninstalling ----
to uninstall cardsim && files >out && diff there out >said
grep '^[<>]' said | grep -v cardsim >out
[ "$(grep -c '^<.*cardsim' said)" -ge 5 ] && [ ! -s out ]
report $? "uninstalling one part leaves the others"
echo "# mine" >"$tree/etc/portillon/gate.conf" && BUILD=gone to uninstall office gate cardsim && files >said
[ "$(cat said)" = "644 etc/portillon/gate.conf" ] && [ "$(cat "$tree/etc/portillon/gate.conf")" = "# mine" ]
report $? "uninstalling leaves the configuration, and goes without the build"
find "$tree" -type d -name '*portillon*' -o -type d -name cardsim >said
[ "$(cat said)" = "$tree/etc/portillon" ]
report $? "and no folder of ours"
finish
