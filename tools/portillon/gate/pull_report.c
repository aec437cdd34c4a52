/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/pull_report.h"

#include "hal/common/plural.h"
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

void pull_report_note(const struct pull_session *pull)
{
    const struct pull_counts *counts = &pull->counts;
    note_journal(pull);
    if (counts->forged > 0)
        command_note("passages pull: %u record%s forged or damaged: the check does not match the gate's key",
                     counts->forged, plural(counts->forged, " is", "s are"));
    if (counts->unreadable > 0)
        command_note("passages pull: %u place%s of the gate's memory cannot be read", counts->unreadable,
                     plural(counts->unreadable, "", "s"));
    if (counts->corrected > 0)
        command_note(
            "passages pull: %u record%s one wrong bit in the gate's memory; stored as written before",
            counts->corrected, plural(counts->corrected, " has", "s have"));
    if (counts->missing > 0)
        command_note("passages pull: %u record%s no longer on the gate: another computer fetched %s, or it "
                     "had to drop %s",
                     counts->missing, plural(counts->missing, " is", "s are"),
                     plural(counts->missing, "it", "them"), plural(counts->missing, "it", "them"));
    if (counts->conflicts > 0)
        command_note("passages pull: %u record%s a number that is stored with other content; what is stored "
                     "was kept",
                     counts->conflicts, plural(counts->conflicts, " has", "s have"));
    if (counts->dropped > 0 || counts->uncounted > 0)
        command_note(
            "passages pull: the gate dropped %s%u passage%s, as its memory was full of unfetched ones",
            counts->uncounted > 0 ? "at least " : "", counts->dropped, plural(counts->dropped, "", "s"));
}
