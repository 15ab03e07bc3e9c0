//! The engine against the model: each decision, and all that an accepted message says, has to be the same.
#![no_main]

use dodici_engine::error::{Error, ParseCode};
use dodici_engine::message::{Fields, ResponseHead};
use dodici_engine::proto::h1::Received;
use dodici_fuzz::client::{Client, Step};
use dodici_fuzz::model::{self, Account, Answer, Ending, Why};
use dodici_fuzz::plan::Plan;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(plan) = Plan::read(data) else { return };
    let account = Account::of(&plan);
    let mut client = Client::new(&plan);
    let mut comparison = Comparison { account: &account, answer: 0, interim: 0, has_head: false, content: 0 };
    client.hear(plan.wire.len());
    while client.is_open {
        match client.step(usize::MAX) {
            Step::Received(received) => comparison.received(&received, &client.input),
            Step::Failed(error) => return comparison.failed(&error),
            Step::Waits if !plan.closes => return comparison.waits(&client),
            Step::Waits => match client.end() {
                Step::Received(received) => comparison.received(&received, &client.input),
                Step::Failed(error) => return comparison.failed(&error),
                Step::Waits => break,
            },
        }
    }
    assert_eq!(account.ending, Ending::Quiet, "the engine is done: {account:?}");
    comparison.has_all();
});

/// How far in the account the engine has come.
struct Comparison<'a> {
    account: &'a Account<'a>,
    answer: usize,
    interim: usize,
    has_head: bool,
    content: usize,
}

impl<'a> Comparison<'a> {
    fn answer(&self) -> &'a Answer<'a> {
        let answer = self.account.answers.get(self.answer);
        answer.unwrap_or_else(|| panic!("an answer too many: {:?}", self.account))
    }

    fn received(&mut self, received: &Received, left: &[u8]) {
        let answer = self.answer();
        match received {
            Received::Informational(head) => {
                self.is_head(head, answer.interim.get(self.interim));
                self.interim += 1;
            }
            Received::Continue => {
                let status = answer.interim.get(self.interim).map(|head| head.status);
                assert_eq!(status, Some(100), "nothing says to continue: {:?}", self.account);
                self.interim += 1;
            }
            Received::Head(head) => {
                self.is_head(head, answer.head.as_ref());
                assert!(answer.tunnel.is_none(), "no tunnel: {:?}", self.account);
                self.has_head = true;
            }
            Received::Upgraded(head) => {
                self.is_head(head, answer.head.as_ref());
                assert_eq!(answer.tunnel, Some(left), "another tunnel: {:?}", self.account);
                self.has_head = true;
            }
            Received::Data(bytes) => {
                let expected = answer.content.get(self.content..self.content + bytes.len());
                assert_eq!(expected, Some(&bytes[..]), "other content: {:?}", self.account);
                self.content += bytes.len();
            }
            Received::End { trailers, reuse } => {
                let Some((expected, lives_on)) = &answer.end else {
                    panic!("the response is not complete: {:?}", self.account);
                };
                assert!(is_same(trailers, expected), "other trailers: {trailers:?}, {:?}", self.account);
                assert_eq!(reuse, lives_on, "the connection: {:?}", self.account);
                self.has_all_of_answer();
                self.answer += 1;
                (self.interim, self.has_head, self.content) = (0, false, 0);
            }
        }
    }

    fn is_head(&self, head: &ResponseHead, expected: Option<&model::Head<'_>>) {
        let is_it = expected.is_some_and(|expected| {
            head.status == expected.status
                && head.reason() == expected.reason
                && is_same(&head.fields, &expected.fields)
        });
        assert!(is_it, "another head: {head:?}, {:?}", self.account);
    }

    fn failed(&self, error: &Error) {
        if self.account.is_borderline && matches!(error, Error::HeadersOverflow | Error::Parse(_)) {
            return;
        }
        let is_named = match self.account.ending {
            Ending::Quiet => false,
            Ending::Waiting { hopeless } => hopeless,
            // Rule 7 counts while a line arrives, and what is wrong in it is seen at its end.
            Ending::Refused(Why::Syntax { is_partial }) => match error {
                Error::Parse(_) | Error::HeadersOverflow => true,
                Error::OtherSideClosed | Error::ResponseContentLengthMismatch => is_partial,
                _ => false,
            },
            Ending::Refused(Why::Overflow) => *error == Error::HeadersOverflow,
            Ending::Refused(Why::TooMuchContent) => *error == Error::ResponseExceededMaxSize,
            Ending::Refused(Why::Unexpected) => *error == Error::BadResponse,
            Ending::Refused(Why::Upgrade) => *error == Error::BadUpgrade,
            Ending::Refused(Why::Cut { hopeless }) => match error {
                // What could not have become right may be wrong already.
                Error::HeadersOverflow => hopeless,
                Error::Parse(error) => hopeless || error.code == ParseCode::InvalidEofState,
                Error::OtherSideClosed | Error::ResponseContentLengthMismatch => true,
                _ => false,
            },
        };
        assert!(is_named, "refused as {error:?}: {:?}", self.account);
        self.has_all();
    }

    fn waits(&self, client: &Client<'_>) {
        let is_right = match self.account.ending {
            Ending::Quiet | Ending::Waiting { .. } => true,
            Ending::Refused(why) => why == Why::Syntax { is_partial: true },
        };
        assert!(is_right, "the engine waits: {:?}", self.account);
        if self.account.ending == Ending::Quiet {
            assert_eq!(client.connection.accepts_requests(), self.account.is_reusable, "{:?}", self.account);
        }
        self.has_all();
    }

    /// Nothing is left of the account.
    fn has_all(&self) {
        if self.account.is_borderline {
            return;
        }
        if self.answer < self.account.answers.len() {
            assert!(self.answer().end.is_none(), "a response is missing: {:?}", self.account);
            self.has_all_of_answer();
        }
        assert!(self.answer + 1 >= self.account.answers.len(), "a response is missing: {:?}", self.account);
    }

    fn has_all_of_answer(&self) {
        let answer = self.answer();
        assert_eq!(answer.interim.len(), self.interim, "an interim response is missing: {:?}", self.account);
        assert_eq!(answer.head.is_some(), self.has_head, "a head is missing: {:?}", self.account);
        assert_eq!(answer.content.len(), self.content, "content is missing: {:?}", self.account);
    }
}

fn is_same(fields: &Fields, expected: &model::Fields<'_>) -> bool {
    fields.iter().eq(expected.iter().copied())
}
