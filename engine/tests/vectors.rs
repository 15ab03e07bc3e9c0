//! Every response vector, whole, one byte at a time, and cut in two at every position: the outcome is the
//! same and as expected. The vectors are data; what each of them is about stands in its name.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use dodici_engine::error::Error;
use dodici_engine::message::{ExchangeId, Fields, Method, Request, RequestBody, RequestHead, ResponseHead};
use dodici_engine::proto::h1::{Config, Connection, Heads, KeepAlive, Output, Received};
use serde_json::{Map, Value, json};

const VECTORS: &str = include_str!("vectors/response.json");

/// What a client makes of the bytes of a vector.
#[derive(Debug, Default)]
struct Client {
    informational: Vec<u16>,
    head: Option<ResponseHead>,
    body: Vec<u8>,
    end: Option<(Fields, bool)>,
    error: Option<Error>,
}

impl Client {
    fn hear(method: Method, pieces: &[&[u8]], is_closed: bool) -> Self {
        Self::hear_with(&Heads::default(), method, pieces, is_closed)
    }

    /// `heads`: those that were understood before.
    fn hear_with(heads: &Heads, method: Method, pieces: &[&[u8]], is_closed: bool) -> Self {
        let now = Instant::now();
        let mut client = Self::default();
        let mut connection = Connection::sharing(config(), heads.clone(), now);
        let exchange = ExchangeId { slot: 0, generation: 0 };
        connection.send(exchange, &request(method), false, now, &mut Output::new());
        let mut input = BytesMut::new();
        for piece in pieces {
            if !client.is_waiting() {
                break;
            }
            input.extend_from_slice(piece);
            while client.is_waiting() {
                match connection.receive(&mut input, usize::MAX, now) {
                    Ok(Some(received)) => client.take(received),
                    Ok(None) => break,
                    Err(error) => client.error = Some(error),
                }
            }
        }
        if is_closed && client.is_waiting() {
            match connection.receive_end(now) {
                Ok(Some(received)) => client.take(received),
                Ok(None) => {}
                Err(error) => client.error = Some(error),
            }
        }
        client
    }

    fn is_waiting(&self) -> bool {
        self.end.is_none() && self.error.is_none()
    }

    fn take(&mut self, received: Received) {
        match received {
            Received::Informational(head) => self.informational.push(head.status),
            Received::Continue => panic!("nobody asked to be told to continue"),
            Received::Head(head) => self.head = Some(head),
            Received::Data(bytes) => self.body.extend_from_slice(&bytes),
            Received::End { trailers, reuse } => self.end = Some((trailers, reuse)),
            Received::Upgraded(head) => panic!("upgraded by {}", head.status),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        let head = |client: &Self| {
            let head = client.head.as_ref()?;
            Some((head.status, head.reason.clone(), head.fields.bytes.clone(), head.fields.lines.clone()))
        };
        let end = |client: &Self| {
            let (trailers, reuse) = client.end.as_ref()?;
            Some((trailers.bytes.clone(), trailers.lines.clone(), *reuse))
        };
        let fault = |client: &Self| match &client.error {
            Some(Error::Parse(error)) => Err((error.code, error.reason)),
            error => Ok(error.clone()),
        };
        self.informational == other.informational
            && head(self) == head(other)
            && (self.body == other.body || self.error.is_some())
            && end(self) == end(other)
            && fault(self) == fault(other)
    }

    /// The outcome in the words of the vectors.
    fn outcome(&self) -> Value {
        match (&self.end, &self.head, &self.error) {
            (Some((trailers, reuse)), Some(head), None) => json!({
                "outcome": "ok",
                "status": head.status,
                "reason": latin1(head.reason()),
                "headers": pairs(&head.fields),
                "body_b64": BASE64.encode(&self.body),
                "trailers": pairs(trailers),
                "info": self.informational,
                "reuse": reuse,
            }),
            (None, head, Some(error)) => {
                let mut outcome = Map::new();
                outcome.insert("outcome".into(), "error".into());
                outcome.insert("is_in_head".into(), head.is_none().into());
                if *error == Error::HeadersOverflow {
                    outcome.insert("undici_code".into(), "UND_ERR_HEADERS_OVERFLOW".into());
                }
                Value::Object(outcome)
            }
            _ => json!({ "outcome": "none" }),
        }
    }
}

/// Whether an outcome is the expected one, in everything that the vector says about it.
fn is_as(expected: &Value, outcome: &Value) -> bool {
    let Some(expected) = expected.as_object() else {
        return false;
    };
    expected.iter().all(|(key, value)| match key.as_str() {
        "why" => true,
        "phase" => outcome["is_in_head"] == json!(value == "head"),
        "undici_code" if value.is_null() => true,
        key => outcome[key] == *value,
    })
}

#[test]
fn every_vector_has_its_outcome_however_it_is_cut() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).expect("the vectors are JSON");
    let mut failures = Vec::new();
    let heads = Heads::default();
    for vector in &vectors {
        let raw = BASE64.decode(vector["raw_b64"].as_str().expect("bytes")).expect("base64");
        let method = match vector["method"].as_str() {
            Some("HEAD") => Method::Head,
            _ => Method::Other,
        };
        let is_closed = vector["close"] == "fin";
        let alternatives = vector["alt"].as_array().map_or(&[][..], Vec::as_slice);
        let is_right = |outcome: &Value| {
            is_as(&vector["expect"], outcome)
                || vector["level"] == "may" && alternatives.iter().any(|expected| is_as(expected, outcome))
        };

        let whole = Client::hear(method, &[&raw], is_closed);
        if !is_right(&whole.outcome()) {
            failures.push(format!("{}: {:?} {}", vector["name"], whole.error, whole.outcome()));
            continue;
        }
        for _ in 0..2 {
            let again = Client::hear_with(&heads, method, &[&raw], is_closed);
            if !again.is_same(&whole) {
                failures.push(format!("{}: when it comes again: {again:?}, not {whole:?}", vector["name"]));
            }
        }
        let octets: Vec<&[u8]> = raw.chunks(1).collect();
        let cuts = (1..raw.len()).map(|at| vec![&raw[..at], &raw[at..]]);
        for pieces in std::iter::once(octets).chain(cuts) {
            let cut = Client::hear(method, &pieces, is_closed);
            if !cut.is_same(&whole) {
                let at = pieces[0].len();
                failures.push(format!("{}: cut at {at}: {cut:?}, not {whole:?}", vector["name"]));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), vectors.len(), failures.join("\n"));
    assert_eq!(vectors.len(), 293);
}

