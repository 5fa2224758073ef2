//! JSON lines: one object a record, every column in each, empty ones as null.

use std::{fs::File, io::Write as _};

use datafusion::arrow::{array::RecordBatch, datatypes::SchemaRef};
use model::config::export::Packing;

use super::{
    cannot_write,
    cells::{Cell, Cells},
    packed::Packed,
};
use crate::Failure;

pub(super) struct JsonLinesFile {
    name: String,
    sink: Packed,
    /// `{"name":` of the first column and `,"name":` of the others.
    keys: Vec<Vec<u8>>,
    lines: Vec<u8>,
}

impl JsonLinesFile {
    pub(super) fn create(name: &str, packing: Packing, file: File, schema: &SchemaRef) -> Result<Self, Failure> {
        let sink = Packed::new(file, packing).map_err(|error| Failure::io(&cannot_write(name), &error))?;
        let mut keys = Vec::new();
        for field in schema.fields() {
            let mut key = vec![if keys.is_empty() { b'{' } else { b',' }];
            json(&mut key, field.name())?;
            key.push(b':');
            keys.push(key);
        }
        Ok(Self { name: name.to_owned(), sink, keys, lines: Vec::new() })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let columns = Cells::of(batch)?;
        let mut text = String::new();
        self.lines.clear();
        for row in 0..batch.num_rows() {
            for (key, column) in self.keys.iter().zip(&columns) {
                self.lines.extend_from_slice(key);
                match column.cell(row) {
                    Cell::Empty => self.lines.extend_from_slice(b"null"),
                    Cell::Text(value) => json(&mut self.lines, value)?,
                    cell @ (Cell::Whole(_) | Cell::Score(_) | Cell::Truth(_)) => {
                        self.lines.extend_from_slice(cell.text(&mut text).as_bytes());
                    }
                }
            }
            self.lines.extend_from_slice(b"}\n");
        }
        self.sink.write_all(&self.lines).map_err(|error| Failure::io(&cannot_write(&self.name), &error))
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        self.sink.finish().map_err(|error| Failure::io(&cannot_write(&self.name), &error))
    }
}

fn json(line: &mut Vec<u8>, text: &str) -> Result<(), Failure> {
    serde_json::to_writer(line, text).map_err(|error| Failure::Internal(format!("a text as JSON: {error}")))
}
