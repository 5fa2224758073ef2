//! What a file's bytes are: is it text at all, in which encoding, and that text as UTF-8.
//!
//! The encoding is decided before anything is decoded, over the whole file: a file whose first megabyte is ASCII may
//! still have its first Latin-1 letter in the last row.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};
use model::config::source::Encoding;

use super::{file::SourceFile, packed::FileBytes};
use crate::{Checkpoint, Failure};

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 256 * 1024;
/// Bytes from the beginning by which binary files and UTF-16 without a mark are recognised.
pub(super) const SAMPLE_BYTES: usize = 64 * 1024;
/// Stands in the decoded text for input that the encoding does not allow. It is not UTF-8, so that the row that holds
/// it is found.
const MALFORMED: u8 = 0xFF;

const BOM_UTF8: &[u8] = &[0xEF, 0xBB, 0xBF];
const BOM_UTF16_LE: &[u8] = &[0xFF, 0xFE];
const BOM_UTF16_BE: &[u8] = &[0xFE, 0xFF];

/// Kinds of files that people upload by mistake, by their first bytes.
const BINARY_KINDS: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "a ZIP or Excel (XLSX) file; leave the source’s format to be detected, or set it to xlsx"),
    (&[0xD0, 0xCF, 0x11, 0xE0], "an old Excel (XLS) file; leave the source’s format to be detected, or set it to xls"),
    (&[0x1F, 0x8B], "a gzip file inside a packed one; pack it once"),
    (&[0x28, 0xB5, 0x2F, 0xFD], "a zstd file inside a packed one; pack it once"),
    (b"PAR1", "a Parquet file; leave the source’s format to be detected, or set it to parquet"),
    (b"%PDF", "a PDF file"),
    (b"SQLite format 3\0", "an SQLite database; export the table as CSV"),
    (b"\x89PNG", "a picture"),
];

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TextFacts {
    pub(super) encoding: Encoding,
    /// Length of the byte order mark.
    pub(super) mark_bytes: u64,
    /// Of the unpacked file.
    pub(super) file_bytes: u64,
    /// How the file is packed.
    pub(super) packing: Option<&'static str>,
}

/// Looks at the whole file once. The error says what is wrong with the file, without its name.
pub(super) fn examine(
    source: &SourceFile,
    configured: Option<Encoding>,
    checkpoint: &Checkpoint,
) -> Result<TextFacts, Failure> {
    let read_error = |error: io::Error| Failure::io("it cannot be read", &error);
    let mut file = FileBytes::open(source).map_err(read_error)?;
    let packing = file.packing();
    let mut sample = Vec::new();
    file.by_ref().take(SAMPLE_BYTES as u64).read_to_end(&mut sample).map_err(read_error)?;

    let marked = byte_order_mark(&sample);
    let encoding = configured.or(marked.map(|(encoding, _)| encoding)).or_else(|| utf16_without_mark(&sample));
    let mark_bytes = match (marked, encoding) {
        (Some((mark, length)), Some(chosen)) if mark == chosen => length,
        _ => 0,
    };
    if sample.len() as u64 == mark_bytes {
        return Err(Failure::Input("it is empty".to_owned()));
    }
    if !matches!(encoding, Some(Encoding::Utf16Le | Encoding::Utf16Be)) {
        refuse_binary(&sample)?;
    }
    let encoding = match encoding {
        Some(encoding) => encoding,
        None => {
            file = FileBytes::open(source).map_err(read_error)?;
            utf8_or_latin1(&mut file, checkpoint)?
        }
    };
    Ok(TextFacts { encoding, mark_bytes, file_bytes: file.length(checkpoint)?, packing })
}

fn byte_order_mark(sample: &[u8]) -> Option<(Encoding, u64)> {
    [(BOM_UTF8, Encoding::Utf8), (BOM_UTF16_LE, Encoding::Utf16Le), (BOM_UTF16_BE, Encoding::Utf16Be)]
        .into_iter()
        .find(|(mark, _)| sample.starts_with(mark))
        .map(|(mark, encoding)| (encoding, mark.len() as u64))
}

/// Western text in UTF-16 has a zero in every other byte; text in one-byte encodings and UTF-8 has none at all.
fn utf16_without_mark(sample: &[u8]) -> Option<Encoding> {
    let pairs = sample.len() / 2;
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match () {
        () if pairs < 2 => None,
        () if odd * 10 > pairs * 4 && even * 20 < pairs => Some(Encoding::Utf16Le),
        () if even * 10 > pairs * 4 && odd * 20 < pairs => Some(Encoding::Utf16Be),
        () => None,
    }
}

