//! Pairs and groups of a result, page by page.

use engine::matches;
use model::{
    Step,
    results::{Band, MatchFilter},
};
use serde_json::json;

use crate::support::Project;

fn project() -> Project {
    let a = "name,town\nAnn Miller,York\nBob Stone,York\nZoe,Leeds\n";
    let b = "name,town\nAnne Miller,York\nBob Stone,Hull\nAnn Miller,\n";
    let matching = json!({
        "blocking": [{"parts": [{"column": "name", "transform": "prefix", "length": 3}]}],
        "definitions": [
            {"name": "name", "threshold": 80, "criteria": [{"column": "name", "comparison": "similar_text"}]},
            {"name": "both", "threshold": 100, "criteria": [
                {"column": "name", "comparison": "exact"}, {"column": "town", "comparison": "exact"},
            ]},
        ],
    });
    let files: [(&str, &[u8]); 2] = [("a.csv", a.as_bytes()), ("b.csv", b.as_bytes())];
    Project::new(&files).with("match", matching)
}

/// Pairs as `left-right`, a page after the other.
fn pairs(project: &Project, filter: &MatchFilter, limit: usize) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), Some(0));
    while let Some(from) = cursor {
        let page = matches::pairs(&project.workspace(), filter, from, limit).expect("readable").expect("published");
        assert!(page.pairs.len() <= limit);
        seen.extend(page.pairs.iter().map(|pair| format!("{}-{}", pair.left.record, pair.right.record)));
        cursor = page.next_cursor;
    }
    seen
}

#[test]
fn pairs_come_page_by_page_as_the_filter_says() {
    let project = project();
    assert_eq!(matches::pairs(&project.workspace(), &MatchFilter::default(), 0, 5).expect("readable"), None);
    project.run(Step::Import, Step::Match).expect("matches");
    let all = ["0-3", "0-5", "1-4", "3-5"];
    for limit in 1..6 {
        assert_eq!(pairs(&project, &MatchFilter::default(), limit), all);
    }
    let filter = |change: fn(&mut MatchFilter)| {
        let mut filter = MatchFilter::default();
        change(&mut filter);
        pairs(&project, &filter, 2)
    };
    assert_eq!(filter(|filter| filter.band = Some(Band::Excellent)), ["0-5", "1-4"]);
    assert_eq!(filter(|filter| filter.source = Some("a".to_owned())), ["0-3", "0-5", "1-4"]);
    assert_eq!(filter(|filter| filter.text = Some("HULL".to_owned())), ["1-4"]);
    assert_eq!(filter(|filter| filter.definition = Some(1)), Vec::<String>::new());
    let page =
        matches::pairs(&project.workspace(), &MatchFilter::default(), 0, 1).expect("readable").expect("published");
    let pair = &page.pairs[0];
    assert_eq!((pair.definition.as_str(), pair.match_key.as_slice()), ("name", &["name".to_owned()][..]));
    assert_eq!((pair.band, pair.scores.len(), page.columns.len()), (Band::High, 2, 2));
    assert_eq!(pair.right.values, [Some("Anne Miller".to_owned()), Some("York".to_owned())]);
    assert!(pair.left.id.starts_with("a/") && pair.left.group == pair.right.group);
}

#[test]
fn groups_come_with_their_records() {
    let project = project();
    project.run(Step::Import, Step::Match).expect("matches");
    let groups = |filter: &MatchFilter, cursor, limit| {
        let page = matches::groups(&project.workspace(), filter, cursor, limit).expect("readable").expect("published");
        let records =
            |group: &model::results::MatchedGroup| group.records.iter().map(|record| record.record).collect::<Vec<_>>();
        (page.groups.iter().map(records).collect::<Vec<_>>(), page.next_cursor)
    };
    let all = MatchFilter::default();
    assert_eq!(groups(&all, 0, 5), (vec![vec![0, 3, 5], vec![1, 4]], None));
    assert_eq!(groups(&all, 0, 1), (vec![vec![0, 3, 5]], Some(1)));
    assert_eq!(groups(&all, 1, 1), (vec![vec![1, 4]], None));
    let hull = MatchFilter { text: Some("hull".to_owned()), ..MatchFilter::default() };
    assert_eq!(groups(&hull, 0, 5).0, [[1, 4]]);
    let high = MatchFilter { band: Some(Band::High), ..MatchFilter::default() };
    assert_eq!(groups(&high, 0, 5).0, [[0, 3, 5]]);
    assert!(groups(&MatchFilter { weak: true, ..MatchFilter::default() }, 0, 5).0.is_empty());
}

#[test]
fn a_group_is_told_in_full() {
    let project = project();
    let group = |number, first, limit| matches::group(&project.workspace(), number, first, limit).expect("readable");
    assert_eq!(group(1, 0, 5), None);
    project.run(Step::Import, Step::Match).expect("matches");
    let first = group(1, 0, 5).expect("it is there");
    let numbers: Vec<u32> = first.records.iter().map(|record| record.record).collect();
    let pairs: Vec<(u32, u32)> = first.pairs.iter().map(|pair| (pair.left, pair.right)).collect();
    assert_eq!((numbers, pairs), (vec![0, 3, 5], vec![(0, 3), (0, 5), (3, 5)]));
    assert_eq!((first.size, first.next_cursor, first.columns.len()), (3, None, 2));
    assert_eq!((first.pairs[1].band, first.pairs[1].definition.as_str()), (Band::Excellent, "name"));
    // A page of it holds the pairs among its own records.
    let page = group(1, 1, 1).expect("it is there");
    assert_eq!((page.records[0].record, page.pairs.len(), page.next_cursor), (3, 0, Some(2)));
    assert_eq!(group(1, u64::MAX, 5).expect("it is there").records, []);
    assert_eq!(group(99, 0, 5), None);
}

#[test]
fn who_is_in_a_group_with_whom_is_known_by_their_ids() {
    let project = project();
    project.run(Step::Import, Step::Match).expect("matches");
    let group = matches::group(&project.workspace(), 1, 0, 5).expect("readable").expect("it is there");
    let ids: Vec<String> = group.records.into_iter().map(|record| record.id).collect();
    let asked = [ids[1].clone(), "nobody".to_owned()].into();
    let mates = matches::mates(&project.workspace(), &asked).expect("readable");
    assert_eq!(mates.into_iter().collect::<Vec<_>>(), [(ids[1].clone(), ids)]);
}

#[test]
fn a_pair_is_explained_with_its_records() {
    let project = project();
    let explained = |one, other| matches::explained(&project.workspace(), one, other).expect("readable");
    assert_eq!(explained(0, 3), None);
    project.run(Step::Import, Step::Match).expect("matches");
    let pair = explained(3, 0).expect("both are there");
    assert_eq!(
        (pair.left.values[0].as_deref(), pair.right.values[0].as_deref()),
        (Some("Ann Miller"), Some("Anne Miller"))
    );
    let accepts: Vec<bool> = pair.definitions.iter().map(|definition| definition.accepts).collect();
    assert_eq!(accepts, [true, false]);
    // Whether they match or not, as long as they are two.
    assert!(explained(0, 4).is_some());
    assert_eq!((explained(0, 0), explained(0, 6)), (None, None));
}
