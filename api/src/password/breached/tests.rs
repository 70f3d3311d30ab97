//! Looking a password up in files of every length.

use super::{Breached, hash_of};

fn file_of(lines: &[String], end: &str) -> (tempfile::TempDir, Breached) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hashes.txt");
    std::fs::write(&path, lines.join(end) + end).unwrap();
    let breached = Breached::open(path).unwrap();
    (folder, breached)
}

#[test]
fn each_password_of_the_file_is_found_and_no_other() {
    for count in [1_usize, 2, 3, 7, 50] {
        for end in ["\n", "\r\n"] {
            let passwords: Vec<String> = (0..count).map(|at| format!("password {at}")).collect();
            let mut lines: Vec<String> = passwords
                .iter()
                .enumerate()
                .map(|(at, password)| format!("{}:{}", hash_of(password), "7".repeat(1 + at % 9)))
                .collect();
            lines.sort();
            let (_folder, breached) = file_of(&lines, end);
            for password in &passwords {
                assert!(
                    breached.contains(password).unwrap(),
                    "{password} of {count}"
                );
            }
            for at in 0..20 {
                let other = format!("another {at}");
                assert!(!breached.contains(&other).unwrap(), "{other} of {count}");
            }
        }
    }
}

#[test]
fn the_known_hash_of_a_known_password_is_found_without_counts_and_in_lower_case() {
    // As RFC 3174 computes it.
    let line = "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8".to_owned();
    let (_folder, breached) = file_of(&[line], "\n");
    assert!(breached.contains("password").unwrap());
    assert!(!breached.contains("Password").unwrap());
}

#[test]
fn what_is_no_list_of_hashes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hashes.txt");
    assert!(Breached::open(path.clone()).is_err(), "a missing file");
    for text in ["", "\n", "letmein\npassword\n"] {
        std::fs::write(&path, text).unwrap();
        assert!(Breached::open(path.clone()).is_err(), "{text:?}");
    }
}
