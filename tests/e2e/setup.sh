#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# portillon-gate-setup, from the questions to a gate that opens for a card. cardsim is the reader, files are the GPIO lines
# (preload/gpiod_files.c).
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
setup=$BUILD/portillon-gate-setup gate='' pid=''
logs=(said gate.log err)
case $BUILD in
*-sanitize | *-fuzz) skip_all "portillon-gate-setup" "a library cannot be loaded before that of the sanitizer" ;;
esac
mkdir lines etc
gcc -shared -fPIC -D_GNU_SOURCE -Wall -Werror -o gpiod_files.so "$root/tests/e2e/preload/gpiod_files.c" 2>err
report $? "a stand-in for libgpiod is built"
export GPIO_FILES=$work/lines

level() { # level LINE 0|1: physical, of an input
    echo "$2" >level.new && mv level.new "lines/in.$1"
}
at_rest() { level 6 1 && level 7 0 && level 8 0 && level 9 1; }
at_rest

run 0 site init site && run 0 identity site --device nord --name "Portail nord" --zone building -o nord.identity &&
    run 0 identity site --device sud --name "Portail sud" --zone canteen -o sud.identity
report $? "identities are made"
"$BUILD/cardsim" --instant --pty reader --control cards.sock >cardsim.log 2>&1 &
running+=("$!")
await_path cards.sock
card() { "$BUILD/cardsim" ctl cards.sock "$@" >/dev/null; }

cat >etc/gate.conf <<END
# our own remark
identity = old.id
flash = $work/gate.flash      # not on the card
create-flash = 1M
#fsync = yes
reader = none
pty = gate.tty
control = gate.sock

#gpio.relay = GPIO17
END
cp etc/gate.conf before.conf
cat >good <<END
identity = nord.identity
reader = pn532_uart:$work/reader:115200
rtc = system
pins = own
gpio.relay = LINE1, active-low
gpio.green = LINE2
gpio.red = "LINE3"
gpio.amber = LINE4
gpio.buzzer = none
gpio.rotation = LINE6, pull-up, active-low
gpio.fire = LINE7, pull-up, active-low
gpio.tamper = LINE8, no-pull, active-low
gpio.button = LINE9, pull-up, active-low, debounce=20
END

start_setup() { # start_setup OPTION...: sets pid; said has what it prints
    : >said
    LD_PRELOAD=$work/gpiod_files.so "$setup" --config "$work/etc/gate.conf" --seconds 10 "$@" >said 2>&1 &
    pid=$!
    running+=("$pid")
}
# run_setup STATUS OPTION...: without a person in front of it
run_setup() {
    local wanted=$1 got
    shift
    LD_PRELOAD=$work/gpiod_files.so timeout 60 "$setup" --config "$work/etc/gate.conf" --seconds 2 "$@" >said 2>&1 </dev/null
    got=$?
    [ $got = "$wanted" ] || { echo "exit status $got, not $wanted" >>said && false; }
}
told() { grep -qF -- "$1" said; }
unchanged() { cmp -s etc/gate.conf before.conf && [ "$(ls etc)" = gate.conf ] && told 'Nothing was changed.'; }
# person: does in front of the gate what is asked for
hold_card() { eventually 20 told 'Hold a card' && card put classic 04ED0B11; }
move_inputs() {
    eventually 20 told 'Turn the arm' && level 6 0 && eventually 20 told 'The arm turned' && level 6 1 &&
        eventually 20 told 'Open the fire loop' && level 7 1 && eventually 20 told 'The fire loop is open.' && level 7 0 &&
        eventually 20 told 'tamper switch now' && level 8 1 && eventually 20 told 'The tamper loop is open.' && level 8 0 &&
        eventually 20 told 'Press the release button' && level 9 0 && eventually 20 told 'The button is pressed.' && level 9 1
}
done_with() { wait "$pid" && eventually 1 told "$1"; }

