//! A secret that sets fields, one `name=value` a line.

/// Names with their values, in order.
pub(super) struct Fields<'s>(Vec<(&'s str, &'s str)>);

impl<'s> Fields<'s> {
    /// `None` when a line sets nothing. Empty lines, and blanks around names and values, do not count.
    pub(super) fn of(secret: &'s str) -> Option<Self> {
        let lines = secret.lines().map(str::trim).filter(|line| !line.is_empty());
        let fields = lines.map(|line| line.split_once('=').map(|(name, value)| (name.trim(), value.trim())));
        fields.collect::<Option<_>>().map(Self)
    }

    /// The values of `names`, when these are set and no others.
    pub(super) fn exactly<const N: usize>(&self, names: [&str; N]) -> Option<[&'s str; N]> {
        let mut values = [""; N];
        for (value, wanted) in values.iter_mut().zip(names) {
            *value = self.0.iter().find(|(name, _)| *name == wanted)?.1;
        }
        (self.0.len() == N).then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_taken_when_they_are_those_that_are_wanted() {
        let fields = Fields::of("username=ann\n\n password = p w=\n").expect("two fields");
        assert_eq!(fields.exactly(["password", "username"]), Some(["p w=", "ann"]));
        assert_eq!(fields.exactly(["username"]), None, "one too many");
        assert_eq!(fields.exactly(["username", "password", "token"]), None, "one too few");
        assert!(Fields::of("username=ann\nhunter2").is_none());
    }
}
