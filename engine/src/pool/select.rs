//! Which session takes a request: the rules of pipelining, as undici's client has them.

use super::slot::{OpenSlot, Slots};
use crate::message::{Method, Request, RequestBody};

/// The open slot that may take `request` now. An idle one comes before one that is at work.
pub(super) fn select(slots: &mut Slots, request: &Request, pipelining: u32) -> Option<u32> {
    let idle = slots.idle_named(request.server_name.as_deref());
    if idle.is_some() || pipelining <= 1 {
        return idle;
    }
    slots.least_loaded(|slot| may_follow(slot, request, pipelining))
}

/// Whether `request` may be sent before what is outstanding was answered. Only what can be sent again
/// without harm is: the ones before it can take the connection with them (RFC 9112 section 9.3.2).
fn may_follow(slot: &OpenSlot, request: &Request, pipelining: u32) -> bool {
    !slot.is_closing
        && slot.server_name == request.server_name
        && slot.writing.is_none()
        && slot.blocking.is_none()
        && slot.outstanding.len() < pipelining as usize
        && request.idempotent
        && !request.upgrade
        && request.method != Method::Connect
        && !matches!(request.body, RequestBody::Stream { .. })
}

/// Whether the session ends after this request, and says so to the peer.
pub(super) fn closes(request: &Request, requests: u32, limit: Option<u32>, pipelining: u32) -> bool {
    let by_method = request.upgrade || matches!(request.method, Method::Head | Method::Connect);
    request.reset.unwrap_or(by_method) || limit.is_some_and(|limit| limit > 0 && requests >= limit) || pipelining == 0
}

#[cfg(test)]
pub(super) mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::RequestHead;

    pub(in crate::pool) fn get() -> Request {
        Request {
            method: Method::Other,
            head: RequestHead { bytes: Bytes::from_static(b"GET / HTTP/1.1\r\n"), connection_at: None },
            body: RequestBody::None,
            upgrade: false,
            idempotent: true,
            blocking: false,
            reset: None,
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

    #[test]
    fn head_connect_and_upgrades_close_unless_told_otherwise() {
        for method in [Method::Head, Method::Connect] {
            assert!(closes(&Request { method, ..get() }, 1, None, 1));
            assert!(!closes(&Request { method, reset: Some(false), ..get() }, 1, None, 1));
        }
        assert!(closes(&Request { upgrade: true, ..get() }, 1, None, 1));
        assert!(!closes(&get(), 1, None, 1));
        assert!(closes(&Request { reset: Some(true), ..get() }, 1, None, 1));
    }

    #[test]
    fn the_last_of_max_requests_closes_whatever_reset_says() {
        let request = Request { reset: Some(false), ..get() };
        assert!(!closes(&request, 1, Some(2), 1));
        assert!(closes(&request, 2, Some(2), 1));
        assert!(!closes(&request, 2, Some(0), 1));
    }

    #[test]
    fn without_pipelining_every_request_closes() {
        assert!(closes(&Request { reset: Some(false), ..get() }, 1, None, 0));
    }
}
