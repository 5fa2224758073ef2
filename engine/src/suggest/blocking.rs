//! Which blocking keys let duplicates meet whatever is wrong in them, at a bounded number of pairs.
//!
//! Thousands of imagined duplicates are drawn, each with its own empty, misspelt and cut-off fields. Among all keys of
//! one or two parts that are selective enough, the one is taken that brings most duplicates together which do not meet
//! often enough yet, until hardly any is left. The draw is fixed, so the same profile gives the same keys.

use model::config::matching::{BlockingKey, BlockingPart, Transform};

use super::columns::{Column, Kind};

/// Imagined duplicates.
const SCENARIOS: usize = 4096;
/// Columns that keys are sought among: the work grows with the square of their number, and a record has no thousand ways of
/// being found.
const COLUMNS_MAX: usize = 32;
/// Keys at most.
const KEYS_MAX: usize = 16;
/// Keys by which an imagined duplicate should meet: real fields are wrong in ways that were not imagined.
const MEETINGS: u8 = 3;
/// A key must bring together at least so many more of the imagined duplicates.
const GAIN_MIN: usize = 4;
/// Expected pairs of all keys together, for each record or at all; one key may take up to a quarter of them.
const PAIRS_PER_RECORD_MAX: f64 = 24.0;
const PAIRS_FREE: f64 = 400_000.0;
const KEY_SHARE_MAX: f64 = 0.25;
/// Largest block: so many records, or fewer where there are many records in all.
const BLOCK_MAX: f64 = 1_000.0;
const BLOCK_MIN: f64 = 60.0;

/// A key of single words leaves words out that more records share than this, times the pairs it may cost: a street's name
/// is shared by few, “street” by all.
const WORD_SHARE: f64 = 8.0;
const WORD_BLOCK_MIN: f64 = 20.0;

/// Keys for `records` records, of which `pairs` pairs could be compared.
pub(super) fn suggest(columns: &[Column], records: f64, pairs: f64) -> Vec<BlockingKey> {
    let columns = &most_telling(columns)[..];
    let parts = parts(columns);
    let mut budget = (PAIRS_PER_RECORD_MAX * records).max(PAIRS_FREE);
    let largest_block = (100e6 / records.max(1.0)).clamp(BLOCK_MIN, BLOCK_MAX) as u32;
    let key_max = budget * KEY_SHARE_MAX;
    let mut candidates = candidates(&parts, pairs, key_max);
    let mut meetings: Vec<u8> = vec![0; SCENARIOS];
    let mut keys = Vec::new();
    while keys.len() < KEYS_MAX {
        // A first meeting counts more than a second, and that more than a third.
        let gain = |candidate: &Candidate| -> usize {
            let missing = |i: usize| usize::from(MEETINGS.saturating_sub(meetings[i])).pow(2);
            (0..SCENARIOS).filter(|&i| candidate.meets(&parts, i)).map(missing).sum()
        };
        let value = |candidate: &Candidate| gain(candidate) as f64 - GAIN_MIN as f64 * 8.0 * candidate.pairs / key_max;
        let Some((best, value)) = candidates
            .iter()
            .enumerate()
            .map(|(place, candidate)| (place, value(candidate)))
            // On a tie the earlier candidate, which has fewer parts.
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
        else {
            break;
        };
        if value < GAIN_MIN as f64 {
            break;
        }
        let best = candidates.remove(best);
        (0..SCENARIOS).filter(|&i| best.meets(&parts, i)).for_each(|i| meetings[i] = meetings[i].saturating_add(1));
        budget -= best.pairs;
        candidates.retain(|candidate| candidate.pairs <= budget && !candidate.refines(&best, &parts));
        let largest_block = match best.parts[..] {
            [part] => largest_block.min(word_block(&columns[parts[part].column], &parts[part], records, key_max)),
            _ => largest_block,
        };
        let parts = best.parts.iter().map(|&part| parts[part].part.clone()).collect();
        keys.push(BlockingKey { parts, largest_block: Some(largest_block), enabled: true });
    }
    keys
}

/// Of too many columns those that tell records apart best, in their order.
fn most_telling(columns: &[Column]) -> Vec<Column> {
    let mut chosen: Vec<(usize, &Column)> = columns.iter().enumerate().collect();
    if chosen.len() > COLUMNS_MAX {
        chosen.sort_by(|(_, a), (_, b)| b.information().total_cmp(&a.information()));
        chosen.truncate(COLUMNS_MAX);
        chosen.sort_by_key(|(place, _)| *place);
    }
    chosen.into_iter().map(|(_, column)| column.clone()).collect()
}

/// The largest block of a key of single words. How often words repeat is in no profile, so the limit has to hold the
/// key's cost down: each word of each record meets at most as many others.
fn word_block(column: &Column, part: &Part, records: f64, key_max: f64) -> u32 {
    match part.part.transform {
        Transform::AnyWord { .. } => {
            let words = (records * column.words_mean).max(1.0);
            (WORD_SHARE * key_max / words).clamp(WORD_BLOCK_MIN, BLOCK_MAX) as u32
        }
        _ => u32::MAX,
    }
}

/// A column under a transform.
struct Part {
    column: usize,
    part: BlockingPart,
    /// Probability that two random records agree.
    collision: f64,
    /// Whether it survives each scenario.
    intact: Vec<bool>,
}

impl Part {
    /// Whether records that agree here agree on the other part too.
    fn refines(&self, other: &Part) -> bool {
        let (fine, coarse) = (self.part.transform, other.part.transform);
        self.column == other.column && (fine == coarse || fine == Transform::Exact)
    }
}

/// A key that may be taken.
struct Candidate {
    parts: Vec<usize>,
    pairs: f64,
}

