//! The server of the benches where there is no nginx: it serves the files of one folder from memory, over HTTP and
//! HTTPS, keeps connections, answers requests that were sent without waiting in their order, and answers a POST when its
//! body is there. It trusts its clients: it is no example of a server.
//!
//! `dodici-bench-server FOLDER PORT SECURE_PORT WORKERS`

mod request;

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use request::{Body, Head};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How much is read at a time, and the most that a head may take.
const BUFFER: usize = 256 * 1024;

/// What a POST is answered with.
const ANSWER: &str = "/small.json";

/// The files, each as a complete answer: its head, and its content.
type Answers = HashMap<String, (Vec<u8>, Vec<u8>)>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, port, secure_port, workers] = arguments.as_slice() else {
        return Err("usage: dodici-bench-server FOLDER PORT SECURE_PORT WORKERS".into());
    };
    let folder = Path::new(folder);
    let answers = Arc::new(answers_of(folder)?);
    let acceptor = TlsAcceptor::from(Arc::new(tls_of(folder)?));
    let (port, secure_port) = (port.parse()?, secure_port.parse()?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().worker_threads(workers.parse()?).build()?;
    runtime.block_on(async {
        let secure = TcpListener::bind(("127.0.0.1", secure_port)).await?;
        let plain = TcpListener::bind(("127.0.0.1", port)).await?;
        let secure_answers = Arc::clone(&answers);
        tokio::spawn(accept(secure, secure_answers, Some(acceptor)));
        accept(plain, answers, None).await;
        Ok(())
    })
}

fn answers_of(folder: &Path) -> Result<Answers, Box<dyn Error>> {
    let mut answers = Answers::new();
    for name in ["small.json", "medium.json", "large"] {
        let content = std::fs::read(folder.join(name))?;
        let kind = if name.ends_with(".json") { "application/json" } else { "application/octet-stream" };
        let head = format!(
            "HTTP/1.1 200 OK\r\nServer: dodici-bench\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: keep-alive\r\n\r\n",
            content.len()
        );
        answers.insert(format!("/{name}"), (head.into_bytes(), content));
    }
    Ok(answers)
}

fn tls_of(folder: &Path) -> Result<ServerConfig, Box<dyn Error>> {
    let chain = CertificateDer::pem_file_iter(folder.join("certificate.pem"))?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem"))?;
    Ok(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?)
}

async fn accept(listener: TcpListener, answers: Arc<Answers>, acceptor: Option<TlsAcceptor>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let (answers, acceptor) = (Arc::clone(&answers), acceptor.clone());
        tokio::spawn(async move {
            // What goes wrong with one connection is the client's to tell.
            let _ = match acceptor {
                None => serve(stream, &answers).await,
                Some(acceptor) => serve_secure(acceptor, stream, &answers).await,
            };
        });
    }
}

async fn serve_secure(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    answers: &Answers,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    serve(acceptor.accept(stream).await?, answers).await
}

/// Answers the requests of one connection until its client ends it.
async fn serve<S>(mut stream: S, answers: &Answers) -> Result<(), Box<dyn Error + Send + Sync>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = vec![0; BUFFER];
    let mut filled = 0;
    let mut pending = Vec::new();
    loop {
        // All requests that are here; small answers go out together.
        let mut taken = 0;
        while let Some(Head { length, path, body }) = request::head(&buffer[taken..filled])? {
            taken += length;
            if !matches!(body, Body::None) {
                buffer.copy_within(taken..filled, 0);
                filled -= taken;
                taken = 0;
                filled = discard(&mut stream, &mut buffer, filled, body).await?;
            }
            let key = if matches!(body, Body::None) { path.as_str() } else { ANSWER };
            let (head, content) = answers.get(key).ok_or("there is no such file")?;
            pending.extend_from_slice(head);
            if content.len() < BUFFER {
                pending.extend_from_slice(content);
            } else {
                stream.write_all(&pending).await?;
                pending.clear();
                stream.write_all(content).await?;
            }
        }
        if !pending.is_empty() {
            stream.write_all(&pending).await?;
            pending.clear();
        }
        stream.flush().await?;
        buffer.copy_within(taken..filled, 0);
        filled -= taken;
        if filled == BUFFER {
            return Err("a head is too long".into());
        }
        match stream.read(&mut buffer[filled..]).await? {
            0 => return Ok(()),
            octets => filled += octets,
        }
    }
}

/// Reads a body to its end; what of the next request came with it is left at the start of the buffer, and its length returned.
async fn discard<S>(
    stream: &mut S,
    buffer: &mut [u8],
    mut filled: usize,
    body: Body,
) -> Result<usize, Box<dyn Error + Send + Sync>>
where
    S: AsyncRead + Unpin,
{
    let mut reader = request::Reader::new(body);
    loop {
        let taken = reader.take(&buffer[..filled])?;
        buffer.copy_within(taken..filled, 0);
        filled -= taken;
        if reader.is_done() {
            return Ok(filled);
        }
        match stream.read(&mut buffer[filled..]).await? {
            0 => return Err("the body ended early".into()),
            octets => filled += octets,
        }
    }
}
