//! Uploads to a store in memory and to one on disk, which keeps parts apart as a bucket does.

use std::io::Write as _;

use model::{Step, Timestamp};
use object_store::{local::LocalFileSystem, memory::InMemory};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

mod refusing;

use self::refusing::Refusing;
use super::*;
use crate::{Context, Engine, EngineConfig, Unheard, results::Workspace};

/// Runs `work` as the step does: on the engine's threads, beside its scheduler.
fn on_the_engine<T: Send + 'static>(
    cancel: CancellationToken,
    work: impl FnOnce(&StepContext<'_>, &std::path::Path) -> T + Send + 'static,
) -> T {
    let home = TempDir::new().expect("a directory");
    let engine = Engine::new(EngineConfig {
        threads: 2,
        memory_bytes: 256 * 1024 * 1024,
        spill_directory: home.path().join("spill"),
    });
    let context = Context {
        engine: Arc::new(engine.expect("an engine")),
        workspace: home.path().join("workspace"),
        outputs: home.path().join("outputs"),
        execution: None,
        cancel,
        progress: Arc::new(Unheard),
        now: Arc::new(|| Timestamp::from_micros(0)),
    };
    let engine = Arc::clone(&context.engine);
    let done = engine.spawn(async move {
        let draft = Workspace::new(&context.workspace).draft(Step::Export, "a").expect("a draft");
        tokio::task::block_in_place(|| work(&StepContext::new(&context, Step::Export, &draft), home.path()))
    });
    let caller = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    caller.block_on(done).expect("the task ends")
}

fn file_of(directory: &std::path::Path, bytes: &[u8]) -> File {
    let mut file = File::options().read(true).write(true).create(true).truncate(true).open(directory.join("staged"));
    file.as_mut().expect("created").write_all(bytes).expect("written");
    file.expect("created")
}

fn large() -> Vec<u8> {
    (0..20_000_000_u32).map(|number| (number % 251) as u8).collect()
}

fn content(store: &Arc<dyn ObjectStore>, path: &Path) -> Option<Vec<u8>> {
    Handle::current().block_on(async { Some(store.get(path).await.ok()?.bytes().await.ok()?.to_vec()) })
}

#[test]
fn an_object_appears_with_the_last_request() {
    for bytes in [b"small".to_vec(), large()] {
        on_the_engine(CancellationToken::new(), move |context, home| {
            let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
            let mut upload = Upload::new(Arc::clone(&store), &Path::from("exports"), "a.csv", "s3://b/exports/");
            let path = upload.path.clone();
            upload.send(&file_of(home, &bytes), bytes.len() as u64, context).expect("sent");
            assert_eq!(content(&store, &path), None, "before it is placed");
            assert_eq!(upload.place().expect("placed"), "s3://b/exports/a.csv");
            assert!(content(&store, &path) == Some(bytes));
        });
    }
}

#[test]
fn an_upload_that_is_given_up_leaves_the_old_object() {
    on_the_engine(CancellationToken::new(), |context, home| {
        let bucket = home.join("bucket");
        std::fs::create_dir(&bucket).expect("made");
        let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(&bucket).expect("a store"));
        let upload = || Upload::new(Arc::clone(&store), &Path::default(), "a.csv", "s3://b");
        let mut first = upload();
        first.send(&file_of(home, b"old"), 3, context).expect("sent");
        first.place().expect("placed");
        let mut second = upload();
        let bytes = large();
        second.send(&file_of(home, &bytes), bytes.len() as u64, context).expect("sent");
        assert!(std::fs::read_dir(&bucket).expect("readable").count() > 1, "its parts lie apart");
        drop(second);
        // Giving up is a task of its own on the same threads.
        while std::fs::read_dir(&bucket).expect("readable").count() > 1 {
            std::thread::yield_now();
        }
        assert_eq!(std::fs::read(bucket.join("a.csv")).expect("there"), b"old");
    });
}

#[test]
fn a_cancelled_run_stops_sending() {
    let cancel = CancellationToken::new();
    cancel.cancel();
    on_the_engine(cancel, |context, home| {
        let mut upload = Upload::new(Arc::new(InMemory::new()), &Path::default(), "a.csv", "s3://b");
        let bytes = large();
        let sent = upload.send(&file_of(home, &bytes), bytes.len() as u64, context);
        assert!(matches!(sent, Err(Failure::Cancelled)));
    });
}

