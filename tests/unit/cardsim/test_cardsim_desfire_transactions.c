/* SPDX-License-Identifier: Apache-2.0 */
/* Backup, value and record files of a DESFire, and their transactions. libfreefare's suite (make test-
 * libfreefare) uses them in every communication mode. */
#include "tests/fakes/cardsim_bench.h"

static struct cardsim_card *put_desfire(void)
{
    struct cardsim_card *card = put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    command("4A0100", "4B01 01 0344 20 07 04782E21801D80 067577810280");
    assert_true(card->kind->option(card, "aid", "3042F5"));
    command("4001 5A3042F5", "4100 00");
    return card;
}

static void a_backup_file_changes_with_the_commit(void **state)
{
    (void)state;
    put_desfire();
    command("4001 CB0500EEEE040000", "4100 00");
    command("4001 F505", "4100 00 0100EEEE040000");
    command("4001 3D05010000020000AABB", "4100 00");
    command("4001 BD05000000000000", "4100 00 00000000");
    command("4001 C7", "4100 00");
    command("4001 BD05000000000000", "4100 00 00AABB00");
    command("4001 3D05000000010000CC", "4100 00");
    command("4001 A7", "4100 00");
    command("4001 C7", "4100 0C"); /* nothing to commit */
    command("4001 A7", "4100 0C");
    command("4001 3D05000000010000CC", "4100 00");
    command("4001 F509", "4100 F0"); /* an error ends the transaction */
    command("4001 C7", "4100 0C");
    command("4001 3D05000000010000CC", "4100 00");
    command("4001 5A3042F5", "4100 00"); /* as does a selection */
    command("4001 C7", "4100 0C");
    command("4001 BD05000000000000", "4100 00 00AABB00");
}

static void a_value_stays_within_its_limits(void **state)
{
    (void)state;
    put_desfire();
    command("4001 CC0400EEEE F6FFFFFF 64000000 05000000 01", "4100 00"); /* -10 to 100, 5, limited credit */
    command("4001 6C04", "4100 00 05000000");
    command("4001 DC04 0F000000", "4100 00");
    command("4001 6C04", "4100 00 05000000");
    command("4001 C7", "4100 00");
    command("4001 6C04", "4100 00 F6FFFFFF");
    command("4001 F504", "4100 00 0200EEEE F6FFFFFF 64000000 0F000000 01");
    command("4001 DC04 01000000", "4100 BE");
    command("4001 1C04 10000000", "4100 BE"); /* more than was debited */
    command("4001 1C04 0A000000", "4100 00");
    command("4001 C7", "4100 00");
    command("4001 6C04", "4100 00 00000000");
    command("4001 1C04 01000000", "4100 BE"); /* once only */
    command("4001 0C04 65000000", "4100 BE");
    command("4001 0C04 FFFFFFFF", "4100 9E"); /* amounts are not negative */
    command("4001 0C04 64000000", "4100 00");
    command("4001 C7", "4100 00");
    command("4001 6C04", "4100 00 64000000");
    command("4001 DC04 02000000", "4100 00");
    command("4001 DC04 03000000", "4100 00");
    command("4001 C7", "4100 00");
    command("4001 F504", "4100 00 0200EEEE F6FFFFFF 64000000 05000000 01"); /* both may be given back */
    command("4001 0C04 640000", "4100 7E");
    command("4001 BD04000000000000", "4100 9D"); /* it has no data */
    command("4001 CC0500EEEE 05000000 00000000 05000000 00", "4100 9E");
    command("4001 CC0500EEEE 00000000 05000000 05000000 00", "4100 00");
    command("4001 1C05 01000000", "4100 9D"); /* without limited credit */
}

static void records_come_one_a_transaction(void **state)
{
    (void)state;
    put_desfire();
    command("4001 C10100EEEE 020000 020000", "4100 00"); /* linear, two records of two bytes */
    command("4001 BB01000000000000", "4100 BE");         /* none yet */
    command("4001 3B01000000020000 1111", "4100 00");
    command("4001 3B01010000010000 22", "4100 00"); /* the same record */
    command("4001 C7", "4100 00");
    command("4001 3B01000000010000 33", "4100 00");
    command("4001 C7", "4100 00");
    command("4001 F501", "4100 00 0300EEEE 020000 020000 020000");
    command("4001 BB01000000000000", "4100 00 1122 3300"); /* oldest first */
    command("4001 BB01000000010000", "4100 00 3300");      /* the newest is number 0 */
    command("4001 BB01010000010000", "4100 00 1122");
    command("4001 BB01010000020000", "4100 BE");
    command("4001 3B01000000010000 44", "4100 BE"); /* full */
    command("4001 EB01", "4100 00");
    command("4001 3B01000000010000 44", "4100 9D"); /* first the commit */
    command("4001 EB01", "4100 00");
    command("4001 C7", "4100 00");
    command("4001 3B01000000010000 44", "4100 00");
    command("4001 3B01010000020000 4444", "4100 BE");
    command("4001 BB01000000000000", "4100 BE");
}

static void a_cyclic_file_drops_its_oldest_record(void **state)
{
    (void)state;
    put_desfire();
    command("4001 C00200EEEE 010000 010000", "4100 9E"); /* one record is always spare */
    command("4001 C00200EEEE 010000 030000", "4100 00");
    command("4001 3B02000000010000 11", "4100 00");
    command("4001 C7", "4100 00");
    command("4001 3B02000000010000 22", "4100 00");
    command("4001 C7", "4100 00");
    command("4001 BB02000000000000", "4100 00 1122");
    command("4001 3B02000000010000 33", "4100 00");
    command("4001 C7", "4100 00");
    command("4001 BB02000000000000", "4100 00 2233");
    command("4001 F502", "4100 00 0400EEEE 010000 030000 020000");
}

static void too_large_files_are_refused(void **state)
{
    (void)state;
    put_desfire();
    command("4001 CB0500EEEE810900", "4100 0E"); /* twice 2433 bytes */
    command("4001 CB0500EEEEFFFFFF", "4100 0E");
    command("4001 C10500EEEE 640000 300000", "4100 0E");
    command("4001 C10500EEEE FFFFFF FFFFFF", "4100 0E");
    command("4001 C10500EEEE 640000 000000", "4100 9E");
    command("4001 CB0500EEEE800900", "4100 00");
    command("4001 6E", "4100 00 000000");
}

int main(void)
{
#define BENCH_TEST(name) cmocka_unit_test_setup(name, set_up_bench)
    const struct CMUnitTest tests[] = {
        BENCH_TEST(a_backup_file_changes_with_the_commit), BENCH_TEST(a_value_stays_within_its_limits),
        BENCH_TEST(records_come_one_a_transaction),        BENCH_TEST(a_cyclic_file_drops_its_oldest_record),
        BENCH_TEST(too_large_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
