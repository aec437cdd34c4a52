/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin of QEMU that tells guest time and instructions for tests/bench/emulated.sh: one line a write to
 * the outputs, in LOG. QEMU 7.2 has what it needs but Debian ships no header for it; the few calls are
 * declared here (plugin API version 1, docs/devel/tcg-plugins.rst). qemu_clock_get_ns is not of that API: it
 * is what QEMU's own devices read, and under -icount it counts instructions.
 *
 * arguments: clock=FILE (gets guest time in nanoseconds, eight bytes, at each access looked at), log=FILE,
 * rx=ADDRESS (received bytes of the reader's UART), out=ADDRESS (the outputs), and from=A,len=B as often as
 * needed: only accesses by code of these ranges are looked at, which is what makes it fast. turn=ADDRESS is
 * where a turn of the loop begins. spi=ADDRESS is where bytes for the flash chip are written, program=ADDRESS
 * the function that programs it.
 *
 * A line: number of the write, then for it and for the last byte read from the reader before it
 * HOST_US GUEST_NS INSTRUCTIONS, the bytes on the line of the flash chip and the calls of program between the
 * two, then pairs HOST_US:GUEST_NS from then and from bytes read before, newest first. A line
 * "turn INSTRUCTIONS" tells a turn that was longer than all before it.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*instruction_callback)(unsigned cpu, void *data);
enum { INLINE_ADD_U64 = 0, CALLBACK_NO_REGISTERS = 0, MEMORY_READ = 1, MEMORY_WRITE = 2, MEMORY_BOTH = 3 };
enum { CLOCK_VIRTUAL = 1 };
#define DEVICES_FROM 0x40000000u /* the clock can be read while a device is accessed, not amid other code */
typedef void (*translation_callback)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*memory_callback)(unsigned cpu, uint32_t info, uint64_t address, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, translation_callback callback);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *counter,
                                                uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, instruction_callback callback,
                                            int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, memory_callback callback, int flags,
                                      int direction, void *data);
bool qemu_plugin_mem_is_store(uint32_t info);
int64_t qemu_clock_get_ns(int clock);

int qemu_plugin_version = 1;
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

enum {
    RANGES_MAX = 16,
    SAMPLES = 256,
    SAMPLES_TOLD = 128,
    SAMPLE_EVERY_NS = 1000000,
    STRAGGLER_INSTRUCTIONS = 2000
};

struct instant {
    uint64_t host_us, instructions, spi_bytes, programs;
    int64_t guest_ns;
};

static uint64_t instructions, rx_address, out_address, writes;
static uint64_t spi_address, spi_bytes, program_address, programs;
static uint64_t turn_address, turn_from, longest_turn;
static uint64_t from[RANGES_MAX], to[RANGES_MAX];
static size_t from_count, to_count;
static struct instant last_read, read_before;
static struct instant samples[SAMPLES]; /* of bytes read, no two within a millisecond: a ring */
static uint64_t sample_count;
static FILE *out;
static volatile int64_t *shared_ns;

static struct instant now(void)
{
    struct timespec host;
    clock_gettime(CLOCK_MONOTONIC, &host);
    return (struct instant){.host_us = (uint64_t)host.tv_sec * 1000000 + (uint64_t)host.tv_nsec / 1000,
                            .instructions = instructions,
                            .spi_bytes = spi_bytes,
                            .programs = programs,
                            .guest_ns = qemu_clock_get_ns(CLOCK_VIRTUAL)};
}

static void tell_write(void)
{
    struct instant write = now(), byte = last_read;
    /* The frame's last byte is a postamble, which the driver does not wait for; should it come alone and
     * late, time runs from the one before. */
    if (last_read.instructions - read_before.instructions > STRAGGLER_INSTRUCTIONS)
        byte = read_before;
    fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRIu64, ++writes,
            write.host_us, write.guest_ns, write.instructions, byte.host_us, byte.guest_ns,
            byte.instructions);
    fprintf(out, " %" PRIu64 " %" PRIu64, write.spi_bytes - byte.spi_bytes, write.programs - byte.programs);
    fprintf(out, " %" PRIu64 ":%" PRId64, byte.host_us, byte.guest_ns);
    for (uint64_t i = 0; i < SAMPLES_TOLD && i < sample_count; i++) {
        const struct instant *sample = &samples[(sample_count - 1 - i) % SAMPLES];
        fprintf(out, " %" PRIu64 ":%" PRId64, sample->host_us, sample->guest_ns);
    }
    fputc('\n', out);
    fflush(out);
}

static void take_read(void)
{
    read_before = last_read;
    last_read = now();
    if (sample_count == 0 ||
        last_read.guest_ns - samples[(sample_count - 1) % SAMPLES].guest_ns >= SAMPLE_EVERY_NS)
        samples[sample_count++ % SAMPLES] = last_read;
}

static void on_access(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    (void)data;
    if (shared_ns != NULL && address >= DEVICES_FROM)
        *shared_ns = qemu_clock_get_ns(CLOCK_VIRTUAL);
    if (address == spi_address && qemu_plugin_mem_is_store(info))
        spi_bytes++;
    else if (address == rx_address && !qemu_plugin_mem_is_store(info))
        take_read();
    else if (address == out_address && qemu_plugin_mem_is_store(info))
        tell_write();
}

static void on_turn(unsigned cpu, void *data)
{
    (void)cpu;
    (void)data;
    if (turn_from != 0 && instructions - turn_from > longest_turn) {
        longest_turn = instructions - turn_from;
        fprintf(out, "turn %" PRIu64 "\n", longest_turn);
        fflush(out);
    }
    turn_from = instructions;
}

static bool is_looked_at(uint64_t address)
{
    for (size_t i = 0; i < from_count && i < to_count; i++)
        if (address >= from[i] && address < to[i])
            return true;
    return false;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);
    (void)id;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &instructions, 1);
        if (qemu_plugin_insn_vaddr(insn) == turn_address)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_turn, CALLBACK_NO_REGISTERS, NULL);
        if (qemu_plugin_insn_vaddr(insn) == program_address)
            qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &programs, 1);
        if (is_looked_at(qemu_plugin_insn_vaddr(insn)))
            qemu_plugin_register_vcpu_mem_cb(insn, on_access, CALLBACK_NO_REGISTERS, MEMORY_BOTH, NULL);
    }
}

static void share_clock(const char *path)
{
    int fd = open(path, O_RDWR);
    void *memory = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *shared_ns, PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED)
        shared_ns = memory;
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL)
            return 1;
        *value++ = 0;
        uint64_t number = strtoull(value, NULL, 16);
        if (strcmp(argv[i], "log") == 0)
            out = fopen(value, "w");
        else if (strcmp(argv[i], "clock") == 0)
            share_clock(value);
        else if (strcmp(argv[i], "rx") == 0)
            rx_address = number;
        else if (strcmp(argv[i], "out") == 0)
            out_address = number;
        else if (strcmp(argv[i], "spi") == 0)
            spi_address = number;
        else if (strcmp(argv[i], "program") == 0)
            program_address = number;
        else if (strcmp(argv[i], "turn") == 0)
            turn_address = number;
        else if (strcmp(argv[i], "from") == 0 && from_count < RANGES_MAX)
            from[from_count++] = number;
        else if (strcmp(argv[i], "len") == 0 && to_count < from_count)
            to[to_count] = from[to_count] + number, to_count++;
    }
    if (out == NULL)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
