//! What can go wrong, as data: one variant a fact, with the details that a caller needs to say it in its
//! own words. Nothing ever parses a message, so there are none but the parser's reasons.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

/// Why an exchange failed or a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// No connection: every address that was tried refused or failed, in order.
    Connect(Vec<ConnectAttempt>),
    /// The host's name could not be resolved. Holds getaddrinfo's `EAI_*` code as text, as Node names it.
    Resolve {
        /// Node's code, such as `ENOTFOUND` or `EAI_AGAIN`.
        code: &'static str,
    },
    /// No connection within `connectTimeout`. Holds the addresses that were tried.
    ConnectTimeout(Vec<SocketAddr>),
    /// The peer's certificate is not acceptable.
    Certificate {
        /// Why.
        fault: CertificateFault,
        /// Whom it should have spoken for.
        name: Box<str>,
        /// The peer's own certificate, as DER.
        certificate: Bytes,
    },
    /// TLS itself failed.
    Tls(TlsFault),
    /// What happened on the way to a proxy, or between the proxy and us: not the origin's fault.
    AtProxy(Box<Error>),
    /// The proxy answered, and made no tunnel.
    TunnelRefused {
        /// The status of its answer.
        status: u16,
    },
    /// The proxy said nothing about the tunnel in time.
    TunnelTimeout,
    /// A SOCKS5 proxy refused, or is none.
    Socks5(Socks5Fault),
    /// A socket of the caller's, by its name, could not be connected or failed; the caller knows why.
    Lent(u32),
    /// The response head did not arrive in time.
    HeadersTimeout,
    /// The response body was silent for too long.
    BodyTimeout,
    /// The exchange as a whole took longer than it was given.
    Timeout(Duration),
    /// The response head, or its trailer section, is larger than allowed.
    HeadersOverflow,
    /// The response body is larger than allowed.
    ResponseExceededMaxSize,
    /// The response body is not what its coding says.
    Content(ContentFault),
    /// A layer of the response body has become larger than is wanted when its coding was undone.
    ContentTooLarge {
        /// So many octets had come of it.
        size: u64,
        /// So many are wanted.
        limit: u64,
    },
    /// The connection ended before the announced length of the response body had arrived.
    ResponseContentLengthMismatch,
    /// The request body is shorter or longer than its declared length.
    RequestContentLengthMismatch,
    /// The peer's bytes are not HTTP/1.1.
    Parse(ParseError),
    /// Bytes came where no response was due, or an interim response that must not be.
    BadResponse,
    /// `101` came where no upgrade was asked for.
    BadUpgrade,
    /// The peer closed the connection where it must not.
    OtherSideClosed,
    /// A system call on the connected socket failed.
    System {
        /// The call, as Node names it: `read` or `write`.
        syscall: Syscall,
        /// The positive `errno` of the platform.
        errno: i32,
    },
    /// The session ended as it should after an exchange (`connection: close`, a reset).
    Reset,
    /// The session was closed because the caller aborted its exchange.
    Aborted,
    /// The session was idle for the whole keep-alive time.
    IdleTimeout,
    /// The session was made for another server name than the next request asks for.
    ServerNameChanged,
    /// The session was idle, and went for another one that was wanted more, or for a bound.
    MadeRoom,
    /// The session left HTTP: it became a tunnel.
    Upgraded,
    /// The dispatcher was destroyed.
    Destroyed,
    /// The engine itself failed (a panic was caught); the details are in the log of the process.
    Internal,
}

/// One address that was tried and the way it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectAttempt {
    /// Where to.
    pub target: Target,
    /// The positive `errno` of the platform.
    pub errno: i32,
}

/// What a transport connects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An internet address.
    Inet(SocketAddr),
    /// A path in the file system.
    Unix(String),
}

/// What can be wrong with a certificate. OpenSSL's names, which Node.js uses as codes, tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It vouches for itself, and came alone.
    SelfSigned,
    /// The chain ends with a certificate that vouches for itself and is not trusted.
    SelfSignedInChain,
    /// It came alone, and whoever vouches for it is not known.
    LeafSignature,
    /// Whoever vouches for the last of the chain, which is ours, is not known.
    IssuerMissing,
    /// Whoever vouches for the last of the chain, which is the peer's, is not known.
    IssuerMissingHere,
    /// It does not speak for the name that was asked for.
    Name,
    /// It cannot be read, asks for what is not understood, or breaks another rule: OpenSSL may know better.
    Rejected,
}

