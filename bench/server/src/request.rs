//! Requests as bytes: heads, and where a body ends. No sockets live here.

use std::error::Error;

type Fault = Box<dyn Error + Send + Sync>;

/// More fields than any client of the benches sends.
const FIELDS: usize = 32;

/// How the body of a request is framed.
#[derive(Clone, Copy)]
pub(crate) enum Body {
    None,
    /// So many octets.
    Length(usize),
    Chunked,
}

/// The head of a request.
pub(crate) struct Head {
    /// How many octets it takes.
    pub(crate) length: usize,
    pub(crate) path: String,
    pub(crate) body: Body,
}

/// The head at the start of `octets`; `None` if it is not complete.
pub(crate) fn head(octets: &[u8]) -> Result<Option<Head>, Fault> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(length) = request.parse(octets)? else {
        return Ok(None);
    };
    let path = request.path.unwrap_or_default().to_owned();
    let mut body = Body::None;
    for field in request.headers {
        if field.name.eq_ignore_ascii_case("content-length") {
            body = match str::from_utf8(field.value)?.parse()? {
                0 => Body::None,
                octets => Body::Length(octets),
            };
        } else if field.name.eq_ignore_ascii_case("transfer-encoding") {
            body = Body::Chunked;
        }
    }
    Ok(Some(Head { length, path, body }))
}

/// Finds the end of a body.
///
/// ```text
/// Length ──► Done
/// Size ──► Content ──► Size … Size ──► Trailers ──► Done
/// ```
pub(crate) struct Reader {
    state: State,
}

enum State {
    /// So many octets are left of the body.
    Length(usize),
    /// The line with the size of a chunk comes.
    Size,
    /// So many octets are left of a chunk and the line end behind it.
    Content(usize),
    /// Lines come, up to an empty one.
    Trailers,
    Done,
}

impl Reader {
    pub(crate) fn new(body: Body) -> Self {
        let state = match body {
            Body::None => State::Done,
            Body::Length(octets) => State::Length(octets),
            Body::Chunked => State::Size,
        };
        Self { state }
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Takes of `octets` what belongs to the body and is complete: how many were taken.
    pub(crate) fn take(&mut self, octets: &[u8]) -> Result<usize, Fault> {
        let mut taken = 0;
        loop {
            let rest = &octets[taken..];
            match &mut self.state {
                State::Done => return Ok(taken),
                State::Length(left) | State::Content(left) => {
                    let step = rest.len().min(*left);
                    taken += step;
                    *left -= step;
                    if *left > 0 {
                        return Ok(taken);
                    }
                    self.state = if matches!(self.state, State::Length(_)) { State::Done } else { State::Size };
                }
                State::Size => {
                    let Some(line) = line(rest) else { return Ok(taken) };
                    taken += line.len() + 2;
                    let digits = line.split(|&octet| octet == b';').next().unwrap_or_default();
                    self.state = match usize::from_str_radix(str::from_utf8(digits)?.trim(), 16)? {
                        0 => State::Trailers,
                        size => State::Content(size + 2),
                    };
                }
                State::Trailers => {
                    let Some(line) = line(rest) else { return Ok(taken) };
                    taken += line.len() + 2;
                    if line.is_empty() {
                        self.state = State::Done;
                    }
                }
            }
        }
    }
}

/// The line at the start of `octets`, without its end; `None` if it is not complete.
fn line(octets: &[u8]) -> Option<&[u8]> {
    let end = octets.windows(2).position(|pair| pair == b"\r\n")?;
    Some(&octets[..end])
}
