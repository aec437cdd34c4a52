/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which version of Portillon this is.
 *
 * "0.1.0" is VERSION of the Makefile; a build from a clone adds the commit: "0.1.0+g1234abc", with "-dirty"
 * behind it when a file was edited since. One object holds the text, so that a new commit compiles one source
 * again.
 */
#ifndef FIRMWARE_BASE_VERSION_H
#define FIRMWARE_BASE_VERSION_H

#define VERSION_MAX 31 /* bytes: the banner and a full /status have room for so many */

extern const char portillon_version[];

#endif
