/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogues of the build, for a test whose program is BUILD/unit/FOLDER/test_x. */
#ifndef TESTS_FAKES_CATALOGUES_H
#define TESTS_FAKES_CATALOGUES_H

/* Has gettext find the catalogues of this domain in the folder of the build. */
void find_catalogues(const char *domain);

#endif
