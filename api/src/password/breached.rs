//! Passwords that are known to others: a file of SHA-1 hashes, one a line in hex and in order, each maybe
//! followed by `:` and how often it was seen. That is the form of the download of Pwned Passwords
//! "ordered by hash"; its tens of gigabytes stay on the disk.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Seek as _, SeekFrom},
    path::PathBuf,
};

use sha1::{Digest as _, Sha1};

/// A SHA-1 in hex.
const HEX: usize = 40;
/// No line is longer; what is read at once.
const LINE: usize = 128;

/// The file.
#[derive(Debug)]
pub(super) struct Breached(PathBuf);

impl Breached {
    /// A file that looks like a list of hashes.
    pub(super) fn open(path: PathBuf) -> Result<Self, String> {
        let told = |error: io::Error| format!("{}: {error}", path.display());
        let mut file = File::open(&path).map_err(told)?;
        let first = line_from(&mut file, 0).map_err(told)?;
        if first.is_none_or(|(_, hash)| hash.len() != HEX) {
            return Err(format!(
                "{} does not begin with a SHA-1 hash in hex",
                path.display()
            ));
        }
        Ok(Self(path))
    }

    /// Whether a password stands in the file. Reads some lines of it, wherever they are.
    pub(super) fn contains(&self, password: &str) -> io::Result<bool> {
        let wanted = hash_of(password);
        let mut file = File::open(&self.0)?;
        let (mut low, mut high) = (0, file.metadata()?.len());
        // The first line that begins at `low` or later is not behind the wanted one; that of `high` is.
        while low < high {
            let middle = low + (high - low) / 2;
            match line_from(&mut file, middle)? {
                Some((end, hash)) if hash < wanted => low = end,
                Some((_, hash)) if hash == wanted => return Ok(true),
                Some(_) | None => high = middle,
            }
        }
        Ok(false)
    }
}

/// The SHA-1 of a password, in hex.
fn hash_of(password: &str) -> String {
    let hash = Sha1::digest(password.as_bytes());
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .map(|digit| digit.to_ascii_uppercase())
        .collect()
}

/// The first line that begins at this place or later: where it ends, and its hash in upper case.
fn line_from(file: &mut File, at: u64) -> io::Result<Option<(u64, String)>> {
    let begin = at.saturating_sub(1);
    file.seek(SeekFrom::Start(begin))?;
    let mut reader = BufReader::with_capacity(LINE, file);
    let mut line = Vec::new();
    let mut end = begin;
    if at > 0 {
        // The rest of the line before; of none when the byte before is its end.
        end += reader.read_until(b'\n', &mut line)? as u64;
        line.clear();
    }
    let read = reader.read_until(b'\n', &mut line)? as u64;
    if read == 0 {
        return Ok(None);
    }
    let hash = line.split(|byte| matches!(byte, b':' | b'\r' | b'\n'));
    let hash = hash.into_iter().next().unwrap_or_default();
    let hash = String::from_utf8_lossy(hash).to_ascii_uppercase();
    Ok(Some((end + read, hash)))
}

#[cfg(test)]
mod tests;
