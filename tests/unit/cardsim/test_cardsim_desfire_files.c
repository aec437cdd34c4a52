/* SPDX-License-Identifier: Apache-2.0 */
/* Applications, keys and files of a DESFire EV1: the sessions of real cards that patsys/desfire-python
 * (test.py) and skelsec/pydesfire (tests.py) cite, and the conditions of each command. */
#include "tests/fakes/cardsim_bench.h"

#define LISTED "4B01 01 0344 20 07 04782E21801D80 067577810280"

static void set(struct cardsim_card *card, const char *key, const char *value)
{
    assert_true(card->kind->option(card, key, value));
}

static struct cardsim_card *put_desfire(void)
{
    struct cardsim_card *card = put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    command("4A0100", LISTED);
    return card;
}

/* Opens a published session with key 0 of application 3042F5. */
static struct cardsim_card *begin_published_session(void)
{
    struct cardsim_card *card = put_desfire();
    set(card, "aid", "3042F5");
    set(card, "key", "10182028303840485058606870788088");
    set(card, "rndb", "626FFBD45CAF334ACCA45599304F5B17");
    command("4001 5A3042F5", "4100 00");
    command("4001 AA00", "4100 AF B351CB2465D4F33AC627FD6E87A168F2");
    command("4001 AF 044B6CAC343A0865895149649CA8DDE1F5AC4EC67BD208900AF02F049E05F0B0",
            "4100 00 A2EE144B1012FBEB7B2F11132D95A454");
    assert_bytes(card->memory.desfire.session.encryption_key, 16, "40E7D271626FFBD49C530E3D304F5B17");
    return card;
}

static void a_file_lives_as_in_the_published_session(void **state)
{
    (void)state;
    begin_published_session();
    command("4001 CD0500 1100 500000", "4100 00 A75316AD1596B953");
    command("4001 6F", "4100 00 05 2D5FF67FFEC9D2D3");
    command("4001 F505", "4100 00 0000 1100 500000 2AAC7517024E09DC");
    command("4001 3D05 000000 340000 "
            "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F2021222324252627"
            "28292A2B2C2D2E2F30313233",
            "4100 00 765C9DAA50ECB62F");
    command("4001 3D05 340000 1C0000 3435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F",
            "4100 00 3E0AED986B8B0F37");
    command("4001 BD05 000000 300000",
            "4100 00 "
            "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F"
            "4C65F1F842262BAC");
    command("4001 BD05 300000 200000",
            "4100 00 303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F F02205CF913C03C9");
    command("4001 DF05", "4100 00 1BEF0D32B6D1D7F9");
    command("4001 F505", "4100 F0");
}

/* The commands and answers were computed by a reader written in Python on its own, which gives the MACs of
 * the published session as well. */
static void data_are_secured_in_the_mode_of_their_file(void **state)
{
    (void)state;
    struct cardsim_card *card = begin_published_session();
    set(card, "file", "2:maced:0000:0000000000");
    set(card, "file", "3:full:0000:0000000000");
    command("4001 3D02000000040000DEADBEEF0D85481BD4C42076", "4100 00 1948E5001CB773FE");
    command("4001 3D03000000040000C0A146773718542C107765BF21D5E951", "4100 00 81FBF362AEE45F22");
    command("4001 BD02000000040000", "4100 00 DEADBEEF DCB00D834A961EC0");
    command("4001 BD03000000040000", "4100 00 CC779C2C47ACC45099A29757E69A3513");
    command("4001 5460E0A1FBCF992295A5AEF694B0B7A403", "4100 00 F336F7BD6BA35D76");
    assert_int_equal(card->memory.desfire.apps[1].settings, 0x07);
    command("4001 54060FDCDBDF2FF6613A2E13E314645A7E", "4100 9D"); /* they are frozen now */
    assert_bytes(card->memory.desfire.pool + 32, 5, "DEADBEEF00");
}

static void damaged_data_are_not_written(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        "4001 3D02000000040000DEADBEEF0D85481BD4C42077",         /* the MAC */
        "4001 3D030000000400003C4EB66E4E16BDFB845AED36E2CF1CAC", /* the CRC */
        "4001 3D0300000004000088C4418E2880DDAE76C05BB7FFC907C8", /* the padding */
    };
    for (size_t i = 0; i < 3; i++) {
        set_up_bench(state);
        struct cardsim_card *card = begin_published_session();
        set(card, "file", "2:maced:0000:0000000000");
        set(card, "file", "3:full:0000:0000000000");
        command(damaged[i], "4100 1E");
        assert_int_equal(card->memory.desfire.session.messaging, CARDSIM_DESFIRE_NO_SESSION);
        assert_bytes(card->memory.desfire.pool, 5, "0000000000");
        assert_bytes(card->memory.desfire.pool + 32, 5, "0000000000");
    }
}

