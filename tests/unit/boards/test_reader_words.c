/* SPDX-License-Identifier: Apache-2.0 */
/* What readers report of themselves, in French: texts of which parts are values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "boards/linux/reader_words.h"
#include "hal/linux/translate.h"
#include "tests/fakes/catalogues.h"

#define BREAK "\u00a0" /* NO-BREAK SPACE */

static char shown[READER_WORDS_LEN];

static int speak_french(void **state)
{
    (void)state;
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("LANGUAGE", "fr", 1);
    translate_start("portillond");
    find_catalogues("portillond");
    return 0;
}

static void values_stand_in_the_translation(void **state)
{
    (void)state;
    assert_string_equal(reader_words("PN532 firmware 1.6 at 115200 baud", shown),
                        "PN532, micrologiciel 1.6, à 115200 bauds");
    assert_string_equal(reader_words("PN532 firmware 1.6", shown), "PN532, micrologiciel 1.6");
    assert_string_equal(reader_words("no reader at pn532_uart:/dev/ttyUSB0", shown),
                        "pas de lecteur en pn532_uart:/dev/ttyUSB0");
    assert_string_equal(reader_words("reader process ended by signal 9 (SIGKILL)", shown),
                        "le programme du lecteur a été arrêté par le signal 9 (SIGKILL)");
}

static void a_text_without_values_is_translated(void **state)
{
    (void)state;
    assert_string_equal(reader_words("reader error: no answer", shown),
                        "erreur du lecteur" BREAK ": pas de réponse");
    assert_string_equal(reader_words("reader process ended", shown), "le programme du lecteur s'est arrêté");
}

static void a_text_that_is_not_known_stays(void **state)
{
    (void)state;
    assert_string_equal(reader_words("ACR122U 00 00", shown), "ACR122U 00 00");
    assert_string_equal(reader_words("PN532 firmware ", shown), "PN532 firmware ");
    assert_string_equal(reader_words("no reader at", shown), "no reader at");
    assert_string_equal(reader_words("%s at %s baud", shown), "%s at %s baud");
    assert_string_equal(reader_words("", shown), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_stand_in_the_translation),
        cmocka_unit_test(a_text_without_values_is_translated),
        cmocka_unit_test(a_text_that_is_not_known_stays),
    };

    return cmocka_run_group_tests(tests, speak_french, NULL);
}
