/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the register of SIECLE: what it says of pupils, and files that are not it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/table/siecle.h"

static struct siecle siecle;
static struct table_fault fault;

static int read_text(const char *text)
{
    siecle_free(&siecle);
    return siecle_read(&siecle, text, strlen(text), &fault);
}

static int teardown(void **state)
{
    (void)state;
    siecle_free(&siecle);
    return 0;
}

static void pupils_are_joined_with_their_classes_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(
        read_text(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?><BEE_ELEVES VERSION=\"2.1\"><PARAMETRES>"
            "<UAJ> 0699999A </UAJ><DATE_EXPORT>20/11/2026</DATE_EXPORT></PARAMETRES><DONNEES><STRUCTURES>"
            "<STRUCTURES_ELEVE ELEVE_ID=\"2\"><STRUCTURE><CODE_STRUCTURE>G</CODE_STRUCTURE>"
            "<TYPE_STRUCTURE>G</TYPE_STRUCTURE></STRUCTURE><STRUCTURE><CODE_STRUCTURE>2DE 1</CODE_STRUCTURE>"
            "<TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE></STRUCTURES><ELEVES>"
            "<ELEVE ELEVE_ID=\"1\"><ID_NATIONAL>A</ID_NATIONAL><NOM>VIEUX</NOM></ELEVE>\n"
            "<ELEVE ELEVE_ID=\"2\" ELENOET=\"22\"><ID_NATIONAL>B</ID_NATIONAL><INE_BEA>C</INE_BEA>"
            "<NOM_DE_FAMILLE>S\xBC"
            "UR</NOM_DE_FAMILLE><NOM_USAGE/><PRENOM>Zo\xE9</PRENOM><CODE_REGIME>2</CODE_REGIME>"
            "<SCOLARITE_AN_DERNIER><CODE_STRUCTURE>3A</CODE_STRUCTURE></SCOLARITE_AN_DERNIER>"
            "<DATE_ENTREE>01/09/2026</DATE_ENTREE><DATE_SORTIE>bient\xF4t</DATE_SORTIE></ELEVE>"
            "</ELEVES></DONNEES></BEE_ELEVES>"),
        ERR_OK);
    assert_string_equal(siecle.uai, "0699999A");
    assert_string_equal(siecle.exported, "20/11/2026");
    assert_int_equal(siecle.count, 2);
    assert_string_equal(siecle.pupils[0].surname, "VIEUX");
    assert_string_equal(siecle.pupils[0].class_name, "");
    const struct siecle_pupil *pupil = &siecle.pupils[1];
    assert_string_equal(pupil->ine, "B");
    assert_string_equal(pupil->old_ine, "C");
    assert_string_equal(pupil->number, "22");
    assert_string_equal(pupil->surname, "S\u0152UR");
    assert_string_equal(pupil->usual_name, "");
    assert_string_equal(pupil->first_name, "Zo\u00E9");
    assert_string_equal(pupil->class_name, "2DE 1");
    assert_string_equal(pupil->regime, "2");
    assert_string_equal(pupil->entry, "2026-09-01");
    assert_string_equal(pupil->leaving, "bient\u00F4t");
    assert_int_equal(pupil->line, 2);
}

static void what_is_no_register_is_told(void **state)
{
    (void)state;
    assert_int_equal(read_text("<BEE_RESPONSABLES/>"), ERR_FORMAT);
    assert_string_equal(fault.why, "is no register of SIECLE: it begins with BEE_RESPONSABLES");
    assert_int_equal(read_text("<BEE_ELEVES/>"), ERR_FORMAT);
    assert_non_null(strstr(fault.why, "without pupils"));
    assert_int_equal(read_text("<BEE_ELEVES><DONNEES>\n<ELEVES><ELEVE"), ERR_FORMAT);
    assert_int_equal(fault.row, 2);
    assert_int_equal(read_text("<!DOCTYPE BEE_ELEVES [<!ENTITY a \"a\">]><BEE_ELEVES>&a;</BEE_ELEVES>"),
                     ERR_FORMAT);
    assert_non_null(strstr(fault.why, "DOCTYPE"));
    assert_int_equal(read_text("<?xml version=\"1.0\" encoding=\"utf-8\"?><BEE_ELEVES>\xE9</BEE_ELEVES>"),
                     ERR_FORMAT);
    assert_non_null(strstr(fault.why, "not those of the encoding"));
}

static void regimes_have_the_words_of_the_nomenclature(void **state)
{
    (void)state;
    assert_string_equal(siecle_regime_name("0"), "EXTERNE LIBRE");
    assert_string_equal(siecle_regime_name("6"), "DEMI-PENSIONNAIRE HORS L'ETABLISSEMENT");
    assert_string_equal(siecle_regime_name("24"), "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 4");
    assert_string_equal(siecle_regime_name("77"), "77");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(pupils_are_joined_with_their_classes_in_any_order, teardown),
        cmocka_unit_test_teardown(what_is_no_register_is_told, teardown),
        cmocka_unit_test(regimes_have_the_words_of_the_nomenclature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
