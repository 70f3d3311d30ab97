//! The least of HTTP/1.1 that the benchmark needs: it must cost little beside the servers.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Result;

/// A connection that is kept.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(256 * 1024),
        })
    }

    /// Sends a request and reads the whole answer, which must be a success; answers its body.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (head, length) = loop {
            self.read().await?;
            if let Some(head) = find(&self.buffer, b"\r\n\r\n") {
                break (head + 4, content_length(&self.buffer[..head])?);
            }
        };
        while self.buffer.len() < head + length {
            self.read().await?;
        }
        if !self.buffer.starts_with(b"HTTP/1.1 20") {
            let (request, answer) = (String::from_utf8_lossy(request), text(&self.buffer));
            return Err(format!("{request}\nwas answered\n{answer}").into());
        }
        Ok(&self.buffer[head..])
    }

    async fn read(&mut self) -> Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server closed a connection".into()),
            _ => Ok(()),
        }
    }
}

/// Sends one request on a connection of its own.
pub(crate) async fn ask(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    Ok(Connection::open(address)
        .await?
        .ask(request)
        .await?
        .to_vec())
}

/// A GET as bytes.
pub(crate) fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n")
        .into_bytes()
}

/// A POST of JSON as bytes.
pub(crate) fn post(path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    send("POST", path, token, body)
}

/// JSON with any method as bytes.
pub(crate) fn send(method: &str, path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let credentials = token.map_or_else(String::new, |token| {
        format!("authorization: Bearer {token}\r\n")
    });
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: bench\r\n{credentials}content-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn content_length(head: &[u8]) -> Result<usize> {
    let head = text(head).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .ok_or_else(|| format!("an answer without content-length: {head}"))?;
    Ok(length.trim().parse()?)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
