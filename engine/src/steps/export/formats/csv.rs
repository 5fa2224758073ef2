//! CSV, with whatever delimiter, quote, encoding and line end the reader at the other end wants.

use std::{fs::File, io::Write as _};

use csv::{Terminator, WriterBuilder};
use datafusion::arrow::{array::RecordBatch, datatypes::SchemaRef};
use encoding_rs::WINDOWS_1252;
use model::config::export::{CsvOptions, LineEnd, TextEncoding, Unencodable};

use super::{cannot_write, cells::Cells, packed::Packed};
use crate::Failure;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) struct CsvFile {
    name: String,
    writer: csv::Writer<Packed>,
    fields: Fields,
    columns: Vec<String>,
    rows: u64,
}

impl CsvFile {
    pub(super) fn create(name: &str, options: &CsvOptions, file: File, schema: &SchemaRef) -> Result<Self, Failure> {
        let cannot_write = |error: std::io::Error| Failure::io(&cannot_write(name), &error);
        let mut sink = Packed::new(file, options.compression).map_err(cannot_write)?;
        if options.bom {
            sink.write_all(BYTE_ORDER_MARK).map_err(cannot_write)?;
        }
        let terminator = match options.line_end {
            LineEnd::Lf => Terminator::Any(b'\n'),
            LineEnd::CrLf => Terminator::CRLF,
        };
        let writer = WriterBuilder::new()
            .delimiter(ascii(name, "delimiter", options.delimiter)?)
            .quote(ascii(name, "quote", options.quote)?)
            .terminator(terminator)
            .from_writer(sink);
        let columns = schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut file = Self { name: name.to_owned(), writer, fields: Fields::new(options), columns, rows: 0 };
        if options.header {
            file.write_header()?;
        }
        Ok(file)
    }

    fn write_header(&mut self) -> Result<(), Failure> {
        for column in &self.columns {
            let field = self.fields.encode(column).map_err(|problem| {
                Failure::Input(format!("{}: the name of column “{column}”: {problem}", cannot_write(&self.name)))
            })?;
            self.writer.write_field(field).map_err(|error| failure(&self.name, error))?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(|error| failure(&self.name, error))
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let columns = Cells::of(batch)?;
        let mut text = String::new();
        for row in 0..batch.num_rows() {
            self.rows += 1;
            for (place, column) in columns.iter().enumerate() {
                let field = self.fields.encode(column.cell(row).text(&mut text)).map_err(|problem| {
                    let (name, row) = (&self.columns[place], self.rows);
                    Failure::Input(format!("{}: row {row}, column “{name}”: {problem}", cannot_write(&self.name)))
                })?;
                self.writer.write_field(field).map_err(|error| failure(&self.name, error))?;
            }
            self.writer.write_record(None::<&[u8]>).map_err(|error| failure(&self.name, error))?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        let cannot_write = |error: &std::io::Error| Failure::io(&cannot_write(&self.name), error);
        let sink = self.writer.into_inner().map_err(|error| cannot_write(error.error()))?;
        sink.finish().map_err(|error| cannot_write(&error))
    }
}

/// Turns texts into the bytes of fields.
struct Fields {
    encoding: TextEncoding,
    unencodable: Unencodable,
    neutralise: bool,
    text: String,
    bytes: Vec<u8>,
}

impl Fields {
    const fn new(options: &CsvOptions) -> Self {
        Self {
            encoding: options.encoding,
            unencodable: options.unencodable,
            neutralise: options.neutralise_formulas,
            text: String::new(),
            bytes: Vec::new(),
        }
    }

    fn encode<'a>(&'a mut self, text: &'a str) -> Result<&'a [u8], String> {
        let text = if self.neutralise && is_formula(text) {
            self.text.clear();
            self.text.extend(["'", text]);
            self.text.as_str()
        } else {
            text
        };
        match self.encoding {
            TextEncoding::Utf8 => Ok(text.as_bytes()),
            TextEncoding::Latin1 if text.is_ascii() => Ok(text.as_bytes()),
            TextEncoding::Latin1 => {
                self.bytes.clear();
                let mut one = [0; 4];
                for c in text.chars() {
                    let (encoded, _, unknown) = WINDOWS_1252.encode(c.encode_utf8(&mut one));
                    match self.unencodable {
                        _ if !unknown => self.bytes.extend_from_slice(&encoded),
                        Unencodable::Replace => self.bytes.push(b'?'),
                        Unencodable::Refuse => {
                            let code = u32::from(c);
                            return Err(format!(
                                "Latin-1 does not have {c:?} (U+{code:04X}); choose UTF-8 or “replace”"
                            ));
                        }
                    }
                }
                Ok(&self.bytes)
            }
        }
    }
}

/// Whether a spreadsheet would take a text for a formula: the signs that OWASP names for CSV injection, their full-width
/// forms among them. A number with a sign is one and stays one.
fn is_formula(text: &str) -> bool {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    risky && text.parse::<f64>().map_or(true, |number| !number.is_finite())
}

fn ascii(name: &str, what: &str, c: char) -> Result<u8, Failure> {
    u8::try_from(c)
        .ok()
        .filter(u8::is_ascii)
        .ok_or_else(|| Failure::Input(format!("output “{name}”: the {what} {c:?} is not an ASCII character")))
}

fn failure(name: &str, error: csv::Error) -> Failure {
    Failure::Input(format!("{}: {error}", cannot_write(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_numbers() {
        for text in ["=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "\r=1", "=cmd|'/c calc'!A0", "-1+1", "-inf", "＝1"] {
            assert!(is_formula(text), "{text}");
        }
        for text in ["", "-12.5", "+32", "-1e3", "a=1", "'=1", "ann@x.org", "3-4"] {
            assert!(!is_formula(text), "{text}");
        }
    }

    #[test]
    fn what_latin_1_lacks_is_refused_or_replaced() {
        let mut options = CsvOptions { encoding: TextEncoding::Latin1, ..CsvOptions::default() };
        let mut fields = Fields::new(&options);
        assert_eq!(fields.encode("Zoë €"), Ok(&b"Zo\xeb \x80"[..]));
        let refused = fields.encode("Łódź").expect_err("no Ł");
        assert_eq!(refused, "Latin-1 does not have 'Ł' (U+0141); choose UTF-8 or “replace”");
        options.unencodable = Unencodable::Replace;
        assert_eq!(Fields::new(&options).encode("Łódź"), Ok(&b"?\xf3d?"[..]));
    }
}
