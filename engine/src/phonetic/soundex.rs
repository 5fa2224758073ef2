//! Soundex by the rule of the US census (National Archives): a letter and three digits.

/// `letters` are upper-case ASCII letters.
pub(super) fn code(letters: &[u8]) -> String {
    let Some((&first, rest)) = letters.split_first() else {
        return String::new();
    };
    let mut code = String::from(char::from(first));
    let mut previous = digit(first);
    for &letter in rest {
        match letter {
            // H and W do not separate equal digits; a vowel does.
            b'H' | b'W' => continue,
            _ => {
                let current = digit(letter);
                if let Some(digit) = current
                    && current != previous
                {
                    code.push(digit);
                }
                previous = current;
            }
        }
        if code.len() == 4 {
            break;
        }
    }
    while code.len() < 4 {
        code.push('0');
    }
    code
}

fn digit(letter: u8) -> Option<char> {
    match letter {
        b'B' | b'F' | b'P' | b'V' => Some('1'),
        b'C' | b'G' | b'J' | b'K' | b'Q' | b'S' | b'X' | b'Z' => Some('2'),
        b'D' | b'T' => Some('3'),
        b'L' => Some('4'),
        b'M' | b'N' => Some('5'),
        b'R' => Some('6'),
        _ => None,
    }
}
