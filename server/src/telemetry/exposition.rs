//! The text that Prometheus reads (exposition format 0.0.4): families of samples, each with its help and its kind.

use std::fmt::{Display, Write as _};

/// What the samples of a family are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Only grows while the process lives; its name ends in `_total`.
    Counter,
    Gauge,
    Histogram,
}

/// The text so far.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// Begins a family; its samples follow. `help` is one line without a backslash.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    /// A sample with one label, whose value is a word of ours.
    pub(super) fn labelled(&mut self, name: &str, (label, word): (&str, &dyn Display), value: impl Display) {
        self.line(format_args!("{name}{{{label}=\"{word}\"}} {value}"));
    }

    pub(super) fn sample(&mut self, name: &str, value: impl Display) {
        self.line(format_args!("{name} {value}"));
    }

    /// A family of one sample.
    pub(super) fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, value);
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("a string takes all text");
    }
}
