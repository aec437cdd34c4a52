/* SPDX-License-Identifier: Apache-2.0 */
/* The file that behaves like a NOR chip. Its content is checked with plain file reads, not through the
 * module. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "boards/linux/flash_file.h"
#include "boards/linux/host_timer.h"

#define SECTOR 4096u
#define SIZE   (16 * SECTOR)

static char folder[] = "/tmp/test_flash_file.XXXXXX";
static char path[64];
static struct flash_file file;
static char note[FLASH_FILE_NOTE_LEN];

static struct flash_file_options small_chip(void)
{
    return (struct flash_file_options){
        .path = path, .name = "flash file", .sector_size = SECTOR, .nominal_size = SIZE, .create = true};
}

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/flash", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int open_chip(void **state)
{
    (void)state;
    struct flash_file_options options = small_chip();
    return flash_file_open(&file, &options, note);
}

static int close_chip(void **state)
{
    (void)state;
    flash_file_close(&file);
    unlink(path);
    return 0;
}

static void on_disk(uint32_t addr, void *buf, size_t len)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, buf, len, addr), len);
    close(fd);
}

static void write_file(size_t size, int byte)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    for (size_t i = 0; i < size; i++)
        fputc(byte, out);
    fclose(out);
}

static int program(uint32_t addr, const void *buf, size_t len)
{
    return file.flash.program(file.flash.ctx, addr, buf, len);
}

static int erase(uint32_t addr)
{
    int error = file.flash.erase_start(file.flash.ctx, addr);
    if (error != ERR_OK)
        return error;
    while ((error = file.flash.erase_poll(file.flash.ctx)) == ERR_BUSY)
        usleep(1000);
    return error;
}

static void a_new_chip_is_erased_and_has_the_size_asked_for(void **state)
{
    (void)state;
    uint8_t byte;
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, SIZE);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(file.geometry.size, SIZE);
    assert_int_equal(file.geometry.sector_size, SECTOR);
    assert_int_equal(file.geometry.page_size, 256);
    assert_string_equal(note, "");
    for (uint32_t addr = 0; addr < SIZE; addr += 511) {
        on_disk(addr, &byte, 1);
        assert_int_equal(byte, 0xFF);
    }
}

static void programming_clears_bits_and_never_sets_one(void **state)
{
    (void)state;
    uint8_t byte;
    assert_int_equal(program(10, "\xF0", 1), ERR_OK);
    assert_int_equal(program(10, "\x3C", 1), ERR_OK);
    on_disk(10, &byte, 1);
    assert_int_equal(byte, 0x30);
    assert_int_equal(file.wasted_programs, 1);
    on_disk(11, &byte, 1);
    assert_int_equal(byte, 0xFF);
}

static void a_program_over_page_bounds_is_whole_and_counts_each_page(void **state)
{
    (void)state;
    uint8_t data[600], back[602];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7);
    assert_int_equal(program(250, data, sizeof(data)), ERR_OK); /* 6 + 256 + 256 + 82 bytes */
    on_disk(249, back, sizeof(back));
    assert_memory_equal(back + 1, data, sizeof(data));
    assert_int_equal(back[0], 0xFF);
    assert_int_equal(back[601], 0xFF);
    assert_int_equal(file.operations, 4);
}

static void erasing_blanks_its_sector_and_no_other(void **state)
{
    (void)state;
    uint8_t byte;
    for (uint32_t addr = SECTOR - 1; addr < 3 * SECTOR; addr += 1)
        assert_int_equal(program(addr, "\0", 1), ERR_OK);
    assert_int_equal(erase(SECTOR + 77), ERR_OK);
    on_disk(SECTOR - 1, &byte, 1);
    assert_int_equal(byte, 0);
    for (uint32_t addr = SECTOR; addr < 2 * SECTOR; addr++) {
        on_disk(addr, &byte, 1);
        assert_int_equal(byte, 0xFF);
    }
    on_disk(2 * SECTOR, &byte, 1);
    assert_int_equal(byte, 0);
}

static void a_sector_under_erase_is_neither_old_nor_blank_and_takes_no_program(void **state)
{
    (void)state;
    static uint8_t sector[SECTOR];
    unsigned old = 0, blank = 0;
    memset(sector, 0, sizeof(sector));
    assert_int_equal(program(0, sector, sizeof(sector)), ERR_OK);
    assert_int_equal(file.flash.erase_start(file.flash.ctx, 0), ERR_OK);
    on_disk(0, sector, sizeof(sector));
    for (size_t i = 0; i < SECTOR; i++) {
        old += sector[i] == 0;
        blank += sector[i] == 0xFF;
    }
    assert_true(old < SECTOR / 2);
    assert_true(blank < SECTOR / 2);
    assert_int_equal(file.flash.erase_start(file.flash.ctx, SECTOR), ERR_BUSY);
    assert_int_equal(program(SECTOR - 1, "\0", 1), ERR_IO);
    assert_int_equal(program(SECTOR, "\0", 1), ERR_OK);
    assert_int_equal(file.flash.erase_poll(file.flash.ctx), ERR_OK);
    assert_int_equal(program(SECTOR - 1, "\0", 1), ERR_OK);
}

