//! Requests as bytes: the two fields that depend on the connection, and the framing of streamed content.
//! Byte for byte what undici writes.

use bytes::Bytes;

use super::output::Output;
use crate::error::Error;
use crate::message::RequestHead;

/// Writes the lines of a head, with the `connection` field where it belongs, but not its end.
pub(super) fn write_head(head: &RequestHead, persistent: bool, output: &mut Output) {
    let Some(at) = head.connection_at else {
        output.push_from(&head.bytes, 0);
        return;
    };
    let at = at.min(head.bytes.len());
    output.push(&head.bytes[..at]);
    output.push(if persistent { b"connection: keep-alive\r\n" } else { b"connection: close\r\n" });
    output.push_from(&head.bytes, at);
}

/// Ends a head.
pub(super) fn end_head(output: &mut Output) {
    output.push(b"\r\n");
}

/// A streamed request while it is being written.
///
/// ```text
///  HeadHeld ─ begin, first chunk ▶ Body ── finish ──▶ (gone)
///      └──────────────── finish ─────────────────────────┘
/// ```
#[derive(Debug)]
pub(super) struct StreamEncoder {
    progress: Progress,
    /// The length that was declared; chunked where there is none.
    declared: Option<u64>,
    /// An empty stream says `content-length: 0`.
    expects_content: bool,
}

#[derive(Debug)]
enum Progress {
    /// Nothing was written: the framing field depends on whether there is content at all.
    HeadHeld { head: RequestHead, persistent: bool },
    /// So many octets of content were written.
    Body { sent: u64 },
}

impl StreamEncoder {
    pub(super) fn new(head: RequestHead, persistent: bool, declared: Option<u64>, expects_content: bool) -> Self {
        Self { progress: Progress::HeadHeld { head, persistent }, declared, expects_content }
    }

    /// Writes the head, unless that is done. Whether there is content is not known yet, so the framing says
    /// that there may be some.
    pub(super) fn begin(&mut self, output: &mut Output) {
        let Progress::HeadHeld { head, persistent } = &self.progress else {
            return;
        };
        write_head(head, *persistent, output);
        match self.declared {
            Some(declared) => output.push(format!("content-length: {declared}\r\n\r\n").as_bytes()),
            None => output.push(b"transfer-encoding: chunked\r\n\r\n"),
        }
        self.progress = Progress::Body { sent: 0 };
    }

    /// Writes a piece that is not empty. A piece that exceeds the declared length is not written at all.
    pub(super) fn write(&mut self, bytes: Bytes, output: &mut Output) -> Result<(), Error> {
        let before = match self.progress {
            Progress::HeadHeld { .. } => 0,
            Progress::Body { sent } => sent,
        };
        let sent = before.saturating_add(bytes.len() as u64);
        if self.declared.is_some_and(|declared| sent > declared) {
            return Err(Error::RequestContentLengthMismatch);
        }
        self.begin(output);
        if self.declared.is_none() {
            let end_of_chunk = if before > 0 { "\r\n" } else { "" };
            output.push(format!("{end_of_chunk}{:x}\r\n", bytes.len()).as_bytes());
        }
        output.push_bytes(bytes);
        self.progress = Progress::Body { sent };
        Ok(())
    }

    pub(super) fn has_sent_declared_length(&self) -> bool {
        matches!(self.progress, Progress::Body { sent } if self.declared == Some(sent))
    }

    /// Writes the end. Content that is shorter than declared gets none, so that nobody takes it for whole.
    pub(super) fn finish(self, output: &mut Output) -> Result<(), Error> {
        match self.progress {
            Progress::HeadHeld { head, persistent } => {
                if self.declared.is_some_and(|declared| declared > 0) {
                    return Err(Error::RequestContentLengthMismatch);
                }
                write_head(&head, persistent, output);
                if self.expects_content {
                    output.push(b"content-length: 0\r\n");
                }
                end_head(output);
            }
            Progress::Body { sent } => match self.declared {
                Some(declared) if declared != sent => {
                    return Err(Error::RequestContentLengthMismatch);
                }
                Some(_) => {}
                None => {
                    let end_of_chunk: &[u8] = if sent > 0 { b"\r\n" } else { b"" };
                    output.push(end_of_chunk);
                    output.push(b"0\r\n\r\n");
                }
            },
        }
        Ok(())
    }
}
