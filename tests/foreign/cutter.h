/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for cutter, which Debian does not package: the assertions that libfreefare's tests use. A failed one
 * prints its place and ends the process with 1; cut_omit() ends it with 77. */
#ifndef TESTS_FOREIGN_CUTTER_H
#define TESTS_FOREIGN_CUTTER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cut_setup(void) __attribute__((weak));
void cut_teardown(void) __attribute__((weak));

#define cut_message(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr))
#define cut_stop(code, ...)                                                                                  \
    do {                                                                                                     \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                      \
        fprintf(stderr, __VA_ARGS__);                                                                        \
        fputc('\n', stderr);                                                                                 \
        if (cut_teardown)                                                                                    \
            cut_teardown();                                                                                  \
        exit(code);                                                                                          \
    } while (0)
#define cut_check(holds, what, ...)                                                                          \
    do {                                                                                                     \
        if (!(holds)) {                                                                                      \
            (void)(0, ##__VA_ARGS__);                                                                        \
            cut_stop(1, "%s", what);                                                                         \
        }                                                                                                    \
    } while (0)
#define cut_assert(condition, ...)          cut_check(condition, #condition, ##__VA_ARGS__)
#define cut_assert_null(p, ...)             cut_check((p) == NULL, #p " is not NULL", ##__VA_ARGS__)
#define cut_assert_not_null(p, ...)         cut_check((p) != NULL, #p " is NULL", ##__VA_ARGS__)
#define cut_assert_equal_int(a, b, ...)     cut_check((long)(a) == (long)(b), #a " is not " #b, ##__VA_ARGS__)
#define cut_assert_not_equal_int(a, b, ...) cut_check((long)(a) != (long)(b), #a " is " #b, ##__VA_ARGS__)
#define cut_equal_bytes(a, m, b, n)         ((size_t)(m) == (size_t)(n) && memcmp(a, b, (size_t)(m)) == 0)
#define cut_assert_equal_memory(a, m, b, n, ...)                                                             \
    cut_check(cut_equal_bytes(a, m, b, n), #a " is not " #b, ##__VA_ARGS__)
#define cut_assert_not_equal_memory(a, m, b, n, ...)                                                         \
    cut_check(!cut_equal_bytes(a, m, b, n), #a " is " #b, ##__VA_ARGS__)
#define cut_assert_equal_string(a, b, ...) cut_check(strcmp(a, b) == 0, #a " is not " #b, ##__VA_ARGS__)
#define cut_fail(...)                      cut_stop(1, __VA_ARGS__)
#define cut_omit(...)                      cut_stop(77, __VA_ARGS__)

#endif
