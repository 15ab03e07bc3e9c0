//! Pools over sessions that exist on paper only: what they are given, and what is told.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::select::tests::get;
use super::*;
use crate::conn::{Returned, Session};
use crate::message::{Fields, ResponseHead, Timings};

const DISPATCHER: DispatcherId = DispatcherId { slot: 0, generation: 0 };

/// Pools, what was told, and the sessions that were asked for.
struct World {
    pools: Rc<Pools>,
    told: Rc<Told>,
    sessions: Sessions,
}

#[derive(Default)]
struct Told(RefCell<Vec<String>>);

impl Sink for Told {
    fn emit(&self, event: Event) {
        let line = match event {
            Event::Failed { exchange, error, .. } => format!("{} failed: {error:?}", exchange.slot),
            Event::Restart { exchange } => format!("{} restart", exchange.slot),
            Event::End { exchange, .. } => format!("{} end", exchange.slot),
            Event::Disconnected { error, .. } => format!("disconnected: {error:?}"),
            Event::ConnectFailed { error, .. } => format!("connect failed: {error:?}"),
            Event::Aborted { exchange, .. } => format!("{} aborted", exchange.slot),
            Event::Connected { .. } => "connected".to_owned(),
            other => format!("{other:?}"),
        };
        self.0.borrow_mut().push(line);
    }

    fn fill_soon(&self) {
        self.0.borrow_mut().push("due".to_owned());
    }
}

#[derive(Clone, Default)]
struct Sessions(Rc<RefCell<Vec<Opened>>>);

type Opened = (SessionId, Rc<Given>);

#[derive(Default)]
struct Given(RefCell<Vec<Work>>);

impl Session for Given {
    fn submit(&self, work: Work) {
        self.0.borrow_mut().push(work);
    }
}

impl Opener for Sessions {
    fn open(&self, session: SessionId, _server_name: Option<&str>, _listener: Rc<dyn Listener>) -> Rc<dyn Session> {
        let given = Rc::new(Given::default());
        self.0.borrow_mut().push((session, Rc::clone(&given)));
        given
    }
}

impl World {
    fn new(connections: u32, pipelining: u32) -> Self {
        let (told, sessions) = (Rc::new(Told::default()), Sessions::default());
        let pools = Pools::new(Rc::clone(&told) as Rc<dyn Sink>);
        let options = Options { connections, pipelining, max_requests: None, share: None, announce_connecting: false };
        pools.open(DISPATCHER, options, Box::new(sessions.clone()));
        Self { pools, told, sessions }
    }

    fn dispatch(&self, number: u32, request: Request) {
        self.pools.dispatch(DISPATCHER, exchange(number), Box::new(request), true, Instant::now());
    }

    /// A session tells something, and the turn ends.
    fn report(&self, session: usize, report: Report) {
        self.report_within_a_turn(session, report);
        self.pools.fill_due();
    }

    fn report_within_a_turn(&self, session: usize, report: Report) {
        let id = self.sessions.0.borrow()[session].0;
        self.pools.report(id, report);
    }

    fn opened(&self, session: usize) {
        self.report(session, Report::Opened { local: None, remote: None });
    }

    fn end(&self, session: usize, number: u32) {
        self.end_within_a_turn(session, number);
        self.pools.fill_due();
    }

    fn end_within_a_turn(&self, session: usize, number: u32) {
        let (exchange, trailers) = (exchange(number), Fields::default());
        self.report_within_a_turn(session, Report::End { exchange, trailers, timings: Timings::default() });
    }

    /// What a session was asked since the last look, by exchange.
    fn given(&self, session: usize) -> Vec<String> {
        let given = Rc::clone(&self.sessions.0.borrow()[session].1);
        let given = given.0.take();
        given
            .into_iter()
            .map(|work| match work {
                Work::Request { exchange, close, .. } => {
                    format!("{}{}", exchange.slot, if close { " close" } else { "" })
                }
                other => format!("{other:?}"),
            })
            .collect()
    }

    fn told(&self) -> Vec<String> {
        self.told.0.take()
    }

    fn asked_for(&self) -> usize {
        self.sessions.0.borrow().len()
    }

    fn close(&self, session: usize, error: Error, returned: Vec<Returned>) {
        let octets = Octets::default();
        self.report(session, Report::Closed { error, returned, octets });
    }
}

fn exchange(number: u32) -> ExchangeId {
    ExchangeId { slot: number, generation: 0 }
}

