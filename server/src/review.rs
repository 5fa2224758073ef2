//! What people decided about records by hand, as the engine takes it.

use engine::ReviewFlags;
use model::review::ReviewFlag;

/// `decided` names each record with a flag of its.
pub(crate) fn flags(decided: &[(String, ReviewFlag)]) -> ReviewFlags {
    let mut flags = ReviewFlags::default();
    for (record, flag) in decided {
        let set = match flag {
            ReviewFlag::Master => &mut flags.master,
            ReviewFlag::Selected => &mut flags.selected,
            ReviewFlag::NotDuplicate => &mut flags.not_duplicate,
        };
        set.insert(record.clone());
    }
    flags
}