/* Puts the card into an EV1 session whose key is published, with the IV at its beginning. */
static struct cardsim_desfire *open_session(const char *session_key, uint8_t number)
{
    struct cardsim_card *card = put_desfire();
    struct cardsim_desfire *memory = &card->memory.desfire;
    set(card, "aid", "16AE00");
    command("4001 5A16AE00", "4100 00");
    memory->session.messaging = CARDSIM_DESFIRE_EV1;
    memory->session.key_number = number;
    from_hex(session_key, memory->session.encryption_key);
    return memory;
}

static void the_key_of_the_session_is_changed_as_published(void **state)
{
    (void)state;
    struct cardsim_desfire *memory = open_session("F44B26F5C05DDD7110772281C4D066E8", 0);
    command("4001 C400 E9F85E219496C2B58C1090DC3935FAE9E840CF61B383D9531946256B1F110C10", "4100 00");
    assert_bytes(memory->apps[1].keys[0].bytes, 16, "00102030405060708090A0B0B0A09080");
    assert_int_equal(memory->apps[1].keys[0].version, 0x10);
    assert_int_equal(memory->session.messaging, CARDSIM_DESFIRE_NO_SESSION);
    command("4001 6400", "4100 00 10");
}

static void another_key_is_changed_as_published(void **state)
{
    (void)state;
    struct cardsim_desfire *memory = open_session("C2A1E47BD8100044FE6D00A74D7AB17C", 0);
    command("4001 C401 E7ECCB6BD1CA64BC161A12B1C024F71430337408C8A87EACAB7A1FF18951FCA3",
            "4100 00 2128D3CD9C9ACFFF");
    assert_bytes(memory->apps[1].keys[1].bytes, 16, "00102030405060708090A0B0B0A09080");
    assert_int_equal(memory->apps[1].keys[1].version, 0x10);
}

static void a_damaged_cryptogram_changes_no_key(void **state)
{
    (void)state;
    struct cardsim_desfire *memory = open_session("C2A1E47BD8100044FE6D00A74D7AB17C", 0);
    command("4001 C401 E7ECCB6BD1CA64BC161A12B1C024F71430337408C8A87EACAB7A1FF18951FCA4", "4100 1E");
    assert_bytes(memory->apps[1].keys[1].bytes, 16, "00000000000000000000000000000000");
    command("4001 C401 E7ECCB6BD1CA64BC161A12B1C024F71430337408C8A87EACAB7A1FF18951FCA3", "4100 AE");
}

static void the_rights_decide_who_changes_a_key(void **state)
{
    (void)state;
    struct cardsim_desfire *memory = open_session("C2A1E47BD8100044FE6D00A74D7AB17C", 1);
#define CHANGE(number, answer)                                                                               \
    command("4001 C4" number "E7ECCB6BD1CA64BC161A12B1C024F71430337408C8A87EACAB7A1FF18951FCA3", answer)
    CHANGE("02", "4100 AE"); /* only key 0 may */
    memory->session.messaging = CARDSIM_DESFIRE_EV1;
    CHANGE("05", "4100 40");
    memory->session.messaging = CARDSIM_DESFIRE_EV1;
    memory->apps[1].settings = 0xFE;
    CHANGE("01", "4100 9D"); /* the keys are frozen */
    memory->session.messaging = CARDSIM_DESFIRE_EV1;
    CHANGE("00", "4100 9D"); /* and the master key */
    memory->session.messaging = CARDSIM_DESFIRE_EV1;
    memory->session.key_number = 1;
    memory->apps[1].settings = 0x1F;
    CHANGE("01", "4100 AE"); /* the key that changes the others is changed by the master key */
}

static void applications_come_and_go(void **state)
{
    (void)state;
    put_desfire();
    command("4001 CA112233 0F82", "4100 00");
    command("4001 CA112233 0F82", "4100 DE");
    command("4001 CA000000 0F82", "4100 DE");
    command("4001 CA112234 0F8F", "4100 9E"); /* 15 keys */
    command("4001 CA112234 0F", "4100 7E");
    command("4001 90CA000005 445566 0B0E 00", "4100 9100");
    command("4001 6A", "4100 00 112233 445566");
    command("4001 DA112233", "4100 AE");
    command("4001 FC", "4100 AE");
    command("4001 5A112233", "4100 00");
    command("4001 6A", "4100 9D");
    command("4001 CA778899 0F82", "4100 9D");
    command("4001 45", "4100 00 0F82");
    command("4001 5A445566", "4100 00");
    command("4001 45", "4100 00 0B0E");
    command("4001 AA00", "4100 AE"); /* its keys are for DES */
}