fn returned(number: u32, request: Request, sent: bool) -> Returned {
    let request = Box::new(request);
    let standing = Standing { phase: Phase::Waiting, is_reused: false, is_retryable: request.idempotent };
    Returned { exchange: exchange(number), request, sent, begun: false, standing }
}

fn post() -> Request {
    Request { idempotent: false, ..get() }
}

#[test]
fn the_session_that_was_used_last_is_used_next() {
    let world = World::new(3, 1);
    (1..4).for_each(|number| world.dispatch(number, get()));
    (0..3).for_each(|session| world.opened(session));
    (0..3).for_each(|session| drop(world.given(session)));
    world.end(1, 2);
    world.end(2, 3);
    world.end(0, 1);
    world.dispatch(4, get());
    world.dispatch(5, get());
    assert_eq!((world.given(0), world.given(2)), (vec!["4".to_owned()], vec!["5".to_owned()]));
    assert_eq!(world.asked_for(), 3);
}

#[test]
fn a_session_in_the_making_counts_for_as_many_requests_as_it_may_pipeline() {
    let world = World::new(10, 4);
    (1..6).for_each(|number| world.dispatch(number, get()));
    assert_eq!(world.asked_for(), 2);
}

#[test]
fn a_request_that_was_not_sent_waits_again_and_nobody_hears_of_it() {
    let world = World::new(1, 1);
    world.dispatch(1, post());
    world.opened(0);
    assert_eq!(world.given(0), ["1"]);
    world.close(0, Error::OtherSideClosed, vec![returned(1, post(), false)]);
    assert_eq!(world.told(), ["connected", "disconnected: OtherSideClosed"]);
    world.opened(1);
    assert_eq!(world.given(1), ["1"]);
}

#[test]
fn a_request_that_may_have_been_processed_is_sent_again_only_if_it_is_idempotent() {
    let world = World::new(1, 2);
    world.dispatch(1, post());
    world.dispatch(2, get());
    world.opened(0);
    world.end(0, 99);
    let back = vec![returned(1, post(), true), returned(2, get(), true)];
    world.close(0, Error::Reset, back);
    assert_eq!(world.told(), ["connected", "99 end", "1 failed: OtherSideClosed", "disconnected: Reset", "2 restart"]);
    world.opened(1);
    assert_eq!(world.given(1), [""; 0], "it was not started again");
    world.pools.start(exchange(2));
    assert_eq!(world.given(1), ["2"]);
}

#[test]
fn those_that_wait_again_come_before_those_that_waited_in_their_order() {
    let world = World::new(1, 3);
    (1..5).for_each(|number| world.dispatch(number, get()));
    world.opened(0);
    let back = (1..4).map(|number| returned(number, get(), number == 1)).collect();
    world.close(0, Error::OtherSideClosed, back);
    world.opened(1);
    assert_eq!(world.given(1), ["2", "3", "4"]);
}

#[test]
fn what_a_session_lost_in_a_panic_fails() {
    let world = World::new(1, 2);
    world.dispatch(1, get());
    world.dispatch(2, get());
    world.opened(0);
    world.report(0, Report::Broken);
    assert_eq!(world.told(), ["connected", "1 failed: Internal", "2 failed: Internal", "disconnected: Internal"]);
}

#[test]
fn a_panic_before_the_session_is_open_fails_those_that_wait() {
    let world = World::new(1, 1);
    world.dispatch(1, get());
    world.report(0, Report::Broken);
    assert_eq!(world.told(), ["connect failed: Internal", "1 failed: Internal"]);
}

#[test]
fn while_another_session_lives_nothing_fails_and_no_other_is_tried_at_once() {
    let world = World::new(3, 1);
    world.dispatch(1, get());
    world.opened(0);
    world.dispatch(2, get());
    assert_eq!(world.asked_for(), 2);
    world.report(1, Report::OpenFailed { error: Error::Internal });
    assert_eq!(world.told(), ["connected", "connect failed: Internal"]);
    assert_eq!(world.asked_for(), 2);
    world.end(0, 1);
    assert_eq!(world.given(0), ["1", "2"]);
}

#[test]
fn an_attempt_that_fails_takes_its_share_while_others_are_under_way() {
    let world = World::new(3, 1);
    world.dispatch(1, get());
    world.dispatch(2, get());
    world.report(0, Report::OpenFailed { error: Error::Internal });
    assert_eq!(world.told(), ["connect failed: Internal", "1 failed: Internal"]);
    assert_eq!(world.asked_for(), 2);
    world.opened(1);
    assert_eq!(world.given(1), ["2"]);
}