# ---- what must not be written ----
head -c 200 nord.identity >short.id
sed 's/^identity = .*/identity = short.id/' good >answers
run_setup 1 --answers answers && told 'short.id: an identity file has 264 or 412 bytes, this one has 200' && unchanged
report $? "a short identity ends it, and nothing is changed"
cp nord.identity bad.id && flip bad.id 100 && sed 's/^identity = .*/identity = bad.id/' good >answers
run_setup 1 --answers answers && told 'bad.id: is a damaged identity' && unchanged
report $? "a damaged identity ends it"
sed "s|^reader = .*|reader = pn532_uart:$work/no-reader:115200|" good >answers
run_setup 1 --answers answers && told 'The reader does not answer: no reader' && unchanged
report $? "a reader that is not there ends it"
run_setup 1 --answers good && told 'The reader answers: pn532_uart:' && told 'No card was read.' && unchanged
report $? "a reader that reads no card ends it"
{ cat good && echo 'try-reader = no'; } >quick
sed 's/^gpio.relay = .*/gpio.relay = LINE99/' quick >answers
run_setup 1 --answers answers && told 'gpio.relay: LINE99: cannot use this line' && unchanged
report $? "a line that is not there ends it"
sed 's/^gpio.fire = .*/gpio.fire = LINE7, pull-up/' quick >answers
run_setup 1 --answers answers && told 'gpio.fire: a cut wire would look like a closed loop' && unchanged
report $? "a fire loop whose cut wire looks closed ends it"
sed 's/^pins = .*/pins = none/' quick >answers && echo 'serial = /dev/no-port' >>answers && sed '/^pty/d' before.conf >etc/gate.conf && cp etc/gate.conf without_pty
run_setup 1 --answers answers && told '/dev/no-port' && cmp -s etc/gate.conf without_pty
report $? "a maintenance port that is not there ends it"
cp before.conf etc/gate.conf
{ cat quick && echo 'green = no'; } >answers && : >lines/outputs
run_setup 1 --answers answers && told 'The green light does not work: look at the wires and the line of gpio.green.' && unchanged &&
    [ "$(grep '^2 ' lines/outputs | tail -n 3)" = "$(printf '2 high\n2 low\n2 released')" ] &&
    [ "$(grep '^1 ' lines/outputs | tail -n 3)" = "$(printf '1 low\n1 high\n1 released')" ]
report $? "a light that does not work ends it, and the outputs are off"
level 7 1
run_setup 1 --answers quick && told 'The fire loop is open at rest, and should be closed' && unchanged
report $? "a fire loop that is open at rest ends it"
level 7 0
run_setup 1 --answers quick && told 'No turn of the arm was seen' && unchanged
report $? "an input that does not change ends it"
echo 'colour = green' >answers
run_setup 2 --answers answers && told 'answers:1: there is no such question' && cmp -s etc/gate.conf before.conf
report $? "an answer to no question is refused"
run_setup 2 --door && told 'no such option: --door' && run_setup 2 --answers && told 'takes a value: --answers' &&
    run_setup 2 --answers none && told 'none: cannot read this file: No such file'
report $? "a wrong call is told with the word that is wrong"
echo 'flahs = x' >>etc/gate.conf && cp etc/gate.conf wrong.conf
run_setup 1 --answers quick && told 'no such option in a configuration: flahs' && told 'has a wrong line' && cmp -s etc/gate.conf wrong.conf
report $? "a configuration with a wrong line is left alone"
cp before.conf etc/gate.conf

# ---- interrupted ----
mkfifo typed && exec 8<>typed # stays open: what reads from it does not end
begin_typed() { # begin_typed: at a terminal of its own
    : >said
    LD_PRELOAD=$work/gpiod_files.so timeout 100 script -qefc "$setup --config $work/etc/gate.conf --seconds 10" /dev/null <typed >said 2>&1 &
    pid=$!
    running+=("$pid")
}
type_at() { eventually 20 told "$1" && printf '%b' "$2" >&8; } # type_at QUESTION KEYS
begin_typed
type_at 'The identity file of this gate' '\003'
wait "$pid"
[ $? = 130 ] && unchanged
report $? "Ctrl-C at the first question changes nothing"
begin_typed
type_at 'The identity file of this gate' 'nord.identity\n' && told 'The identity' && type_at 'The card reader' 'none\n' && type_at 'The maintenance line' 'none\n' &&
    type_at 'The clock with a cell' 'system\n' && type_at 'The GPIO lines' 'none\n' && type_at 'Write the configuration?' '\003'
wait "$pid"
[ $? = 130 ] && unchanged
report $? "Ctrl-C at the last question changes nothing"
start_setup --answers good
eventually 20 told 'Hold a card' && kill -TERM "$pid"
wait "$pid"
[ $? = 130 ] && unchanged
report $? "a signal while it waits for a card changes nothing"
LD_PRELOAD=$work/gpiod_files.so "$setup" --config "$work/etc/gate.conf" </dev/null >said 2>&1
[ $? = 1 ] && unchanged
report $? "the end of the input changes nothing"

