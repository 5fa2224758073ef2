//! Idempotency keys: one click is one execution, also on a double click, a repeated request or a reload of the answer.

/// A key for one form as it is rendered. The answer to a click renders the page anew, with a new key: pressing again
/// before the answer repeats the request, pressing again after it is a new one.
pub fn fresh() -> String {
    let mut random = [0_u8; 12];
    getrandom::fill(&mut random).expect("the operating system has random numbers");
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}
