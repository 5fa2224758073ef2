//! The workflow form, opened, previewed and saved. What was typed comes back with every refusal.
//!
//! There is one way through it: the form is posted to its page, to be saved or only to be looked at, and the page that
//! comes back says what it means and what is wrong with it.

mod compare;
pub mod fields;
mod open;
mod preview;
mod read;
mod save;
mod test;

pub use open::open;
