/* SPDX-License-Identifier: Apache-2.0 */
/* EV2 secure messaging of a DESFire EV2: the vectors of AN12196, as icedevml/nfc-ev2-crypto cites them, and
 * a session computed by a reader written in Python on its own, which gives the same vectors. */
#include "tests/fakes/cardsim_bench.h"

#define KEY     "00112233445566778899AABBCCDDEEFF"
#define RND_B   "B9E2FC789B64BF237CCCAA20EC7E6E48"
#define RND_B_2 "91517975190DCEA6104948EFA3085C1B"

static void set(struct cardsim_card *card, const char *key, const char *value)
{
    assert_true(card->kind->option(card, key, value));
}

static struct cardsim_card *put_ev2(const char *uid)
{
    char listed[64];
    struct cardsim_card *card = put_card(&cardsim_kind_desfire_ev2, uid);
    snprintf(listed, sizeof listed, "4B01 01 0344 20 07 %s 067577810280", uid);
    command("4A0100", listed);
    return card;
}

static struct cardsim_desfire_session *session_of(struct cardsim_card *card)
{
    return &card->memory.desfire.session;
}

/* Puts the card into an EV2 session with key 0 whose keys are published. */
static void open_session(struct cardsim_card *card, const char *encryption_key, const char *mac_key,
                         const char *ti)
{
    struct cardsim_desfire_session *session = session_of(card);
    memset(session, 0, sizeof *session);
    session->messaging = CARDSIM_DESFIRE_EV2;
    from_hex(encryption_key, session->encryption_key);
    from_hex(mac_key, session->mac_key);
    from_hex(ti, session->transaction);
}

/* AN12196 6.6 and 5.4: authentication with a key of zeros, and an enciphered writing of 128 bytes. */
static void ev2_first_follows_an12196(void **state)
{
    (void)state;
    struct cardsim_card *card = put_ev2("04958CAA5C5E80");
    char zeros[257] = "";
    memset(zeros, '0', 256);
    char file[300];
    snprintf(file, sizeof file, "2:full:000E:%s", zeros);
    set(card, "aid", "010203");
    set(card, "file", file);
    set(card, "rndb", RND_B);
    set(card, "ti", "9D00C4DF");
    command("4001 5A010203", "4100 00");
    command("4001 9071000002000000", "4100 A04C124213C186F22399D33AC2A30215 91AF");
    command("4001 90AF000020 35C3E05A752E0144BAC0DE51C1F22C56B34408A23D8AEA266CAB947EA8E0118D 00",
            "4100 3FA64DB5446D1F34CD6EA311167F5E4985B89690C04A05F17FA7AB2F08120663 9100");
    assert_bytes(session_of(card)->encryption_key, 16, "1309C877509E5A215007FF0ED19CA564");
    assert_bytes(session_of(card)->mac_key, 16, "4C6626F5E72EA694202139295C7A7FC7");
    command("4001 908D00009F02000000800000421C73A27D827658AF481FDFF20A5025B559D0E3"
            "AA21E58D347F343CFFC768BFE596C706BC00F2176781D4B0242642A0FF5A42C4"
            "61AAF894D9A1284B8C76BCFA658ACD40555D362E08DB15CF421B51283F9064BC"
            "BE20E96CAE545B407C9D651A3315B27373772E5DA2367D2064AE054AF996C6F1"
            "F669170FA88CE8C4E3A4A7BBBEF0FD971FF532C3A802AF745660F2B4D1D9A849"
            "9661EBF300",
            "4100 FC222E5F7A542452 9100");
    assert_bytes(card->memory.desfire.pool, 81,
                 "0051D1014D550463686F6F73652E75726C2E636F"
                 "6D2F6E7461673432343F653D3030303030303030303030303030303030303030"
                 "30303030303030303030303026633D3030303030303030303030303030");
}

/* AN12196 6.10 and 6.12. */
static void a_file_is_written_enciphered_as_in_an12196(void **state)
{
    (void)state;
    struct cardsim_card *card = put_ev2("04958CAA5C5E80");
    set(card, "aid", "010203");
    set(card, "file", "3:full:3003:00000000000000000000");
    set(card, "rndb", RND_B_2);
    set(card, "ti", "7614281A");
    command("4001 5A010203", "4100 00");
    command("4001 9071000002030000", "4100 B875CEB0E66A6C5CD00898DC371F92D1 91AF");
    command("4001 90AF000020 FF0306E47DFBC50087C4D8A78E88E62DE1E8BE457AA477C707E2F0874916A8B1 00",
            "4100 0CC9A8094A8EEA683ECAAC5C7BF20584206D0608D477110FC6B3D5D3F65C3A6A 9100");
    assert_bytes(session_of(card)->encryption_key, 16, "7A93D6571E4B180FCA6AC90C9A7488D4");
    assert_bytes(session_of(card)->mac_key, 16, "FC4AF159B62E549B5812394CAB1918CC");
    session_of(card)->key_number = 0; /* which 3003 lets write */
    command("4001 908D00001F030000000A00006B5E6804909962FC4E3FF5522CF0F8436C0C53315B9C73AA00",
            "4100 C26D236E4A7C046D 9100");
    assert_bytes(card->memory.desfire.pool, 10, "0102030405060708090A");
}

