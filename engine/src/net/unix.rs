//! Unix sockets (`socketPath`); a path that begins with NUL is an abstract name on Linux.

#[cfg(unix)]
use tokio::net::UnixStream;

use crate::error::{ConnectAttempt, Error, Target};

/// Connects to the socket at `path`.
#[cfg(unix)]
pub(super) async fn connect(path: &str) -> Result<UnixStream, Error> {
    UnixStream::connect(path).await.map_err(|error| failed(path, super::errno(&error)))
}

/// There are no Unix sockets here: as if nothing was at `path`.
#[cfg(not(unix))]
pub(super) fn absent(path: &str) -> Error {
    const ENOENT: i32 = 2;
    failed(path, ENOENT)
}

fn failed(path: &str, errno: i32) -> Error {
    Error::Connect(vec![ConnectAttempt { target: Target::Unix(path.to_owned()), errno }])
}
