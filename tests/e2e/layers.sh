#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/layers finds what it is for: a planted include of a higher folder, a circle, a function away from its header.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(found)

# plant FILE LINE: the sources once more, with a line put on top of one file
plant() {
    rm -rf tree && mkdir tree && cp -r "$root"/{firmware,hal,boards,tools,tests} tree &&
        printf '%s\n' "$2" | cat - "$root/$1" >"tree/$1"
}
finds() { ends_with 1 "$root/tools/layers" tree >found && grep -qF -- "$1" found && [ "$(wc -l <found)" = "${2:-1}" ]; }

"$root/tools/layers" -v >found
report $? "the sources keep to the order of folders, without circles and strays ($(tail -n 1 found))"
plant firmware/base/crc32.c '#include "firmware/gate/inputs.h"'
finds "firmware/base/crc32.c:1: includes firmware/gate/inputs.h, which stands above it"
report $? "a lower folder that includes a higher one is found"
plant firmware/access/tap.c '#include "hal/pn532/pn532.h"'
finds "firmware/access/tap.c:1: may never include hal/pn532/pn532.h"
report $? "the firmware may not include a driver"
plant firmware/gate/inputs.h '#include "firmware/gate/gate.h"'
sed -i '1i #include "firmware/gate/inputs.h"' tree/firmware/gate/gate.h
finds "circle: firmware/gate/gate -> firmware/gate/inputs -> firmware/gate/gate"
report $? "two modules that include each other are found"
plant firmware/base/crc32.c ''
sed -i '/^uint32_t crc32_compute/,/^}/{w moved
d}' tree/firmware/base/crc32.c && cat moved >>tree/firmware/base/clock.c
finds "firmware/base/crc32.h: crc32_compute is defined in firmware/base/clock.c"
report $? "a function away from its header is found"
finish
