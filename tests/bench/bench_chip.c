/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the flash chip takes for what the gate does: the counts of tests/fakes/flash_costs.h, which
 * unit/firmware/test_flash_costs asserts, with the times of two datasheets (nor_sheet.h), typical and
 * maximum. The line is SPI at 50 MHz. Programs are waited for. Erases are not: the loop goes on, and the chip
 * suspends them. The longest wait is that of one turn of the gate's loop, line and programs.
 */
#include <stdio.h>

#include "tests/bench/table.h"
#include "tests/fakes/flash_costs.h"

static uint32_t shown_sector_size;

static double ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

static void print_title(uint32_t sector_size)
{
    char title[64];
    if (sector_size == shown_sector_size)
        return;
    shown_sector_size = sector_size;
    snprintf(title, sizeof title, "Chip with sectors of %u KiB", (unsigned)sector_size / 1024);
    table_title(title);
    printf("  %-64s %6s %8s %6s %8s %4s %9s  %s\n", "", "reads", "bytes", "progs", "bytes", "erases",
           "line ms", "programs, erases, longest wait in ms: typical / maximum");
}

/* One chip: busy with programs, busy with erases, longest wait. */
static void print_sheet(const char *chip, const struct flash_cost *cost, enum nor_sheet typical,
                        enum nor_sheet maximum)
{
    const struct nor_model_counts *counts = &cost->counts;
    printf("  %s %.2f / %.2f", chip, ms(counts->program_ns[typical]), ms(counts->program_ns[maximum]));
    if (counts->erases > 0)
        printf(", %.0f / %.0f", ms(counts->erase_ns[typical]), ms(counts->erase_ns[maximum]));
    if (cost->longest_wait_ns[typical] > 0)
        printf(", wait %.2f / %.2f", ms(cost->longest_wait_ns[typical]), ms(cost->longest_wait_ns[maximum]));
}

static void keep_wait(const struct flash_cost *cost)
{
    char name[128];
    if (cost->longest_wait_ns[NOR_SHEET_W25Q_MAXIMUM] == 0)
        return;
    snprintf(name, sizeof name, "%s: longest wait, W25Q typical, ns", cost->name);
    table_keep_figure(name, (double)cost->longest_wait_ns[NOR_SHEET_W25Q_TYPICAL], TABLE_AT_MOST);
    snprintf(name, sizeof name, "%s: longest wait, W25Q maximum, ns", cost->name);
    table_keep_figure(name, (double)cost->longest_wait_ns[NOR_SHEET_W25Q_MAXIMUM], TABLE_AT_MOST);
}

static void print_cost(void *ctx, const struct flash_cost *cost)
{
    const struct nor_model_counts *counts = &cost->counts;
    (void)ctx;
    print_title(cost->sector_size);
    printf("  %-64s %6llu %8llu %6llu %8llu %4llu %9.3f", cost->name, (unsigned long long)counts->reads,
           (unsigned long long)counts->read_bytes, (unsigned long long)counts->programs,
           (unsigned long long)counts->programmed_bytes, (unsigned long long)counts->erases,
           ms(counts->line_ns));
    print_sheet("W25Q", cost, NOR_SHEET_W25Q_TYPICAL, NOR_SHEET_W25Q_MAXIMUM);
    if (cost->sector_size != 4096)
        print_sheet("FL-S", cost, NOR_SHEET_FLS_TYPICAL, NOR_SHEET_FLS_MAXIMUM);
    printf("\n");
    keep_wait(cost);
}

int main(void)
{
    printf("W25Q: W25Q128JV. FL-S: S25FL128S, which has sectors of 64 KiB.\n");
    flash_costs_measure(print_cost, NULL);
    return 0;
}
