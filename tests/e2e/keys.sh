#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The keys of cards: made, given to the identities of the gates, rolled over and removed.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(out err)
identity=site/gates/nord.identity
keys_in() { od -An -tu1 -j 260 -N 1 "$identity" | tr -d ' '; }
size() { stat -c %s "$identity"; }

run 0 site init site && run 0 identity site --device nord --name Nord --zone building && [ "$(size)" = 264 ]
report $? "a site without keys of cards makes identities of the first format"
run 0 keys site && prints 'card keys: none' && prints 'its identity has these card keys'
report $? "keys lists that there is none"
run 0 keys add site --set 1 && prints 'set 1 has a key of version 0' && [ "$(stat -c %a site/card-keys)" = 600 ] &&
    grep -qx '1 0 = derived' site/card-keys && ! grep -qE '[0-9A-F]{32}' site/card-keys
report $? "the first key of a set is derived, and has version 0"
run 0 keys site && prints 'OLD: its identity lacks 1 and still has 0'
report $? "the gate has it not yet"
cp "$identity" before && run 0 keys apply site && prints 'nord.identity: flash it to the gate nord' && [ "$(size) $(keys_in)" = '412 1' ] &&
    cmp -s -n 255 -i 5 before "$identity" && [ "$(stat -c %a "$identity")" = 600 ]
report $? "apply writes it into the identity, and leaves all else as it is"
"$root/tools/flash" describe "$identity" >out 2>err && prints 'nord (Nord, building)'
report $? "make flash knows the longer identity"
run 0 keys add site --set 1 && run 0 keys apply site && [ "$(keys_in)" = 2 ] && run 0 keys remove site --set 1 --version 0 &&
    run 0 keys site && prints 'still has 1 that were removed' && run 0 keys apply site && [ "$(keys_in)" = 1 ]
report $? "the next generation stands beside the one before, until that is removed"
printf '00112233445566778899AABBCCDDEEFF\n' >foreign && run 0 keys add site --set 2 --version 7 --key-file foreign &&
    run 0 keys apply site && [ "$(od -An -tx1 -j 284 -N 16 "$identity" | tr -d ' \n')" = 00112233445566778899aabbccddeeff ]
report $? "a key that others made comes from a file"
run 0 keys site --json && prints '"version": 7' && ! grep -qi '0011223344' out
report $? "no list shows a key"
run 0 identity site --device sud --name Sud --zone canteen && [ "$(stat -c %s site/gates/sud.identity)" = 412 ]
report $? "a new gate gets the keys at once"
run 1 keys add site --set 2 --version 7 && says 'set 2 has a key of version 7' && run 1 keys remove site --set 9 --version 0 &&
    says 'set 9 has no key of version 0' && run 2 keys add site && says '--set N is missing' && run 2 keys remove site --set 1 &&
    says '--version N is missing' && run 2 keys add site --set 256 && says 'not a number from 1 to 255'
report $? "what cannot be is refused, with its reason"
printf 'abc\n' >foreign && run 1 keys add site --set 3 --key-file foreign && says 'its first line is not 32 hex digits' &&
    run 1 keys add site --set 3 --key-file nowhere && says 'nowhere: cannot be read'
report $? "so is a file without a key"
cp site/card-keys keep && echo '1 1 = derived' >>site/card-keys && run 1 keys site && says 'card-keys:5: a set is a number from 1 on' &&
    run 1 identity site --device sud && says 'card-keys:5' && cp keep site/card-keys
report $? "a damaged file is named with its line, and no identity is made without its keys"
finish