static void nothing_reaches_outside_the_chip(void **state)
{
    (void)state;
    uint8_t bytes[2] = {0};
    assert_int_equal(program(SIZE - 1, bytes, 2), ERR_ARGUMENT);
    assert_int_equal(program(UINT32_MAX, bytes, 2), ERR_ARGUMENT);
    assert_int_equal(file.flash.read(file.flash.ctx, SIZE - 1, bytes, 2), ERR_ARGUMENT);
    assert_int_equal(file.flash.read(file.flash.ctx, SIZE, bytes, 1), ERR_ARGUMENT);
    assert_int_equal(file.flash.erase_start(file.flash.ctx, SIZE), ERR_ARGUMENT);
    assert_int_equal(file.flash.read(file.flash.ctx, SIZE - 1, bytes, 1), ERR_OK);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, SIZE);
}

static void what_was_programmed_is_there_after_closing(void **state)
{
    (void)state;
    char back[6];
    assert_int_equal(program(300, "kept", 5), ERR_OK);
    flash_file_close(&file);
    struct flash_file_options options = small_chip();
    assert_int_equal(flash_file_open(&file, &options, note), ERR_OK);
    assert_int_equal(file.flash.read(file.flash.ctx, 300, back, 5), ERR_OK);
    assert_string_equal(back, "kept");
}

static void a_second_gate_is_kept_from_the_file(void **state)
{
    (void)state;
    struct flash_file second;
    struct flash_file_options options = small_chip();
    assert_int_equal(flash_file_open(&second, &options, note), ERR_BUSY);
    assert_non_null(strstr(note, path));
    assert_non_null(strstr(note, "another gate"));
}

static void real_timing_takes_as_long_as_the_chip(void **state)
{
    (void)state;
    static const uint8_t page[256];
    struct flash_file_options options = small_chip();
    options.real_timing = true;
    flash_file_close(&file);
    assert_int_equal(flash_file_open(&file, &options, note), ERR_OK);

    uint64_t start_us = host_monotonic_us();
    assert_int_equal(program(0, page, sizeof(page)), ERR_OK);
    assert_true(host_monotonic_us() - start_us >= 400); /* W25Q128JV: 0.4 ms a page */
    start_us = host_monotonic_us();
    assert_int_equal(file.flash.erase_start(file.flash.ctx, 0), ERR_OK);
    assert_int_equal(file.flash.erase_poll(file.flash.ctx), ERR_BUSY);
    assert_in_range(flash_file_wait_ms(&file), 1, 46);
    while (file.flash.erase_poll(file.flash.ctx) == ERR_BUSY)
        usleep(500);
    assert_true(host_monotonic_us() - start_us >= 45000); /* 45 ms a sector of 4 KiB */
    assert_int_equal(flash_file_wait_ms(&file), 0);
}

/* ---- files that are not what was expected ---- */

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct flash_file_options options = small_chip();
    options.create = false;
    assert_int_equal(flash_file_open(&file, &options, note), ERR_NOT_FOUND);
    assert_non_null(strstr(note, path));
    assert_null(strchr(note, '\n'));
}

static void another_size_is_used_by_whole_sectors_with_a_note(void **state)
{
    (void)state;
    struct flash_file_options options = small_chip();
    write_file(3 * SECTOR + 100, 0xFF);
    assert_int_equal(flash_file_open(&file, &options, note), ERR_OK);
    assert_int_equal(file.geometry.size, 3 * SECTOR);
    assert_non_null(strstr(note, path));
    assert_int_equal(program(3 * SECTOR, "\0", 1), ERR_ARGUMENT);
    close_chip(state);
}

static void a_file_that_must_have_its_size_is_refused_with_another_and_left_alone(void **state)
{
    (void)state;
    struct flash_file_options options = small_chip();
    struct stat status;
    options.name = "anchor";
    options.exact_size = true;
    write_file(SIZE + 1, 0x5A);
    assert_int_equal(flash_file_open(&file, &options, note), ERR_IO);
    assert_non_null(strstr(note, path));
    assert_non_null(strstr(note, "the anchor has 65537 bytes, not 65536"));
    assert_int_equal(file.geometry.size, 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, SIZE + 1);
    unlink(path);
    assert_int_equal(flash_file_open(&file, &options, note), ERR_OK);
    assert_string_equal(note, "");
    close_chip(state);
}

