//! A row of a bench's table.

/// Median, 99th percentile and worst of some milliseconds.
pub(crate) fn print_row(what: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    // Nearest rank: the smallest value with at least that share of all values at or below it.
    let rank = |share: f64| values[((share * values.len() as f64).ceil() as usize).max(1) - 1];
    println!("{what:58} {:>6.2} ms {:>6.2} ms {:>6.2} ms", rank(0.5), rank(0.99), rank(1.0));
}