#[test]
fn the_last_so_many_stay() {
    on_the_engine(CancellationToken::new(), |context, home| {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let names = Regex::new(r"^a-\d\.csv$").expect("an expression");
        let mut removed = Vec::new();
        for name in ["other.csv", "a-1.csv", "a-2.csv", "a-3.csv", "a-4.csv"] {
            let mut upload = Upload::new(Arc::clone(&store), &Path::from("x/y"), name, "s3://b/x/y");
            upload.send(&file_of(home, b"a"), 1, context).expect("sent");
            upload.place().expect("placed");
            removed = upload.settle(Some(&(names.clone(), 2)));
        }
        assert_eq!(removed, ["a-2.csv"]);
        let listed =
            Handle::current().block_on(store.list(None).map_ok(|object| object.location.to_string()).try_collect());
        let mut listed: Vec<String> = listed.expect("listed");
        listed.sort();
        assert_eq!(listed, ["x/y/a-3.csv", "x/y/a-4.csv", "x/y/other.csv"]);
    });
}

/// Every request is refused once, on its way to the end of an export: small and in parts, new and over an earlier object.
#[test]
fn whichever_request_is_refused_the_bucket_is_as_it_was() {
    let cases = [(b"new".to_vec(), true), (b"new".to_vec(), false), (large(), true), (large(), false)];
    for (loses, (bytes, earlier)) in cases.iter().map(|case| (false, case)).chain(cases.iter().map(|case| (true, case)))
    {
        let earlier = *earlier;
        let mut refused = 0;
        for request in 0.. {
            let (bytes, all) = (bytes.clone(), request);
            let done = on_the_engine(CancellationToken::new(), move |context, home| {
                let bucket = home.join("bucket");
                std::fs::create_dir(&bucket).expect("made");
                if earlier {
                    std::fs::write(bucket.join("a.csv"), b"old").expect("written");
                }
                std::fs::write(bucket.join("b.csv"), b"another's").expect("written");
                let inner = LocalFileSystem::new_with_prefix(&bucket).expect("a store");
                let store = Arc::new(Refusing::new(inner, all, loses));
                let mut upload = Upload::new(store.clone(), &Path::default(), "a.csv", "s3://b");
                let sent = upload.send(&file_of(home, &bytes), bytes.len() as u64, context);
                let done = sent.and_then(|()| upload.place());
                drop(upload);
                let files = 1 + usize::from(earlier || done.is_ok());
                // Giving up is a task of its own on the same threads.
                while std::fs::read_dir(&bucket).expect("readable").count() != files {
                    std::thread::yield_now();
                }
                let found = std::fs::read(bucket.join("a.csv")).ok();
                match &done {
                    Ok(_) => assert!(found == Some(bytes), "request {all}: the new object is there"),
                    Err(failure) => {
                        assert!(failure.to_string().contains("s3://b/a.csv"), "{failure}");
                        assert_eq!(found, earlier.then(|| b"old".to_vec()), "request {all}");
                    }
                }
                assert_eq!(std::fs::read(bucket.join("b.csv")).expect("there"), b"another's");
                (done.is_ok(), store.was_refused())
            });
            match done {
                (true, false) => break,
                // Whoever may not look may write.
                (true, true) => {}
                (false, was_refused) => {
                    assert!(was_refused);
                    refused += 1;
                }
            }
        }
        // To begin and three parts; the last request counts when it is refused, and not when it is done.
        let parts = if bytes.len() > 3 { 4 } else { 0 };
        assert_eq!(refused, parts + usize::from(!loses), "{bytes} bytes, {loses}", bytes = bytes.len());
    }
}

#[test]
fn a_new_object_is_taken_back_and_one_that_took_anothers_place_is_told() {
    on_the_engine(CancellationToken::new(), |context, home| {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let placed = || {
            let mut upload = Upload::new(Arc::clone(&store), &Path::default(), "a.csv", "s3://b");
            upload.send(&file_of(home, b"new"), 3, context).expect("sent");
            upload.place().expect("placed");
            upload
        };
        placed().take_back().expect("taken back");
        assert_eq!(content(&store, &Path::from("a.csv")), None);
        drop(placed());
        let stays = placed().take_back().expect_err("nothing to put back").to_string();
        assert_eq!(stays, "s3://b/a.csv is complete and new already");
        assert_eq!(content(&store, &Path::from("a.csv")), Some(b"new".to_vec()));
    });
}
