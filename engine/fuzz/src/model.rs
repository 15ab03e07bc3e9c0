//! A reader of responses that is slow and straight: what RFC 9112, RFC 9110 and the rules below make of what a
//! peer said. Written from these, not from the engine, which is compared with it. It has all the octets in
//! hand and goes through them once, line by line.
//!
//! | rule | what it says |
//! | --- | --- |
//! | 1 | a line ends with CRLF; a lone CR or LF is an error |
//! | 3 | a status line is a version, three digits and a reason that may be missing; it counts like a field |
//! | 4–6 | names are tokens; values have no control octets but HTAB, and no white space around them; no folding |
//! | 7 | names and values together stay below `maxHeaderSize`, counted while they arrive, also in trailers |
//! | 8 | `content-length` is digits, below 2^64, and does not contradict itself |
//! | 9 | beside `transfer-encoding` it is an error |
//! | 10 | a last coding of exactly `chunked` makes chunks; any other last coding means up to the close |
//! | 11 | HEAD, 1xx, 204 and 304 have no content; where 204 and 304 announce some, the connection ends |
//! | 12 | a chunk size is hexadecimal digits, below 2^64; extensions are parsed, and bounded |
//! | 13 | the end of the connection ends content that has no other end, and cuts all other content |
//! | 14 | interim responses are bounded; 100 and 101 come only where they were asked for |
//! | 16 | octets that nobody asked for end the connection |
//! | 17 | it is used again only when answer and request are complete and both sides let it persist |
//!
//! Where the engine is allowed to differ from the letter of the RFCs, the place is marked `Allowance`, with
//! a name and the reason.

mod grammar;

use self::grammar::{
    FieldLine, STATUS_LINE, chunk_size, content_length, elements_of_codings, field_line, status_line, timeout,
    without_white_space,
};
use crate::client::{is_text, is_token};
use crate::plan::{Asked, Plan};
use dodici_engine::message::Method;

/// Allowance LEADING-LINES: RFC 9112 section 2.2 asks for one empty line to be skipped and sets no bound.
const LEADING_OCTETS: usize = 16;

/// Allowance MANY-INTERIM: RFC 9110 section 15.2 has any number; rule 14 wants a bound.
const MAX_INTERIM: usize = 64;
const INTERIM_SIZE_FACTOR: usize = 4;

/// Allowance RAW-SIZE: rule 7 counts names and values; white space between them needs a bound as well. Where
/// exactly the octets of a line end fall is nobody's business.
const RAW_FACTOR: usize = 8;
const RAW_OCTETS: usize = 1024;
const RAW_TOLERANCE: usize = 32;

/// Names and values of a section.
pub type Fields<'a> = Vec<(&'a [u8], &'a [u8])>;

/// A status line and its fields.
#[derive(Debug, PartialEq, Eq)]
pub struct Head<'a> {
    pub status: u16,
    pub reason: &'a [u8],
    pub fields: Fields<'a>,
}

/// What one request got.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer<'a> {
    pub interim: Vec<Head<'a>>,
    pub head: Option<Head<'a>>,
    pub content: Vec<u8>,
    /// Complete: the trailers, and whether the connection lives on.
    pub end: Option<(Fields<'a>, bool)>,
    /// The connection left HTTP; these octets are the tunnel's.
    pub tunnel: Option<&'a [u8]>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing more is to be said, for now or for ever.
    Quiet,
    /// The peer has more to say. `hopeless`: nothing that it could say makes the present line right.
    Waiting { hopeless: bool },
    /// It is wrong.
    Refused(Why),
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A line is not what it has to be. Allowance LATE: where not all of its section is there (`is_partial`),
    /// that may be noticed later, since limits and timers go on.
    Syntax { is_partial: bool },
    /// The limit on names and values.
    Overflow,
    /// The limit on content.
    TooMuchContent,
    /// An interim response that must not be, or octets that nobody asked for.
    Unexpected,
    /// `101` that must not be.
    Upgrade,
    /// The peer closed inside a response. `hopeless` as in [`Ending::Waiting`].
    Cut { hopeless: bool },
}

/// Why reading stopped.
enum Stop {
    /// There is no more, inside this.
    More(Part),
    Refused(Why),
}