#[test]
fn content_that_the_method_does_not_expect_closes_the_session_silently() {
    let world = World::new(1, 2);
    world.dispatch(1, Request { unexpected_content: true, ..get() });
    world.dispatch(2, get());
    world.opened(0);
    assert_eq!(world.given(0), ["1"]);
}

#[test]
fn a_session_that_ends_unused_was_a_try_of_the_first_that_waits() {
    let world = World::new(1, 1);
    // Its user has not heard of a start yet, so that it is not given to the session.
    world.pools.dispatch(DISPATCHER, exchange(1), Box::new(get()), false, Instant::now());
    world.dispatch(2, get());
    world.opened(0);
    world.close(0, Error::OtherSideClosed, vec![]);
    assert_eq!(world.told(), ["connected", "1 failed: OtherSideClosed", "disconnected: OtherSideClosed"]);
    world.opened(1);
    assert_eq!(world.given(1), ["2"]);
}

#[test]
fn a_session_that_was_idle_for_too_long_was_none() {
    let world = World::new(1, 1);
    world.pools.dispatch(DISPATCHER, exchange(1), Box::new(get()), false, Instant::now());
    world.opened(0);
    world.close(0, Error::IdleTimeout, vec![]);
    assert_eq!(world.told(), ["connected", "disconnected: IdleTimeout"]);
    assert_eq!(world.asked_for(), 2);
}

#[test]
fn a_session_that_becomes_free_is_given_the_first_that_the_turn_leaves() {
    let world = World::new(1, 1);
    (1..5).for_each(|number| world.dispatch(number, get()));
    world.opened(0);
    assert_eq!(world.given(0), ["1"]);
    world.end_within_a_turn(0, 1);
    world.dispatch(5, get());
    world.pools.abort(exchange(2));
    world.pools.abort(exchange(3));
    assert_eq!(world.given(0), [""; 0], "the turn may hear more");
    world.pools.fill_due();
    assert_eq!(world.given(0), ["4"]);
    assert_eq!(world.told(), ["connected", "1 end", "due", "2 aborted", "3 aborted"]);
}

#[test]
fn so_is_one_whose_first_never_started() {
    let world = World::new(1, 1);
    world.pools.dispatch(DISPATCHER, exchange(1), Box::new(get()), false, Instant::now());
    (2..4).for_each(|number| world.dispatch(number, get()));
    world.opened(0);
    world.pools.abort(exchange(1));
    world.pools.abort(exchange(2));
    world.pools.fill_due();
    assert_eq!(world.given(0), ["3"]);
}

#[test]
fn a_turn_in_which_a_session_failed_to_open_opens_no_other_for_one_that_became_free() {
    let world = World::new(3, 1);
    (1..3).for_each(|number| world.dispatch(number, get()));
    world.opened(0);
    world.dispatch(3, get());
    assert_eq!(world.asked_for(), 3);
    world.end_within_a_turn(0, 1);
    world.report_within_a_turn(1, Report::OpenFailed { error: Error::Internal });
    world.pools.fill_due();
    assert_eq!(world.given(0), ["1", "2"]);
    assert_eq!(world.asked_for(), 3);
}

#[test]
fn an_end_that_nobody_waits_for_makes_nothing_due() {
    let world = World::new(1, 1);
    world.dispatch(1, get());
    world.opened(0);
    world.end(0, 1);
    assert_eq!(world.told(), ["connected", "1 end"]);
}

#[test]
fn a_pool_that_is_destroyed_while_it_is_due_is_given_nothing_more() {
    let world = World::new(1, 1);
    (1..3).for_each(|number| world.dispatch(number, get()));
    world.opened(0);
    world.end_within_a_turn(0, 1);
    world.pools.destroy(DISPATCHER);
    world.pools.fill_due();
    assert_eq!(world.given(0), ["1", "Close { error: Destroyed }"]);
}

const OTHER: DispatcherId = DispatcherId { slot: 1, generation: 0 };

/// Two pools that share; the sessions of both are counted together.
fn sharing(max_sessions: Option<u32>, max_idle: Option<u32>) -> World {
    let world = World::new(0, 1);
    let share = Some(Share { id: 1, max_sessions, max_idle });
    let options = Options { connections: 10, pipelining: 1, max_requests: None, share, announce_connecting: false };
    world.pools.destroy(DISPATCHER);
    world.pools.open(DISPATCHER, options, Box::new(world.sessions.clone()));
    world.pools.open(OTHER, options, Box::new(world.sessions.clone()));
    world
}

fn dispatch_to_the_other(world: &World, number: u32) {
    world.pools.dispatch(OTHER, exchange(number), Box::new(get()), true, Instant::now());
    world.pools.fill_due();
}