/* AN12196 7.3. */
static void the_uid_is_told_as_in_an12196(void **state)
{
    (void)state;
    struct cardsim_card *card = put_ev2("04958CAA5C5E80");
    open_session(card, "2B4D963C014DC36F24F69A50A394F875", "379D32130CE61705DD5FD8C36B95D764", "DF055522");
    command("4001 90510000088E2C155ADDA99BE300",
            "4100 70756055688505B52A5E26E59E329CD6595F672298EA41B7 9100");
}

/* AN12196 5.3 for the command; the answer was computed. */
static void file_settings_are_told_under_a_mac(void **state)
{
    (void)state;
    struct cardsim_card *card = put_ev2("04958CAA5C5E80");
    set(card, "aid", "010203");
    set(card, "file", "2:plain:EEEE:0000000000000000000000000000000000000000000000000000000000000000");
    command("4001 5A010203", "4100 00");
    open_session(card, "00000000000000000000000000000000", "8248134A386E86EB7FAF54A52E536CB6", "7A21085E");
    command("4001 90F5000009026597A457C8CD442C00", "4100 0000EEEE200000 C5D4F64EDA99BD26 9100");
    open_session(card, "00000000000000000000000000000000", "8248134A386E86EB7FAF54A52E536CB6", "7A21085E");
    command("4001 90F5000009026597A457C8CD442D00", "4100 911E"); /* one bit of the MAC */
    command("4001 90F50000010200", "4100 0000EEEE200000 9100");  /* the session is over */
    open_session(card, "00000000000000000000000000000000", "8248134A386E86EB7FAF54A52E536CB6", "7A21085E");
    command("4001 90F50000010200", "4100 917E"); /* no MAC */
}

static struct cardsim_card *begin_computed_session(void)
{
    struct cardsim_card *card = put_ev2("04782E21801D80");
    char content[141] = "", file[200];
    for (unsigned i = 0; i < 70; i++)
        sprintf(content + 2 * i, "%02X", 0x20 + i);
    set(card, "aid", "3042F5");
    set(card, "key", KEY);
    snprintf(file, sizeof file, "1:full:1010:%s", content);
    set(card, "file", file);
    snprintf(file, sizeof file, "2:maced:1010:%s", content);
    set(card, "file", file);
    set(card, "rndb", RND_B);
    set(card, "ti", "01020304");
    command("4001 5A3042F5", "4100 00");
    command("4001 710100", "4100 AF B9235F38D49834D2AB9A02B961FFF282");
    command("4001 AF 279FB74A7572135E8F9B8EF6D1EEE00354C50921FD56D7E7FB816758778900E4",
            "4100 00 C5348E469FADBDFEFCAA0DCFDC35EC3DB906E8DB6988F602F8ACA36CEF60E106");
    return card;
}

static void a_session_reads_writes_and_changes_keys(void **state)
{
    (void)state;
    struct cardsim_card *card = begin_computed_session();
    command("4001 45E786502CCCFD9DF3", "4100 00 0F85 987C50388478C414");
    command("4001 BD010000000000009803786780984D82",
            "4100 AF "
            "D7C3CA4C8DA748C63D49C0A6CA8516710DE5A5C0A4FDFE969C1D5CA9342FE022AC50DE788FC32F652498926E6C56224C"
            "D80D58C657F25F4B11B7F4");
    command("4001 AF", "4100 00 14D11C164833E53BB14ED86F3842E91D32AE921914AAB3F97AD2A90498");
    command("4001 BD020500001000001A8117575CECF1C0",
            "4100 00 25262728292A2B2C2D2E2F3031323334 51671A6D4194E1DA");
    command("4001 "
            "3D010200002800002949081E31D4E855A1BA341CBF8C9CA494B7BF81B85CA7EED2175C6E62BE4DDD22F21C03BF5AFADB"
            "956FD4"
            "A1F77E82566D0CA395",
            "4100 AF");
    command("4001 AF 187EA31B", "4100 00 5B1E05FF1AD4A886");
    assert_bytes(card->memory.desfire.pool, 5, "2021000102");
    assert_bytes(card->memory.desfire.pool + 40, 4, "26274A4B");
    command("4001 7700", "4100 AF B9235F38D49834D2AB9A02B961FFF282");
    command("4001 AF E3BC2C7D8EC9F462138B8453A9403F5D2786F268D1D3D5FBE33AF9221DBAD1F1",
            "4100 00 9CAC49AD562217DED747EC3A022F066B");
    command("4001 C4013E870F28A2AD118DE5C1B8B390F7F30A44D60409DBF81359C9BBF7C1C26DFBCC5AAFA3A71CF923F6",
            "4100 00 861DEF77C214DF7D");
    assert_bytes(card->memory.desfire.apps[1].keys[1].bytes, 16, "FFEEDDCCBBAA99887766554433221100");
    command("4001 6401770BC24C28D0D041", "4100 00 07 20C010F5E40EE602");
    command("4001 540CE18FF0E7D084D118C00278834F9608086F183F857ACDA7", "4100 00 AE1D5CA22FF7D29D");
    assert_int_equal(card->memory.desfire.apps[1].settings, 0x0B);
    command("4001 C400148404186E934AF6AF62BEF840047EECE8A23F9B91911B75535984FEA91B7AA8C994F33A10BE271C",
            "4100 00");
    assert_int_equal(session_of(card)->messaging,
                     CARDSIM_DESFIRE_NO_SESSION); /* the key of the session has changed */
    command("4001 6400", "4100 00 09");
}

