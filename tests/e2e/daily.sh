#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What an office types every day: short commands, notes of a person that end, a gate that monitoring looks at.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
unset SOURCE_DATE_EPOCH
check_gate() { # check_gate STATUS WORDS
    run "$1" status --port gate.tty --site site --check --timeout 3 && [ "$(wc -l <out)" = 1 ] && prints "$2"
}
printf 'UID;Profil;Nom;Prénom\n04000001;interne;Exemple;Aïcha\n04000002;interne;Exemple;Bruno\n' >cards.csv
run 0 site init site && run 0 identity site --device nord --name Nord --zone building -o gate.id
report $? "a site"

# ---- short commands ----
export PORTILLON_SITE=site PORTILLON_STORE=passages.sqlite PORTILLON_PORT=gate.tty PORTILLON_GATE=nord
start_scripted wait=go,every=3000,04000001 --flash gate.flash --control gate.sock
run 0 whitelist build --csv cards.csv && [ -e passages.sqlite ] && run 0 whitelist push && run 0 clock set && run 0 passages pull && run 0 status
report $? "site, store, port and gate come from the environment"
run 0 card block 04000001 && run 0 card list && prints "04000001             blocked"
report $? "for the cards, too"
run 1 status --site nowhere && says nowhere
report $? "an option counts before the environment"
run 0 identity key site --device nord --role maintenance -o nord.key && run 0 status --key-file nord.key
report $? "a key file needs no site beside it, so the environment's is left"
PORTILLON_PORT='' run 2 status && says "--port"
report $? "an empty variable says nothing"
run 0 whitelist show && run 0 site check && run 0 identity key --device nord --role maintenance && run 0 store forget && prints passages.sqlite
report $? "and for the other commands that need a site or a store"
unset PORTILLON_SITE PORTILLON_STORE PORTILLON_PORT PORTILLON_GATE

# ---- the same from a file ----
export XDG_CONFIG_HOME=$work/config
mkdir -p config/portillon home/.config/portillon
config() { printf '%s\n' "$@" >config/portillon/config; }
config '# this office' "site = $work/site  # the school" '' "  store=$work/passages.sqlite" "port = $work/gate.tty" 'gate = nord'
run 0 status && run 0 passages pull && run 0 card list && run 0 whitelist build --csv cards.csv
report $? "site, store, port and gate come from the file"
PORTILLON_SITE=nowhere run 1 status && says nowhere && PORTILLON_SITE=nowhere run 0 status --site site && PORTILLON_GATE='' run 0 status
report $? "the environment counts before the file, and an option before both"
HOME=$work/home XDG_CONFIG_HOME='' run 2 status && says "--port" && ln -s ../site ../gate.tty home &&
    printf 'site = ~/site\nport = ~/gate.tty\n' >home/.config/portillon/config && HOME=$work/home XDG_CONFIG_HOME='' run 0 status
report $? "without XDG_CONFIG_HOME it is in ~/.config, and ~/ is the user's folder"
wrong() { # wrong LINE WORDS: of a file with this line at its second place
    config '# this office' "$1"
    run 1 status --port gate.tty --site site && says "$work/config/portillon/config:2: $2"
}
wrong 'sites = /srv/x' "'sites' is no word known here: did you mean 'site'?" && wrong 'site /srv/x' "'site /srv/x' is no line such as" &&
    wrong 'site =' "'site' has no value" && wrong 'site = lycee' "'lycee' is no full path" &&
    config 'gate = nord' 'gate = sud' && run 1 status --port gate.tty --site site && says "config:2: 'gate' stands there twice"
report $? "a bad line is told with its file and number"
run 0 help status && run 0 status --help && mkdir config/portillon/config.d && rm config/portillon/config && run 0 status --port gate.tty --site site
report $? "help works also then, and a file that is not there is none"
export XDG_CONFIG_HOME=$work/no-config