/// Octets that mean something somewhere, and some that never do.
const DAMAGE: &[u8] = b"\r\n \t:;,=\"\\019afgHx+-\0\x7f\xff";

#[test]
fn a_damaged_vector_is_the_same_one_byte_at_a_time_as_whole_and_behind_one_that_is_not_damaged() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).expect("the vectors are JSON");
    for vector in &vectors {
        let raw = BASE64.decode(vector["raw_b64"].as_str().expect("bytes")).expect("base64");
        // The large ones are large by repetition.
        for at in 0..raw.len().min(200) {
            let mut damaged = raw.clone();
            damaged[at] = DAMAGE[(at * 7 + raw.len()) % DAMAGE.len()];
            let whole = Client::hear(Method::Other, &[&damaged], true);
            let heads = Heads::default();
            Client::hear_with(&heads, Method::Other, &[&raw], true);
            let behind = Client::hear_with(&heads, Method::Other, &[&damaged], true);
            assert!(behind.is_same(&whole), "{} damaged at {at}: {behind:?}, not {whole:?}", vector["name"]);
            let octets: Vec<&[u8]> = damaged.chunks(1).collect();
            let cut = Client::hear(Method::Other, &octets, true);
            assert!(cut.is_same(&whole), "{} damaged at {at}: {cut:?}, not {whole:?}", vector["name"]);
        }
    }
}

fn config() -> Config {
    Config { max_header_size: 16 * 1024, max_response_size: None, keep_alive: KeepAlive::default() }
}

fn request(method: Method) -> Request {
    Request {
        method,
        head: RequestHead { bytes: Bytes::from_static(b"GET / HTTP/1.1\r\nhost: a\r\n"), connection_at: None },
        body: RequestBody::None,
        upgrade: false,
        idempotent: true,
        blocking: false,
        // HEAD would end the connection by itself.
        reset: Some(false),
        unexpected_content: false,
        decoding: None,
        expect_continue: false,
        server_name: None,
        type_of_service: None,
        headers_timeout: None,
        body_timeout: None,
        timeout: None,
    }
}

fn pairs(fields: &Fields) -> Vec<[String; 2]> {
    fields.iter().map(|(name, value)| [latin1(name), latin1(value)]).collect()
}

fn latin1(octets: &[u8]) -> String {
    octets.iter().copied().map(char::from).collect()
}
