//! Paths that lead elsewhere, and what is left by those who did not finish.

use std::{fs, io::Write as _, os::unix::fs::symlink};

use tempfile::TempDir;

use super::*;

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("readable");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

fn create(roots: &[PathBuf], path: &Path, name: &str) -> Result<Beside, Failure> {
    Beside::create(roots, path, name, &Arc::default())
}

fn refusal(roots: &[PathBuf], path: &Path, name: &str) -> String {
    create(roots, path, name).map(|_| ()).expect_err("refused").to_string()
}

#[test]
fn only_directories_under_a_root_and_no_links() {
    let home = TempDir::new().expect("a directory");
    let root = home.path().join("root");
    fs::create_dir_all(root.join("crm")).expect("made");
    fs::create_dir(home.path().join("outside")).expect("made");
    symlink(home.path().join("outside"), root.join("link")).expect("linked");
    symlink(home.path().join("outside/secret"), root.join("crm/a.csv")).expect("linked");
    fs::create_dir(root.join("crm/b.csv")).expect("made");
    let roots = [root.clone()];
    for (path, why) in [
        (root.join("../outside"), "may not hold"),
        (root.join("./crm"), "may not hold"),
        (home.path().join("outside"), "lies under none"),
        (home.path().join("rootless"), "lies under none"),
        (PathBuf::from("crm"), "has to be absolute"),
        (root.join("link"), "is a symbolic link"),
        (root.join("link/deeper"), "is a symbolic link"),
        (root.join("crm/b.csv/../.."), "may not hold"),
    ] {
        let refused = refusal(&roots, &path, "x.csv");
        assert!(refused.contains(why), "{}: {refused}", path.display());
    }
    assert!(refusal(&[], &root, "x.csv").contains("name no directory"));
    for name in ["a.csv", "b.csv"] {
        assert!(refusal(&roots, &root.join("crm"), name).contains("is a symbolic link or no file"), "{name}");
    }
    assert!(names(&home.path().join("outside")).is_empty());
    assert_eq!(names(&root.join("crm")), ["a.csv", "b.csv"]);
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let home = TempDir::new().expect("a directory");
    let roots = [home.path().to_owned()];
    let path = home.path().join("new/deeper");
    let dropped = create(&roots, &path, "a.csv").expect("begun");
    dropped.file().expect("open").write_all(b"half").expect("written");
    assert_eq!(names(&path).len(), 1);
    drop(dropped);
    assert!(names(home.path()).is_empty(), "the directories were made for it");
    let mut first = create(&roots, &path, "a.csv").expect("begun");
    first.file().expect("open").write_all(b"first").expect("written");
    first.place().expect("placed");
    drop(first);
    let second = create(&roots, &path, "a.csv").expect("begun");
    second.file().expect("open").write_all(b"second").expect("written");
    assert_eq!(fs::read(path.join("a.csv")).expect("there"), b"first");
    drop(second);
    assert_eq!(
        (names(&path), fs::read(path.join("a.csv")).expect("there")),
        (vec!["a.csv".to_owned()], b"first".to_vec())
    );
}

#[test]
fn what_dead_processes_left_goes_and_what_others_write_stays() {
    let home = TempDir::new().expect("a directory");
    let roots = [home.path().to_owned()];
    fs::write(home.path().join(".millrace-1-0.part"), b"half").expect("written");
    fs::write(home.path().join("notes.part"), b"not ours").expect("written");
    let mut one = create(&roots, home.path(), "a.csv").expect("begun");
    let mut other = create(&roots, home.path(), "b.csv").expect("begun");
    let part = |file: &Beside| file.part.clone().expect("it is not placed");
    let mut expected = vec![part(&one), part(&other), "notes.part".to_owned()];
    expected.sort();
    assert_eq!(names(home.path()), expected);
    one.place().expect("placed");
    other.place().expect("placed");
    assert_eq!(names(home.path()), ["a.csv", "b.csv", "notes.part"]);
}

#[test]
fn the_last_so_many_stay() {
    let home = TempDir::new().expect("a directory");
    let roots = [home.path().to_owned()];
    let pattern = Regex::new(r"^a-\d\.csv$").expect("an expression");
    fs::write(home.path().join("a-x.csv"), b"another's").expect("written");
    let mut removed = Vec::new();
    for number in 0..5 {
        let mut file = create(&roots, home.path(), &format!("a-{number}.csv")).expect("begun");
        // Times of files may be coarse; then the name decides, which rises here.
        file.place().expect("placed");
        removed = file.settle(Some(&(pattern.clone(), 2)));
    }
    assert_eq!(names(home.path()), ["a-3.csv", "a-4.csv", "a-x.csv"]);
    assert_eq!(removed, ["a-2.csv"]);
}

#[test]
fn what_is_taken_back_was_never_there() {
    let home = TempDir::new().expect("a directory");
    let roots = [home.path().to_owned()];
    let at = home.path().join("new");
    let placed = |name: &str, text: &[u8]| {
        let mut file = create(&roots, &at, name).expect("begun");
        file.file().expect("open").write_all(text).expect("written");
        file.keep_earlier().expect("kept");
        file.place().expect("placed");
        file
    };
    let mut first = placed("a.csv", b"first");
    first.take_back().expect("taken back");
    drop(first);
    assert!(names(home.path()).is_empty(), "the directory was made for it");
    let mut first = placed("a.csv", b"first");
    first.settle(None);
    drop(first);
    let mut second = placed("a.csv", b"second");
    assert_eq!(fs::read(at.join("a.csv")).expect("there"), b"second");
    // Another export that tidies meanwhile leaves alone what may have to come back.
    drop(create(&roots, &at, "b.csv").expect("begun"));
    second.take_back().expect("taken back");
    drop(second);
    assert_eq!((names(&at), fs::read(at.join("a.csv")).expect("there")), (vec!["a.csv".to_owned()], b"first".to_vec()));
    // One that is neither settled nor taken back stays, and leaves nothing else.
    drop(placed("a.csv", b"third"));
    assert_eq!((names(&at), fs::read(at.join("a.csv")).expect("there")), (vec!["a.csv".to_owned()], b"third".to_vec()));
}

#[test]
fn a_directory_that_was_made_for_several_files_goes_with_the_last() {
    let home = TempDir::new().expect("a directory");
    let roots = [home.path().to_owned()];
    let begin = |made: &Arc<Made>, path: &str, name: &str| {
        Beside::create(&roots, &home.path().join(path), name, made).expect("begun")
    };
    let made = Arc::default();
    let files =
        [begin(&made, "new/deeper", "a.csv"), begin(&made, "new", "b.csv"), begin(&made, "new/deeper", "c.csv")];
    drop(files);
    assert!(names(home.path()).is_empty());
    let made = Arc::default();
    let (mut placed, dropped) = (begin(&made, "new", "a.csv"), begin(&made, "new/deeper", "b.csv"));
    placed.place().expect("placed");
    drop(placed);
    drop(dropped);
    assert_eq!(names(&home.path().join("new")), ["a.csv"]);
}
