//! Idempotency keys: one click is one execution, also on a double click, a repeated request or a reload.

use leptos::prelude::*;

/// A seed that the server draws for each page it renders, and a count that the browser continues from it.
#[derive(Clone, Copy)]
pub struct Keys {
    seed: StoredValue<String>,
    used: StoredValue<u64>,
}

impl Keys {
    pub fn provide() {
        let seed = SharedValue::new(draw_seed).into_inner();
        provide_context(Self { seed: StoredValue::new(seed), used: StoredValue::new(0) });
    }

    /// The key that forms carry as the server writes them. A key counts for one workflow, so forms may share it.
    pub fn first(self) -> String {
        self.seed.get_value()
    }

    /// A key that nothing used before. Only in the browser.
    pub fn next(self) -> String {
        self.used.update_value(|used| *used += 1);
        format!("{}-{}", self.seed.get_value(), self.used.get_value())
    }
}

/// The key of a form, renewed after each answer: pressing again before the answer repeats the request, pressing again
/// after it is a new one.
pub fn use_key(answers: impl Fn() -> usize + 'static) -> RwSignal<String> {
    let keys = expect_context::<Keys>();
    let key = RwSignal::new(keys.first());
    Effect::new(move || {
        answers();
        key.set(keys.next());
    });
    key
}

#[cfg(feature = "ssr")]
fn draw_seed() -> String {
    let mut random = [0_u8; 12];
    getrandom::fill(&mut random).expect("the operating system has random numbers");
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The browser reads the seed that the server drew; this runs only if that is missing.
#[cfg(not(feature = "ssr"))]
fn draw_seed() -> String {
    format!("{:x}{:x}", crate::browser::now().as_micros(), (crate::browser::random() * 1e9) as u64)
}
