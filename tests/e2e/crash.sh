#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A board that crashes, seen from outside: the emulated processor is sent astray by a debugger, and what follows is the
# firmware's own doing: reset, the event in the journal with its program counter, the gate at work again. Then what
# `portillon status` and `portillon selftest` know of a board that has a stack and a real chip to tell of.
# boards: emcraft_sf2
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
board_or_skip "a crash and what is told of it"
gate_options=(--port gate.tty --site site)
astray=0x30000000 # nothing is there on this chip
elf=$root/build/$BOARD/portillon.elf
address_of() { echo "0x$(arm-none-eabi-nm "$elf" | awk -v name="$1" '$3 == name { print $1 }')"; }
break_core() { # break_core pc|sp|ADDRESS VALUE: in the loop, not in its sleep, where interrupts are masked
    timeout 10 "$BUILD/e2e/break_core" gdb.sock "$(address_of "${at:-portillon_poll}")" "$@"
}
events() { sqlite3 passages.db "SELECT count(*) FROM events WHERE what = '$1' AND ref = $2"; }
pull() { run 0 passages pull "${gate_options[@]}" --store passages.db; }

echo "amandine classic 04ED0B12" >cards
make_site building && start_reader cards && start_gate --gdb gdb.sock && eventually 30 reader_is 1
report $? "$BOARD: a gate with a reader comes up"
printf 'Carte;Profil\n04ED0B12;DP\n' >list.csv
"$portillon" whitelist build site --csv list.csv --list-version 1 -o list.1 >out 2>err && run 0 whitelist push --accept-removals "${gate_options[@]}" list.1 &&
    run 0 settings "${gate_options[@]}" --set open_ms=500 # the taps below wait for the gate to close
report $? "a list is installed"

# ---- status ----
run 0 status "${gate_options[@]}" --json && [ "$(member reset.cause)" = power ] && [ "$(member reset.pc)" = 0 ] &&
    run 0 status "${gate_options[@]}" && prints "started   after power came"
report $? "it started because power came"
run 0 status "${gate_options[@]}" --json && [ "$(member stack.used)" -gt 1000 ] && [ "$(member stack.used)" -lt "$(member stack.size)" ]
report $? "the stack's high-water mark is told ($(member stack.used) of $(member stack.size) bytes)"
[ "$(member flash.name)" = S25SL12801 ] && [ "$(member flash.size)" = 16777216 ] && [ "$(member flash.sector)" = 65536 ] &&
    [ -z "$(member flash.problem)" ]
report $? "so is the chip"
[ "$(verdict_of amandine)" = granted ] && run 0 status "${gate_options[@]}" --json && [ "$(member taps)" = 1 ] &&
    [ "$(member tap_us.last)" -gt 0 ] && [ "$(member tap_us.worst)" = "$(member tap_us.last)" ] && [ "$(member tap_us.last)" -lt 100000 ]
report $? "and how long a tap took, from card to relay ($(member tap_us.last) us)"

# ---- the crash ----
break_core pc $astray >out 2>err
report $? "the processor is sent to an address where nothing is"
eventually 60 gate_answers && run 0 status "${gate_options[@]}" --json && [ "$(member reset.cause)" = fault ] &&
    [ "$(member reset.pc)" = $((astray)) ] && [ "$(member boots)" = 2 ]
report $? "it comes up again by itself, and says after what and where"
# Instruction bus error: bit 8 of CFSR (ARMv7-M Architecture Reference Manual, B3.2.15).
[ $(("$(member reset.fault)" & 0x100)) != 0 ]
report $? "with the processor's own word for it ($(printf '0x%08x' "$(member reset.fault)"))"
run 0 status "${gate_options[@]}" && prints "started   AFTER A PROCESSOR FAULT at $astray, fault status 0x00000100"
report $? "a person reads it in status"
pull && [ "$(events processor_fault $((astray)))" = 1 ] && [ "$(events start 2)" = 1 ]
report $? "the event is among the passages pulled, with its program counter"
[ "$(sqlite3 passages.db "SELECT count(*) FROM passages WHERE verdict = 'granted'")" = 1 ]
report $? "the passage before the crash is there"
eventually 30 reader_is 1 && [ "$(verdict_of amandine)" = granted ]
report $? "and the next pupil gets in"