impl Candidate {
    fn meets(&self, parts: &[Part], scenario: usize) -> bool {
        self.parts.iter().all(|&part| parts[part].intact[scenario])
    }

    /// Whether all its pairs are pairs of the other key too.
    fn refines(&self, other: &Candidate, parts: &[Part]) -> bool {
        other.parts.iter().all(|&coarse| self.parts.iter().any(|&fine| parts[fine].refines(&parts[coarse])))
    }
}

fn candidates(parts: &[Part], pairs: f64, budget: f64) -> Vec<Candidate> {
    let singles = (0..parts.len()).map(|part| vec![part]);
    let doubles = (0..parts.len()).flat_map(|first| {
        (first + 1..parts.len())
            .filter(move |&second| parts[first].column != parts[second].column)
            .map(move |second| vec![first, second])
    });
    // Columns hang together (a town and its postcode), so two parts never divide as finely as they would if independent.
    const DEPENDENCE: f64 = 3.0;
    let expected = |chosen: &[usize]| {
        let product: f64 = chosen.iter().map(|&part| parts[part].collision).product();
        pairs * if chosen.len() > 1 { product * DEPENDENCE } else { product }
    };
    singles
        .chain(doubles)
        .map(|chosen| Candidate { pairs: expected(&chosen), parts: chosen })
        .filter(|candidate| candidate.pairs <= budget)
        .collect()
}

/// Every useful transform of every column.
fn parts(columns: &[Column]) -> Vec<Part> {
    let mut draw = Draw(0x5eed);
    let mut parts = Vec::new();
    for (number, column) in columns.iter().enumerate() {
        let fates: Vec<Fate> = (0..SCENARIOS).map(|_| Fate::draw(&mut draw)).collect();
        for (transform, collision) in transforms(column) {
            parts.push(Part {
                column: number,
                part: BlockingPart { column: column.name.clone(), transform },
                collision,
                intact: fates.iter().map(|fate| fate.spares(column, transform)).collect(),
            });
        }
    }
    parts
}

/// The transforms that suit a column, and how often two random records agree under each.
fn transforms(column: &Column) -> Vec<(Transform, f64)> {
    let collision = column.collision;
    // A shortened value agrees more often: at least as often as so many characters of the usual spread.
    let shortened = |characters: u8, spread: f64| (collision * 2.0).max(spread.powi(-i32::from(characters)));
    let mut transforms = vec![(Transform::Exact, collision)];
    match column.kind {
        Kind::Name => {
            transforms.push((Transform::Prefix { length: 4 }, shortened(4, 6.0)));
            transforms.push((Transform::Soundex, (collision * 3.0).max(1.0 / 1500.0)));
        }
        Kind::Phrase => {
            transforms.push((Transform::Prefix { length: 6 }, shortened(6, 4.5)));
            transforms.push((Transform::AnyWord { length: 4 }, (collision * 4.0 * column.words_mean).max(2e-3)));
        }
        Kind::Text => {
            transforms.push((Transform::SortedWords, collision));
            transforms.push((Transform::Prefix { length: 12 }, shortened(12, 2.5)));
            // Whatever the words, no block is larger than the limit.
            transforms.push((Transform::AnyWord { length: 5 }, 2e-3));
        }
        Kind::Code if column.length_mean >= 6.0 => {
            transforms.push((Transform::Prefix { length: 4 }, shortened(4, 8.0)));
            transforms.push((Transform::Suffix { length: 4 }, shortened(4, 8.0)));
        }
        Kind::Phone => {
            transforms[0].0 = Transform::Digits;
            transforms.push((Transform::Suffix { length: 7 }, shortened(7, 6.0)));
        }
        Kind::Email => transforms.push((Transform::Prefix { length: 5 }, shortened(5, 6.0))),
        Kind::Date => {
            transforms.push((Transform::Prefix { length: 4 }, shortened(4, 3.0)));
            transforms.push((Transform::Suffix { length: 4 }, shortened(4, 4.0)));
        }
        Kind::Code | Kind::PartNumber | Kind::Year | Kind::Amount | Kind::Category => {}
    }
    transforms
}

/// What happened to a column of an imagined duplicate; each number is drawn evenly from 0–1.
struct Fate {
    empty: f64,
    beginning: f64,
    end: f64,
    sound: f64,
    words: f64,
}

impl Fate {
    fn draw(draw: &mut Draw) -> Self {
        Self { empty: draw.next(), beginning: draw.next(), end: draw.next(), sound: draw.next(), words: draw.next() }
    }

    /// Whether both records of the duplicate have the same value under the transform.
    fn spares(&self, column: &Column, transform: Transform) -> bool {
        if self.empty >= column.completeness * column.completeness {
            return false;
        }
        // How often the first and the last part of a value survive unharmed.
        let (beginning, end) = match column.kind {
            Kind::Name => (0.8, 0.75),
            Kind::Phrase => (0.75, 0.65),
            Kind::Text => (0.7, 0.5),
            Kind::Code | Kind::PartNumber | Kind::Phone | Kind::Date | Kind::Email => (0.85, 0.85),
            Kind::Year | Kind::Category => (0.95, 0.95),
            Kind::Amount => (0.8, 0.8),
        };
        match transform {
            Transform::Exact | Transform::Digits => self.beginning < beginning && self.end < end,
            Transform::SortedWords => self.beginning < beginning.sqrt() && self.end < end,
            Transform::Prefix { .. } => self.beginning < beginning,
            Transform::Suffix { .. } => self.end < end,
            Transform::Soundex | Transform::SoundsAlike { .. } => self.sound < 0.8,
            Transform::AnyWord { .. } => self.words < 0.9,
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014), for a draw that is always the same.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