fn refuse_binary(sample: &[u8]) -> Result<(), Failure> {
    if let Some((_, kind)) = BINARY_KINDS.iter().find(|(magic, _)| sample.starts_with(magic)) {
        return Err(Failure::Input(format!("it is no text file but {kind}")));
    }
    let line_of = |place: usize| 1 + sample[..place].iter().filter(|byte| **byte == b'\n').count();
    if let Some(place) = sample.iter().position(|byte| *byte == 0) {
        let line = line_of(place);
        return Err(Failure::Input(format!("line {line}: it is no text file: byte {} is zero", place + 1)));
    }
    let controls = sample.iter().filter(|byte| is_control(**byte)).count();
    if controls * 50 > sample.len() {
        let place = sample.iter().position(|byte| is_control(*byte)).unwrap_or(0);
        let line = line_of(place);
        return Err(Failure::Input(format!(
            "line {line}: it is no text file: {controls} of its first {} bytes are control characters",
            sample.len()
        )));
    }
    Ok(())
}

/// Control characters that no text file needs: neither white space nor the end mark of old DOS files.
fn is_control(byte: u8) -> bool {
    (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1A | 0x1B)) || byte == 0x7F
}

/// Reads to the end and decides.
///
/// Bytes that are not UTF-8 make a file Latin-1, unless valid multi-byte characters outnumber them ten to one: such
/// sequences are rare by chance, so that file is UTF-8 with a few damaged rows, and those become rejects.
fn utf8_or_latin1(file: &mut FileBytes, checkpoint: &Checkpoint) -> Result<Encoding, Failure> {
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut kept = 0;
    let (mut valid, mut invalid) = (0_u64, 0_u64);
    loop {
        checkpoint.check()?;
        let read = file.read(&mut buffer[kept..]).map_err(|error| Failure::io("it cannot be read", &error))?;
        let mut bytes = &buffer[..kept + read];
        let mut rest = 0;
        while !bytes.is_ascii() {
            let (good, next) = match std::str::from_utf8(bytes) {
                Ok(_) => (bytes.len(), bytes.len()),
                Err(error) => match error.error_len() {
                    Some(length) => {
                        invalid += 1;
                        (error.valid_up_to(), error.valid_up_to() + length)
                    }
                    None if read == 0 => {
                        invalid += 1;
                        (error.valid_up_to(), bytes.len())
                    }
                    None => {
                        rest = bytes.len() - error.valid_up_to();
                        (error.valid_up_to(), bytes.len())
                    }
                },
            };
            valid += bytes[..good].iter().filter(|byte| **byte >= 0xC0).count() as u64;
            bytes = &bytes[next..];
        }
        let end = kept + read;
        buffer.copy_within(end - rest..end, 0);
        kept = rest;
        if read == 0 {
            return Ok(if invalid > 0 && valid < invalid * 10 { Encoding::Latin1 } else { Encoding::Utf8 });
        }
    }
}

/// A file's text as UTF-8, piece by piece.
pub(super) struct TextReader {
    file: FileBytes,
    /// `None` for UTF-8, which is passed on as it is.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    raw_read: u64,
    ended: bool,
}

impl TextReader {
    pub(super) fn open(source: &SourceFile, facts: &TextFacts) -> io::Result<Self> {
        let mut file = FileBytes::open(source)?;
        io::copy(&mut file.by_ref().take(facts.mark_bytes), &mut io::sink())?;
        let decoder = match facts.encoding {
            Encoding::Utf8 => None,
            Encoding::Utf16Le => Some(UTF_16LE),
            Encoding::Utf16Be => Some(UTF_16BE),
            Encoding::Latin1 => Some(WINDOWS_1252),
        }
        .map(|encoding| encoding.new_decoder_without_bom_handling());
        Ok(Self { file, decoder, raw: Vec::new(), raw_read: facts.mark_bytes, ended: false })
    }

    /// Bytes of the file that have been read.
    pub(super) fn position(&self) -> u64 {
        self.raw_read
    }

    /// Appends about `bytes` more of text; 0 is the end of the file.
    pub(super) fn fill(&mut self, text: &mut Vec<u8>, bytes: usize) -> io::Result<usize> {
        let before = text.len();
        while !self.ended && text.len() == before {
            match &mut self.decoder {
                None => {
                    let read = self.file.by_ref().take(bytes as u64).read_to_end(text)?;
                    self.raw_read += read as u64;
                    self.ended = read == 0;
                }
                Some(decoder) => {
                    self.raw.clear();
                    let read = self.file.by_ref().take(bytes as u64).read_to_end(&mut self.raw)?;
                    self.raw_read += read as u64;
                    self.ended = read == 0;
                    decode(decoder, &self.raw, self.ended, text);
                }
            }
        }
        Ok(text.len() - before)
    }
}

fn decode(decoder: &mut Decoder, mut raw: &[u8], last: bool, text: &mut Vec<u8>) {
    let mut piece = [0; 16 * 1024];
    loop {
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(raw, &mut piece, last);
        text.extend_from_slice(&piece[..written]);
        raw = &raw[read..];
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => text.push(MALFORMED),
        }
    }
}

/// The word for an encoding in messages.
pub(super) const fn name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16Le => "UTF-16 (little-endian)",
        Encoding::Utf16Be => "UTF-16 (big-endian)",
        Encoding::Latin1 => "Latin-1",
    }
}