impl CertificateFault {
    /// Node.js's code.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Expired => "CERT_HAS_EXPIRED",
            Self::NotYetValid => "CERT_NOT_YET_VALID",
            Self::SelfSigned => "DEPTH_ZERO_SELF_SIGNED_CERT",
            Self::SelfSignedInChain => "SELF_SIGNED_CERT_IN_CHAIN",
            Self::LeafSignature => "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            Self::IssuerMissing => "UNABLE_TO_GET_ISSUER_CERT",
            Self::IssuerMissingHere => "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            Self::Name => "ERR_TLS_CERT_ALTNAME_INVALID",
            Self::Rejected => "CERT_REJECTED",
        }
    }
}

/// What else can go wrong with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The peer ended the connection before the handshake was complete.
    EndedEarly,
    /// The peer refused with this alert (RFC 8446 section 6).
    Alert(u8),
    /// The peer's octets are not TLS.
    NotTls,
    /// A record was changed on its way.
    BadRecord,
    /// There is no version, suite or the like that both ends have.
    Incompatible,
    /// The server name is neither a name nor an address.
    ServerName,
    /// The peer broke the rules of the handshake.
    Handshake,
}

/// What a SOCKS5 proxy (RFC 1928, RFC 1929) can say that is no tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socks5Fault {
    /// It speaks this version.
    Version(u8),
    /// It takes none of the methods that were offered.
    NoMethod,
    /// It wants this method, which was not offered.
    Method(u8),
    /// It wants credentials, and there are none.
    CredentialsWanted,
    /// Its word on the credentials has this version.
    CredentialsVersion(u8),
    /// It does not take the credentials.
    Credentials,
    /// Its reply has this version.
    ReplyVersion(u8),
    /// It could not connect, and this is why (RFC 1928 section 6).
    Reply(u8),
    /// Its reply has an address of this kind, which is none.
    AddressType(u8),
}

/// What is wrong with coded content, as Node.js has it from the libraries that undo the codings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentFault {
    /// Node.js's code, such as `Z_DATA_ERROR`.
    pub code: &'static str,
    /// The library's number.
    pub number: i32,
    /// The library's words.
    pub reason: Box<str>,
}

/// A system call on a connected socket, by Node's name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syscall {
    /// `read`.
    Read,
    /// `write`.
    Write,
}

/// Where and why the peer's bytes are not HTTP/1.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The name of the fault, as llhttp has it without the prefix `HPE_`.
    pub code: ParseCode,
    /// The fault in a few words of our own, for the error's message.
    pub reason: &'static str,
    /// Where it was noticed: octets since the start of this response.
    pub position: u64,
}

/// llhttp's names of faults that a response can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "llhttp's names say it")]
pub enum ParseCode {
    InvalidConstant,
    InvalidVersion,
    InvalidStatus,
    InvalidHeaderToken,
    UnexpectedSpace,
    InvalidContentLength,
    UnexpectedContentLength,
    InvalidTransferEncoding,
    InvalidChunkSize,
    ChunkExtensionsOverflow,
    CrExpected,
    LfExpected,
    Strict,
    InvalidEofState,
    ClosedConnection,
}

impl ParseCode {
    /// llhttp's name, without `HPE_`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidConstant => "INVALID_CONSTANT",
            Self::InvalidVersion => "INVALID_VERSION",
            Self::InvalidStatus => "INVALID_STATUS",
            Self::InvalidHeaderToken => "INVALID_HEADER_TOKEN",
            Self::UnexpectedSpace => "UNEXPECTED_SPACE",
            Self::InvalidContentLength => "INVALID_CONTENT_LENGTH",
            Self::UnexpectedContentLength => "UNEXPECTED_CONTENT_LENGTH",
            Self::InvalidTransferEncoding => "INVALID_TRANSFER_ENCODING",
            Self::InvalidChunkSize => "INVALID_CHUNK_SIZE",
            Self::ChunkExtensionsOverflow => "CHUNK_EXTENSIONS_OVERFLOW",
            Self::CrExpected => "CR_EXPECTED",
            Self::LfExpected => "LF_EXPECTED",
            Self::Strict => "STRICT",
            Self::InvalidEofState => "INVALID_EOF_STATE",
            Self::ClosedConnection => "CLOSED_CONNECTION",
        }
    }
}
