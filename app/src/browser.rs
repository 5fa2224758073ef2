//! What runs in the browser: it keeps the page that the server rendered as a reload would show it.
//!
//! Nothing here knows what a page looks like. When an event of the live feed concerns the page, the same address is
//! fetched again and the answer is fitted into the document ([`page`], [`morph`]); a form is sent the same way and its
//! answer shown in place ([`forms`]). So there is one way in which anything is rendered, with and without JavaScript, and
//! a page that was asleep or cut off catches up to exactly what a reload would show.
//!
//! Between two renderings, attributes that the components write tell what moves by itself:
//!
//! | Attribute | What the browser does |
//! |---|---|
//! | `#watch` with `data-after`, `data-interests` | fetches the page again when one of them changed ([`feed`]) |
//! | `time[data-say]`, `[data-since]` | the viewer's own words for an instant ([`clock`]) |
//! | `[data-at]` | an instant that is added to the title once the pointer comes to it ([`clock`]) |
//! | `[data-ahead]` | drawn for a clock that is so many minutes ahead of UTC; fetched again when the viewer's is not ([`clock`]) |
//! | `[data-steps-of]`, `[data-meter]`, `[data-progress]`, `[data-words]` | progress of an execution, several times a second ([`progress`]) |
//! | `a[data-in-place]`, `form[data-in-place]` | fetches and fits in instead of leaving the page ([`page`], [`forms`]) |
//! | `form[data-preview]`, `form[data-guard]` | what the form would mean, while typing; asks before leaving ([`forms`]) |
//! | `form[data-reset]`, `[data-tick-all]` | clears the form once it was sent; ticks all boxes of its form ([`forms`]) |
//! | `details[data-looked]` | sends the form inside when it is closed ([`openers`]) |
//! | `[data-key]` | says which element is which when a list changes ([`morph`]) |
//! | `[data-attention]` | gets the focus when the form around it is refused ([`forms`]) |
//! | `[data-keep]` | is left alone ([`morph`]) |

mod clock;
mod dom;
mod feed;
mod forms;
mod morph;
mod notices;
mod openers;
mod page;
mod progress;
mod socket;

/// Called once, when the module is loaded.
pub fn start() {
    page::start();
    forms::start();
    openers::start();
    notices::start();
    clock::start();
    socket::start();
}
