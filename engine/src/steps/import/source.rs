//! One source made ready to be read: its file found and examined, its header known, its columns chosen.

use model::{
    config::{
        SourceConfig,
        source::{Encoding, Format, FormatKind},
    },
    limits,
};

use super::{
    columnar, delimited,
    file::SourceFile,
    format,
    header::{Column, Header},
    json_lines,
    packed::FileBytes,
    rows::Rows,
    workbook,
};
use crate::{Failure, StepContext};

/// What a file turned out to be.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) kind: FormatKind,
    /// How the file is packed.
    pub(super) packing: Option<&'static str>,
    pub(super) encoding: Option<Encoding>,
    pub(super) delimiter: Option<char>,
    pub(super) sheet: Option<String>,
}

impl Facts {
    pub(super) const fn new(kind: FormatKind) -> Self {
        Self { kind, packing: None, encoding: None, delimiter: None, sheet: None }
    }

    /// What the places of its rows are called.
    pub(super) const fn place_word(&self) -> &'static str {
        match self.kind {
            FormatKind::Csv | FormatKind::JsonLines => "line",
            FormatKind::Parquet | FormatKind::Xlsx | FormatKind::Xls => "row",
        }
    }
}

/// A file of one format, its header read.
pub(super) struct Opened {
    pub(super) header: Header,
    pub(super) facts: Facts,
    /// That reading goes through.
    pub(super) bytes: u64,
    /// Rows that it can have at most.
    pub(super) rows_max: u64,
    pub(super) rows: Box<dyn Rows>,
}

/// A source whose header has been read.
pub(super) struct OpenSource<'a> {
    pub(super) config: &'a SourceConfig,
    pub(super) facts: Facts,
    pub(super) bytes: u64,
    pub(super) rows_max: u64,
    pub(super) rows: Box<dyn Rows>,
    /// Fields of the header.
    pub(super) width: usize,
    pub(super) columns: Vec<Column>,
    /// The place in `columns` of the one that records are known by.
    pub(super) key: Option<usize>,
    /// Things to tell the user that are no errors.
    pub(super) remarks: Vec<String>,
}

impl<'a> OpenSource<'a> {
    pub(super) fn open(
        config: &'a SourceConfig,
        file: &SourceFile,
        context: &StepContext<'_>,
    ) -> Result<Self, Failure> {
        Self::read_header(config, file, context).map_err(|failure| named(config, failure))
    }

    /// Errors do not name the file.
    fn read_header(config: &'a SourceConfig, file: &SourceFile, context: &StepContext<'_>) -> Result<Self, Failure> {
        let checkpoint = context.checkpoints();
        let read_error = |error| Failure::io("it cannot be read", &error);
        let bytes = FileBytes::open(file).map_err(read_error)?;
        let packing = bytes.packing();
        let kind = format::find(&config.format, bytes, config.place())?;
        let unpacked = || match packing {
            None => Ok(file.clone()),
            Some(_) => FileBytes::open(file).map_err(read_error)?.unpacked(&context.scratch(), &checkpoint),
        };
        let mut opened = match kind {
            FormatKind::Csv => delimited::open(file, &config.format, &checkpoint)?,
            FormatKind::JsonLines => json_lines::open(file, &config.format, &checkpoint, context.engine())?,
            FormatKind::Parquet => columnar::open(unpacked()?, context.engine())?,
            FormatKind::Xlsx => workbook::xlsx::open(&unpacked()?, sheet(&config.format), context)?,
            FormatKind::Xls => workbook::xls::open(&unpacked()?, sheet(&config.format), context)?,
        };
        opened.facts.packing = packing;
        let Opened { header, facts, bytes, rows_max, rows } = opened;
        let (width, mut remarks) = (header.names.len(), Vec::new());
        let columns = header.choose(config, &mut remarks)?;
        let key = match &config.key {
            None => None,
            Some(key) => Some(columns.iter().position(|column| column.name == key.trim()).ok_or_else(|| {
                let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                Failure::Input(format!(
                    "its key is the column “{key}”, which it does not have; it has {}",
                    names.join(", ")
                ))
            })?),
        };
        let rows_max = rows_max.min(limits::RECORDS_MAX);
        Ok(Self { config, facts, bytes, rows_max, rows, width, columns, key, remarks })
    }
}

/// With the name of the file.
pub(super) fn named(config: &SourceConfig, failure: Failure) -> Failure {
    match failure {
        Failure::Input(problem) => Failure::Input(format!("file “{}”: {problem}", config.place())),
        other => other,
    }
}

fn sheet(format: &Format) -> workbook::Wanted<'_> {
    match format {
        Format::Xlsx { sheet, header_row } | Format::Xls { sheet, header_row } => {
            workbook::Wanted { sheet: sheet.as_deref(), header_row: *header_row }
        }
        _ => workbook::Wanted { sheet: None, header_row: None },
    }
}
