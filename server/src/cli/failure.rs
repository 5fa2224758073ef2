//! Why a command could not be done, in words for the person at the terminal, and in an exit status for a script.

use std::{error::Error, fmt::Write as _, io, path::PathBuf, process::ExitCode};

use model::FieldError;
use reqwest::StatusCode;
use serde::Deserialize;

/// As a process ends that the signal of a closed pipe kills: nobody reads what is left to say.
const CLOSED_PIPE: u8 = 128 + 13;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("“{url}” is no address of a server: {problem}. Say one such as https://millrace.example.com")]
    Url { url: String, problem: String },
    #[error(
        "{url} cannot be reached: {cause}.\nIs the server running, and is this its address? Another one is said with \
         --url or MILLRACE_URL."
    )]
    Unreachable { url: String, cause: String },
    #[error("{url} did not answer within {seconds} s. What was asked may have been done all the same.")]
    NoAnswer { url: String, seconds: u64 },
    #[error("{url} leads on to {target}. Say that address with --url or MILLRACE_URL.")]
    LedOn { url: String, target: String },
    #[error(
        "{url} answered {status}, and not as Millrace does. Is this the address of the server, without the \
         path of a page?"
    )]
    NotMillrace { url: String, status: StatusCode },
    #[error(
        "{url} answers, but opens no live feed ({status}). A proxy before it must pass websockets on. \
         How the run stands says\n  millrace execution show ID"
    )]
    NoFeed { url: String, status: StatusCode },
    #[error("The answer of {url} is not understood: {problem}. Is the server newer than this program?")]
    NotUnderstood { url: String, problem: String },
    #[error(
        "{url} asks for a token. Make one on its page /account, or on its machine with\n  \
         millrace token create --role operator --data DIR\nand hand it over in MILLRACE_TOKEN, or with --token."
    )]
    NoToken { url: String },
    #[error(
        "{url} does not accept this token: it is mistyped, expired or revoked. Make a new one on its page \
         /account, or on its machine with\n  millrace token create --role operator --data DIR\nand hand it over in \
         MILLRACE_TOKEN, or with --token."
    )]
    BadToken { url: String },
    #[error("The token cannot be sent: it holds what no token does, such as a line break.")]
    UnreadableToken,
    #[error("{0}")]
    Refused(Problem),
    #[error("{url} has been gone for {minutes} minutes. The run is followed no more. {cause}")]
    Gone { url: String, minutes: u64, cause: String },
    /// Something that was named does not exist, or may not be.
    #[error("{0}")]
    Input(String),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("The output cannot be written: {0}")]
    Output(#[from] io::Error),
    #[error("The program cannot start: {0}")]
    Runtime(io::Error),
}

impl Failure {
    /// Says it on the standard error; gives the exit status.
    pub(super) fn tell(self) -> ExitCode {
        if matches!(&self, Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            return CLOSED_PIPE.into();
        }
        eprintln!("millrace: {self}");
        ExitCode::FAILURE
    }

    /// Whether a server that is just starting, or a network that is just gone, may be the reason.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Failure::Unreachable { .. } | Failure::NoAnswer { .. } => true,
            // Of a proxy before the server.
            Failure::NotMillrace { status, .. } => status.is_server_error(),
            Failure::Refused(problem) => problem.status >= StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
            _ => false,
        }
    }
}

/// A problem document (RFC 9457) of the API.
#[derive(Debug, Deserialize)]
pub(crate) struct Problem {
    title: String,
    pub(super) status: u16,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<FieldError>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.errors.as_slice() {
            [] if self.detail.is_empty() => f.write_str(&self.title),
            [] => f.write_str(&self.detail),
            fields => f.write_str(&by_field(&self.title, fields)),
        }
    }
}

fn by_field(title: &str, fields: &[FieldError]) -> String {
    fields.iter().fold(format!("{title}:"), |mut text, FieldError { field, message }| {
        let place = if field.is_empty() { String::new() } else { format!("{field}: ") };
        write!(text, "\n  {place}{message}").expect("a string takes all text");
        text
    })
}

/// The innermost cause: “connection refused” says more than “error sending request”.
pub(super) fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(document: &str, expected: Expect) {
        let problem: Problem = serde_json::from_str(document).expect("a problem document");
        expected.assert_eq(&Failure::Refused(problem).to_string());
    }

    #[test]
    fn a_problem_is_its_sentence_or_its_fields() {
        check(
            r#"{"type":"urn:x","title":"Not found","status":404,"detail":"There is no such workflow. It may have been deleted."}"#,
            expect!["There is no such workflow. It may have been deleted."],
        );
        check(
            r#"{"type":"urn:x","title":"Some of what was sent is not valid","status":422,"detail":"a: b; c: d",
                "errors":[{"field":"name","message":"give it a name"},{"field":"","message":"is not JSON"}]}"#,
            expect![[r#"
                Some of what was sent is not valid:
                  name: give it a name
                  is not JSON"#]],
        );
        check(r#"{"title":"Too many","status":429}"#, expect!["Too many"]);
    }
}