static void an_application_deletes_itself_if_the_card_lets_it(void **state)
{
    (void)state;
    struct cardsim_desfire *memory = open_session("C2A1E47BD8100044FE6D00A74D7AB17C", 0);
    memory->apps[0].settings = 0x0B;
    command("4001 DA16AE00", "4100 AE");
    memory->apps[0].settings = 0x0F;
    memory->session.messaging = CARDSIM_DESFIRE_EV1;
    command("4001 DA16AE00", "4100 00");
    command("4001 5A16AE00", "4100 A0");
}

static void a_master_key_deletes_and_formats(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    set(card, "rndb", "C05DDD714FD788A6B7B754F3C4D066E8");
    set(card, "picc-settings", "08"); /* all needs the master key */
    command("4001 CA112233 0F82", "4100 AE");
    command("4001 6A", "4100 AE");
    command("4001 45", "4100 AE");
#define AUTHENTICATE()                                                                                       \
    command("4001 AA00", "4100 AF B969FDFE56FD91FC9DE6F6F213B8FD1E");                                        \
    command("4001 AF 36AAD7DF6E436BA08D18613830A70D5AD43E3D3F4A8D47541EEE623A934E4774",                      \
            "4100 00 800DB680BC146BD121D6578F2D2E2059")
    AUTHENTICATE();
    set(card, "aid", "010203");
    set(card, "file", "1:plain:EEEE:00");
    command("4001 FC", "4100 00 38C6749E99FDF298");
    command("4001 5A010203", "4100 A0");
    command("4001 6E", "4100 00 001300"); /* the space of the files is free again */
}

static void files_have_rights_and_bounds(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    set(card, "aid", "3042F5");
    set(card, "file", "1:plain:EEEE:00112233");
    set(card, "file", "2:plain:1F2F:44");
    set(card, "file", "3:plain:FFFF:55");
    command("4001 6F", "4100 9D"); /* no application is selected */
    command("4001 BD01000000000000", "4100 9D");
    command("4001 5A3042F5", "4100 00");
    command("4001 6F", "4100 00 010203");
    command("4001 BD01000000000000", "4100 00 00112233");
    command("4001 BD01010000020000", "4100 00 1122");
    command("4001 BD01010000040000", "4100 BE");
    command("4001 BD01040000000000", "4100 BE");
    command("4001 BD09000000000000", "4100 F0");
    command("4001 BD010000000000", "4100 7E");
    command("4001 BD02000000000000", "4100 AE");
    command("4001 BD03000000000000", "4100 9D");
    command("4001 3D01020000020000AABB", "4100 00");
    command("4001 BD01000000000000", "4100 00 0011AABB");
    command("4001 3D01030000020000AABB", "4100 BE");
    command("4001 3D01000000020000AABBCC", "4100 7E");
    command("4001 3D02000000010000AA", "4100 AE");
    command("4001 5F0100EE7E", "4100 9E"); /* there is no key 7 */
    command("4001 5F0100FFEF", "4100 00"); /* its change is free */
    command("4001 3D01000000010000AA", "4100 9D");
    command("4001 5F0100EEEE", "4100 9D");
    command("4001 CD0100EEEE010000", "4100 DE");
    command("4001 CD2000EEEE010000", "4100 9E");
    command("4001 CD0400EEEE000000", "4100 9E");
    command("4001 CD0402EEEE010000", "4100 9E");
    command("4001 CD0400EE5E010000", "4100 9E"); /* there is no key 5 */
    command("4001 CD0400EEEE014000", "4100 0E");
    command("4001 DF01", "4100 00");
    command("4001 6F", "4100 00 0203");
}

/* As on a card, the space of a deleted file does not come back. */
static void free_memory_shrinks_with_each_file(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    set(card, "aid", "3042F5");
    command("4001 6E", "4100 00 001300");
    command("4001 5A3042F5", "4100 00");
    command("4001 CD0100EEEE210000", "4100 00");
    command("4001 6E", "4100 00 C01200");
    command("4001 DF01", "4100 00");
    command("4001 6E", "4100 00 C01200");
}

