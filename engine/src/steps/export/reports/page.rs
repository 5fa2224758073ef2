//! A page in one file: headings and tables, readable in a browser and on paper, in light and dark.

use std::fmt::Write as _;

const STYLE: &str = "
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5 }
body { max-inline-size: 70rem; margin: 2rem auto; padding-inline: 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; margin-block: 1rem 2rem }
caption { text-align: start; font-weight: 600; padding-block: .5rem }
th, td { padding: .25rem .75rem; border-block-end: 1px solid light-dark(#ccc, #555); text-align: start; vertical-align: top }
td.number { text-align: end; font-variant-numeric: tabular-nums }
";

/// A page that is being written. Everything that is given is text; nothing of it is taken for markup.
pub(super) struct Page {
    html: String,
}

/// A cell of a table.
pub(super) enum Cell {
    Text(String),
    Number(String),
}

impl Page {
    pub(super) fn new(title: &str) -> Self {
        let title = escaped(title);
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <h1>{title}</h1>\n"
        );
        Self { html }
    }

    pub(super) fn heading(&mut self, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.html, "<h2>{}</h2>", escaped(text));
    }

    pub(super) fn table(&mut self, caption: &str, columns: &[&str], rows: impl IntoIterator<Item = Vec<Cell>>) {
        let heads: String = columns.iter().map(|name| format!("<th scope=\"col\">{}</th>", escaped(name))).collect();
        let _ = writeln!(
            self.html,
            "<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>",
            escaped(caption)
        );
        for row in rows {
            let cells: String = row.iter().map(Cell::html).collect();
            let _ = writeln!(self.html, "<tr>{cells}</tr>");
        }
        self.html.push_str("</tbody>\n</table></div>\n");
    }

    pub(super) fn finish(mut self) -> String {
        self.html.push_str("</body>\n</html>\n");
        self.html
    }
}

impl Cell {
    fn html(&self) -> String {
        match self {
            Self::Text(text) => format!("<td>{}</td>", escaped(text)),
            Self::Number(text) => format!("<td class=\"number\">{}</td>", escaped(text)),
        }
    }
}

pub(super) fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

pub(super) fn count(number: u64) -> Cell {
    Cell::Number(crate::steps::grouped(number))
}

/// A share 0–1 as a percentage.
pub(super) fn percent(share: f64) -> Cell {
    Cell::Number(format!("{:.1} %", 100.0 * share))
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}
