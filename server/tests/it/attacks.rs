//! What someone sends who means no good: each is tried, and refused or cut off. A test is named after the attack.
//!
//! Foreign sites are in `foreign`, files that are not what they should be in `bad_input`.

mod large;
mod packed;
mod paths;
mod sign_in;
mod slow;