# ---- at a terminal, in French, with something that does not work at first ----
begin_typed
type_at 'The identity file of this gate' 'no-file\n' && type_at 'no-file: cannot open this file' 'nord.identity\n' &&
    type_at 'The card reader' "pn532:$work/reader\n" && type_at 'Try the reader with a card?' 'oui\n' && hold_card &&
    type_at 'The maintenance line' 'none\n' && type_at 'The clock with a cell' 'none\n' && type_at 'The GPIO lines' 'own\n' &&
    type_at 'The line of the relay' 'LINE1, active-low\n' && type_at 'The line of the green light' 'LINE1, active-low\n' &&
    type_at 'this line has another use' 'LINE2\n' && type_at 'The line of the red light' 'none\n' && type_at 'The line of the amber light' 'none\n' &&
    type_at 'The line of the buzzer' 'none\n' && type_at 'The line of the rotation contact' 'none\n' && type_at 'The line of the fire loop' 'none\n' &&
    type_at 'The line of the tamper loop' 'none\n' && type_at 'The line of the release button' 'none\n' && type_at 'Try lights, buzzer and relay?' 'o\n' &&
    type_at 'The green light should be on now.' 'non\n' && type_at 'The relay should be on now' 'o\n' && type_at 'Try [a]gain' 'garder\n' && type_at 'Try rotation, fire' '\n' && type_at 'Write the configuration?' '\n'
wait "$pid"
[ $? = 0 ] && eventually 2 told "This starts the gate: portillond --config $work/etc/gate.conf" && grep -qxF "reader = pn532:$work/reader" etc/gate.conf && grep -qxF 'no-rtc = yes' etc/gate.conf
report $? "a person corrects what was wrong and is led to the end"
card take all
cp before.conf etc/gate.conf && rm -f etc/gate.id etc/gate.conf.bak

# ---- the good way ----
start_setup --answers good
hold_card && move_inputs
done_with "This starts the gate: portillond --config $work/etc/gate.conf"
report $? "it goes through with a card, lights, buzzer and inputs that work"
told 'This is the gate nord (Portail nord, building) of the school with the site id ' && told 'A card was read: its number has 4 bytes and ends with 11.' && lacks said '04ED0B11'
report $? "it says which gate this is, and not which card"
card take all
[ "$(stat -c %a etc/gate.id)" = 600 ] && cmp -s etc/gate.id nord.identity && cmp -s etc/gate.conf.bak before.conf && [ "$(ls etc | wc -l)" = 3 ]
report $? "the identity is there for nobody else, and the old configuration is kept"
grep -qxF '# our own remark' etc/gate.conf && grep -qxF "identity = $work/etc/gate.id" etc/gate.conf && grep -qxF '#fsync = yes' etc/gate.conf &&
    grep -qxF 'gpio.relay = LINE1, active-low' etc/gate.conf && lacks etc/gate.conf '^#gpio.relay' && grep -qF "flash = $work/gate.flash      # not on the card" etc/gate.conf
report $? "remarks and other options of the configuration stay"

LD_PRELOAD=$work/gpiod_files.so "$BUILD/portillond" --config etc/gate.conf >gate.log 2>&1 &
gate=$!
running+=("$gate")
await 'reader up' gate.log
report $? "the gate starts from this configuration alone"
printf 'Carte;Régime;Jours\n04ED0B11;externe;\n' >cards.csv
run 0 whitelist build site --csv cards.csv && run 0 whitelist push --site site --gate nord --port gate.tty && : >lines/outputs && card put classic 04ED0B11 &&
    eventually 10 grep -qxF '1 low' lines/outputs && grep -qxF '2 high' lines/outputs
report $? "and opens for a card of its list"
end "$gate" TERM
card take all

# ---- again ----
start_setup --check
hold_card
eventually 20 told 'The green light should be on' # nobody answers
end "$pid" TERM
start_setup --check --answers /dev/null
hold_card && move_inputs
done_with 'Everything works.'
report $? "--check tries what the configuration names"
card take all
mv reader other
run_setup 1 --check --answers /dev/null && told 'The reader does not answer' && told 'Not everything works.' && [ "$(ls etc | wc -l)" = 3 ]
report $? "--check tells of a reader that is gone, and writes nothing"
mv other reader
cp etc/gate.conf now.conf && sed 's/^identity = .*/identity = sud.identity/; s/^pins = .*/pins = keep/' quick >answers
run_setup 1 --answers answers && told 'This computer is the gate nord (Portail nord) until now.' && cmp -s etc/gate.id nord.identity && cmp -s etc/gate.conf now.conf
report $? "a gate is not made another one by mistake"
printf 'replace-identity = yes\ntry-outputs = no\ntry-inputs = no\n' >>answers
run_setup 0 --answers answers && cmp -s etc/gate.id sud.identity && cmp -s etc/gate.conf now.conf
report $? "it is when that is wanted, and the rest stays"

