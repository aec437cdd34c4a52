/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/suggest.h"

#include <stddef.h>
#include <string.h>

#include "tools/portillon/common/text_fold.h"

#define LETTERS_MAX 31

static int min(int a, int b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: the Levenshtein distance, with two swapped neighbours counted as one
 * difference. */
int suggest_distance(const char *a, const char *b)
{
    int rows[LETTERS_MAX + 1][LETTERS_MAX + 1];
    int a_len = min((int)strlen(a), LETTERS_MAX), b_len = min((int)strlen(b), LETTERS_MAX);
    for (int i = 0; i <= a_len; i++)
        rows[i][0] = i;
    for (int j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (int i = 1; i <= a_len; i++)
        for (int j = 1; j <= b_len; j++) {
            int changed = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            rows[i][j] = min(changed, 1 + min(rows[i - 1][j], rows[i][j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    return rows[a_len][b_len];
}

const char *suggest_nearest(const char *word, const char *const *known)
{
    char folded[LETTERS_MAX + 1], other[LETTERS_MAX + 1];
    const char *nearest = NULL;
    int len = (int)text_fold(word, strlen(word), folded, sizeof folded);
    int best = 1 + (len >= 3) + (len >= 7); /* a word with more differences is another word */
    for (; *known != NULL; known++) {
        text_fold(*known, strlen(*known), other, sizeof other);
        int distance = suggest_distance(folded, other);
        if (distance < best || (distance == best && nearest == NULL && best < len)) {
            best = distance;
            nearest = *known;
        }
    }
    return nearest;
}

int suggest_find(const char *word, const char *const *known)
{
    char folded[LETTERS_MAX + 1], other[LETTERS_MAX + 1];
    int found = -1, count = 0;
    text_fold(word, strlen(word), folded, sizeof folded);
    for (int i = 0; known[i] != NULL; i++) {
        if (strcmp(word, known[i]) == 0)
            return i;
        text_fold(known[i], strlen(known[i]), other, sizeof other);
        if (folded[0] != '\0' && strcmp(folded, other) == 0) {
            found = i;
            count++;
        }
    }
    return count == 1 ? found : -1;
}
