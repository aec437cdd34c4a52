/* SPDX-License-Identifier: Apache-2.0 */
/* The commented configuration that boards/linux/gate.conf is, as it was when this program was built. */
#ifndef BOARDS_LINUX_SETUP_GATE_CONF_H
#define BOARDS_LINUX_SETUP_GATE_CONF_H

extern const char gate_conf_text[]; /* ends with a NUL */

#endif