# ---- what comes next can be pasted ----
pasted() { # pasted STATUS: the line that the call before printed, in a shell
    local line got
    line=$(sed -n 's/^ *portillon /portillon /p' out)
    [ -n "$line" ] && PATH=$BUILD:$PATH bash -c "$line" >out 2>err
    got=$?
    [ $got = "$1" ] || { echo "exit status $got, not $1: $line" >>err && false; }
}
folder="l'école & co" && mkdir "$folder" && cp cards.csv eleves.csv
run 0 site init "$folder/site" && pasted 0 && [ -e "$folder/site/gates/nord-1.identity" ]
report $? "after site init, the first gate"
PORTILLON_PORT="$folder/tty" run 0 whitelist build "$folder/site" --csv cards.csv --store "$folder/p.db" && pasted 1 && says "$folder/tty"
report $? "after whitelist build, the push to the port that is known"
run 0 whitelist build "$folder/site" --csv cards.csv --store "$folder/p.db" -o "$folder/list" && prints '/dev/ttyUSB0' && prints "co/list'"
report $? "or to the first serial adapter"
run 0 card block --site "$folder/site" --store "$folder/p.db" 04000001 && says 'no gate knows yet' && pasted 0 && prints '2 cards (1 blocked)'
report $? "after card block, the next list"

# ---- card return --person ----
run 0 card return --site site --store passages.sqlite 04000001
run 0 card block --site site --store passages.sqlite --person bruno && run 0 card lend --site site --store passages.sqlite --person bruno --card 04AABBCC &&
    run 0 card block --site site --store passages.sqlite --person aicha &&
    run 0 card return --site site --store passages.sqlite --person bruno && prints "04AABBCC: no longer lent" && prints "no longer blocked (Exemple Bruno)" &&
    run 0 card list --store passages.sqlite --json && [ "$(sqlite3 :memory: "SELECT json_array_length(CAST(readfile('out') AS TEXT))")" = 1 ]
report $? "card return --person ends all notes of this person, and of nobody else"
run 1 card return --site site --store passages.sqlite --person bruno && says "neither lent nor blocked a card of Exemple Bruno"
report $? "there is nothing left to end"
run 1 card return --site site --store passages.sqlite --person exemple && says "2 people of this name" && run 2 card return --site site --store passages.sqlite
report $? "two people are a question, and so is nobody"

# ---- one is not many ----
head -n 2 cards.csv >one.csv
run 0 site init single && run 0 identity single --device nord --name Nord --zone building && run 0 whitelist build single --csv one.csv --store one.db &&
    prints "1 card (0 blocked)" && prints "1 block," && run 0 store forget --store one.db && prints "0 records, 0 people and 0 lists forgotten"
report $? "a list of one card has one card in one block"

# ---- status --check ----
eventually 10 check_gate 0 "PORTILLON OK - Nord (nord): idle"
report $? "status --check: all is well"
end "$gate" TERM
start_scripted wait=go,every=3000,04000001 --flash other.flash --no-rtc --control gate.sock && eventually 10 check_gate 2 "CRITICAL" && prints "no list" && prints "the clock is not sure"
report $? "a gate without a list is critical"
run 0 whitelist push --port gate.tty --site site && eventually 10 check_gate 1 "WARNING - Nord (nord): idle, the clock is not sure"
report $? "an unset clock needs a look"
end "$gate" TERM
# ---- the demonstration ----
# Ctrl-C while it waits for taps is a key, not a signal that would also end make and the gates.
start_scripted wait=go,every=3000,04000001 --flash gate.flash --control gate.sock
{ await 'Tap cards on the reader' typescript && sleep 0.3 && printf '\003' && sleep 2; } |
    timeout 30 script -qfc "trap 'echo killed' INT; $BUILD/demo watch 0 taps.txt nord:gate.sock; echo ended \$?" typescript >/dev/null
grep -q 'ended 0' typescript && lacks typescript '^killed'
report $? "Ctrl-C ends the taps of the demonstration, and nothing else"
end "$gate" TERM
socat PTY,link=silent.tty,raw,echo=0 PTY,link=far.tty,raw,echo=0 2>socat.log &
running+=($!)
await_path silent.tty
run 3 status --port silent.tty --site site --gate nord --check --timeout 1 && run 3 status --port nowhere.tty --site site --gate nord --check
report $? "a gate that does not answer is unknown"
finish
