//! Names statements, and lists them so that a test can prepare every one against the migrations.

/// Declares named SQL statements of a file. They are static text: nothing that a user typed is ever part of one.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: &str = $sql;)*

        #[cfg(test)]
        pub(in crate::store) const STATEMENTS: &[&str] = &[$($name),*];
    };
}

pub(in crate::store) use statements;
