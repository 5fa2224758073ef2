//! A connection on which anything can be sent, also what no HTTP client would.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

/// The longest wait for what must come; only waited out when a test fails.
const DEADLINE: Duration = Duration::from_secs(120);

pub(crate) struct Raw(TcpStream);

impl Raw {
    /// To `http://address` or `https://address`, without TLS either way.
    pub(crate) async fn open(base: &str) -> Self {
        let (_, address) = base.split_once("://").expect("an address");
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    /// One whose side takes little that it does not read.
    pub(crate) async fn narrow(address: std::net::SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Self(socket.connect(address).await.expect("a connection"))
    }

    pub(crate) async fn send(&mut self, text: impl AsRef<[u8]>) {
        self.0.write_all(text.as_ref()).await.expect("sent");
    }

    /// Everything that comes until the server closes the connection.
    pub(crate) async fn rest(mut self) -> String {
        let mut bytes = Vec::new();
        let end = tokio::time::timeout(DEADLINE, self.0.read_to_end(&mut bytes)).await;
        // A connection that is reset is closed, too.
        let _ = end.expect("the server closes the connection");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