#[test]
fn an_idle_session_goes_for_another_pool_where_the_share_is_used_up() {
    let world = sharing(Some(1), None);
    world.dispatch(1, get());
    world.opened(0);
    world.end(0, 1);
    assert_eq!(world.given(0), ["1"]);
    dispatch_to_the_other(&world, 2);
    assert_eq!(world.given(0), ["Close { error: MadeRoom }"]);
    assert_eq!(world.asked_for(), 1);
    world.close(0, Error::MadeRoom, Vec::new());
    assert_eq!(world.asked_for(), 2);
    world.opened(1);
    assert_eq!(world.given(1), ["2"]);
}

#[test]
fn a_pool_without_any_session_is_served_before_the_next_of_one_that_has_them_all() {
    let world = sharing(Some(1), None);
    world.dispatch(1, get());
    world.opened(0);
    world.dispatch(2, get());
    dispatch_to_the_other(&world, 3);
    assert_eq!(world.asked_for(), 1);
    world.end(0, 1);
    assert_eq!(world.given(0), ["1", "Close { error: MadeRoom }"]);
    world.close(0, Error::MadeRoom, Vec::new());
    world.opened(1);
    assert_eq!(world.given(1), ["3"]);
    world.end(1, 3);
    assert_eq!(world.given(1), ["Close { error: MadeRoom }"]);
    world.close(1, Error::MadeRoom, Vec::new());
    world.opened(2);
    assert_eq!(world.given(2), ["2"]);
}

#[test]
fn sessions_that_idle_beyond_the_bound_go_the_coldest_first() {
    let world = sharing(None, Some(1));
    world.dispatch(1, get());
    world.dispatch(2, get());
    world.opened(0);
    world.opened(1);
    world.end(0, 1);
    world.end(1, 2);
    assert_eq!(world.given(0), ["1", "Close { error: MadeRoom }"]);
    assert_eq!(world.given(1), ["2"]);
}

#[test]
fn a_pool_that_is_destroyed_gives_its_share_back() {
    let world = sharing(Some(1), None);
    world.dispatch(1, get());
    world.opened(0);
    dispatch_to_the_other(&world, 2);
    assert_eq!(world.asked_for(), 1);
    world.pools.destroy(DISPATCHER);
    world.pools.fill_due();
    assert_eq!(world.asked_for(), 2);
}

#[test]
fn nothing_is_left_of_a_bounded_time_once_its_exchange_is_over_or_a_tunnel() {
    const SECOND: Duration = Duration::from_secs(1);
    let now = Instant::now();
    let world = World::new(1, 1);
    for number in 1..5 {
        let request = Box::new(Request { timeout: Some(number * SECOND), ..get() });
        world.pools.dispatch(DISPATCHER, exchange(number), request, true, now);
    }
    world.opened(0);
    assert_eq!(world.pools.deadline(), Some(now + SECOND));
    world.end(0, 1);
    assert_eq!(world.pools.deadline(), Some(now + 2 * SECOND));
    let (head, timings, octets) = (head(), Timings::default(), Octets::default());
    world.report(0, Report::Upgraded { exchange: exchange(2), head, timings, octets });
    assert_eq!(world.pools.deadline(), Some(now + 3 * SECOND));
    assert!(!world.pools.expire(now + 2 * SECOND));
    world.pools.abort(exchange(3));
    assert_eq!(world.pools.deadline(), Some(now + 4 * SECOND));
    world.pools.destroy(DISPATCHER);
    assert_eq!(world.pools.deadline(), None);
}

#[test]
fn a_late_exchange_whose_session_ends_before_it_hears_of_that_is_late_when_it_waits_again() {
    let now = Instant::now();
    let world = World::new(1, 1);
    let request = || Request { timeout: Some(Duration::from_secs(1)), ..get() };
    world.pools.dispatch(DISPATCHER, exchange(1), Box::new(request()), true, now);
    world.opened(0);
    let late = now + Duration::from_secs(1);
    assert!(world.pools.expire(late));
    assert_eq!(world.pools.deadline(), None);
    world.told();
    world.close(0, Error::Reset, vec![returned(1, request(), false)]);
    assert!(world.pools.expire(late));
    assert_eq!(world.told(), ["disconnected: Reset", "1 failed: Timeout(1s)"]);
    assert_eq!(world.pools.deadline(), None);
}

fn head() -> ResponseHead {
    ResponseHead { status: 101, reason: 0..0, fields: Fields::default(), is_decoded: false, number: None }
}
