//! A small server for mail (RFC 5321) on loopback. It keeps what it is given.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long a test waits for a letter.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server.
#[derive(Debug)]
pub(super) struct MailServer {
    address: SocketAddr,
    letters: UnboundedReceiver<Received>,
}

/// A letter that was taken.
#[derive(Debug, Default, Clone)]
pub(super) struct Received {
    /// What the sender said to be, by `AUTH PLAIN`.
    pub(super) credentials: Option<String>,
    /// The addresses of `MAIL` and `RCPT`, as they were sent.
    pub(super) from: String,
    pub(super) to: Vec<String>,
    /// Header and text.
    pub(super) data: String,
}

impl Received {
    /// The lines of the header.
    pub(super) fn header(&self) -> Vec<&str> {
        self.data.lines().take_while(|it| !it.is_empty()).collect()
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        let parts = self.data.split_once("\r\n\r\n");
        parts.expect("a header and a text").1
    }

    /// The token of the one link that leads to this page.
    pub(super) fn token(&self, page: &str) -> String {
        let begin = format!("https://app.example.com/{page}#token=");
        let mut links = self.text().lines().filter_map(|it| it.strip_prefix(&begin));
        let token = links.next().expect("a link").to_owned();
        assert_eq!(links.next(), None, "one link only");
        token
    }
}

impl MailServer {
    /// A server that takes every letter.
    pub(super) fn start() -> Self {
        Self::serve(true)
    }

    /// A server that knows no address.
    pub(super) fn that_refuses() -> Self {
        Self::serve(false)
    }

    fn serve(takes: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, letters) = unbounded_channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                // One that goes away in the middle has sent no letter.
                thread::spawn(move || converse(&stream, takes, &sender));
            }
        });
        Self { address, letters }
    }

    /// Its address as a setting.
    pub(super) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The same with a user and a password.
    pub(super) fn url_with_password(&self) -> String {
        format!("smtp://relata:p%40ss@{}", self.address)
    }

    /// The next letter.
    pub(super) async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(PATIENCE, self.letters.recv()).await;
        next.expect("a letter in time").expect("a letter")
    }

    /// Whether another letter is there already.
    pub(super) fn has_more(&mut self) -> bool {
        self.letters.try_recv().is_ok()
    }
}

fn converse(
    stream: &TcpStream,
    takes: bool,
    letters: &UnboundedSender<Received>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let answer = |text: &str| (&*stream).write_all(format!("{text}\r\n").as_bytes());
    let mut letter = Received::default();
    answer("220 mail.example.com")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => answer("250-mail.example.com\r\n250-8BITMIME\r\n250 AUTH PLAIN")?,
            "AUTH" => {
                letter.credentials = rest.strip_prefix("PLAIN ").map(str::to_owned);
                answer("235 welcome")?;
            }
            "MAIL" => {
                rest.clone_into(&mut letter.from);
                answer("250 ok")?;
            }
            "RCPT" if !takes => answer("550 no such user")?,
            "RCPT" => {
                letter.to.push(rest.to_owned());
                answer("250 ok")?;
            }
            "DATA" => {
                answer("354 go on")?;
                loop {
                    let mut line = String::new();
                    if lines.read_line(&mut line)? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    letter.data.push_str(&line);
                }
                // A test that does not read on has what it wanted.
                let _ = letters.send(std::mem::take(&mut letter));
                answer("250 taken")?;
            }
            "QUIT" => return answer("221 bye"),
            _ => answer("250 ok")?,
        }
    }
}