# ---- the other ways to go down ----
came_back() { # came_back BOOTS CAUSE PC
    eventually 60 came_back_by "$1" && [ "$(member reset.cause)" = "$2" ] && [ "$(member reset.pc)" = "$3" ]
}
came_back_by() { gate_answers && [ "$(member boots)" = "$1" ]; }
loop=0x$(arm-none-eabi-objdump -d --no-show-raw-insn "$elf" |
    awk '/^ / && $2 ~ /^b\.n$/ && $1 == $3 ":" { sub(":", "", $1); print $1; exit }')
break_core pc "$loop" >out 2>err && came_back 3 watchdog $((loop))
report $? "a loop without end is a reset, and says where it hung"
pull && [ "$(events watchdog_reset $((loop)))" = 1 ]
report $? "... in the journal, too"
# The memory protection unit forbids what lies below the stack. The exception cannot be stacked either: bit 4 of CFSR
# (MSTKERR). Where it was is lost with the frame.
break_core sp 0x20000008 >out 2>err && came_back 4 fault 0 &&
    [ $(("$(member reset.fault)" & 0x10)) != 0 ]
report $? "so is a stack that ran over its end, which the memory protection unit stops"
# Instruction access violation: bit 0 of CFSR (IACCVIOL).
in_ram=$(address_of __bss_start)
break_core pc "$in_ram" >out 2>err && came_back 5 fault $((in_ram)) && [ $(("$(member reset.fault)" & 1)) != 0 ]
report $? "RAM is not executed"
# As if an array on the stack had overrun its end: the guard is not what it was when the function began. The program
# counter told is behind the call that noticed it.
at=uart_ring_read break_core "$(address_of __stack_chk_guard)" 0x12345678 >out 2>err && eventually 60 came_back_by 6 &&
    [ "$(member reset.cause)" = panic ] &&
    arm-none-eabi-objdump -d --start-address=$(($(member reset.pc) - 5)) --stop-address=$(($(member reset.pc) - 1)) "$elf" |
    grep -q 'bl.*<__stack_chk_fail>'
report $? "an array that overran its end is a reset, and says where it was noticed"
eventually 30 reader_is 1 && [ "$(verdict_of amandine)" = granted ]
report $? "and the next pupil gets in"
kill_gate
start_gate --gdb gdb.sock && run 0 status "${gate_options[@]}" --json && [ "$(member reset.cause)" = power ] && pull &&
    [ "$(events processor_fault $((astray)))" = 1 ]
report $? "after a power cut it is forgotten, but for the journal"

# ---- the walk ----
eventually 30 reader_is 1
# The emulated clock loses ticks on a host with much to do, so that step may fail.
timeout 60 "$portillon" selftest "${gate_options[@]}" --no-questions >out 2>err
grep -qE '^flash +passed +S25SL12801, 16384 KiB; a sector of 64 KiB erased' out && grep -qE '^reader +passed +PN532 firmware 1\.' out &&
    grep -qE '^clock ' out && grep -qE '^battery clock +skipped' out
report $? "the self-test works reader and chip"
run 0 status "${gate_options[@]}" && prints "version 1, 1 card," && [ "$(verdict_of amandine)" = granted ]
report $? "the list stands as it was, and the next pupil gets in"
kill_gate
start_gate && run 0 status "${gate_options[@]}" && prints "version 1, 1 card," && pull &&
    [ "$(sqlite3 passages.db "SELECT count(*) FROM passages WHERE verdict = 'granted'")" = 4 ] &&
    [ "$(sqlite3 passages.db 'SELECT count(*) FROM anomalies')" = 0 ]
report $? "and after a power cut list and journal are whole"
finish
