use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use super::*;
use crate::{clock::ManualClock, schedule, testing::by};

struct Ground {
    home: TempDir,
    store: Store,
    project: ProjectId,
    other: ProjectId,
}

impl Ground {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let clock = ManualClock::new("2026-01-05T10:00:00Z".parse().unwrap());
        let store = Store::open(&home.path().join("millrace.db"), clock, schedule::occurrences).await.unwrap();
        let project = store.create_project("Customers".to_owned(), by("ann")).await.unwrap().id;
        let other = store.create_project("Suppliers".to_owned(), by("ann")).await.unwrap().id;
        Self { home, store, project, other }
    }

    fn key_file(&self) -> PathBuf {
        self.home.path().join("secrets.key")
    }

    fn vault(&self) -> Vault {
        Vault::new(self.store.clone(), KeyPlace::File(self.key_file()))
    }
}

#[tokio::test]
async fn a_secret_is_opened_by_the_next_process_and_lies_nowhere_as_it_is() {
    let ground = Ground::new().await;
    ground.vault().keep(ground.project, "crm", "hunter2-hunter2", by("ann")).await.unwrap();
    ground.vault().keep(ground.project, "crm", "swordfish-swordfish", by("bob")).await.unwrap();
    let opened = ground.vault().open(ground.project).await.unwrap();
    assert_eq!(opened.get("crm").unwrap(), "swordfish-swordfish");
    assert!(ground.vault().open(ground.other).await.unwrap().get("crm").is_err());
    let mode = std::fs::metadata(ground.key_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for entry in std::fs::read_dir(ground.home.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for value in ["hunter2-hunter2", "swordfish-swordfish"] {
            assert!(!bytes.windows(value.len()).any(|part| part == value.as_bytes()), "{}", path.display());
        }
    }
    let kept = ground.store.secret_names(ground.project).await.unwrap();
    assert_eq!(kept.iter().map(|it| (it.name.as_str(), it.changed_by.as_str())).collect::<Vec<_>>(), [("crm", "bob")]);
}

#[tokio::test]
async fn a_secret_cannot_be_put_in_the_place_of_another() {
    let ground = Ground::new().await;
    ground.vault().keep(ground.project, "crm", "hunter2", by("ann")).await.unwrap();
    let kept = ground.store.sealed_secrets(ground.project).await.unwrap().remove(0);
    for (project, name) in [(ground.other, "crm"), (ground.project, "erp")] {
        let moved = SealedSecret { name: name.to_owned(), sealed: kept.sealed.clone() };
        ground.store.put_secret(project, moved, by("eve")).await.unwrap();
        let problem = ground.vault().open(project).await.unwrap().get(name).unwrap_err().to_string();
        assert!(problem.contains("cannot be opened"), "{problem}");
    }
    assert_eq!(ground.vault().open(ground.project).await.unwrap().get("crm").unwrap(), "hunter2");
}

#[tokio::test]
async fn without_its_key_a_secret_is_not_opened_and_no_other_key_is_made() {
    let ground = Ground::new().await;
    ground.vault().keep(ground.project, "crm", "hunter2", by("ann")).await.unwrap();
    std::fs::remove_file(ground.key_file()).unwrap();
    assert!(ground.vault().open(ground.project).await.unwrap().get("crm").is_err());
    let refused = ground.vault().keep(ground.project, "erp", "hunter2", by("ann")).await.unwrap_err();
    assert!(matches!(refused, VaultError::Key(KeyError::Missing(_))), "{refused}");
    // One from a setting is another.
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, [7; 32]);
    let setting = Vault::new(ground.store.clone(), KeyPlace::Setting(text.parse().unwrap()));
    assert!(setting.open(ground.project).await.unwrap().get("crm").is_err());
    setting.keep(ground.project, "crm", "anew", by("ann")).await.unwrap();
    assert_eq!(setting.open(ground.project).await.unwrap().get("crm").unwrap(), "anew");
}

#[test]
fn a_key_is_32_bytes_and_shown_to_nobody() {
    for text in ["", "aGVsbG8=", "not base64"] {
        assert!(text.parse::<KeyText>().is_err(), "{text}");
    }
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, [7; 32]);
    assert_eq!(format!("{:?}", text.parse::<KeyText>().unwrap()), "…");
}
