//! NYSIIS: New York State Identification and Intelligence System (Taft, 1970), as Apache Commons Codec reads it, without
//! the limit of six characters.

/// `letters` are upper-case ASCII letters.
pub(super) fn code(letters: &[u8]) -> String {
    if letters.is_empty() {
        return String::new();
    }
    let name = endings(beginnings(letters.to_vec()));
    let mut code = vec![name[0]];
    let mut name = name;
    for i in 1..name.len() {
        let next = name.get(i + 1).copied().unwrap_or(b' ');
        let after = name.get(i + 2).copied().unwrap_or(b' ');
        let replacement = transcode(name[i - 1], name[i], next, after);
        for (offset, &letter) in replacement.as_bytes().iter().enumerate() {
            if let Some(place) = name.get_mut(i + offset) {
                *place = letter;
            }
        }
        // Only a letter that differs from the one before it is kept.
        if name[i] != name[i - 1] {
            code.push(name[i]);
        }
    }
    trim(code)
}

fn beginnings(name: Vec<u8>) -> Vec<u8> {
    let pairs: [(&[u8], &[u8]); 6] =
        [(b"MAC", b"MCC"), (b"KN", b"NN"), (b"K", b"C"), (b"PH", b"FF"), (b"PF", b"FF"), (b"SCH", b"SSS")];
    for (from, to) in pairs {
        if name.starts_with(from) {
            return [to, &name[from.len()..]].concat();
        }
    }
    name
}

fn endings(mut name: Vec<u8>) -> Vec<u8> {
    let pairs: [(&[u8], &[u8]); 7] =
        [(b"EE", b"Y"), (b"IE", b"Y"), (b"DT", b"D"), (b"RT", b"D"), (b"RD", b"D"), (b"NT", b"D"), (b"ND", b"D")];
    for (from, to) in pairs {
        if name.ends_with(from) {
            name.truncate(name.len() - from.len());
            name.extend_from_slice(to);
            break;
        }
    }
    name
}

const fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U')
}

/// What stands in place of `current` (and of the letters after it, where it is longer).
fn transcode(previous: u8, current: u8, next: u8, after: u8) -> &'static str {
    match current {
        b'E' if next == b'V' => "AF",
        b'A' | b'E' | b'I' | b'O' | b'U' => "A",
        b'Q' => "G",
        b'Z' => "S",
        b'M' => "N",
        b'K' if next == b'N' => "NN",
        b'K' => "C",
        b'S' if next == b'C' && after == b'H' => "SSS",
        b'P' if next == b'H' => "FF",
        b'H' if !is_vowel(previous) || !is_vowel(next) => letter(previous),
        b'W' if is_vowel(previous) => letter(previous),
        _ => letter(current),
    }
}

/// The letter as text.
fn letter(letter: u8) -> &'static str {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let index = usize::from(letter - b'A');
    &LETTERS[index..=index]
}

/// A final S, AY → Y, a final A.
fn trim(mut code: Vec<u8>) -> String {
    if code.len() > 1 {
        if code.last() == Some(&b'S') {
            code.pop();
        }
        if code.len() > 2 && code.ends_with(b"AY") {
            code.truncate(code.len() - 2);
            code.push(b'Y');
        }
        if code.len() > 1 && code.last() == Some(&b'A') {
            code.pop();
        }
    }
    String::from_utf8(code).expect("ASCII letters")
}
