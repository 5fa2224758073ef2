//! The demo's customer list: 5,000 rows in which about one person in four appears more than once.
//!
//! Deterministic: the same bytes on every machine, so that tests and screenshots agree. Everything is made up; e-mail
//! addresses use the reserved `example` domains and telephone numbers the unassigned 555 exchange.
//!
//! The duplicates are what real lists hold: typing errors, nicknames, swapped name fields, abbreviated streets, other
//! notations of a date or a telephone number, people who moved or changed their address, missing values. And what is
//! alike without being the same is there too: families at one address, namesakes in one town.

mod names;

use crate::random::Random;

/// Rows of the list, without its header.
pub const ROWS: usize = 5_000;
/// Rows that repeat a person who is already there.
const REPEATED_ROWS: usize = 1_400;
/// Any constant does; this one is the year of the SplitMix paper.
const SEED: u64 = 2014;

const HEADER: [&str; 10] = [
    "customer_number",
    "first_name",
    "last_name",
    "birth_date",
    "email",
    "phone",
    "street",
    "city",
    "postcode",
    "registered_on",
];

#[derive(Clone, Debug)]
struct Customer {
    first_name: String,
    last_name: String,
    /// Year, month, day.
    birth_date: (u32, u32, u32),
    email: String,
    phone: Phone,
    house: u32,
    street: &'static str,
    street_kind: &'static str,
    city: &'static names::City,
    postcode: String,
}

#[derive(Clone, Copy, Debug)]
struct Phone {
    area: u32,
    line: u32,
}

/// The file as UTF-8 CSV with a header.
pub fn csv() -> Vec<u8> {
    let mut random = Random::new(SEED);
    let mut rows = Vec::with_capacity(ROWS);
    let people = people(&mut random, ROWS - REPEATED_ROWS);
    for person in &people {
        rows.push(person.as_typed(&mut random));
    }
    // A person is entered again up to three times: most once, some twice.
    while rows.len() < ROWS {
        let person = &people[random.below(people.len() * 2 / 5)];
        rows.push(person.typed_again(&mut random));
    }
    random.shuffle(&mut rows);
    write(&rows)
}

fn write(rows: &[[String; 9]]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).expect("a vector takes all bytes");
    for (place, row) in rows.iter().enumerate() {
        let number = format!("C-{}", 10_001 + place);
        let record = std::iter::once(&number).chain(row);
        writer.write_record(record).expect("a vector takes all bytes");
    }
    writer.into_inner().expect("a vector takes all bytes")
}

fn people(random: &mut Random, count: usize) -> Vec<Customer> {
    let mut people: Vec<Customer> = Vec::with_capacity(count);
    while people.len() < count {
        let mut person = Customer::new(random);
        // One in eight lives with someone who is already in the list: same name, address and telephone.
        if random.one_in(8)
            && let Some(relative) = people.last()
        {
            person = Customer {
                last_name: relative.last_name.clone(),
                phone: relative.phone,
                house: relative.house,
                street: relative.street,
                street_kind: relative.street_kind,
                city: relative.city,
                postcode: relative.postcode.clone(),
                ..person
            };
            person.email = email(random, &person.first_name, &person.last_name);
        }
        people.push(person);
    }
    people
}

impl Customer {
    fn new(random: &mut Random) -> Self {
        let first_name = random.pick(&names::FIRST_NAMES).0.to_owned();
        let last_name = random.pick(&names::LAST_NAMES).to_string();
        let city = random.pick(&names::CITIES);
        Self {
            email: email(random, &first_name, &last_name),
            first_name,
            last_name,
            birth_date: (1938 + random.below_u32(68), 1 + random.below_u32(12), 1 + random.below_u32(28)),
            phone: Phone { area: city.area_code, line: random.below_u32(10_000) },
            house: 1 + random.below_u32(240),
            street: *random.pick(&names::STREETS),
            street_kind: random.pick(&names::STREET_KINDS).0,
            city,
            postcode: format!("{}{:02}", city.postcode, random.below(100)),
        }
    }

    /// As it was entered the first time: complete but for a value here and there.
    fn as_typed(&self, random: &mut Random) -> [String; 9] {
        let mut row = self.row(random, Notation::FIRST);
        if random.one_in(12) {
            row[random.pick_index(&[3, 4])].clear();
        }
        row
    }

    /// The same person, entered again by someone else: other notations and one to three slips.
    fn typed_again(&self, random: &mut Random) -> [String; 9] {
        let mut person = self.clone();
        if random.one_in(10) {
            person.move_house(random);
        }
        if random.one_in(8) {
            person.email = email(random, &person.first_name, &person.last_name);
        }
        let notation = Notation::any(random);
        let mut row = person.row(random, notation);
        for _ in 0..=random.below(3) {
            slip(random, &person, &mut row);
        }
        row
    }

    fn move_house(&mut self, random: &mut Random) {
        self.house = 1 + random.below_u32(240);
        self.street = *random.pick(&names::STREETS);
        self.street_kind = random.pick(&names::STREET_KINDS).0;
        self.postcode = format!("{}{:02}", self.city.postcode, random.below(100));
    }

