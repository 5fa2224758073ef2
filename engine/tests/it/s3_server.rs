//! An S3 server beside the tests: moto, of the Python that `MILLRACE_TEST_S3` names.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use object_store::{Error, ObjectStoreExt as _, aws::AmazonS3Builder, path::Path};

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
        let mut url = String::new();
        BufReader::new(process.stdout.take().expect("it is piped")).read_line(&mut url).expect("moto lives");
        assert!(url.starts_with("http"), "moto ended");
        Some(Self { process, url: url.trim().to_owned() })
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
        let store = AmazonS3Builder::new()
            .with_endpoint(&self.url)
            .with_allow_http(true)
            .with_region("us-east-1")
            .with_access_key_id("test")
            .with_secret_access_key("test")
            .with_bucket_name(bucket)
            .build()
            .expect("a store");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let bytes = runtime.block_on(async { store.get(&Path::from(key)).await?.bytes().await });
        match bytes {
            Ok(bytes) => Some(String::from_utf8(bytes.to_vec()).expect("text")),
            Err(Error::NotFound { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