/// What the next octet belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    StatusLine,
    FieldLine,
    /// So many octets of extensions stood in the chunks before.
    ChunkSize(usize),
    Content,
}

const WRONG: Stop = Stop::Refused(Why::Syntax { is_partial: false });

type Reading<T> = Result<T, Stop>;

/// How the content of a response is delimited (RFC 9112 section 6.3).
enum Framing {
    None,
    Length(u64),
    Chunked,
    UntilClose,
}

/// All that the peer's octets mean.
#[derive(Debug)]
pub struct Account<'a> {
    /// One for each request whose response began.
    pub answers: Vec<Answer<'a>>,
    pub ending: Ending,
    /// Another request may be sent.
    pub is_reusable: bool,
    /// A section is so near its bound on raw octets that it may be taken or refused.
    pub is_borderline: bool,
}

impl<'a> Account<'a> {
    /// Reads what the peer says in `plan`.
    #[must_use]
    pub fn of(plan: &'a Plan<'_>) -> Self {
        let mut reader = Reader {
            plan,
            wire: &plan.wire,
            at: 0,
            section: 0,
            closing: plan.asked.closes_connection(),
            is_borderline: false,
        };
        let mut answers = Vec::new();
        let mut ending = Ending::Quiet;
        let mut is_over = false;
        for index in 0..=plan.plain {
            let is_last = index == plan.plain;
            let mut answer = Answer::default();
            let read = reader.answer(if is_last { plan.asked } else { Asked::PLAIN }, is_last, &mut answer);
            let lives_on = answer.end.as_ref().is_some_and(|(_, lives_on)| *lives_on);
            answers.push(answer);
            is_over = read.is_err() || !lives_on;
            match read {
                Ok(()) => {}
                Err(Stop::Refused(why)) => ending = Ending::Refused(why),
                Err(Stop::More(part)) => {
                    let hopeless = reader.is_hopeless(part);
                    ending = match plan.closes {
                        true => Ending::Refused(Why::Cut { hopeless }),
                        false => Ending::Waiting { hopeless },
                    };
                }
            }
            if is_over {
                break;
            }
        }
        // Rule 16: what nobody asked for ends the connection.
        if !is_over && reader.at < plan.wire.len() {
            ending = Ending::Refused(Why::Unexpected);
            is_over = true;
        }
        let is_reusable = !is_over && !plan.closes;
        Self { answers, ending, is_reusable, is_borderline: reader.is_borderline }
    }
}

impl Asked {
    const PLAIN: Self = Self {
        method: Method::Other,
        upgrade: false,
        is_unfinished: false,
        expects_continue: false,
        reset: None,
        close: false,
    };

    /// Rule 17: a connection on which content may follow the answer to HEAD, or that may turn into a tunnel,
    /// is not used again, unless the user says so.
    fn closes_connection(&self) -> bool {
        let may_be_left = self.method != Method::Other || self.upgrade;
        self.close || (may_be_left && self.reset != Some(false))
    }
}

struct Reader<'a, 'p> {
    plan: &'a Plan<'p>,
    wire: &'a [u8],
    at: usize,
    /// Where the present section starts, for its raw size.
    section: usize,
    /// The connection is not used again after what was asked.
    closing: bool,
    is_borderline: bool,
}