    fn row(&self, random: &mut Random, notation: Notation) -> [String; 9] {
        let kind = if notation.short_street { names::short_street_kind(self.street_kind) } else { self.street_kind };
        let registered = (2012 + random.below(13), 1 + random.below(12), 1 + random.below(28));
        let mut row = [
            self.first_name.clone(),
            self.last_name.clone(),
            notation.date.write(self.birth_date),
            self.email.clone(),
            notation.phone.write(self.phone),
            format!("{} {} {kind}", self.house, self.street),
            self.city.name.to_owned(),
            self.postcode.clone(),
            format!("{}-{:02}-{:02}", registered.0, registered.1, registered.2),
        ];
        if notation.capitals {
            row[..2].iter_mut().for_each(|name| *name = name.to_uppercase());
            row[6] = row[6].to_uppercase();
        }
        row
    }
}

/// How a clerk writes things.
#[derive(Clone, Copy, Debug)]
struct Notation {
    date: DateNotation,
    phone: PhoneNotation,
    short_street: bool,
    capitals: bool,
}

#[derive(Clone, Copy, Debug)]
enum DateNotation {
    Iso,
    Words,
}

#[derive(Clone, Copy, Debug)]
enum PhoneNotation {
    Brackets,
    Dashes,
    Dots,
    International,
}

impl Notation {
    const FIRST: Self =
        Self { date: DateNotation::Iso, phone: PhoneNotation::Brackets, short_street: false, capitals: false };

    fn any(random: &mut Random) -> Self {
        Self {
            date: if random.one_in(5) { DateNotation::Words } else { DateNotation::Iso },
            phone: match random.below(4) {
                0 => PhoneNotation::Brackets,
                1 => PhoneNotation::Dashes,
                2 => PhoneNotation::Dots,
                _ => PhoneNotation::International,
            },
            short_street: random.one_in(2),
            capitals: random.one_in(7),
        }
    }
}

impl DateNotation {
    fn write(self, (year, month, day): (u32, u32, u32)) -> String {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        match self {
            DateNotation::Iso => format!("{year}-{month:02}-{day:02}"),
            DateNotation::Words => format!("{day} {} {year}", MONTHS[month as usize - 1]),
        }
    }
}

impl PhoneNotation {
    fn write(self, Phone { area, line }: Phone) -> String {
        match self {
            PhoneNotation::Brackets => format!("({area}) 555-{line:04}"),
            PhoneNotation::Dashes => format!("{area}-555-{line:04}"),
            PhoneNotation::Dots => format!("{area}.555.{line:04}"),
            PhoneNotation::International => format!("+1 {area} 555 {line:04}"),
        }
    }
}

fn email(random: &mut Random, first: &str, last: &str) -> String {
    let (first, last) = (first.to_lowercase(), last.to_lowercase().replace(['\'', ' '], ""));
    let host = random.pick(&["example.com", "example.org", "example.net", "mail.example.com", "post.example.org"]);
    match random.below(4) {
        0 => format!("{first}.{last}@{host}"),
        1 => format!("{}{last}{}@{host}", &first[..1], random.below(90) + 10),
        2 => format!("{first}{}@{host}", random.below(900) + 100),
        _ => format!("{last}.{first}@{host}"),
    }
}

/// One slip of the pen somewhere in the row.
fn slip(random: &mut Random, person: &Customer, row: &mut [String; 9]) {
    match random.below(10) {
        0 => row.swap(0, 1),
        1 | 2 => row[0] = names::nickname(&person.first_name).map_or_else(|| typo(random, &row[0]), str::to_owned),
        3 => row[random.pick_index(&[2, 3, 4])].clear(),
        4 => {
            // Day and month change places: only where both readings are dates.
            let (year, month, day) = person.birth_date;
            if day <= 12 {
                row[2] = DateNotation::Iso.write((year, day, month));
            }
        }
        5 => row[0] = format!(" {}  ", row[0]),
        _ => {
            let place = random.pick_index(&[0, 1, 1, 3, 5, 6]);
            row[place] = typo(random, &row[place]);
        }
    }
}

/// A letter dropped, doubled, changed, or swapped with the next.
fn typo(random: &mut Random, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    let at = 1 + random.below(letters.len() - 2);
    match random.below(4) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters[at]),
        2 => letters[at] = char::from(b'a' + u8::try_from(random.below(26)).expect("less than 26")),
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_list_is_the_same_every_time_and_its_numbers_are_unique() {
        let list = csv();
        assert_eq!(list, csv());
        let text = String::from_utf8(list).expect("UTF-8");
        let numbers: HashSet<&str> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!(numbers.len(), ROWS);
    }

    #[test]
    fn every_row_has_every_column() {
        let list = csv();
        let mut reader = csv::Reader::from_reader(list.as_slice());
        assert_eq!(reader.headers().expect("a header"), HEADER.as_slice());
        let rows: Vec<_> = reader.records().collect::<Result<_, _>>().expect("rows of one length");
        assert_eq!(rows.len(), ROWS);
        assert!(rows.iter().all(|row| !row[0].is_empty() && !row[2].is_empty()));
        let without_email = rows.iter().filter(|row| row[4].is_empty()).count();
        assert!((50..1_000).contains(&without_email), "{without_email}");
    }
}
