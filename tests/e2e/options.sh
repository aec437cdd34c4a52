#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The options that --help lists, of every command of portillon, and those that the command accepts.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
unset PORTILLON_SITE PORTILLON_GATE PORTILLON_PORT PORTILLON_STORE
tried=0

printf 'Carte;Profil;Nom\n04000001;interne;Exemple\n' >cards.csv
echo 0123456789abcdef0123456789abcdef >a.key && echo secret >a.pass && chmod 600 a.key a.pass && head -c 65536 /dev/zero >chip.img
run 0 site init site && run 0 identity site --device nord --name Nord --zone building -o nord.id &&
    run 0 whitelist build site --csv cards.csv --store p.db && run 0 whitelist build site --csv cards.csv --guess -o a.map
report $? "a site"

# calls_of COMMAND: calls that are complete. An option is accepted if one of them goes on to its work when the option is added.
calls_of() {
    local line='--port none.tty'
    case $1 in
    'site init') printf '%s\n' "fresh.$tried" ;;
    'site check') echo site ;;
    'identity') printf '%s\n' "site" "site --device nord" "site --device neuf.$tried --name Neuf --zone canteen" ;;
    'identity key') printf '%s\n' 'site --device nord --role technician' ;;
    'keys' | 'keys apply') echo site ;;
    'keys add') printf '%s\n' 'site --set 1' 'site' ;;
    'keys remove') printf '%s\n' 'site --set 1 --version 0' 'site --set 1' 'site --version 0' ;;
    'whitelist build') printf '%s\n' 'site --csv cards.csv --store p.db' 'site --csv cards.csv --store p.db --uid decimal' ;;
    'whitelist show') printf '%s\n' site/whitelist.list 'site/whitelist.list --site site' ;;
    'whitelist diff') echo site/whitelist.list site/whitelist.list ;;
    explain) printf '%s\n' '--site site --card 04000001 --zone building' '--site site --zone building' '--site site --card 04000001' \
        '--passage nord:1 --store p.db' ;;
    report) printf '%s\n' 'passages --store p.db --site site' 'inside --store p.db --site site' 'all --store p.db --site site' ;;
    'person export' | 'person erase') echo 'exemple --store p.db --site site' ;;
    'people import' | 'cards import') printf '%s\n' 'cards.csv --site site --store p.db' 'cards.csv --site site --store p.db --uid decimal' ;;
    'card assign') printf '%s\n' '--site site --store p.db --person exemple 04000005' '--site site --store p.db --pile --reader none' \
        '--site site --store p.db --person exemple --reader none' '--site site --store p.db --reader none' ;;
    sync) printf '%s\n' '--site site --store p.db' ;;
    gates) echo '--site site --store p.db' ;;
    audit) echo '--store p.db --site site' ;;
    replay) echo '--store p.db --site site --from 2026-11-23' ;;
    'card read') printf '%s\n' '--reader pn532_uart:none.tty' '--pile --reader pn532_uart:none.tty' '--site site --reader pn532_uart:none.tty' ;;
    'card survey') printf '%s\n' '--reader pn532_uart:none.tty' '--pile --reader pn532_uart:none.tty' ;;
    'card write') printf '%s\n' 'site --reader pn532_uart:none.tty' 'site --pile --reader pn532_uart:none.tty' ;;
    'card lend') echo '--site site --store p.db --person exemple --card 04000002' ;;
    'card block' | 'card return') printf '%s\n' '--site site --store p.db' '--site site --store p.db --person exemple' ;;
    'card list') echo '--store p.db' ;;
    'passages pull') printf '%s\n' "$line --site site --store p.db" "$line --store p.db" ;;
    'journal check') printf '%s\n' 'chip.img --site site' 'chip.img' ;;
    'store forget') echo '--store p.db' ;;
    'profiles') printf '%s\n' "$line --site site" "$line" "on $line --site site" 'off interne --site site --store p.db' ;;
    'profiles off' | 'profiles on') printf '%s\n' "$line --site site" "interne $line --site site" "interne $line" 'interne --site site --store p.db' ;;
    bridge) echo "$line" ;;
    'whitelist push') printf '%s\n' "$line --site site" "$line site/whitelist.list" ;;
    *) printf '%s\n' "$line --site site" "$line" ;;
    esac
}
value_of() { # value_of COMMAND OPTION ARGUMENT: one that is good
    case "$1 $2" in
    'whitelist show --extract') echo "parts.$tried" && return ;;
    'card write --id') echo 0102 && return ;;
    *' --csv') echo cards.csv && return ;;
    *' --map') echo a.map && return ;;
    *' --output') echo "out.$tried" && return ;;
    *' --key-file') echo a.key && return ;;
    *' --passphrase-file') echo a.pass && return ;;
    *' --identity') echo nord.id && return ;;
    *' --store' | *' --people') echo p.db && return ;;
    *' --list') echo site/whitelist.list && return ;;
    *' --uid-len' | *' --sector-size') [ "$2" = --uid-len ] && echo 4 || echo 65536; return ;;
    *' --encoding') echo utf-8 && return ;;
    *' --sheet') echo 1 && return ;;
    *' --column') echo ignored=Nom && return ;;
    *' --dates') echo day-first && return ;;
    *' --used' | *' --epoch') echo 0 && return ;;
    *' --at') echo '2026-11-23 12:10' && return ;;
    *' import --on') echo 2026-11-24 && return ;;
    'card assign --reader') echo none && return ;;
    *' --direction') echo in && return ;;
    *' --passage') echo nord:1 && return ;;
    *' --rules') echo site/site.conf && return ;;
    'report --from' | 'report --to' | 'audit --from' | 'audit --to' | 'replay --from' | 'replay --to') echo 2026-11-24 && return ;;
    *' --to') echo 2026-11-23T12:10:00Z && return ;;
    *' --clock') echo unset && return ;;
    *' --off') echo interne && return ;;
    'keys add --set' | 'keys remove --set') echo 1 && return ;;
    *' --set') echo open_ms=3000 && return ;;
    *' --lost') echo all && return ;;
    *' --person') echo exemple && return ;;
    *' --public-key') echo site/public-key.pem && return ;;
    *' --udp') echo 127.0.0.1:0 && return ;;
    *' --baud') echo 115200 && return ;;
    'card read --reader' | 'card survey --reader' | 'card write --reader') echo pn532_uart:none.tty && return ;;
    esac
    case $3 in
    DIR) echo site ;; ID) echo nord ;; ZONE) echo building ;; ROLE) echo maintenance ;; UID) echo 04000003 ;;
    NOTATION) echo hex ;; NAME) echo Nom ;; DEV) echo none.tty ;; FILE | PROGRAM) echo cards.csv ;;
    *) echo 3 ;;
    esac
}
# accepts COMMAND OPTION ARGUMENT: in one of the calls it is no wrong call (exit status 2)
accepts() {
    local call words
    while read -r call; do
        # An option that stands in the call already takes its place.
        words=$(sed -E "s/(^| )$2 [^ ]+//" <<<"$call")
        # shellcheck disable=SC2086 # words of the command and of the call
        timeout 20 "$portillon" $1 $words "$2" ${3:+"$(value_of "$1" "$2" "$3")"} >out 2>err </dev/null
        [ $? != 2 ] && return
    done < <(calls_of "$1")
    false
}

"$portillon" help | sed -nE 's/^  ([a-z]+( [a-z]+)?)  .*/\1/p' | grep -vx help >commands
[ "$(wc -l <commands)" -ge 26 ]
report $? "help lists the commands"
while read -r command; do
    wrong=''
    # shellcheck disable=SC2086 # the words of the command
    "$portillon" $command --help </dev/null | sed -nE 's/^ +(-., )?(--[a-z-]+)( ([^ ]+))?(  .*)?$/\2 \4/p' | grep -v '^--help' >listed
    while read -r option argument; do
        tried=$((tried + 1))
        accepts "$command" "$option" "$argument" || wrong="$wrong $option"
    done <listed
    [ -z "$wrong" ] || echo "refused:$wrong" >>err
    [ -z "$wrong" ] && { [ -s listed ] || [ "$command" = 'site check' ]; }
    report $? "$command accepts each option that its help lists${wrong:+, but not$wrong}"
done <commands
[ $tried -gt 150 ]
report $? "the help of all commands was read"
finish