impl<'a> Reader<'a, '_> {
    /// Reads one answer, interim responses included.
    fn answer(&mut self, asked: Asked, is_last: bool, answer: &mut Answer<'a>) -> Reading<()> {
        let mut interim_size = 0;
        // RFC 9110 section 10.1.1: what is not asked for is not sent.
        let mut is_unfinished = asked.is_unfinished || asked.expects_continue;
        loop {
            let (old, head) = self.head()?;
            let meaning = Meaning::of(&head)?;
            match head.status {
                // Rule 14.
                100 if !asked.expects_continue => return Err(Stop::Refused(Why::Unexpected)),
                101 => {
                    // RFC 9110 section 7.8: only what was asked for, and named in both fields. A request that
                    // is still being written cannot be followed by another protocol.
                    if !asked.upgrade || is_unfinished || !meaning.upgrade {
                        return Err(Stop::Refused(Why::Upgrade));
                    }
                    answer.head = Some(head);
                    answer.tunnel = Some(&self.wire[self.at..]);
                    return Ok(());
                }
                100 | 102..=199 => {
                    interim_size += size(&head.fields);
                    let is_continue = head.status == 100;
                    answer.interim.push(head);
                    if answer.interim.len() > MAX_INTERIM {
                        answer.interim.pop();
                        return Err(Stop::Refused(Why::Unexpected));
                    }
                    if interim_size >= INTERIM_SIZE_FACTOR * self.plan.max_header_size {
                        answer.interim.pop();
                        return Err(Stop::Refused(Why::Overflow));
                    }
                    if is_continue {
                        is_unfinished = asked.is_unfinished;
                    }
                }
                // Allowance CONNECT-STATUS: RFC 9110 section 9.3.6 makes a tunnel of 2xx alone. undici hands
                // the socket to the user whatever the status, and the connection is never used again.
                _ if asked.method == Method::Connect => {
                    answer.head = Some(head);
                    answer.tunnel = Some(&self.wire[self.at..]);
                    return Ok(());
                }
                _ => {
                    let status = head.status;
                    answer.head = Some(head);
                    let is_last = is_last.then_some(is_unfinished);
                    return self.content(asked, is_last, status, old, &meaning, answer);
                }
            }
        }
    }

    /// RFC 9112 section 6.3 in its order, then section 9.3.
    fn content(
        &mut self,
        asked: Asked,
        is_last: Option<bool>,
        status: u16,
        old: bool,
        meaning: &Meaning,
        answer: &mut Answer<'a>,
    ) -> Reading<()> {
        let announces = meaning.codings.is_some() || meaning.length.is_some_and(|length| length > 0);
        // Section 6.1: the framing of an HTTP/1.0 message with transfer codings is to be treated as faulty.
        let mut persists = !meaning.close && (!old || meaning.keep_alive && meaning.codings.is_none());
        let framing = if asked.method == Method::Head {
            // Allowance BARE-HEAD: an answer to HEAD that announces no content is most likely from a server
            // that does not know HEAD; only an explicit word keeps the connection.
            persists &= meaning.keep_alive || meaning.codings.is_some() || meaning.length.is_some();
            Framing::None
        } else if status == 204 || status == 304 {
            // Rule 11.
            persists &= !announces;
            Framing::None
        } else if let Some(is_chunked) = meaning.codings {
            // Rule 10.
            persists &= is_chunked;
            if is_chunked { Framing::Chunked } else { Framing::UntilClose }
        } else if let Some(length) = meaning.length {
            Framing::Length(length)
        } else {
            persists = false;
            Framing::UntilClose
        };
        // A server that keeps idle connections for no longer than our safety margin keeps them not at all.
        let is_kept = meaning
            .kept_for
            .is_none_or(|seconds| i128::from(seconds) * 1000 > i128::from(self.plan.keep_alive_threshold));
        self.closing |= !persists || !is_kept;
        let trailers = match framing {
            Framing::None => Vec::new(),
            Framing::Length(length) => {
                self.take(length, &mut answer.content)?;
                Vec::new()
            }
            Framing::Chunked => self.chunks(&mut answer.content)?,
            Framing::UntilClose => {
                match self.take(u64::MAX, &mut answer.content) {
                    // Rule 13: the end of the connection is the end of the content.
                    Err(Stop::More(_)) if self.plan.closes => {}
                    other => return other,
                }
                Vec::new()
            }
        };
        // Rule 17: the request must have been written, and nothing may have said that the connection ends. With
        // further requests outstanding it may still carry their answers.
        let lives_on = persists && !is_last.is_some_and(|is_unfinished| is_unfinished || self.closing);
        answer.end = Some((trailers, lives_on));
        Ok(())
    }

    fn take(&mut self, octets: u64, content: &mut Vec<u8>) -> Reading<()> {
        let there = self.wire.len() - self.at;
        let taken = usize::try_from(octets).unwrap_or(usize::MAX).min(there);
        if self.plan.max_response_size.is_some_and(|max| (content.len() + taken) as u64 > max) {
            return Err(Stop::Refused(Why::TooMuchContent));
        }
        content.extend_from_slice(&self.wire[self.at..self.at + taken]);
        self.at += taken;
        if (taken as u64) < octets { Err(Stop::More(Part::Content)) } else { Ok(()) }
    }

    /// The chunked coding (RFC 9112 section 7.1); gives the trailers.
    fn chunks(&mut self, content: &mut Vec<u8>) -> Reading<Fields<'a>> {
        let mut extensions = 0;
        loop {
            let line = self.line(Part::ChunkSize(extensions))?;
            let (size, extension) = chunk_size(line, extensions).ok_or(WRONG)?;
            extensions += extension;
            if size == 0 {
                self.section = self.at;
                return self.fields();
            }
            self.take(size, content)?;
            // A line of nothing but its end.
            match &self.wire[self.at..] {
                [] | [b'\r'] => return Err(Stop::More(Part::Content)),
                [b'\r', b'\n', ..] => self.at += 2,
                _ => return Err(WRONG),
            }
        }
    }

    /// A head; whether it is of HTTP/1.0.
    fn head(&mut self) -> Reading<(bool, Head<'a>)> {
        self.section = self.at;
        while self.wire[self.at..].starts_with(b"\r\n") {
            self.at += 2;
            if self.at - self.section > LEADING_OCTETS {
                return Err(WRONG);
            }
        }
        let start = self.at;
        let line = self.line(Part::StatusLine)?;
        let Some((old, status, reason)) = status_line(line) else {
            return Err(self.wrong_in_section(start));
        };
        // Allowance REASON-ALONE: rule 3 counts the reason, and does not say with what.
        if is_too_large(reason.len(), self.plan.max_header_size) {
            return Err(Stop::Refused(Why::Overflow));
        }
        let fields = self.fields()?;
        Ok((old, Head { status, reason, fields }))
    }

    /// Field lines, and the empty line behind them (RFC 9112 section 5).
    fn fields(&mut self) -> Reading<Fields<'a>> {
        let mut fields = Vec::new();
        let mut counted = 0;
        loop {
            let start = self.at;
            let line = match self.line(Part::FieldLine) {
                Err(Stop::More(part)) => {
                    // Rule 7: counted while it arrives.
                    let rest = &self.wire[start..];
                    let line = field_line(rest.strip_suffix(b"\r").unwrap_or(rest));
                    let overflows = is_too_large(line.octets(), self.plan.max_header_size.saturating_sub(counted));
                    return Err(if overflows { Stop::Refused(Why::Overflow) } else { Stop::More(part) });
                }
                other => other?,
            };
            if line.is_empty() {
                return Ok(fields);
            }
            let line = field_line(line);
            if is_too_large(line.octets(), self.plan.max_header_size.saturating_sub(counted)) {
                return Err(Stop::Refused(Why::Overflow));
            }
            counted += line.octets();
            // Rules 4 to 6. Allowance OBS-FOLD: RFC 9112 section 5.2 lets a folded line be refused; white space
            // cannot stand in a name, so it is.
            let FieldLine { name, value: Some(value) } = line else {
                return Err(self.wrong_in_section(start));
            };
            if name.is_empty()
                || !name.iter().all(|octet| is_token(*octet))
                || !value.iter().all(|octet| is_text(*octet))
            {
                return Err(self.wrong_in_section(start));
            }
            fields.push((name, value));
        }
    }

    /// A line, without its CRLF. Rule 1: nothing else ends one.
    fn line(&mut self, part: Part) -> Reading<&'a [u8]> {
        let rest = &self.wire[self.at..];
        let end = rest.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
        if matches!(part, Part::StatusLine | Part::FieldLine) {
            self.check_raw_size(self.at + end.unwrap_or(rest.len()) - self.section)?;
        }
        match end.map(|end| (end, rest[end], rest.get(end + 1))) {
            Some((end, b'\r', Some(b'\n'))) => {
                self.at += end + 2;
                Ok(&rest[..end])
            }
            None | Some((_, b'\r', None)) => {
                let line = rest.strip_suffix(b"\r").unwrap_or(rest);
                let reason = line.len().saturating_sub(STATUS_LINE.len() + 1);
                if part == Part::StatusLine
                    && !self.is_hopeless(part)
                    && is_too_large(reason, self.plan.max_header_size)
                {
                    return Err(Stop::Refused(Why::Overflow));
                }
                Err(Stop::More(part))
            }
            Some(_) => Err(WRONG),
        }
    }

    fn check_raw_size(&mut self, octets: usize) -> Reading<()> {
        let bound = RAW_FACTOR * self.plan.max_header_size + RAW_OCTETS;
        self.is_borderline |= octets + RAW_TOLERANCE > bound;
        if octets > bound + RAW_TOLERANCE { Err(Stop::Refused(Why::Overflow)) } else { Ok(()) }
    }

    /// A fault in the line of a section that starts at `start`.
    fn wrong_in_section(&self, start: usize) -> Stop {
        let is_complete = self.wire[start..].windows(4).any(|octets| octets == b"\r\n\r\n");
        Stop::Refused(Why::Syntax { is_partial: !is_complete })
    }

    /// Whether nothing that could follow makes the line that has begun a right one.
    fn is_hopeless(&self, part: Part) -> bool {
        let line = &self.wire[self.at..];
        let (line, is_ended) = line.strip_suffix(b"\r").map_or((line, false), |line| (line, true));
        let is_right = |line: &[u8]| match part {
            Part::StatusLine => line.is_empty() || status_line(line).is_some(),
            Part::ChunkSize(extensions) => chunk_size(line, extensions).is_some(),
            Part::FieldLine | Part::Content => true,
        };
        if is_ended {
            return !is_right(line);
        }
        let mut ends: Vec<&[u8]> = vec![b""];
        match part {
            Part::StatusLine => ends.push(STATUS_LINE.get(line.len()..).unwrap_or_default()),
            Part::ChunkSize(_) => ends.extend([&b"0"[..], b"a", b"a\"", b"\""]),
            Part::FieldLine | Part::Content => {}
        }
        !ends.iter().any(|end| is_right(&[line, end].concat()))
    }
}
/// Rule 7, as undici counts: what reaches the limit is too much, but nothing at all never is.
fn is_too_large(octets: usize, limit: usize) -> bool {
    octets > 0 && octets >= limit
}

