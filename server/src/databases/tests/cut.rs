//! A way to a database that ends after so many bytes, as when it dies.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use tokio_util::sync::CancellationToken;

/// Both ways together may carry so many bytes.
pub(super) struct Way {
    pub(super) port: u16,
    carried: Arc<AtomicU64>,
    _end: tokio_util::sync::DropGuard,
}

impl Way {
    pub(super) async fn to(port: u16, bytes: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let here = listener.local_addr().unwrap().port();
        let (carried, end) = (Arc::new(AtomicU64::new(0)), CancellationToken::new());
        tokio::spawn({
            let (carried, end) = (Arc::clone(&carried), end.clone());
            async move {
                while let Some(Ok((near, _))) = end.run_until_cancelled(listener.accept()).await {
                    let far = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
                    // What is sent in small pieces is passed on at once.
                    near.set_nodelay(true).unwrap();
                    far.set_nodelay(true).unwrap();
                    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                    let cut = end.child_token();
                    for (from, to) in [(near_in, far_out), (far_in, near_out)] {
                        tokio::spawn(carry(from, to, Arc::clone(&carried), bytes, cut.clone()));
                    }
                }
            }
        });
        Self { port: here, carried, _end: end.drop_guard() }
    }

    pub(super) fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    carried: Arc<AtomicU64>,
    most: u64,
    cut: CancellationToken,
) {
    let mut buffer = vec![0; 512];
    loop {
        let read = cut.run_until_cancelled(from.read(&mut buffer)).await;
        let Some(Ok(count @ 1..)) = read else { break };
        let before = carried.fetch_add(count as u64, Ordering::Relaxed);
        let pass = usize::try_from(most.saturating_sub(before)).unwrap_or(usize::MAX).min(count);
        if to.write_all(&buffer[..pass]).await.is_err() || pass < count {
            break;
        }
    }
    cut.cancel();
}
