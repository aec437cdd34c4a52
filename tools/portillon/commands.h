/* SPDX-License-Identifier: Apache-2.0 */
/* Declares every command of portillon, in the order of the table in main.c. cmd_xxx is defined in cmd_*.c.
 * command.h describes arguments and results. Online commands block until the gate has answered. */
#ifndef TOOLS_PORTILLON_COMMANDS_H
#define TOOLS_PORTILLON_COMMANDS_H

/* Offline commands: keys, gates, lists. */
int cmd_site_init(int argc, char **argv);
int cmd_site_check(int argc, char **argv);
int cmd_identity(int argc, char **argv);
int cmd_identity_key(int argc, char **argv);
int cmd_whitelist_build(int argc, char **argv);
int cmd_whitelist_show(int argc, char **argv);
int cmd_whitelist_diff(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_card_read(int argc, char **argv);
int cmd_card_survey(int argc, char **argv);
int cmd_card_write(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_people_import(int argc, char **argv);
int cmd_cards_import(int argc, char **argv);
int cmd_card_assign(int argc, char **argv);
int cmd_card_lend(int argc, char **argv);
int cmd_card_block(int argc, char **argv);
int cmd_card_return(int argc, char **argv);
int cmd_card_list(int argc, char **argv);
int cmd_gates(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_keys_add(int argc, char **argv);
int cmd_keys_apply(int argc, char **argv);
int cmd_keys_remove(int argc, char **argv);
int cmd_store_forget(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_person_export(int argc, char **argv);
int cmd_person_erase(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_journal_check(int argc, char **argv);

/* Online commands, over the gate's serial line. */
int cmd_whitelist_push(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_clock_set(int argc, char **argv);
int cmd_sync(int argc, char **argv);
int cmd_passages_pull(int argc, char **argv);
int cmd_settings(int argc, char **argv);
int cmd_profiles(int argc, char **argv);
int cmd_open(int argc, char **argv);
int cmd_selftest(int argc, char **argv);
int cmd_bridge(int argc, char **argv);

#endif
