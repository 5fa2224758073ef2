//! One field of an expression: lists, ranges, steps and names become a set of numbers.

/// What a field may hold.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    min: u32,
    max: u32,
    /// Names of the numbers from `min` on.
    names: &'static [&'static str],
}

impl Kind {
    /// How many numbers there are; 7 is no weekday of its own.
    pub(super) fn size(&self) -> usize {
        let last = if self.max == 7 { 6 } else { self.max };
        usize::try_from(last - self.min + 1).expect("a field has at most sixty numbers")
    }
}

pub(super) const MINUTE: Kind = Kind { name: "minute", min: 0, max: 59, names: &[] };
pub(super) const HOUR: Kind = Kind { name: "hour", min: 0, max: 23, names: &[] };
pub(super) const DAY_OF_MONTH: Kind = Kind { name: "day-of-month", min: 1, max: 31, names: &[] };
pub(super) const MONTH: Kind = Kind {
    name: "month",
    min: 1,
    max: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
/// 0 and 7 are both Sunday.
pub(super) const DAY_OF_WEEK: Kind =
    Kind { name: "day-of-week", min: 0, max: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// A set of numbers, and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Bit n is set when n is in the set.
    set: u64,
    text: String,
}

impl Field {
    /// # Errors
    /// One sentence that begins with the field's name.
    pub(super) fn parse(kind: &Kind, text: &str) -> Result<Self, String> {
        let mut set = 0;
        for part in text.split(',') {
            set |= parse_part(kind, part).map_err(|problem| format!("{}: {problem}", kind.name))?;
        }
        let sunday_as_7 = 1 << 7;
        if kind.name == DAY_OF_WEEK.name && set & sunday_as_7 != 0 {
            set = (set | 1) & !sunday_as_7;
        }
        Ok(Self { set, text: text.to_ascii_lowercase() })
    }

    /// In ascending order.
    pub(super) fn values(&self) -> impl Iterator<Item = u32> + Clone {
        let set = self.set;
        (0..60).filter(move |number| set >> number & 1 == 1)
    }

    /// Written as `*`: the field restricts nothing.
    pub(super) fn is_any(&self) -> bool {
        self.text == "*"
    }

    pub(super) fn starts_with_star(&self) -> bool {
        self.text.starts_with('*')
    }

    /// The n of `*/n`.
    pub(super) fn star_step(&self) -> Option<u32> {
        self.text.strip_prefix("*/")?.parse().ok()
    }

    /// First and last when the field is written as one plain range.
    pub(super) fn as_range(&self) -> Option<(u32, u32)> {
        let values: Vec<u32> = self.values().collect();
        let (&first, &last) = (values.first()?, values.last()?);
        let gapless = usize::try_from(last - first).is_ok_and(|span| span + 1 == values.len());
        (gapless && values.len() > 2).then_some((first, last))
    }
}

/// `*`, `n`, `n-m`, each with `/step`.
fn parse_part(kind: &Kind, part: &str) -> Result<u64, String> {
    if part.is_empty() {
        return Err("there is nothing before or after a comma".to_owned());
    }
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(parse_step(kind, step)?)),
        None => (part, None),
    };
    let (first, last) = match range.split_once('-') {
        _ if range == "*" => (kind.min, if kind.max == 7 { 6 } else { kind.max }),
        Some((first, last)) => (parse_number(kind, first)?, parse_number(kind, last)?),
        None => {
            let first = parse_number(kind, range)?;
            // `5/15` is `5-59/15`.
            (first, if step.is_some() { if kind.max == 7 { 6 } else { kind.max } } else { first })
        }
    };
    let (first, last) = if kind.max == 7 { weekday_range(first, last) } else { (first, last) };
    if first > last {
        return Err(format!("the range {range} runs backwards"));
    }
    let step = usize::try_from(step.unwrap_or(1)).expect("a step is small");
    Ok((first..=last).step_by(step).fold(0, |set, number| set | 1 << number))
}

/// `fri-sun` ends on the Sunday after Friday, which is 7.
fn weekday_range(first: u32, last: u32) -> (u32, u32) {
    if last == 0 && first > 0 { (first, 7) } else { (first, last) }
}

fn parse_step(kind: &Kind, text: &str) -> Result<u32, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u32>() {
        _ if !digits => Err(format!("“{text}” is not a step; it must be a number")),
        Ok(0) => Err("a step must be at least 1".to_owned()),
        Ok(step) if step <= kind.max.max(1) => Ok(step),
        Ok(step) => Err(format!("the step {step} is larger than {}", kind.max)),
        Err(_) => Err(format!("“{text}” is not a step; it must be a number")),
    }
}

fn parse_number(kind: &Kind, text: &str) -> Result<u32, String> {
    let lower = text.to_ascii_lowercase();
    if let Some(place) = kind.names.iter().position(|name| *name == lower) {
        return Ok(kind.min + u32::try_from(place).expect("there are at most twelve names"));
    }
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(number) if digits && (kind.min..=kind.max).contains(&number) => Ok(number),
        _ if digits => Err(format!("{text} is not in {}–{}", kind.min, kind.max)),
        _ if kind.names.is_empty() => Err(format!("“{text}” is not a number in {}–{}", kind.min, kind.max)),
        _ => {
            let (first, last) = (kind.names[0], kind.names[kind.names.len() - 1]);
            Err(format!("“{text}” is neither a number in {}–{} nor a name {first}–{last}", kind.min, kind.max))
        }
    }
}