# ---- an image ----
mkdir -p image/etc/systemd/system && cp "$root/boards/linux/system/portillond.service" image/etc/systemd/system
printf 'root:x:0:0::/root:/bin/sh\nportillond:x:777:778::/var/lib/portillon:/usr/sbin/nologin\n' >image/etc/passwd
printf 'identity = nord.identity\nreader = auto\ntry-reader = no\nrtc = /dev/rtc-of-the-gate\nfailed = keep\npins = standard\ntry-outputs = no\ntry-inputs = no\nserial = none\n' >answers
timeout 60 "$setup" --root "$work/image" --answers answers >said 2>&1 </dev/null
[ $? = 0 ] && diff "$root/boards/linux/gate.conf" image/etc/portillon/gate.conf >changes
[ "$(grep -c '^>' changes)" = 10 ] && [ "$(grep -c '^> gpio\.' changes)" = 9 ] && grep -qxF '> rtc = /dev/rtc-of-the-gate' changes
report $? "a new configuration is the commented one, with the answers in it"
if [ "$(id -u)" = 0 ]; then
    [ "$(stat -c '%a %u %g' image/etc/portillon/gate.id)" = '600 777 778' ] && [ "$(stat -c '%a %u' image/etc/portillon/gate.conf)" = '644 0' ]
    report $? "the identity belongs to the user of the gate"
else
    skip "the identity belongs to the user of the gate" "only root can give files away"
fi
if command -v systemctl >/dev/null; then
    [ -L image/etc/systemd/system/multi-user.target.wants/portillond.service ]
    report $? "the service of the image is enabled"
else
    skip "the service of the image is enabled" "systemctl (package systemd) is not installed"
fi

# ---- this computer: with a copy of /etc, a /run that says systemd runs, and a systemctl that writes its calls down ----
if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
    skip "the running gate is stopped, set up and started" "only root can mount a copy of /etc"
    finish
fi
mkdir -p bin host && cp -a /etc/passwd /etc/group host/ && printf 'portillond:x:777:778::/var/lib/portillon:/usr/sbin/nologin\n' >>host/passwd
cat >bin/systemctl <<END
#!/bin/sh
echo "\$*" >>$work/calls
[ "\$1" != is-active ] || [ -e $work/is-active ]
END
chmod +x bin/systemctl
here() { # here STATUS OPTION...: portillon-gate-setup on this computer
    local wanted=$1
    shift
    : >calls
    unshare -m bash -c 'mount -t tmpfs none /run && mkdir -p /run/systemd/system && mount --bind "$1" /etc && shift && exec "$@"' - "$work/host" \
        env PATH="$work/bin:$PATH" timeout 60 "$setup" "$@" >said 2>&1 </dev/null
    [ $? = "$wanted" ]
}
: >is-active
here 0 --answers answers && [ "$(cat calls)" = "$(printf 'is-active --quiet portillond\nstop portillond\nenable --now portillond')" ] &&
    [ "$(stat -c '%a %u' host/portillon/gate.id)" = '600 777' ] && told 'The gate is running, and starts with the computer.'
report $? "the running gate is stopped, set up and started"
sed 's/nord.identity/no.identity/' answers >wrong && here 1 --answers wrong && told 'The gate is running again.' &&
    [ "$(cat calls)" = "$(printf 'is-active --quiet portillond\nstop portillond\nstart portillond')" ]
report $? "it is started again when nothing was changed"
rm is-active
{ cat answers && echo 'service = no'; } >later
here 0 --config /etc/portillon/gate2.conf --answers later && told 'systemctl enable --now portillond@2' && [ -e host/portillon/gate2.id ] &&
    [ "$(cat calls)" = 'is-active --quiet portillond@2' ]
report $? "a second gate has files and a service of its own"
sed -i '/^portillond:/d' host/passwd && here 1 --answers answers && told 'There is no user portillond'
report $? "without its user the gate is not set up"
finish
