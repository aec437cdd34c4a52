/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/pull_report.h"

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"

bool pull_report_is_odd(const struct pull_session *pull)
{
    const struct pull_counts *counts = &pull->counts;
    return pull->journal != PULL_JOURNAL_KNOWN ||
           counts->forged + counts->unreadable + counts->missing + counts->conflicts > 0;
}

/* Says that the gate's memory is not what it was. Its records are stored; what the old memory had is gone. */
static void note_journal(const struct pull_session *pull)
{
    if (pull->journal == PULL_JOURNAL_SHORTER)
        command_note(
            "passages pull: the gate's journal ends at number %u, and this store has had its number %u",
            pull->head - 1, pull->other_seq);
    else if (pull->journal == PULL_JOURNAL_OTHER)
        command_note(
            "passages pull: the gate's journal is not the one this store knows: number %u is another record",
            pull->other_seq);
    else
        return;
    command_note(
        "passages pull: its memory was replaced, erased, or put back to an older state, or its keys were "
        "renewed. The journal of before is closed, as run %u, and stays in the store. What it has now is "
        "stored "
        "as run %u. Records that the memory had before, and that nobody had fetched, are missing",
        pull->closed_run, pull->memory.run);
}

static void note_dropped(const struct pull_counts *counts)
{
    if (counts->uncounted > 0)
        command_note(translate_count(counts->dropped,
                                     "passages pull: the gate dropped at least %u passage, as its memory was "
                                     "full of unfetched ones",
                                     "passages pull: the gate dropped at least %u passages, as its memory "
                                     "was full of unfetched ones"),
                     counts->dropped);
    else if (counts->dropped > 0)
        command_note(
            translate_count(
                counts->dropped,
                "passages pull: the gate dropped %u passage, as its memory was full of unfetched ones",
                "passages pull: the gate dropped %u passages, as its memory was full of unfetched ones"),
            counts->dropped);
}

void pull_report_note(const struct pull_session *pull)
{
    const struct pull_counts *counts = &pull->counts;
    note_journal(pull);
    if (counts->forged > 0)
        command_note(
            translate_count(
                counts->forged,
                "passages pull: %u record is forged or damaged: the check does not match the gate's key",
                "passages pull: %u records are forged or damaged: the check does not match the gate's key"),
            counts->forged);
    if (counts->unreadable > 0)
        command_note(translate_count(counts->unreadable,
                                     "passages pull: %u place of the gate's memory cannot be read",
                                     "passages pull: %u places of the gate's memory cannot be read"),
                     counts->unreadable);
    if (counts->corrected > 0)
        command_note(translate_count(
                         counts->corrected,
                         "passages pull: %u record has one wrong bit in the gate's memory; it is stored "
                         "as it was written",
                         "passages pull: %u records have one wrong bit in the gate's memory; they are stored "
                         "as they were written"),
                     counts->corrected);
    if (counts->missing > 0)
        command_note(translate_count(counts->missing,
                                     "passages pull: %u record is no longer on the gate: another computer "
                                     "fetched it, or it had to drop it",
                                     "passages pull: %u records are no longer on the gate: another computer "
                                     "fetched them, or it had to drop them"),
                     counts->missing);
    if (counts->conflicts > 0)
        command_note(translate_count(counts->conflicts,
                                     "passages pull: %u record has a number that is stored with other "
                                     "content; what is stored was kept",
                                     "passages pull: %u records have a number that is stored with other "
                                     "content; what is stored was kept"),
                     counts->conflicts);
    note_dropped(counts);
}
