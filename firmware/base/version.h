/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which version of Portillon this is, and of the libraries it is built with.
 *
 * "0.1.0" is VERSION of the Makefile; a build from a clone adds the commit: "0.1.0+g1234abc", with "-dirty"
 * behind it when a file was edited since. One object holds the text, so that a new commit compiles one source
 * again.
 *
 * The libraries are mbedtls and tinycbor, in this order, as Debian numbers them: "3.6.6-0.1~deb13u1 0.6.1-1".
 * A version without the part behind "-" lacks Debian's patches. "own" is another tree, named by MBEDTLS_SRC=
 * or TINYCBOR_SRC=.
 */
#ifndef FIRMWARE_BASE_VERSION_H
#define FIRMWARE_BASE_VERSION_H

#define VERSION_MAX   31 /* bytes: the banner and a full /status have room for so many */
#define LIBRARIES_MAX 47 /* bytes: what the office's tool has room for */

extern const char portillon_version[];
extern const char portillon_libraries[];
extern const char portillon_sources[]; /* a line a library, with the SHA-256 of its files */

#endif
