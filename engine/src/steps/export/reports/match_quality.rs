//! How good the matches are: what was compared, how sure the matches are, and which sources they are of.

use model::results::{Band, MatchSummary, MergeSummary};

use super::{
    Counts,
    page::{Page, count, percent, text},
};

pub(super) fn page(matched: &MatchSummary, merged: &MergeSummary, counts: Counts) -> String {
    let mut page = Page::new("Match quality");
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    page.table(
        "In numbers",
        &["What", "Number"],
        [
            vec![text("Records"), count(matched.records)],
            vec![text("Pairs compared"), count(matched.candidate_pairs)],
            vec![text("Pairs that match"), count(matched.matching_pairs)],
            vec![text("Records in a group"), count(matched.grouped_records)],
            vec![text("Match rate"), percent(share(matched.grouped_records, matched.records))],
            vec![text("Groups"), count(matched.groups)],
            vec![text("Records in the largest group"), count(matched.largest_group)],
            vec![text("Groups held together by one pair alone"), count(matched.weak_links)],
            vec![text("Golden records"), count(merged.golden_records)],
            vec![text("Values overwritten"), count(merged.values_overwritten)],
            vec![text("Records that people said are no duplicates"), count(merged.not_duplicates)],
            vec![text("Records exported"), count(counts.exported)],
            vec![text("Records left out of the export"), count(counts.skipped)],
        ],
    );
    let bands = Band::ALL.iter().zip(&matched.bands);
    let bands = bands
        .map(|(band, pairs)| vec![text(band.label()), count(*pairs), percent(share(*pairs, matched.matching_pairs))]);
    page.table("Pairs that match, by band", &["Band", "Pairs", "Share"], bands);
    let scores = matched
        .scores
        .iter()
        .enumerate()
        .rev()
        .map(|(bin, pairs)| vec![text(format!("{} to {}", 10 * bin, 10 * (bin + 1))), count(*pairs)]);
    page.table("Pairs that match, by score", &["Score", "Pairs"], scores);
    let sources = matched.sources.iter().map(|source| {
        vec![
            text(&source.name),
            count(source.records),
            count(source.grouped),
            percent(share(source.grouped, source.records)),
        ]
    });
    page.table("Sources", &["Source", "Records", "In a group", "Match rate"], sources);
    let keys = matched
        .blocking
        .iter()
        .map(|key| vec![text(&key.key), count(key.pairs), count(key.largest_block), count(key.blocks_left_out)]);
    page.table("Blocking", &["Key", "Pairs it adds", "Largest block", "Blocks left out"], keys);
    page.finish()
}
