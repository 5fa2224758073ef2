//! Wrong passwords and names.

use super::*;

fn refusal<T: std::fmt::Debug>(result: Result<T, SignInError>) -> Error {
    match result {
        Err(SignInError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

const STRANGER: Peer = Peer { address: IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7)), secure: false };

/// The same words, after the same work.
#[tokio::test]
async fn an_unknown_name_is_answered_like_a_wrong_password() {
    let hall = Hall::new().await;
    hall.change_root(false).await;
    let passwords = &hall.gate.passwords;
    let mut answers = Vec::new();
    // Other has no password yet, and there is no Nobody.
    for (name, password) in [("Root", "a wrong password"), ("Other", PASSWORD), ("Nobody", PASSWORD), ("", "")] {
        let before = passwords.looked_at();
        answers.push(refusal(hall.gate.sign_in(name, password, place(STRANGER)).await).to_string());
        assert_eq!(passwords.looked_at(), before + 1, "{name}");
    }
    answers.dedup();
    assert_eq!(answers, ["The name or the password is not right."]);
}

/// All of them come before the first was found to be wrong.
#[tokio::test]
async fn guesses_at_the_same_time_are_counted_like_guesses_one_after_the_other() {
    let hall = Hall::new().await;
    let before = hall.gate.passwords.looked_at();
    let guess = |number| {
        let gate = Arc::clone(&hall.gate);
        async move { refusal(gate.sign_in("Root", &format!("guess {number}"), place(STRANGER)).await) }
    };
    let refusals = futures::future::join_all((0..40).map(guess)).await;
    let waits = refusals.iter().filter(|refusal| matches!(refusal, Error::TooMany { .. })).count();
    assert_eq!(waits, 30);
    assert_eq!(hall.gate.passwords.looked_at() - before, 10);
}

/// She gets in from where she was before, and from where nobody guesses; the one who guesses has to wait.
#[tokio::test]
async fn whoever_guesses_locks_nobody_out() {
    let hall = Hall::new().await;
    for guess in 0..200_u32 {
        let peer = Peer { address: IpAddr::from(guess.to_be_bytes()), secure: false };
        let _ = hall.gate.sign_in("Root", "a guess", place(peer)).await;
    }
    assert!(matches!(refusal(hall.gate.sign_in("Root", PASSWORD, place(STRANGER)).await), Error::TooMany { .. }));
    assert!(hall.gate.sign_in("Root", PASSWORD, place(HOME)).await.is_ok());
}

/// The old password has to be known, and cannot be guessed with a stolen session either.
#[tokio::test]
async fn the_old_password_is_guessed_as_slowly_as_at_the_sign_in() {
    let hall = Hall::new().await;
    let change = async |current: &str| {
        refusal(hall.gate.change_password(hall.root, current, "another long password", place(STRANGER)).await)
    };
    for _ in 0..10 {
        assert!(matches!(change("a guess").await, Error::Invalid { .. }));
    }
    assert!(matches!(change(PASSWORD).await, Error::TooMany { .. }));
}

/// What is typed may be long; it costs no more than a name and a password do.
#[tokio::test]
async fn a_name_of_a_million_characters_is_nobodys() {
    let hall = Hall::new().await;
    let long = "x".repeat(1 << 20);
    assert!(matches!(refusal(hall.gate.sign_in(&long, &long, place(HOME)).await), Error::Forbidden { .. }));
}
