/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader reports of itself (reader_report.text), in the language of the user. The drivers in hal/
 * report in English, and the office gets that. No I/O.
 */
#ifndef BOARDS_LINUX_READER_WORDS_H
#define BOARDS_LINUX_READER_WORDS_H

#define READER_WORDS_LEN 256

/* Translates the text of a report into shown. Returns shown. A text that is not known stays as it is. */
const char *reader_words(const char *text, char shown[READER_WORDS_LEN]);

#endif
