//! One stylesheet from the files of `style/`: tokens, base and layout first, then the components by name.
//!
//! Only comments, indentation and blank lines go; brotli does the rest, and nothing can change meaning.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// All of `style/` in the order of its layers.
pub(super) fn bundle(style: &Path) -> Result<String> {
    let mut files: Vec<PathBuf> = ["tokens.css", "base.css", "layout.css"].map(|name| style.join(name)).into();
    let mut components: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(style.join("components"))? {
        components.push(entry?.path());
    }
    components.retain(|path| path.extension().is_some_and(|extension| extension == "css"));
    components.sort();
    files.append(&mut components);

    let mut bundle = String::new();
    for file in files {
        let source = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        bundle += &shorten(&source).map_err(|reason| format!("{}: {reason}", file.display()))?;
    }
    Ok(bundle)
}

/// The stylesheet without comments, indentation and blank lines. Text in quotes stays as it is.
fn shorten(source: &str) -> Result<String, &'static str> {
    let mut plain = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        plain += &rest[..at];
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("/*") {
            let end = comment.find("*/").ok_or("a comment is never closed")?;
            rest = &comment[end + 2..];
        } else {
            let end = if rest.starts_with('/') { 1 } else { quoted(rest)? };
            plain += &rest[..end];
            rest = &rest[end..];
        }
    }
    plain += rest;
    let lines = plain.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.flat_map(|line| [line, "\n"]).collect())
}

/// The length in bytes of the quoted text that `text` begins with, quotes included.
fn quoted(text: &str) -> Result<usize, &'static str> {
    let quote = text.as_bytes()[0];
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' => break,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return Ok(at + 1),
            _ => {}
        }
    }
    Err("a quoted text is not closed on its line")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::shorten;

    fn check(source: &str, expected: Expect) {
        expected.assert_debug_eq(&shorten(source));
    }

    #[test]
    fn comments_indentation_and_blank_lines_go() {
        check(
            "/* a\n * b */\n\n.card {\n  color: red; /* why */\n\n  inset: 0;\n}\n",
            expect![[r#"
                Ok(
                    ".card {\ncolor: red;\ninset: 0;\n}\n",
                )
            "#]],
        );
    }

    #[test]
    fn quoted_text_and_slashes_stay() {
        check(
            ".a::before { content: \"/* no \\\" comment */\"; grid-area: 1 / 2; }",
            expect![[r#"
                Ok(
                    ".a::before { content: \"/* no \\\" comment */\"; grid-area: 1 / 2; }\n",
                )
            "#]],
        );
    }

    #[test]
    fn what_is_not_closed_is_refused() {
        check(
            ".a { } /* open",
            expect![[r#"
                Err(
                    "a comment is never closed",
                )
            "#]],
        );
    }
}
