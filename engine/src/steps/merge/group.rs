//! One group of matched records from its members to its decision. The step and its preview decide by this alone.

use super::rules::{Master, Member, Origin, Rules};

/// What became of a group.
#[derive(Debug)]
pub(crate) struct Decided<'a> {
    /// The records that stay together, in load order, their values overwritten.
    pub(crate) together: Vec<Member<'a>>,
    /// Nothing when the group has fallen apart.
    pub(crate) master: Option<Master>,
    /// Where the values of the master are from that a rule gave; all others are its own.
    pub(crate) origins: Vec<Origin>,
    /// Those that belong to no group any more, as they were.
    pub(crate) apart: Vec<Member<'a>>,
}

/// Decides a group, given its matched records in load order. Those flagged as no duplicates leave it; one record alone is
/// no group.
pub(crate) fn decide<'a>(members: Vec<Member<'a>>, rules: &Rules<'_>) -> Decided<'a> {
    let (mut apart, mut together): (Vec<_>, Vec<_>) =
        members.into_iter().partition(|member| member.flags.not_duplicate);
    if together.len() < 2 {
        apart.append(&mut together);
        return Decided { together, master: None, origins: Vec::new(), apart };
    }
    let master = rules.master(&together);
    let origins = rules.overwrite(&mut together, master.place);
    Decided { together, master: Some(master), origins, apart }
}

#[cfg(test)]
mod tests {
    use model::config::MergeConfig;

    use super::*;
    use crate::steps::merge::rules::Flags;

    #[test]
    fn who_is_no_duplicate_leaves_and_one_alone_is_no_group() {
        let members = |flagged: &[bool]| -> Vec<Member<'static>> {
            let member = |(record, not_duplicate): (usize, &bool)| Member {
                record: record as u32,
                flags: Flags { not_duplicate: *not_duplicate, master: *not_duplicate, ..Flags::default() },
                ..Member::default()
            };
            flagged.iter().enumerate().map(member).collect()
        };
        let config = MergeConfig::default();
        let numbers = |members: &[Member<'_>]| members.iter().map(|member| member.record).collect::<Vec<_>>();
        let decided = decide(members(&[true, false, false]), &Rules::new(&config));
        assert_eq!((numbers(&decided.together), numbers(&decided.apart)), (vec![1, 2], vec![0]));
        assert_eq!(decided.master.map(|master| master.place), Some(0));
        let decided = decide(members(&[true, false]), &Rules::new(&config));
        assert_eq!((decided.together.len(), numbers(&decided.apart), decided.master), (0, vec![0, 1], None));
    }
}