static void a_repeated_command_is_refused(void **state)
{
    (void)state;
    begin_computed_session();
    command("4001 45E786502CCCFD9DF3", "4100 00 0F85 987C50388478C414");
    command("4001 45E786502CCCFD9DF3", "4100 1E"); /* the counter has moved on */
    command("4001 51", "4100 AE");
}

static void padding_longer_than_a_block_is_refused(void **state)
{
    (void)state;
    begin_computed_session();
    command(
        "4001 "
        "3D01000000050000BA633BC061B8F61F91C6D364731BFC8B163E706F8A22860D8089743FC4C904E30FB3A174DDD30F51",
        "4100 7E"); /* the length that is announced takes one block */
}

static void the_capabilities_of_the_reader_are_repeated(void **state)
{
    (void)state;
    struct cardsim_card *card = put_ev2("04782E21801D80");
    set(card, "aid", "3042F5");
    set(card, "key", KEY);
    set(card, "rndb", RND_B);
    set(card, "ti", "01020304");
    command("4001 5A3042F5", "4100 00");
    command("4001 710106010203040506", "4100 AF B9235F38D49834D2AB9A02B961FFF282");
    command("4001 AF 279FB74A7572135E8F9B8EF6D1EEE00354C50921FD56D7E7FB816758778900E4",
            "4100 00 C5348E469FADBDFEFCAA0DCFDC35EC3DA0C173A2673C67E029B869B85AB6ACAC");
}

static void ev2_authentication_has_its_conditions(void **state)
{
    (void)state;
    struct cardsim_card *card = put_card(&cardsim_kind_desfire_ev1, "04782E21801D81");
    command("4A0100", "4B01 01 0344 20 07 04782E21801D81 067577810280");
    command("4001 710000", "4100 1C"); /* an EV1 does not know it */
    command("4001 7700", "4100 1C");
    cardsim_field_take(&bench_field, card);
    put_ev2("04958CAA5C5E80");
    command("4001 7700", "4100 9D"); /* nothing to continue */
    command("4001 7100", "4100 7E");
    command("4001 71000200", "4100 7E"); /* one of two bytes */
    command("4001 710100", "4100 40");
}

/* Its answers have the form of a DESFire's; only the proof is missing. */
static void a_clone_looks_like_a_desfire_and_proves_nothing(void **state)
{
    (void)state;
    struct cardsim_card *card = put_card(&cardsim_kind_clone, "04782E21801D80");
    set(card, "content", "3132333435363738");
    command("4A0100", "4B01 01 0344 20 07 04782E21801D80 067577810280");
    command("4001 60", "4100 AF 04010112001805");
    command("4001 AF", "4100 AF 04010102011805");
    command("4001 AF", "4100 00 04782E21801D80 BA7C000001 36 25");
    command("4001 905A0000033042F500", "4100 9100");
    command("4001 90BD0000070100000008000000", "4100 3132333435363738 9100");
    static const struct {
        const char *first;
        size_t proof_len;
    } methods[] = {{"4001 AA00", 16}, {"4001 710000", 32}};
    for (size_t i = 0; i < 2; i++) {
        uint8_t first[32], second[48];
        assert_int_equal(exchange(methods[i].first, first), 2 + 1 + 16);
        assert_int_equal(first[2], 0xAF);
        assert_int_equal(
            exchange("4001 AF 0102030405060708090A0B0C0D0E0F10 1112131415161718191A1B1C1D1E1F20", second),
            2 + 1 + methods[i].proof_len);
        assert_int_equal(second[2], 0x00);
        assert_memory_not_equal(first + 3, second + 3, 16);
    }
}

int main(void)
{
#define BENCH_TEST(name) cmocka_unit_test_setup(name, set_up_bench)
    const struct CMUnitTest tests[] = {
        BENCH_TEST(ev2_first_follows_an12196),
        BENCH_TEST(a_file_is_written_enciphered_as_in_an12196),
        BENCH_TEST(the_uid_is_told_as_in_an12196),
        BENCH_TEST(file_settings_are_told_under_a_mac),
        BENCH_TEST(a_session_reads_writes_and_changes_keys),
        BENCH_TEST(a_repeated_command_is_refused),
        BENCH_TEST(padding_longer_than_a_block_is_refused),
        BENCH_TEST(the_capabilities_of_the_reader_are_repeated),
        BENCH_TEST(ev2_authentication_has_its_conditions),
        BENCH_TEST(a_clone_looks_like_a_desfire_and_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
