//! An S3 server beside the tests: moto, of the Python that `MILLRACE_TEST_S3` names.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use object_store::{
    Error, ObjectStoreExt as _, PutPayload,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};

/// Ends when its input does, so also when the test is killed.
const MOTO: &str = "
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(f'http://{host}:{port}', flush=True)
sys.stdin.read()
";

pub(crate) struct S3Server {
    process: Child,
    pub(crate) url: String,
}

impl S3Server {
    /// `None` where it is not there.
    pub(crate) fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("MILLRACE_TEST_S3") else {
            eprintln!("skipped: no S3 server. `cargo xtask test` sets one up and names it in MILLRACE_TEST_S3");
            return None;
        };
        let mut process = Command::new(python)
            .args(["-c", MOTO])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto starts");
        // Other lines may come before.
        let mut said = BufReader::new(process.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        let url = said.find(|line| line.starts_with("http")).expect("moto lives");
        Some(Self { process, url })
    }

    /// A request without a body; what is answered.
    pub(crate) fn ask(&self, method: &str, path: &str) -> String {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("the server answers");
        let head =
            format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("answered");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// An object; nothing where there is none.
    pub(crate) fn object(&self, bucket: &str, key: &str) -> Option<String> {
        let store = self.store(bucket);
        match wait(async { store.get(&Path::from(key)).await?.bytes().await }) {
            Ok(bytes) => Some(String::from_utf8(bytes.to_vec()).expect("text")),
            Err(Error::NotFound { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn put(&self, bucket: &str, key: &str, text: &'static str) {
        let store = self.store(bucket);
        wait(async { store.put(&Path::from(key), PutPayload::from_static(text.as_bytes())).await }).expect("stored");
    }

    fn store(&self, bucket: &str) -> AmazonS3 {
        AmazonS3Builder::new()
            .with_endpoint(&self.url)
            .with_allow_http(true)
            .with_region("us-east-1")
            .with_access_key_id("test")
            .with_secret_access_key("test")
            .with_bucket_name(bucket)
            .build()
            .expect("a store")
    }
}

fn wait<T>(asked: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(asked)
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
