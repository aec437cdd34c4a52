#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The files for systemd and udev: systemd accepts the units and finds them well locked in, the users can be made, and udev
# gives an adapter its names. No systemd runs here: nothing is started.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
command -v systemd-analyze >/dev/null || skip_all "units of systemd" "systemd-analyze (package systemd) is not installed"
logs=(said)
mkdir units && cp -r "$root"/boards/linux/system/*.service "$root"/tools/portillon/system/portillon-* units && cp units/portillond.service units/portillond@.service
sed -i "s|^ExecStart=portillond |ExecStart=$BUILD/portillond |; s|^ExecStart=portillon |ExecStart=$BUILD/portillon |" units/*.service
export SYSTEMD_UNIT_PATH=$work/units:

accepted() { # accepted UNIT
    systemd-analyze --man=no verify "./units/$1" >said 2>&1 && [ ! -s said ]
    report $? "systemd accepts $1"
}
for unit in portillond.service portillond@2.service portillon-sync.service portillon-sync.timer portillon-sync-watch.service; do accepted "$unit"; done

locked_in() { # locked_in UNIT TENTHS: its exposure is at most that, of 100
    systemd-analyze security --offline=yes --no-pager --threshold="$2" "./units/$1" >said 2>&1 && grep -qF 'Overall exposure level' said
    report $? "$1 is exposed by at most $2 of 100"
}
locked_in portillond.service 14
locked_in portillon-sync.service 16
locked_in portillon-sync-watch.service 16

# what a unit names beside its own sandbox
grep -qxF 'Type=notify' units/portillond.service && grep -qE '^WatchdogSec=[0-9]+$' units/portillond.service &&
    grep -qxF 'ExecStart=portillond --config /etc/portillon/gate%i.conf' "$root/boards/linux/system/portillond.service"
report $? "the gate is a watched service that starts from its configuration alone"

mkdir -p users/etc && : >users/etc/passwd && : >users/etc/group
systemd-sysusers --root="$work/users" "$root/boards/linux/system/portillond.sysusers" "$root/tools/portillon/system/portillon.sysusers" >said 2>&1 &&
    grep -qE '^portillond:.*:/var/lib/portillon:' users/etc/passwd && grep -qE '^portillon:.*:/var/lib/portillon-office:' users/etc/passwd && grep -q '^gpio:' users/etc/group
report $? "the users and groups can be made"

# ---- udev, on a made-up /sys with an FTDI adapter, in a mount namespace of its own ----
command -v udevadm >/dev/null || { skip "rules of udev" "udevadm (package udev) is not installed" && finish; }
unshare -m true 2>/dev/null || { skip "rules of udev" "only root can mount a made-up /sys" && finish; }
mkdir rules && cp "$root/boards/linux/system/60-portillon-gate.rules" "$root/tools/portillon/system/60-portillon.rules" rules

# in_sys COMMAND: in that namespace. usb is the adapter, tty its line.
in_sys() {
    unshare -m bash -c '
        set -e
        mount -t tmpfs none /sys && mount -t tmpfs none /dev && mount -t tmpfs none /run && mount --bind "$1/rules" /etc/udev/rules.d
        pci=/sys/devices/pci0000:00/0000:00:14.0 usb=$pci/usb1/1-2 tty=$pci/usb1/1-2/1-2:1.0/ttyUSB0/tty/ttyUSB0
        mkdir -p /sys/bus/usb /sys/bus/usb-serial /sys/bus/pci /sys/class/tty "$tty"
        add() { ln -s "/sys/$2" "$1/subsystem" && printf "$3" >"$1/uevent"; }
        add "$pci" bus/pci ""
        add "$pci/usb1" bus/usb "DEVTYPE=usb_device\n"
        add "$usb" bus/usb "DEVTYPE=usb_device\nMAJOR=189\nMINOR=3\nDEVNAME=bus/usb/001/004\n"
        echo 0403 >"$usb/idVendor" && echo 6001 >"$usb/idProduct" && echo A10K5X >"$usb/serial" && echo FTDI >"$usb/manufacturer" && echo UART >"$usb/product"
        add "$usb/1-2:1.0" bus/usb "DEVTYPE=usb_interface\nINTERFACE=255/255/255\n"
        echo 00 >"$usb/1-2:1.0/bInterfaceNumber" && echo ff >"$usb/1-2:1.0/bInterfaceClass"
        add "$usb/1-2:1.0/ttyUSB0" bus/usb-serial ""
        add "$tty" class/tty "MAJOR=188\nMINOR=0\nDEVNAME=ttyUSB0\n"
        eval "$2"' - "$work" "$1" >said 2>&1
}
seen() { SYSTEMD_DEVICE_VERIFY_SYSFS=0 in_sys "$1; udevadm test --resolve-names=never --action=add \$$2"; }
# Groups are not resolved; that alone is said of our files, beside their names.
no_fault() { ! grep -F portillon said | grep -vE '^Reading rules file|Resolving group name is disabled|LINK |symlink |DEVLINKS|Importing|Skipping builtin|ID_MM'; }
seen : tty && no_fault
report $? "udev finds no fault in the rules"
grep -qE '^DEVLINKS=(.* )?/dev/portillon/serial-A10K5X( |$)' said && grep -qE '^DEVLINKS=(.* )?/dev/portillon/port-pci-0000:00:14\.0-usb-0:2:1\.0( |$)' said &&
    grep -qxF ID_MM_PORT_IGNORE=1 said
report $? "an adapter has a name by its serial number and one by its socket, and no modem program looks at it"
seen : usb && grep -qxF ID_MM_DEVICE_IGNORE=1 said
report $? "the same for the whole adapter"
seen 'rm $usb/serial && echo 1a86 >$usb/idVendor && echo 7523 >$usb/idProduct' tty && grep -qF /dev/portillon/port-pci said && lacks said /dev/portillon/serial-
report $? "an adapter without a serial number has one by its socket"
seen 'echo 01 >"$usb/1-2:1.0/bInterfaceNumber"' tty && grep -qE '/dev/portillon/serial-A10K5X-01( |$)' said
report $? "the second line of an adapter has the number of its interface"
seen 'echo 1d6b >$usb/idVendor' tty && grep -q '^DEVNAME=/dev/ttyUSB0' said && ! grep -F /dev/portillon said
report $? "another device gets no such name"
echo 'SUBSYSTEM=="tty", NONSENSE=="1"' >>rules/60-portillon.rules
seen : tty
! no_fault >/dev/null
report $? "a wrong rule would be noticed"
finish