static void long_data_are_chained_both_ways(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    set(card, "aid", "3042F5");
    command("4001 5A3042F5", "4100 00");
    command("4001 CD0100EEEE500000", "4100 00");
    command("4001 3D01000000500000 11", "4100 AF");
    command("4001 AF 2222", "4100 AF");
    command("4001 AF "
            "333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333"
            "3333333333333333333333333333333333333333333333333333333333",
            "4100 00");
    command("4001 BD01000000000000",
            "4100 AF "
            "112222333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333"
            "3333333333333333333333");
    command("4001 AF", "4100 00 333333333333333333333333333333333333333333");
    command("4001 AF", "4100 CA");
    command("4001 3D01000000500000 11", "4100 AF");
    command("4001 6F", "4100 CA"); /* out of order */
    command("4001 AF 22", "4100 CA");
    command("4001 BD01000000000000",
            "4100 AF "
            "112222333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333"
            "3333333333333333333333");
    command("4001 AF 00", "4100 7E");
}

static void an_error_ends_the_session(void **state)
{
    (void)state;
    struct cardsim_card *card = begin_published_session();
    command("4001 BD09000000000000", "4100 F0");
    assert_int_equal(card->memory.desfire.session.messaging, CARDSIM_DESFIRE_NO_SESSION);
    command("4001 51", "4100 AE");
}

static void a_new_card_has_a_des_key_and_takes_applications(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    set(card, "picc-key", "des");
    command("4001 45", "4100 00 0F01");
    command("4001 AA00", "4100 AE");
    command("4001 CA112233 0F82", "4100 00");
    command("4001 5A112233", "4100 00");
    command("4001 AA05", "4100 40");
}

static void options_describe_applications(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    assert_false(card->kind->option(card, "file", "1:plain:EEEE:00")); /* of which application? */
    assert_false(card->kind->option(card, "keys", "3"));
    assert_false(card->kind->option(card, "key1", "00112233445566778899AABBCCDDEEFF"));
    set(card, "aid", "3042F5");
    set(card, "keys", "2");
    set(card, "settings", "E1");
    set(card, "key1", "00112233445566778899AABBCCDDEEFF:42");
    set(card, "aid", "010203");
    assert_false(card->kind->option(card, "aid", "010203"));
    assert_false(card->kind->option(card, "keys", "15"));
    assert_false(card->kind->option(card, "key14", "00112233445566778899AABBCCDDEEFF"));
    assert_false(card->kind->option(card, "key1", "00112233445566778899AABBCCDDEE"));
    assert_false(card->kind->option(card, "file", "32:plain:EEEE:00"));
    assert_false(card->kind->option(card, "file", "1:secret:EEEE:00"));
    assert_false(card->kind->option(card, "file", "1:plain:EEEE:"));
    assert_false(card->kind->option(card, "file", "1:plain:EEE:00"));
    assert_false(card->kind->option(card, "file", "1:plain:EEEE"));
    set(card, "file", "1:plain:EEEE:00");
    assert_false(card->kind->option(card, "file", "1:plain:EEEE:00"));
    command("4001 5A3042F5", "4100 00");
    command("4001 6401", "4100 00 42");
    command("4001 6400", "4100 00 00");
    command("4001 6402", "4100 40");
    command("4001 45", "4100 AE"); /* E1: only with the master key */
}

int main(void)
{
#define BENCH_TEST(name) cmocka_unit_test_setup(name, set_up_bench)
    const struct CMUnitTest tests[] = {
        BENCH_TEST(a_file_lives_as_in_the_published_session),
        BENCH_TEST(data_are_secured_in_the_mode_of_their_file),
        BENCH_TEST(damaged_data_are_not_written),
        BENCH_TEST(the_key_of_the_session_is_changed_as_published),
        BENCH_TEST(another_key_is_changed_as_published),
        BENCH_TEST(a_damaged_cryptogram_changes_no_key),
        BENCH_TEST(the_rights_decide_who_changes_a_key),
        BENCH_TEST(applications_come_and_go),
        BENCH_TEST(an_application_deletes_itself_if_the_card_lets_it),
        BENCH_TEST(a_master_key_deletes_and_formats),
        BENCH_TEST(files_have_rights_and_bounds),
        BENCH_TEST(free_memory_shrinks_with_each_file),
        BENCH_TEST(long_data_are_chained_both_ways),
        BENCH_TEST(an_error_ends_the_session),
        BENCH_TEST(a_new_card_has_a_des_key_and_takes_applications),
        BENCH_TEST(options_describe_applications),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
