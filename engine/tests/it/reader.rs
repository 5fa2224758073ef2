//! The CSV reader on anything at all.

use engine::Failure;
use model::{Step, results::Summary};
use proptest::prelude::*;

use crate::support::Project;

/// What a strict reader would write, and what it must read back.
fn cell() -> impl Strategy<Value = String> {
    // Values come back without outer blanks, so none are generated; the first column is never empty, so no line is blank.
    "[a-zA-Z0-9,;\"'é|-]{1,12}( \n?[a-z,\"]{1,5})?"
}

fn quoted(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
    cells.join(",") + "\r\n"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(rows in prop::collection::vec(prop::collection::vec(cell(), 3), 1..20)) {
        let mut text = "\"first\",\"second\",\"third\"\r\n".to_owned();
        text.extend(rows.iter().map(|row| quoted(row)));
        let project = Project::new(&[("t.csv", text.as_bytes())]);
        project.run(Step::Import, Step::Import).expect("imports");
        let read = project.rows(Step::Import, "records.parquet");
        let written: Vec<String> = rows.iter().map(|row| row.join(" | ")).collect();
        let values: Vec<&str> = read.iter().map(|row| row.splitn(4, " | ").nth(3).expect("values")).collect();
        prop_assert_eq!(values, written);
    }

    #[test]
    fn any_bytes_are_read_or_refused_and_no_line_is_lost(lines in prop::collection::vec("[ab,\"\t;\u{e9}\r]{0,8}", 1..40)) {
        let text = format!("x,y\n{}\n", lines.join("\n"));
        let project = Project::new(&[("t.csv", text.as_bytes())]);
        match project.run(Step::Import, Step::Import) {
            Err(Failure::Input(message)) => prop_assert!(message.starts_with("file “t.csv”"), "{}", message),
            Err(other) => prop_assert!(false, "{:?}", other),
            Ok(_) => {
                let Summary::Import(summary) = project.summary(Step::Import) else { panic!("an import summary") };
                let rejects = std::fs::read_to_string(project.file(Step::Import, "rejects.csv")).unwrap_or_default();
                let letters = |text: &str| text.matches(['a', 'b']).count();
                let kept: usize = project.rows(Step::Import, "records.parquet").iter()
                    .map(|row| letters(row.splitn(4, " | ").nth(3).expect("values"))).sum();
                let mut rejected = csv::Reader::from_reader(rejects.as_bytes());
                let refused: usize = rejected.records().map(|record| letters(&record.expect("a row")[3])).sum();
                prop_assert_eq!(kept + refused, letters(&lines.concat()), "{:?} {:?}", text, summary);
            }
        }
    }

    #[test]
    fn random_bytes_never_break_it(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        match Project::new(&[("t.csv", &bytes)]).run(Step::Import, Step::Import) {
            Ok(_) | Err(Failure::Input(_)) => {}
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }
}
