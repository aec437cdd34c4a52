/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the register of pupils that SIECLE exports: ElevesSansAdresses.xml (or ElevesAvecAdresses.xml), whose
 * root is BEE_ELEVES. It has people, classes, regimes, and dates of entry and leaving, but no cards. Element
 * names: PARAMETRES/UAJ, DONNEES/ELEVES/ELEVE and DONNEES/STRUCTURES/STRUCTURES_ELEVE, which have the same
 * attribute ELEVE_ID. Codes of regimes are those of the national nomenclature (0 to 6), and two-digit codes
 * refine them. siecle_free frees the memory. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_TABLE_SIECLE_H
#define TOOLS_PORTILLON_TABLE_SIECLE_H

#include "tools/portillon/table/table.h"

#define SIECLE_PUPILS_MAX 200000
#define SIECLE_ID_SIZE    32
#define SIECLE_NAME_SIZE  128
#define SIECLE_SHORT_SIZE 32

/* A pupil; "" for what the register does not give. The texts are UTF-8, without blanks around them. */
struct siecle_pupil {
    char eleve_id[SIECLE_ID_SIZE]; /* number in this export; joins pupil and class */
    char ine[SIECLE_ID_SIZE], old_ine[SIECLE_ID_SIZE], number[SIECLE_ID_SIZE]; /* number: ELENOET */
    char surname[SIECLE_NAME_SIZE], usual_name[SIECLE_NAME_SIZE], first_name[SIECLE_NAME_SIZE];
    char class_name[SIECLE_NAME_SIZE];
    char regime[SIECLE_SHORT_SIZE];                            /* code */
    char entry[SIECLE_SHORT_SIZE], leaving[SIECLE_SHORT_SIZE]; /* DD/MM/YYYY became YYYY-MM-DD */
    uint32_t line;
};

struct siecle {
    char uai[SIECLE_SHORT_SIZE], exported[SIECLE_SHORT_SIZE];
    struct siecle_pupil *pupils;
    size_t count, capacity;
};

/* Reads the register. siecle is set to zero first. Returns ERR_OK (call siecle_free), ERR_FORMAT or
 * ERR_NO_SPACE. */
int siecle_read(struct siecle *siecle, const char *data, size_t len, struct table_fault *fault) MUST_USE;

/* Returns the words for a code of a regime, or the code itself if it is not known. */
const char *siecle_regime_name(const char *code);

void siecle_free(struct siecle *siecle);

#endif
