//! The numbers of the records that cross between JavaScript and the engine: kinds, words, flags. This is
//! their one source; `npm run layout` writes `lib/native/layout.js` from the table at the end.
//!
//! A payload is a run of little-endian 32-bit words, then octets. The first two words name whom it is
//! about: slot and generation of an exchange or of a dispatcher.

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $value:expr;)*) => {
        $($(#[$doc])* pub(crate) const $name: u32 = $value;)*

        /// Every number by its name, for the JavaScript side.
        pub(crate) const TABLE: &[(&str, u32)] = &[$((stringify!($name), $name)),*];
    };
}

numbers! {
    // Submissions: what JavaScript asks of the engine.
    /// A dispatcher is made: the `OPEN_*` words, then host, socket path, local address and server name.
    OPEN = 1;
    /// A request: the `DISPATCH_*` words, then head, server name and whole body.
    DISPATCH = 2;
    /// An exchange may be written.
    START = 3;
    /// An exchange is over for its user.
    ABORT = 4;
    /// Octets were taken: word 2.
    RELEASE = 5;
    /// Nothing more for now.
    PAUSE = 6;
    /// More, please.
    RESUME = 7;
    /// A piece of a body: octets from word 2 on.
    CHUNK = 8;
    /// A piece of a body, on the tray of word 2: as many octets as word 3 says.
    CHUNK_ON_TRAY = 24;
    /// The end of a body.
    FINISH = 9;
    /// A dispatcher's pipelining: word 2.
    PIPELINING = 10;
    /// A dispatcher ends.
    DESTROY = 11;

    /// A lent socket is connected: the `LENT_*` words, then both addresses.
    LENT_CONNECTED = 12;
    /// Octets of a lent socket, from word 2 on.
    LENT_DATA = 13;
    /// The peer of a lent socket has finished sending.
    LENT_ENDED = 14;
    /// A lent socket failed, or could not be connected.
    LENT_FAILED = 15;
    /// A lent socket has written so many octets: word 2.
    LENT_WRITTEN = 16;

    // LENT_CONNECTED
    /// Our port.
    LENT_LOCAL_PORT = 2;
    /// The peer's port.
    LENT_REMOTE_PORT = 3;
    /// Octets of our address; 0: it is no internet address.
    LENT_LOCAL_LENGTH = 4;
    /// Octets of the peer's address.
    LENT_REMOTE_LENGTH = 5;
    /// How many words come before the addresses.
    LENT_WORDS = 6;

    // OPEN
    /// The port.
    OPEN_PORT = 2;
    /// How many sessions.
    OPEN_CONNECTIONS = 3;
    /// How many requests on a session.
    OPEN_PIPELINING = 4;
    /// Milliseconds; 0: none.
    OPEN_CONNECT_TIMEOUT = 5;
    /// Milliseconds.
    OPEN_KEEP_ALIVE_TIMEOUT = 6;
    /// Milliseconds.
    OPEN_KEEP_ALIVE_MAX_TIMEOUT = 7;
    /// Milliseconds, signed.
    OPEN_KEEP_ALIVE_THRESHOLD = 8;
    /// Octets.
    OPEN_MAX_HEADER_SIZE = 9;
    /// Octets, low half.
    OPEN_MAX_RESPONSE_SIZE_LOW = 10;
    /// Octets, high half.
    OPEN_MAX_RESPONSE_SIZE_HIGH = 11;
    /// Requests on a session; 0: no bound.
    OPEN_MAX_REQUESTS = 12;
    /// Milliseconds before the first probe.
    OPEN_TCP_KEEP_ALIVE = 13;
    /// The `OPEN_FLAG_*`.
    OPEN_FLAGS = 14;
    /// Octets of the host.
    OPEN_HOST_LENGTH = 15;
    /// Octets of the socket path; 0: none.
    OPEN_SOCKET_PATH_LENGTH = 16;
    /// Octets of the local address; 0: none.
    OPEN_LOCAL_ADDRESS_LENGTH = 17;
    /// Milliseconds; 0: only the first address is tried.
    OPEN_ATTEMPT_TIMEOUT = 18;
    /// The context of TLS; 0: no TLS.
    OPEN_TLS_CONTEXT = 19;
    /// Octets of the server name.
    OPEN_SERVER_NAME_LENGTH = 20;
    /// The type of service.
    OPEN_TYPE_OF_SERVICE = 21;
    /// The name of the share; 0: nothing is shared.
    OPEN_SHARE = 22;
    /// How many sessions share; 0: no bound.
    OPEN_SHARE_SESSIONS = 23;
    /// How many of them may be idle, plus 1; 0: no bound.
    OPEN_SHARE_IDLE = 24;
    /// What is beyond a proxy: one of the `TUNNEL_*`; 0: nothing. Then host, port and what else is of the connection
    /// are the proxy's, and behind its texts are those of the tunnel: server name, head, target, user, password.
    OPEN_TUNNEL = 25;
    /// The context of TLS with the origin; 0: no TLS.
    OPEN_TUNNEL_TLS_CONTEXT = 26;
    /// Octets of the origin's server name.
    OPEN_TUNNEL_SERVER_NAME_LENGTH = 27;
    /// Milliseconds until the tunnel is open, or for each step of SOCKS5; 0: none.
    OPEN_TUNNEL_ANSWER_TIMEOUT = 28;
    /// Milliseconds for TLS with the origin; 0: none.
    OPEN_TUNNEL_SECURE_TIMEOUT = 29;
    /// Octets of the head of CONNECT.
    OPEN_TUNNEL_HEAD_LENGTH = 30;
    /// Where in it the connection field goes.
    OPEN_TUNNEL_CONNECTION_AT = 31;
    /// Octets of the head of the answer.
    OPEN_TUNNEL_MAX_HEADER_SIZE = 32;
    /// Milliseconds for the head of the answer; 0: none.
    OPEN_TUNNEL_HEADERS_TIMEOUT = 33;
    /// Octets of the name or address that a SOCKS5 proxy is to connect to.
    OPEN_TUNNEL_TARGET_LENGTH = 34;
    /// The port that it is to connect to.
    OPEN_TUNNEL_TARGET_PORT = 35;
    /// Octets of the user.
    OPEN_TUNNEL_USER_LENGTH = 36;
    /// Octets of the password.
    OPEN_TUNNEL_PASSWORD_LENGTH = 37;
    /// How many words come before the texts.
    OPEN_WORDS = 38;
    /// By CONNECT.
    TUNNEL_CONNECT = 1;
    /// By SOCKS5.
    TUNNEL_SOCKS5 = 2;
    /// The response size is bounded.
    OPEN_FLAG_MAX_RESPONSE_SIZE = 1;
    /// TCP keep-alive is on.
    OPEN_FLAG_TCP_KEEP_ALIVE = 2;
    /// Nagle's algorithm is off.
    OPEN_FLAG_NO_DELAY = 4;
    /// `CONNECTING` is wanted.
    OPEN_FLAG_ANNOUNCE_CONNECTING = 8;
    /// The type of service is given.
    OPEN_FLAG_TYPE_OF_SERVICE = 16;
    /// JavaScript connects, and lends its sockets.
    OPEN_FLAG_LENDS_SOCKETS = 32;
    /// The origin speaks for the server name of the tunnel, whatever a request asks for.
    OPEN_FLAG_KEEPS_SERVER_NAME = 64;
    /// A SOCKS5 proxy may be shown credentials.
    OPEN_FLAG_CREDENTIALS = 128;

    // DISPATCH
    /// The dispatcher's slot.
    DISPATCH_DISPATCHER_SLOT = 2;
    /// The dispatcher's generation.
    DISPATCH_DISPATCHER_GENERATION = 3;
    /// The `DISPATCH_FLAG_*`.
    DISPATCH_FLAGS = 4;
    /// Where in the head the connection field goes.
    DISPATCH_CONNECTION_AT = 5;
    /// Octets of the head.
    DISPATCH_HEAD_LENGTH = 6;
    /// The declared length of a streamed body, low half.
    DISPATCH_DECLARED_LOW = 7;
    /// The declared length of a streamed body, high half.
    DISPATCH_DECLARED_HIGH = 8;
    /// Milliseconds; 0: none.
    DISPATCH_HEADERS_TIMEOUT = 9;
    /// Milliseconds; 0: none.
    DISPATCH_BODY_TIMEOUT = 10;
    /// Octets of the server name; 0: the dispatcher's.
    DISPATCH_SERVER_NAME_LENGTH = 11;
    /// The type of service plus 1; 0: as it is.
    DISPATCH_TYPE_OF_SERVICE = 12;
    /// Octets that say which contents are to be told without their codings, behind the server name; 0: none.
    DISPATCH_DECODING_LENGTH = 13;
    /// Milliseconds for the exchange as a whole; 0: no bound.
    DISPATCH_TIMEOUT = 14;
    /// Microseconds that its user has waited for before.
    DISPATCH_WAITED = 15;
    /// Octets of a whole body on trays, whose places stand in its stead, an octet each; 0: it is not on trays.
    DISPATCH_ON_TRAYS = 16;
    /// How many words come before the head.
    DISPATCH_WORDS = 17;
    /// The method is HEAD.
    DISPATCH_FLAG_HEAD = 1;
    /// The method is CONNECT.
    DISPATCH_FLAG_CONNECT = 2;
    /// An upgrade is asked for.
    DISPATCH_FLAG_UPGRADE = 4;
    /// May be sent again.
    DISPATCH_FLAG_IDEMPOTENT = 8;
    /// Nothing goes behind it.
    DISPATCH_FLAG_BLOCKING = 16;
    /// `reset: true`.
    DISPATCH_FLAG_RESET = 32;
    /// `reset: false`.
    DISPATCH_FLAG_KEEP = 64;
    /// Content that its method does not anticipate.
    DISPATCH_FLAG_UNEXPECTED_CONTENT = 128;
    /// The user has heard of its start.
    DISPATCH_FLAG_STARTED = 256;
    /// The rest of the payload is the whole body.
    DISPATCH_FLAG_WHOLE_BODY = 512;
    /// The body comes in `CHUNK`s.
    DISPATCH_FLAG_STREAMED_BODY = 1024;
    /// The streamed body's length is declared.
    DISPATCH_FLAG_DECLARED = 2048;
    /// The method anticipates content.
    DISPATCH_FLAG_EXPECTS_CONTENT = 4096;
    /// The head has a place for the connection field.
    DISPATCH_FLAG_CONNECTION_FIELD = 8192;
    /// The content waits for `100 (Continue)`.
    DISPATCH_FLAG_EXPECT_CONTINUE = 16384;

    // Which contents are to be told without their codings: octets, the numbers with their low halves first.
    /// Where the `maxSize` is, 8 octets; 0: none.
    DECODING_MAX_SIZE = 0;
    /// Where it stands whether statuses from 400 on are left out: 1 octet.
    DECODING_SKIPS_ERRORS = 8;
    /// Where the statuses are that are left out, 2 octets each.
    DECODING_SKIPPED_STATUSES = 9;

    // Completions: what the engine tells JavaScript.
    /// A session is being opened.
    CONNECTING = 1;
    /// A session is open: local port, remote port, octets of the local and of the remote address; the texts.
    CONNECTED = 2;
    /// No session: the `FAILURE_*` words, then a text.
    CONNECT_FAILED = 3;
    /// A session ended: the same.
    DISCONNECTED = 4;
    /// A dispatcher ended.
    DESTROYED = 5;
    /// An exchange waits again.
    RESTART = 6;
    /// An interim response: the `HEAD_*` words, the field words, the text.
    INFORMATIONAL = 7;
    /// A final response: the same.
    HEAD = 8;
    /// Octets of a body, from word 2 on.
    DATA = 9;
    /// A response is complete: the `HEAD_*` words of its trailers, the field words, the text.
    END = 10;
    /// The connection is a tunnel: as `HEAD`.
    UPGRADED = 11;
    /// More of a request body may be handed over: word 2.
    CAPACITY = 12;
    /// An exchange failed: as `CONNECT_FAILED`.
    FAILED = 13;
    /// A whole response without trailers: as `HEAD`, then its body.
    RESPONSE = 14;
    /// The last word on an exchange that was aborted: word 2 is 1 where its session ends.
    ABORTED = 15;
    /// The content of a response is not what its codings say, and its `END` follows: as `CONNECT_FAILED`.
    CONTENT_FAULT = 16;
    /// A socket is to be connected and lent; the first two words name the dispatcher that wants it, word 2 the socket; then
    /// the server name, where it is not the dispatcher's.
    LENT_CONNECT = 17;
    /// Octets to write to the lent socket of word 2, from word 3 on.
    LENT_WRITE = 18;
    /// So many octets of the lent socket of word 2 were taken: word 3.
    LENT_RELEASE = 19;
    /// The lent socket of word 2 finishes its writing side.
    LENT_FINISH = 20;
    /// Nobody wants the lent socket of word 2 any more.
    LENT_DROP = 21;

    /// Octets of a body, in the slab of word 2: as many as word 3 says. The slab is not lent any more.
    LANDED = 22;
    /// A large piece found no slab.
    SLABS_WANTED = 23;

    /// How many small slabs are lent at most; theirs are the first places.
    SLABS = 16;
    /// Octets of a small slab.
    SLAB_OCTETS = 65536;
    /// How many large slabs are lent at most.
    LARGE_SLABS = 8;
    /// Octets of a large slab.
    LARGE_SLAB_OCTETS = 131072;
    /// A piece that fills less of a slab than this fraction is not worth it.
    SLAB_FRACTION = 4;

    /// How many trays there are.
    TRAYS = 64;
    /// Where in their memory the first one is: behind a word of state for each.
    TRAYS_AT = 256;
    /// Octets of a tray.
    TRAY_OCTETS = 65536;
    /// Octets of a piece that is worth a tray.
    TRAY_LEAST = 16384;

    // INFORMATIONAL, HEAD, END, UPGRADED, RESPONSE
    /// The status code, 0 for trailers, in the bits of `HEAD_STATUS_MASK`; the `HEAD_FLAG_*`; and above
    /// `HEAD_PLACE_SHIFT` a place among the heads that are kept.
    HEAD_STATUS = 2;
    /// Moments, each since the dispatch: microseconds, or with the highest bit steps of 1,024 of them;
    /// all bits: it has not come. This one: it no longer waited for its turn.
    HEAD_QUEUED = 3;
    /// The request was sent.
    HEAD_SENT = 4;
    /// The first octet of a response came.
    HEAD_FIRST_BYTE = 5;
    /// The response was complete, or the tunnel stood.
    HEAD_ENDED = 6;
    /// With `HEAD_FLAG_OPENED`: the name was resolved.
    HEAD_RESOLVED = 7;
    /// With `HEAD_FLAG_OPENED`: the connection was there.
    HEAD_CONNECTED = 8;
    /// With `HEAD_FLAG_OPENED`: TLS was ready.
    HEAD_SECURED = 9;
    /// Octets of the reason phrase. With `HEAD_FLAG_KNOWN` the body, or nothing, starts here.
    HEAD_REASON_LENGTH = 10;
    /// How many field lines.
    HEAD_FIELDS = 11;
    /// Octets of the text: the reason phrase, then each name and value, with nothing between them.
    HEAD_TEXT_LENGTH = 12;
    /// How many words come before the field words: octets of the name, octets of the value, for each line.
    HEAD_WORDS = 13;

    /// The bits of the status code.
    HEAD_STATUS_MASK = 65535;
    /// END, RESPONSE: the session takes no more requests and will end.
    HEAD_FLAG_CLOSING = 65536;
    /// All but the status is that of the head that is kept in the place.
    HEAD_FLAG_KNOWN = 131072;
    /// The head is to be kept in the place, also where nobody asks for it any more.
    HEAD_FLAG_KEPT = 262144;
    /// HEAD, RESPONSE: the content is told without its codings.
    HEAD_FLAG_DECODED = 524288;
    /// The exchange has waited for its connection to be opened.
    HEAD_FLAG_OPENED = 1048576;
    /// The bits above are the place.
    HEAD_PLACE_SHIFT = 24;

    // CONNECTED
    /// Our port.
    CONNECTED_LOCAL_PORT = 2;
    /// The peer's port.
    CONNECTED_REMOTE_PORT = 3;
    /// Octets of our address.
    CONNECTED_LOCAL_LENGTH = 4;
    /// Octets of the peer's address.
    CONNECTED_REMOTE_LENGTH = 5;
    /// How many words come before the texts.
    CONNECTED_WORDS = 6;

    // CONNECT_FAILED, DISCONNECTED, FAILED
    /// The `ERROR_*` kind.
    FAILURE_ERROR = 2;
    /// A positive errno, or 0.
    FAILURE_ERRNO = 3;
    /// 1: read, 2: write.
    FAILURE_SYSCALL = 4;
    /// Octets into the response, low half.
    FAILURE_POSITION_LOW = 5;
    /// Octets into the response, high half.
    FAILURE_POSITION_HIGH = 6;
    /// Octets received, low half.
    FAILURE_READ_LOW = 7;
    /// Octets received, high half.
    FAILURE_READ_HIGH = 8;
    /// Octets sent, low half.
    FAILURE_WRITTEN_LOW = 9;
    /// Octets sent, high half.
    FAILURE_WRITTEN_HIGH = 10;
    /// A `PHASE_*` with the `STANDING_FLAG_*`; 0: not known.
    FAILURE_STANDING = 11;
    /// How many words come before the text: lines, by the kind of error.
    FAILURE_WORDS = 12;

    /// No connection yet.
    PHASE_CONNECTING = 1;
    /// The request is being written.
    PHASE_SENDING = 2;
    /// The request is written, the response has not begun.
    PHASE_WAITING = 3;
    /// The response head is arriving.
    PHASE_HEAD = 4;
    /// The response body is arriving.
    PHASE_BODY = 5;
    /// It is a tunnel.
    PHASE_TUNNEL = 6;
    /// The connection had carried an answer before.
    STANDING_FLAG_REUSED = 256;
    /// The request may be made again.
    STANDING_FLAG_RETRYABLE = 512;
    /// FAILED: the session takes no more requests and will end, but not at once.
    STANDING_FLAG_CLOSING = 1024;

    /// Lines: `errno port address` of each attempt.
    ERROR_CONNECT = 1;
    /// Line: the resolver's code.
    ERROR_RESOLVE = 2;
    /// Lines: as `ERROR_CONNECT`.
    ERROR_CONNECT_TIMEOUT = 3;
    /// No line.
    ERROR_HEADERS_TIMEOUT = 4;
    /// No line.
    ERROR_BODY_TIMEOUT = 5;
    /// No line.
    ERROR_HEADERS_OVERFLOW = 6;
    /// No line.
    ERROR_RESPONSE_EXCEEDED_MAX_SIZE = 7;
    /// No line.
    ERROR_RESPONSE_CONTENT_LENGTH_MISMATCH = 8;
    /// No line.
    ERROR_REQUEST_CONTENT_LENGTH_MISMATCH = 9;
    /// Lines: llhttp's name, the reason.
    ERROR_PARSE = 10;
    /// No line.
    ERROR_BAD_RESPONSE = 11;
    /// No line.
    ERROR_BAD_UPGRADE = 12;
    /// No line.
    ERROR_OTHER_SIDE_CLOSED = 13;
    /// No line; errno and syscall.
    ERROR_SYSTEM = 14;
    /// No line.
    ERROR_RESET = 15;
    /// No line.
    ERROR_ABORTED = 16;
    /// No line.
    ERROR_IDLE_TIMEOUT = 17;
    /// No line.
    ERROR_UPGRADED = 18;
    /// No line.
    ERROR_DESTROYED = 19;
    /// No line.
    ERROR_INTERNAL = 20;
    /// No line.
    ERROR_SERVER_NAME_CHANGED = 24;
    /// No line.
    ERROR_MADE_ROOM = 25;
    /// No line; errno is the time that the exchange was given, in milliseconds.
    ERROR_TIMEOUT = 29;
    /// Lines: Node's code, the name that was asked for, the certificate as DER in hexadecimal digits.
    ERROR_CERTIFICATE = 21;
    /// Lines: Node's code, the words; errno is the number, signed.
    ERROR_CONTENT = 30;
    /// Lines: how large a layer has become, how large it may.
    ERROR_CONTENT_TOO_LARGE = 31;
    /// No line; errno is the lent socket's name.
    ERROR_LENT = 23;
    /// No line; errno is one of the `TLS_*`, plus the alert's number behind `TLS_ALERT`.
    ERROR_TLS = 22;

    /// No line; errno is the status.
    ERROR_TUNNEL_REFUSED = 26;
    /// No line.
    ERROR_TUNNEL_TIMEOUT = 27;
    /// No line; errno is one of the `SOCKS5_*`, plus the octet that the proxy said.
    ERROR_SOCKS5 = 28;
    /// Added to the kind: it happened on the way to the proxy, or between it and us.
    ERROR_FLAG_AT_PROXY = 256;

    /// Another version.
    SOCKS5_VERSION = 256;
    /// No method will do.
    SOCKS5_NO_METHOD = 512;
    /// An unknown method.
    SOCKS5_METHOD = 768;
    /// Credentials are wanted, and there are none.
    SOCKS5_CREDENTIALS_WANTED = 1024;
    /// Another version in the word on the credentials.
    SOCKS5_CREDENTIALS_VERSION = 1280;
    /// The credentials are not taken.
    SOCKS5_CREDENTIALS = 1536;
    /// Another version in the reply.
    SOCKS5_REPLY_VERSION = 1792;
    /// No connection.
    SOCKS5_REPLY = 2048;
    /// An address of no kind.
    SOCKS5_ADDRESS_TYPE = 2304;

    /// The peer ended the connection in the handshake.
    TLS_ENDED_EARLY = 1;
    /// The octets are no TLS.
    TLS_NOT_TLS = 2;
    /// A record was changed.
    TLS_BAD_RECORD = 3;
    /// Nothing in common.
    TLS_INCOMPATIBLE = 4;
    /// No server name.
    TLS_SERVER_NAME = 5;
    /// The handshake broke the rules.
    TLS_HANDSHAKE = 6;
    /// An alert came; its number is added.
    TLS_ALERT = 256;
}
