//! The usual schedules by clicks, beside the cron expression as text: what is clicked is written there, what is typed there
//! is shown here. The text is what is sent; without JavaScript there is only the text.

use leptos::{ev, prelude::*, wasm_bindgen::JsCast as _};
use model::schedule::pattern::{Pattern, Time, Weekdays};
use web_sys::{Document, HtmlInputElement};

/// The name of the text field.
const TEXT: &str = "expression";
/// As calendars show a week: number in cron, short and long name.
const WEEK: [(u8, &str, &str); 7] = [
    (1, "Mon", "Monday"),
    (2, "Tue", "Tuesday"),
    (3, "Wed", "Wednesday"),
    (4, "Thu", "Thursday"),
    (5, "Fri", "Friday"),
    (6, "Sat", "Saturday"),
    (0, "Sun", "Sunday"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Custom,
}

impl Kind {
    const ALL: [(Kind, &str); 5] = [
        (Kind::Hourly, "Hourly"),
        (Kind::Daily, "Daily"),
        (Kind::Weekly, "Weekly"),
        (Kind::Monthly, "Monthly"),
        (Kind::Custom, "Custom"),
    ];
}

/// What stands in the fields; those of another kind keep their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fields {
    kind: Kind,
    at: Time,
    days: Weekdays,
    day: u8,
}

impl Fields {
    fn of(expression: &str) -> Self {
        let begun =
            Self { kind: Kind::Custom, at: Time { hour: 2, minute: 0 }, days: Weekdays::MONDAY_TO_FRIDAY, day: 1 };
        begun.showing(Pattern::parse(expression))
    }

    fn showing(self, pattern: Option<Pattern>) -> Self {
        match pattern {
            None => Self { kind: Kind::Custom, ..self },
            Some(Pattern::Hourly { minute }) => Self { kind: Kind::Hourly, at: Time { minute, ..self.at }, ..self },
            Some(Pattern::Daily { at }) => Self { kind: Kind::Daily, at, ..self },
            Some(Pattern::Weekly { days, at }) => Self { kind: Kind::Weekly, days, at, ..self },
            Some(Pattern::Monthly { day, at }) => Self { kind: Kind::Monthly, day, at, ..self },
        }
    }

    fn pattern(self) -> Option<Pattern> {
        let Self { kind, at, days, day } = self;
        match kind {
            Kind::Hourly => Some(Pattern::Hourly { minute: at.minute }),
            Kind::Daily => Some(Pattern::Daily { at }),
            Kind::Weekly => Some(Pattern::Weekly { days, at }),
            Kind::Monthly => Some(Pattern::Monthly { day, at }),
            Kind::Custom => None,
        }
    }
}

#[island]
pub fn CronBuilder(
    /// What the text field says when the page is rendered.
    expression: String,
) -> impl IntoView {
    let fields = RwSignal::new(Fields::of(&expression));
    Effect::new(move |_| {
        let typed = window_event_listener(ev::input, move |event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(input) = input.filter(|input| input.name() == TEXT) {
                fields.update(|fields| *fields = fields.showing(Pattern::parse(&input.value())));
            }
        });
        on_cleanup(move || typed.remove());
    });
    let change = move |change: &dyn Fn(&mut Fields)| {
        fields.update(|fields| change(fields));
        if let Some(pattern) = fields.get_untracked().pattern() {
            write(&pattern.to_string());
        }
    };
    let kind_button = |(kind, label): (Kind, &'static str)| {
        let press = move |_| change(&|fields| fields.kind = kind);
        view! {
            <button type="button" aria-pressed=move || (fields.get().kind == kind).to_string() on:click=press>
                {label}
            </button>
        }
    };
    let day_box = |(day, short, long): (u8, &'static str, &'static str)| {
        let toggle = move |_| change(&|fields| fields.days = fields.days.toggled(day));
        let is_ticked = move || fields.get().days.contains(day);
        view! {
            <button type="button" aria-pressed=move || is_ticked().to_string() aria-label=long on:click=toggle>
                {short}
            </button>
        }
    };
    let is = move |kinds: &'static [Kind]| !kinds.contains(&fields.get().kind);
    let set_minute = move |event| {
        if let Ok(minute @ 0..60) = event_target_value(&event).parse() {
            change(&|fields| fields.at.minute = minute);
        }
    };
    let set_day = move |event| {
        if let Ok(day @ 1..=31) = event_target_value(&event).parse() {
            change(&|fields| fields.day = day);
        }
    };
    let set_time = move |event| {
        if let Some(at) = time(&event_target_value(&event)) {
            change(&|fields| fields.at = at);
        }
    };
    view! {
        <div class="cron-builder with-script">
            <div class="segments" role="group" aria-label="How often">
                {Kind::ALL.map(kind_button).collect_view()}
            </div>
            <div class="row" hidden=move || fields.get().kind == Kind::Custom>
                <div class="segments days" role="group" aria-label="Days of the week" hidden=move || is(&[Kind::Weekly])>
                    {WEEK.map(day_box).collect_view()}
                </div>
                <label hidden=move || is(&[Kind::Monthly])>
                    "on day "
                    <input
                        type="number" min="1" max="31" inputmode="numeric" on:change=set_day
                        prop:value=move || fields.get().day.to_string()
                    />
                </label>
                <label hidden=move || is(&[Kind::Hourly])>
                    "at minute "
                    <input
                        type="number" min="0" max="59" inputmode="numeric" on:change=set_minute
                        prop:value=move || fields.get().at.minute.to_string()
                    />
                </label>
                <label hidden=move || is(&[Kind::Daily, Kind::Weekly, Kind::Monthly])>
                    "at "
                    <input
                        type="time" on:change=set_time
                        prop:value=move || format!("{:02}:{:02}", fields.get().at.hour, fields.get().at.minute)
                    />
                </label>
            </div>
        </div>
    }
}

/// `02:05`, as a time field says it.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Some(Time { hour: hour.parse().ok()?, minute: minute.get(..2)?.parse().ok()? })
}

/// Writes the expression into the text field as if it had been typed, so that whoever listens to typing hears of it.
fn write(expression: &str) {
    let document = document();
    let input = document.query_selector(&format!("form [name={TEXT}]")).ok().flatten();
    let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) else { return };
    if input.value() != expression {
        input.set_value(expression);
        tell(&document, &input);
    }
}

fn tell(document: &Document, input: &HtmlInputElement) {
    // Fails for a kind of event that there is not.
    if let Ok(event) = document.create_event("Event") {
        event.init_event_with_bubbles("input", true);
        let _ = input.dispatch_event(&event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_another_kind_keep_their_values() {
        let fields = Fields::of("15 6 * * 6");
        assert_eq!((fields.kind, fields.at), (Kind::Weekly, Time { hour: 6, minute: 15 }));
        let monthly = Fields { kind: Kind::Monthly, day: 31, ..fields };
        assert_eq!(monthly.pattern().map(|pattern| pattern.to_string()).as_deref(), Some("15 6 31 * *"));
        let back = Fields { kind: Kind::Weekly, ..monthly.showing(Pattern::parse("*/5 * * * *")) };
        assert_eq!(back.pattern().map(|pattern| pattern.to_string()).as_deref(), Some("15 6 * * 6"));
        assert_eq!(monthly.showing(None).pattern(), None);
    }
}
