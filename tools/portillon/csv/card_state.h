/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Understands the words, French and English, with which school files say that a card must not open: lost,
 * stolen, blocked, inactive and so on, in headers and in cells. It also tells what cannot be told: whether
 * "bloqué" under "Etat" is about the card, or about the account of its holder, on which access does not
 * depend. The functions are pure.
 */
#ifndef TOOLS_PORTILLON_CSV_CARD_STATE_H
#define TOOLS_PORTILLON_CSV_CARD_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* What a column is about, by its header. */
enum card_state_header {
    CARD_STATE_NONE,           /* something else */
    CARD_STATE_BLOCKED,        /* yes: the card must not open ("Perdue", "Carte désactivée", "is_locked") */
    CARD_STATE_ACTIVE,         /* no: the card must not open ("Active", "Carte valide", "Enabled") */
    CARD_STATE_CARD,           /* a state of the card ("Etat de la carte", "Card status") */
    CARD_STATE_UNCLEAR,        /* a state of the card or of an account ("Etat", "Statut", "Status") */
    CARD_STATE_UNCLEAR_ACTIVE, /* "Activé", "Activated", "Accès": the card, or something else */
};

/* What a cell says. */
enum card_state_word {
    CARD_STATE_SAYS_NOTHING,
    CARD_STATE_SAYS_YES,
    CARD_STATE_SAYS_NO,
    CARD_STATE_SAYS_GOOD,       /* active, valid, in use */
    CARD_STATE_SAYS_LOST,       /* lost or stolen: only a card can be */
    CARD_STATE_SAYS_CARD_BAD,   /* blocked and so on, in a form that only fits "la carte" ("bloquée") */
    CARD_STATE_SAYS_BAD,        /* blocked and so on, of a card or of an account */
    CARD_STATE_SAYS_NEVER_USED, /* never activated by its holder */
    CARD_STATE_SAYS_DATE,       /* a day on which it happened */
    CARD_STATE_SAYS_OTHER,      /* not understood */
};

/* Understands a header, in UTF-8. */
enum card_state_header card_state_header(const char *text, size_t len);

/* Understands a cell, in UTF-8. */
enum card_state_word card_state_read(const char *text, size_t len);

/* Returns true if a cell of any column says that a card is lost, stolen or blocked: "perdue", "carte
 * bloquée", "badge volé le 12/10". */
bool card_state_warns(const char *text, size_t len);

#endif
