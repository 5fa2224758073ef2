//! What is printed. Answers go to the standard output, remarks to the standard error, so that a pipe gets answers only.

use std::{
    fmt::Display,
    io::{self, IsTerminal as _, Write},
};

use super::failure::Failure;

pub(super) struct Output<W = io::Stdout> {
    out: W,
    json: bool,
    /// A person watches, so one line may be written again and again.
    is_terminal: bool,
    /// A line of that kind stands at the bottom.
    has_status: bool,
}

impl Output {
    pub(super) fn stdout(json: bool) -> Self {
        let out = io::stdout();
        Self { is_terminal: out.is_terminal(), out, json, has_status: false }
    }
}

impl<W: Write> Output<W> {
    /// Whether the API's own JSON is wanted.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Text that ends here: one line, or several.
    pub(super) fn text(&mut self, text: impl Display) -> Result<(), Failure> {
        self.remove_status()?;
        writeln!(self.out, "{text}")?;
        Ok(())
    }

    /// What is so for a moment: the next one takes its place. Where nobody watches it is left out.
    pub(super) fn status(&mut self, text: &str) -> Result<(), Failure> {
        if self.is_terminal && !self.json {
            // Without line wrap the terminal itself cuts off what has no room, so that one line is enough to remove.
            write!(self.out, "\r\x1b[2K\x1b[?7l{text}\x1b[?7h")?;
            self.out.flush()?;
            self.has_status = true;
        }
        Ok(())
    }

    /// What is not part of the answer.
    pub(super) fn remark(&mut self, text: impl Display) -> Result<(), Failure> {
        self.remove_status()?;
        eprintln!("{text}");
        Ok(())
    }

    fn remove_status(&mut self) -> Result<(), Failure> {
        if std::mem::take(&mut self.has_status) {
            write!(self.out, "\r\x1b[2K")?;
            self.out.flush()?;
        }
        Ok(())
    }
}

/// Text of others for a terminal: what would move the cursor or change colours is shown as a sign, and further lines are
/// set in.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.trim_end().chars() {
        match character {
            '\n' => plain.push_str("\n    "),
            '\t' => plain.push(' '),
            control if control.is_control() => plain.push(char::REPLACEMENT_CHARACTER),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(is_terminal: bool) -> String {
        let mut output = Output { out: Vec::new(), json: false, is_terminal, has_status: false };
        output.text("one").expect("written");
        output.status("1 %").expect("written");
        output.status("2 %").expect("written");
        output.text("two").expect("written");
        String::from_utf8(output.out).expect("text")
    }

    #[test]
    fn a_status_gives_way_to_the_next_line() {
        assert_eq!(printed(false), "one\ntwo\n");
        assert_eq!(printed(true), "one\n\r\x1b[2K\x1b[?7l1 %\x1b[?7h\r\x1b[2K\x1b[?7l2 %\x1b[?7h\r\x1b[2Ktwo\n");
    }

    #[test]
    fn text_of_others_does_not_steer_the_terminal() {
        assert_eq!(plain("a\x1b[31mb\r\nc\td\n"), "a\u{FFFD}[31mb\u{FFFD}\n    c d");
    }
}
