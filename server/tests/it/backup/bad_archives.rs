//! Archives that were cut off, damaged or made by somebody with a purpose: each is refused, and nothing of it is left.

use std::{
    io::{Read as _, Write as _},
    path::Path,
};

use ::server::random::Random;
use tar::{EntryType, Header};
use tempfile::TempDir;

use super::{back_up, customers, names, restore, started};

const ID: &str = "0192f0a1-7b3c-7def-8123-456789abcdef";

/// An entry: name, kind and content.
type Entry = (Vec<u8>, EntryType, Vec<u8>);

/// A good backup of a small server, to be made worse.
struct Good {
    directory: TempDir,
    bytes: Vec<u8>,
}

impl Good {
    async fn make() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (data, file) = (directory.path().join("data"), directory.path().join("good.tar.zst"));
        let process = started(&data).await;
        process.client.project_of("Customers", customers(400)).await;
        process.stop().await;
        assert!(back_up(&data, &file, &[]).await.done);
        let bytes = std::fs::read(&file).unwrap();
        std::fs::remove_dir_all(&data).unwrap();
        Self { directory, bytes }
    }

    fn entries(&self) -> Vec<Entry> {
        let mut archive = tar::Archive::new(zstd::Decoder::new(&self.bytes[..]).unwrap());
        let entries = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let (name, kind) = (entry.path_bytes().into_owned(), entry.header().entry_type());
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (name, kind, content)
        });
        entries.collect()
    }

    /// Restoring this is refused for this reason, and leaves the directory above as it was.
    async fn check_refused(&self, bytes: &[u8], reason: &str) {
        let file = self.directory.path().join("bad.tar.zst");
        std::fs::write(&file, bytes).unwrap();
        let before = names(self.directory.path());
        let target = self.directory.path().join("new/data");
        self.check_one(&file, &target, reason).await;
        assert_eq!(names(self.directory.path()), before, "{reason}");
        // The same into a directory that is there already.
        std::fs::create_dir_all(&target).unwrap();
        self.check_one(&file, &target, reason).await;
        assert_eq!(names(&target).len(), 0, "{reason}");
        std::fs::remove_dir_all(self.directory.path().join("new")).unwrap();
    }

    async fn check_one(&self, file: &Path, target: &Path, reason: &str) {
        let said = restore(file, target).await;
        assert!(!said.done && said.errors.contains(reason), "{reason}: {said:?}");
    }

    /// The good entries, changed.
    async fn check_changed(&self, reason: &str, change: impl FnOnce(&mut Vec<Entry>)) {
        let mut entries = self.entries();
        change(&mut entries);
        self.check_refused(&archive(&entries), reason).await;
    }
}

/// Names are written as they are: the library's own functions refuse bad ones.
fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, kind, content) in entries {
        let mut header = Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        if matches!(kind, EntryType::Symlink | EntryType::Link) {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        tar.write_all(header.as_bytes()).unwrap();
        tar.write_all(content).unwrap();
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    zstd::encode_all(&tar[..], 3).unwrap()
}

fn file(name: &str, content: &str) -> Entry {
    (name.as_bytes().to_vec(), EntryType::Regular, content.as_bytes().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_cut_off_or_damaged() {
    let good = Good::make().await;
    for bytes in [0, 1, 100, good.bytes.len() / 2, good.bytes.len() - 1] {
        good.check_refused(&good.bytes[..bytes], "is no backup that can be used").await;
    }
    let mut random = Random::new(11);
    for _ in 0..10 {
        let mut damaged = good.bytes.clone();
        // Past zstd's own header, in which not every bit means something.
        let place = 18 + random.below(damaged.len() - 18);
        damaged[place] ^= 1 << random.below(8);
        println!("bit flipped at {place} of {}", damaged.len());
        good.check_refused(&damaged, "is no backup that can be used").await;
    }
    good.check_refused(b"name;town\nAnn;Ghent\n", "is no backup that can be used").await;
    good.check_refused(&[&good.bytes[..], b"more"].concat(), "is no backup that can be used").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_would_write_elsewhere() {
    let good = Good::make().await;
    for name in [
        "../evil",
        "/tmp/evil",
        "projects/../../evil",
        "executions/../../evil",
        "./millrace.db",
        "lock",
        "millrace.toml",
        "projects",
    ] {
        good.check_changed("is not of a backup", |entries| entries.insert(2, file(name, "evil"))).await;
    }
    let named = |name: &str| format!("executions/{ID}/outputs/{name}");
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Directory, EntryType::Fifo, EntryType::Char] {
        let entry = (named("a.csv").into_bytes(), kind, Vec::new());
        good.check_changed("is not a plain file", |entries| entries.insert(2, entry)).await;
    }
    assert!(!good.directory.path().join("evil").exists() && !Path::new("/tmp/evil").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_hold_what_it_says() {
    let good = Good::make().await;
    good.check_changed("its files are not those of its list", |entries| {
        entries.insert(2, file(&format!("executions/{ID}/log.jsonl"), "{}"));
    })
    .await;
    good.check_changed("its files are not those of its list", |entries| {
        let uploaded = entries.iter().position(|entry| entry.0.starts_with(b"projects/")).unwrap();
        entries.remove(uploaded);
    })
    .await;
    good.check_changed("its files are not those of its list", |entries| entries[2].2.push(b'x')).await;
    good.check_changed("out of place", |entries| entries.push(file("millrace.db", "another"))).await;
    good.check_changed("out of place", |entries| entries.swap(0, 1)).await;
    good.check_changed("ends before its list", |entries| drop(entries.pop())).await;
    good.check_changed("File exists", |entries| entries.insert(3, entries[2].clone())).await;
    // A list that fits the files, but not the database.
    good.check_changed("which is not in it", |entries| {
        let uploaded = entries.iter().position(|entry| entry.0.starts_with(b"projects/")).unwrap();
        let (name, ..) = entries.remove(uploaded);
        let list = &mut entries.last_mut().unwrap().2;
        let text = String::from_utf8(list.clone()).unwrap();
        let left = text.lines().filter(|line| !line.contains(std::str::from_utf8(&name).unwrap()));
        *list = left.map(|line| format!("{line}\n")).collect::<String>().into_bytes();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_database_is_none_or_of_tomorrow() {
    let good = Good::make().await;
    good.check_changed("file is not a database", |entries| entries[1].2 = vec![b'x'; 8192]).await;
    good.check_changed("is no backup that can be used", |entries| {
        let database = &mut entries[1].2;
        let half = database.len() / 2;
        database[half..half + 4096].fill(0xff);
    })
    .await;
    good.check_changed("written by a newer version of Millrace", |entries| {
        let file = good.directory.path().join("newer.db");
        std::fs::write(&file, &entries[1].2).unwrap();
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(make_newer(&file)));
        entries[1].2 = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
    })
    .await;
    good.check_changed("it has format 2", |entries| {
        let head = String::from_utf8(entries[0].2.clone()).unwrap();
        entries[0].2 = head.replace("\"format\": 1", "\"format\": 2").into_bytes();
    })
    .await;
}

async fn make_newer(file: &Path) {
    use sqlx::{ConnectOptions as _, Connection as _};
    let mut database = sqlx::sqlite::SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1").execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}