fn size(fields: &Fields<'_>) -> usize {
    fields.iter().map(|(name, value)| name.len() + value.len()).sum()
}

/// What the fields of a head say about its message and the connection.
#[derive(Default)]
struct Meaning {
    length: Option<u64>,
    /// There are transfer codings; whether the last is `chunked`.
    codings: Option<bool>,
    close: bool,
    keep_alive: bool,
    /// `upgrade` is named in both fields.
    upgrade: bool,
    /// How many seconds the server says it keeps the connection.
    kept_for: Option<u64>,
}

impl Meaning {
    fn of(head: &Head<'_>) -> Reading<Self> {
        let all = |name: &'static [u8]| {
            head.fields.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
        };
        // Allowance LENGTH-EVERYWHERE: rules 8 and 9 are applied to heads whose content is none whatever they
        // say, and to those of a tunnel, where RFC 9110 section 9.3.6 has the fields ignored: as llhttp does.
        let mut lengths = all(b"content-length");
        let length = lengths.next().map(|value| content_length(value).ok_or(WRONG)).transpose()?;
        // Allowance EQUAL-LENGTHS: rule 8 lets a repetition be refused.
        if lengths.next().is_some() {
            return Err(WRONG);
        }
        let mut codings = None;
        for value in all(b"transfer-encoding") {
            let last = elements_of_codings(value).pop();
            codings = Some(last.map_or(codings == Some(true), |last| last.eq_ignore_ascii_case(b"chunked")));
        }
        // Rule 9.
        if length.is_some() && codings.is_some() {
            return Err(WRONG);
        }
        let says = |option: &[u8]| {
            all(b"connection").any(|value| {
                value.split(|octet| *octet == b',').any(|one| without_white_space(one).eq_ignore_ascii_case(option))
            })
        };
        Ok(Self {
            length,
            codings,
            close: says(b"close"),
            keep_alive: says(b"keep-alive"),
            upgrade: says(b"upgrade") && all(b"upgrade").next().is_some(),
            kept_for: all(b"keep-alive").find_map(timeout),
        })
    }
}
