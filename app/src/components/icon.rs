//! Our icons: strokes on a 16-unit grid, decoration beside a word and never alone without a label.

use leptos::prelude::*;
use model::Step;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Bell,
    Mail,
    Overview,
    Workflow,
    Execution,
    Project,
    Play,
    Pause,
    Check,
    Alert,
    Clock,
    Stop,
    Cross,
    Broken,
    More,
    Search,
    Plus,
    Chevron,
    Back,
    Download,
    Pencil,
    Copy,
    Trash,
    Circle,
    Import,
    Profile,
    Cleanse,
    Match,
    Merge,
    Export,
    Person,
    People,
    Leave,
    Reference,
}

impl Icon {
    pub const fn of_step(step: Step) -> Self {
        match step {
            Step::Import => Icon::Import,
            Step::Profile => Icon::Profile,
            Step::Cleanse => Icon::Cleanse,
            Step::Match => Icon::Match,
            Step::Merge => Icon::Merge,
            Step::Export => Icon::Export,
        }
    }

    pub fn view(self) -> AnyView {
        view! { <svg viewBox="0 0 16 16" aria-hidden="true"><path d=self.path()></path></svg> }.into_any()
    }

    const fn path(self) -> &'static str {
        match self {
            Icon::Person => "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 13.6a5.2 5.2 0 0 1 10.4 0",
            Icon::People => {
                "M6 7.6a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8zM1.6 13.2a4.4 4.4 0 0 1 8.8 0M10.6 3a2.4 2.4 0 0 1 0 4.4M12 9.4a4.4 4.4 0 0 1 2.4 3.8"
            }
            Icon::Leave => "M9.6 2.6H3.4v10.8h6.2M7 8h7M11.4 5.4 14 8l-2.6 2.6",
            Icon::Bell => "M4 11V7.5a4 4 0 0 1 8 0V11l1.5 1.5h-11zM6.8 14.2h2.4",
            Icon::Mail => "M2 3.5h12v9H2zM2.5 4L8 8.5 13.5 4",
            Icon::Overview => "M2 9h4V2H2zM10 14h4V7h-4zM2 14h4v-2H2zM10 4h4V2h-4z",
            Icon::Workflow => "M3 4h10M3 8h10M3 12h6",
            Icon::Execution | Icon::Clock => "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 4.5V8l2.5 1.5",
            Icon::Project => "M2 5l6-3 6 3-6 3zM2 8l6 3 6-3M2 11l6 3 6-3",
            Icon::Play => "M4 3l9 5-9 5z",
            Icon::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Icon::Check => "M3 8.5l3.2 3L13 4.5",
            Icon::Alert => "M8 2l6.5 11.5h-13zM8 6.5v3M8 11.5h.01",
            Icon::Stop => "M4 4h8v8H4z",
            Icon::Cross => "M4 4l8 8M12 4l-8 8",
            Icon::Broken => "M9 2L5.5 7.5h5L7 14",
            Icon::More => "M3 8h.01M8 8h.01M13 8h.01",
            Icon::Search => "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.5 10.5L14 14",
            Icon::Plus => "M8 3v10M3 8h10",
            Icon::Chevron => "M6 3.5L10.5 8 6 12.5",
            Icon::Back => "M10 3.5L5.5 8l4.5 4.5",
            Icon::Download => "M8 2.5v7M5 7l3 3 3-3M3 13.5h10",
            Icon::Pencil => "M10.5 3l2.5 2.5L6 12.5l-3 .5.5-3z",
            Icon::Copy => "M6 6h7.5v7.5H6zM3.5 10H2.5V2.5H10v1",
            Icon::Trash => "M3 4.5h10M6.5 4.5v-2h3v2M4.2 4.5l.6 9h6.4l.6-9",
            Icon::Circle => "M13 8A5 5 0 1 1 3 8a5 5 0 0 1 10 0z",
            Icon::Import => "M8 2v7.5M5 7l3 3 3-3M2.5 10.5v3h11v-3",
            Icon::Profile => "M3 13.5v-5M6.5 13.5v-9M10 13.5V7M13.5 13.5v-11",
            Icon::Cleanse => "M8 2c2.5 3 4 4.8 4 7a4 4 0 0 1-8 0c0-2.2 1.5-4 4-7z",
            Icon::Match => "M10 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM14 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0z",
            Icon::Merge => "M3 2.5c0 4 5 3.5 5 6v5M13 2.5c0 4-5 3.5-5 6M5.5 11L8 13.5l2.5-2.5",
            Icon::Reference => "M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5M9 3L7 13",
            Icon::Export => "M8 10V2.5M5 5l3-3 3 3M2.5 10.5v3h11v-3",
        }
    }
}