static void less_than_a_sector_is_no_chip(void **state)
{
    (void)state;
    struct flash_file_options options = small_chip();
    uint8_t byte;
    write_file(SECTOR - 1, 0xFF);
    assert_int_equal(flash_file_open(&file, &options, note), ERR_OK);
    assert_int_equal(file.geometry.size, 0);
    assert_non_null(strstr(note, "missing"));
    assert_int_equal(file.flash.read(file.flash.ctx, 0, &byte, 1), ERR_ARGUMENT);
    close_chip(state);
}

static void creating_leaves_an_existing_file_as_it_is(void **state)
{
    (void)state;
    struct flash_file_options options = small_chip();
    uint8_t byte;
    write_file(SIZE, 0x5A);
    assert_int_equal(flash_file_open(&file, &options, note), ERR_OK);
    on_disk(SIZE - 1, &byte, 1);
    assert_int_equal(byte, 0x5A);
    close_chip(state);
}

static void a_folder_is_not_a_chip(void **state)
{
    (void)state;
    struct flash_file_options options = small_chip();
    options.path = "/tmp";
    assert_int_equal(flash_file_open(&file, &options, note), ERR_IO);
    assert_non_null(strstr(note, "/tmp"));
}

/* ---- power cuts ---- */

/* Runs work in a child that dies in its nth flash operation; asserts that SIGKILL ended it. */
static void die_in(uint64_t operation, void (*work)(void))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct flash_file_options options = small_chip();
        options.die_after = operation;
        if (flash_file_open(&file, &options, note) == ERR_OK)
            work();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static const uint8_t zeros[FLASH_FILE_PAGE_SIZE];

static void program_five_pages(void)
{
    for (uint32_t page = 0; page < 5; page++)
        (void)!program(page * FLASH_FILE_PAGE_SIZE, zeros, sizeof(zeros));
}

static void a_cut_tears_its_own_program_and_no_other(void **state)
{
    (void)state;
    unsigned partial = 0;
    for (uint64_t cut = 1; cut <= 5; cut++) {
        uint8_t page[FLASH_FILE_PAGE_SIZE];
        die_in(cut, program_five_pages);
        for (uint32_t i = 0; i < 5; i++) {
            unsigned cleared = 0;
            on_disk(i * FLASH_FILE_PAGE_SIZE, page, sizeof(page));
            for (size_t at = 0; at < sizeof(page); at++)
                cleared += page[at] == 0;
            if (i + 1 < cut)
                assert_int_equal(cleared, sizeof(page));
            else if (i + 1 > cut)
                assert_int_equal(cleared, 0);
            else
                partial += cleared != 0 && cleared != sizeof(page);
        }
        unlink(path);
    }
    assert_true(partial > 0); /* of five cuts, at least one fell in the middle */
}

static void erase_a_written_sector(void)
{
    (void)!program(0, zeros, sizeof(zeros)); /* operation 1 */
    (void)!erase(0);                         /* operations 2 and 3 */
}

static void a_cut_in_an_erase_leaves_a_sector_that_is_not_blank(void **state)
{
    (void)state;
    uint8_t page[FLASH_FILE_PAGE_SIZE];
    unsigned blank = 0;
    die_in(2, erase_a_written_sector);
    on_disk(0, page, sizeof(page));
    for (size_t at = 0; at < sizeof(page); at++)
        blank += page[at] == 0xFF;
    assert_in_range(blank, 0, sizeof(page) - 1);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_chip_is_erased_and_has_the_size_asked_for, open_chip,
                                        close_chip),
        cmocka_unit_test_setup_teardown(programming_clears_bits_and_never_sets_one, open_chip, close_chip),
        cmocka_unit_test_setup_teardown(a_program_over_page_bounds_is_whole_and_counts_each_page, open_chip,
                                        close_chip),
        cmocka_unit_test_setup_teardown(erasing_blanks_its_sector_and_no_other, open_chip, close_chip),
        cmocka_unit_test_setup_teardown(a_sector_under_erase_is_neither_old_nor_blank_and_takes_no_program,
                                        open_chip, close_chip),
        cmocka_unit_test_setup_teardown(nothing_reaches_outside_the_chip, open_chip, close_chip),
        cmocka_unit_test_setup_teardown(what_was_programmed_is_there_after_closing, open_chip, close_chip),
        cmocka_unit_test_setup_teardown(a_second_gate_is_kept_from_the_file, open_chip, close_chip),
        cmocka_unit_test_setup_teardown(real_timing_takes_as_long_as_the_chip, open_chip, close_chip),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(another_size_is_used_by_whole_sectors_with_a_note),
        cmocka_unit_test(a_file_that_must_have_its_size_is_refused_with_another_and_left_alone),
        cmocka_unit_test(less_than_a_sector_is_no_chip),
        cmocka_unit_test(creating_leaves_an_existing_file_as_it_is),
        cmocka_unit_test(a_folder_is_not_a_chip),
        cmocka_unit_test(a_cut_tears_its_own_program_and_no_other),
        cmocka_unit_test(a_cut_in_an_erase_leaves_a_sector_that_is_not_blank),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
