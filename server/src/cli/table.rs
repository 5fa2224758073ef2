//! Lists as columns, and documents as lines of name and value.

use comfy_table::{CellAlignment, Row, Table, presets};
use model::Timestamp;

use super::output::plain;

/// Between two columns.
const GAP: u16 = 2;

/// A table under these headings. One that begins with `>` is of numbers, and set to the right.
pub(super) fn table<const N: usize>(headings: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(headings.map(|heading| heading.trim_start_matches('>')));
    for row in rows {
        let mut row = Row::from(row.map(|cell| one_line(&cell)));
        row.max_height(1);
        table.add_row(row);
    }
    for (column, heading) in table.column_iter_mut().zip(headings) {
        column.set_padding((0, GAP));
        if heading.starts_with('>') {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// `Queued   2026-11-22 14:02:11 UTC`, a line each; what has no value is left out.
pub(super) fn lines<const N: usize>(lines: [(&str, Option<String>); N]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    for (name, value) in lines {
        if let Some(value) = value {
            table.add_row([name.to_owned(), plain(&value)]);
        }
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table.trim_fmt()
}

fn one_line(cell: &str) -> String {
    plain(&cell.replace('\n', " "))
}

/// `2026-11-22 14:02:11`, in UTC: the order of the text is the order of time.
pub(super) fn time(at: Timestamp) -> String {
    at.to_string().get(..19).unwrap_or_default().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn columns_stand_under_their_headings() {
        let rows =
            [["Nightly", "5,000", "a"], ["Große Läufe 日本", "7", "two\nlines"]].map(|row| row.map(str::to_owned));
        expect![[r#"
            NAME              RECORDS  NOTE
            Nightly             5,000  a
            Große Läufe 日本        7  two lines"#]]
        .assert_eq(&table(["NAME", ">RECORDS", "NOTE"], rows));
    }

    #[test]
    fn a_document_leaves_out_what_it_does_not_know() {
        let known = [("Status", Some("failed".to_owned())), ("Started", None), ("Error", Some("a\nb".to_owned()))];
        expect![[r#"
            Status  failed
            Error   a
                        b"#]]
        .assert_eq(&lines(known));
        assert_eq!(time(Timestamp::from_micros(1_700_000_000_204_000)), "2023-11-14 22:13:20");
    }
}
