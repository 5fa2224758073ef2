//! Files of every format with the same content, made by hand or by the libraries that others make them with.

use std::{
    io::{Cursor, Write as _},
    sync::Arc,
};

use datafusion::{
    arrow::array::{ArrayRef, RecordBatch},
    parquet::arrow::ArrowWriter,
};
use zip::{ZipWriter, write::SimpleFileOptions};

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("packs");
    encoder.finish().expect("packs")
}

pub(crate) fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .expect("columns of one length");
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, Arc::clone(&batch.schema()), None).expect("a writer");
    writer.write(&batch).expect("writes");
    writer.close().expect("writes");
    file
}

/// A workbook; each sheet is its name, whether it is hidden, and what stands between `<sheetData>` and its end.
pub(crate) fn xlsx(sheets: &[(&str, bool, &str)], shared: &[&str]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, text: String| {
        archive.start_file(name, SimpleFileOptions::default()).expect("a part");
        archive.write_all(text.as_bytes()).expect("a part");
    };
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    part(
        "[Content_Types].xml",
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".into(),
    );
    part(
        "_rels/.rels",
        format!(
            "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    );
    let numbered = || (1..).zip(sheets);
    let listed: String = numbered()
        .map(|(number, (name, hidden, _))| {
            let state = if *hidden { " state=\"hidden\"" } else { "" };
            format!("<sheet name=\"{name}\" sheetId=\"{number}\"{state} r:id=\"s{number}\"/>")
        })
        .collect();
    part(
        "xl/workbook.xml",
        format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{listed}</sheets></workbook>"),
    );
    let related: String = numbered()
        .map(|(number, _)| {
            format!(
                "<Relationship Id=\"s{number}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
            )
        })
        .collect();
    part("xl/_rels/workbook.xml.rels", format!("<Relationships xmlns=\"{PACKAGE}\">{related}</Relationships>"));
    // Style 1 is a date.
    part(
        "xl/styles.xml",
        format!(
            "<styleSheet xmlns=\"{MAIN}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
        ),
    );
    let texts: String = shared.iter().map(|text| format!("<si><t>{text}</t></si>")).collect();
    part("xl/sharedStrings.xml", format!("<sst xmlns=\"{MAIN}\" uniqueCount=\"{}\">{texts}</sst>", shared.len()));
    for (number, (_, _, rows)) in numbered() {
        part(
            &format!("xl/worksheets/sheet{number}.xml"),
            format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>"),
        );
    }
    archive.finish().expect("an archive").into_inner()
}

/// A workbook of Excel 97 with one sheet of texts and numbers.
pub(crate) fn xls(rows: &[&[&str]]) -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat();
    let begin = |of: u16| {
        let version = 0x0600_u16;
        record(0x0809, &[&version.to_le_bytes()[..], &of.to_le_bytes(), &[0; 12]].concat())
    };
    let mut sheet = begin(0x0010);
    for (row, cells) in (0_u16..).zip(rows) {
        for (column, value) in (0_u16..).zip(*cells) {
            let place = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
            sheet.extend(match value.parse::<f64>() {
                Ok(number) => record(0x0203, &[&place[..], &number.to_le_bytes()].concat()),
                Err(_) => {
                    let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
                    let count = (wide.len() / 2) as u16;
                    record(0x0204, &[&place[..], &count.to_le_bytes(), &[1], &wide].concat())
                }
            });
        }
    }
    sheet.extend(record(0x000A, &[]));
    let name = b"Sheet1";
    let globals = |offset: u32| {
        let listed = [&offset.to_le_bytes()[..], &[0, 0, name.len() as u8, 0], name].concat();
        [begin(0x0005), record(0x0042, &1200_u16.to_le_bytes()), record(0x0085, &listed), record(0x000A, &[])].concat()
    };
    let stream = [globals(globals(0).len() as u32), sheet].concat();
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a container");
    container.create_stream("/Workbook").and_then(|mut file| file.write_all(&stream)).expect("a stream");
    container.flush().expect("a container");
    container.into_inner().into_inner()
}
