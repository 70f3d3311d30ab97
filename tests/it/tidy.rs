//! The rules of the house that no compiler checks, read from the files of the repository.
//! Each test is one rule and lists every place that breaks it as `file:line`. It reads text
//! and knows no Rust grammar: a rule that would need one belongs into a lint or into a type.

use std::{fs, io, path::Path};

/// The longest `.rs` file that a reader is asked to open.
const MAX_LINES: usize = 600;

/// Tables, which no reader reads from top to bottom, may be longer.
const LONG_FILES: &[&str] = &[];

/// Crates of the faces, of which the engine knows nothing.
const FACE_CRATES: &[&str] = &["axum", "utoipa", "async_graphql", "jsonwebtoken", "http"];

/// The line that a request walks through `schema`, from left to right.
const LINE: &[&str] = &[
    "expression",
    "catalog",
    "request",
    "access",
    "plan",
    "change",
    "identity",
    "sql",
    "store",
    "engine",
];

/// Modules of `schema` to the left of the whole line: they import none of it.
const WORDS: &[&str] = &["field_type", "id", "name", "value", "error"];

/// This file, which has to name what it forbids.
const SELF: &str = "tests/it/tidy.rs";

/// Folders and suffixes that are not part of the source.
const SKIPPED_FOLDERS: &[&str] = &[".git", "target", "node_modules"];
const SKIPPED_SUFFIXES: &[&str] = &[".db", ".db-wal", ".db-shm", ".min.js", "-bundle.js"];

#[test]
fn no_file_is_too_long_to_read() -> io::Result<()> {
    check(rust_sources(), |source| {
        let lines = source.text.lines().count();
        let exempt = source.is_test() || LONG_FILES.contains(&source.path.as_str());
        if lines > MAX_LINES && !exempt {
            return vec![(lines, format!("over {MAX_LINES} lines; split it"))];
        }
        vec![]
    })
}

#[test]
fn every_file_begins_with_what_it_is_for() -> io::Result<()> {
    check(rust_sources(), |source| {
        if source.text.starts_with("//!") {
            return vec![];
        }
        vec![(1, "must start with `//!`: what it is for".to_owned())]
    })
}

#[test]
fn the_engine_knows_no_face() -> io::Result<()> {
    check(sources_in("schema/"), |source| {
        source.find(|line| {
            let named = |name: &&&str| names_crate(line, name) || source.depends_on(line, name);
            let name = FACE_CRATES.iter().find(named)?;
            Some(format!("schema must not know `{name}`"))
        })
    })
}

#[test]
fn the_faces_know_no_database() -> io::Result<()> {
    check(sources_in("api/"), |source| {
        source.find(|line| {
            let named = |name: &&&str| names_crate(line, name) || source.depends_on(line, name);
            let name = ["sea_orm", "entity"].iter().find(named)?.to_owned();
            Some(format!("api must not know `{name}`; ask the engine"))
        })
    })
}

#[test]
fn a_migration_knows_no_entity() -> io::Result<()> {
    check(sources_in("migration/"), |source| {
        source.find(|line| {
            let named = names_crate(line, "entity") || source.depends_on(line, "entity");
            named.then(|| "an applied migration must not change with an entity".to_owned())
        })
    })
}

#[test]
fn only_the_store_awaits_and_only_the_store_speaks_to_sea_orm() -> io::Result<()> {
    check(engine_sources(), |source| {
        let module = source.module();
        if module == "store" {
            return vec![];
        }
        let is_door = module == "lib" || module.starts_with("engine");
        source.find(|line| {
            if line.contains("async fn") && !is_door {
                return Some("`async fn` belongs into store/".to_owned());
            }
            let mut after = identifiers(line, "sea_orm").map(|(_, after)| after);
            let other = after.any(|after| !after.starts_with("::sea_query"));
            other.then(|| "outside store/ only `sea_orm::sea_query`".to_owned())
        })
    })
}

#[test]
fn a_module_of_the_engine_imports_only_to_its_left() -> io::Result<()> {
    check(engine_sources(), |source| {
        let Some(own) = place(source.module()) else {
            return vec![];
        };
        let to_the_right = |(_, module): &(usize, &str)| place(module) > Some(own);
        let complaint = |(line, module)| {
            let own = source.module();
            (line, format!("`{own}` must not import `{module}`"))
        };
        let imports = source.crate_paths().into_iter();
        imports.filter(to_the_right).map(complaint).collect()
    })
}

#[test]
fn no_statement_is_formatted_as_text() -> io::Result<()> {
    let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
    check(rust_sources(), |source| {
        if source.is_test() {
            return vec![];
        }
        let formatted = source.text.match_indices("format!(");
        let statements = formatted.filter(|(at, open)| {
            let rest = source.text[at + open.len()..].trim_start();
            let text = rest.trim_start_matches(['r', '#']).strip_prefix('"');
            text.is_some_and(|text| verbs.iter().any(|verb| text.trim_start().starts_with(verb)))
        });
        let complaint = "SQL is built with sea-query, not with `format!`";
        statements
            .map(|(at, _)| (source.line_of(at), complaint.to_owned()))
            .collect()
    })
}

#[test]
fn nothing_is_left_to_do_and_no_test_is_ignored() -> io::Result<()> {
    let forbidden = ["todo!(", "unimplemented!(", "#[ignore]", "#[ignore ="];
    check(rust_sources(), |source| {
        source.find(|line| {
            let found = forbidden.iter().find(|text| line.contains(**text))?;
            Some(format!("`{found}` is for a working copy only"))
        })
    })
}

#[test]
fn each_leak_of_the_list_has_its_case() -> io::Result<()> {
    let sources = sources()?;
    let list = sources.iter().find(|source| source.path == "docs/leaks.md");
    let list = &list.expect("the list").text;
    let rows = list
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| what "));
    for row in rows {
        let case = row.split('|').rev().nth(1).unwrap_or_default().trim();
        let Some(case) = case
            .strip_prefix('`')
            .and_then(|case| case.strip_suffix('`'))
        else {
            let waits = case.starts_with("*waiting for its operation*") || case.starts_with("---");
            assert!(waits, "{row}");
            continue;
        };
        let (module, name) = case.rsplit_once("::").expect("a module and a name");
        let path = format!("tests/it/{}.rs", module.replace("::", "/"));
        let is_there = sources
            .iter()
            .any(|source| source.path == path && source.text.contains(&format!("fn {name}() {{")));
        assert!(is_there, "{case} is no test");
    }
    Ok(())
}

#[test]
fn no_file_names_a_folder_of_one_machine() -> io::Result<()> {
    let folders = ["/work/", "/root/", "/home/"];
    check(sources(), |source| {
        let lines = source.text.lines().enumerate();
        let named = lines.filter_map(|(index, line)| {
            let found = folders.iter().find(|folder| begins_a_path(line, folder))?;
            Some((index + 1, format!("`{found}` exists on one machine only")))
        });
        named.collect()
    })
}

/// A text file of the repository.
struct Source {
    /// From the root of the repository, with `/` on every system.
    path: String,
    text: String,
}

impl Source {
    fn is_test(&self) -> bool {
        self.path
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs")
    }

    /// The module of `schema/src` that the file belongs to: `plan` for `plan.rs` and `plan/read.rs`.
    fn module(&self) -> &str {
        let inside = self.path.strip_prefix("schema/src/").unwrap_or(&self.path);
        let first = inside.split('/').next().unwrap_or(inside);
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn line_of(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// The lines that `complain` objects to, comments left out.
    fn find(&self, complain: impl Fn(&str) -> Option<String>) -> Vec<(usize, String)> {
        let lines = self.text.lines().enumerate();
        let complaints = lines.filter_map(|(index, line)| Some((index + 1, complain(code(line))?)));
        complaints.collect()
    }

    /// Whether this is a manifest and the line names the crate as a dependency.
    fn depends_on(&self, line: &str, name: &str) -> bool {
        let dashed = name.replace('_', "-");
        let key = line.split(['=', '.', ' ']).next().unwrap_or(line);
        let in_header = line.ends_with(&format!("dependencies.{dashed}]"));
        self.path.ends_with("Cargo.toml") && (key == dashed || in_header)
    }

    /// The first name behind each `crate::`, with its line; of `crate::{a, b::c}` both.
    fn crate_paths(&self) -> Vec<(usize, &str)> {
        let mut paths = vec![];
        for (at, found) in self.text.match_indices("crate::") {
            let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            if code(&self.text[start..at + found.len()]).len() < at + found.len() - start {
                continue; // inside a comment
            }
            let begin = at + found.len();
            let names = match self.text[begin..].strip_prefix('{') {
                Some(group) => top_names(group)
                    .map(|(offset, name)| (begin + 1 + offset, name))
                    .collect(),
                None => vec![(begin, leading_name(&self.text[begin..]))],
            };
            paths.extend(names.into_iter().map(|(at, name)| (self.line_of(at), name)));
        }
        paths
    }
}

/// Fails with one line for each complaint about one of the files.
fn check(
    sources: io::Result<Vec<Source>>,
    rule: impl Fn(&Source) -> Vec<(usize, String)>,
) -> io::Result<()> {
    let mut complaints = vec![];
    for source in sources?.iter().filter(|source| source.path != SELF) {
        for (line, complaint) in rule(source) {
            complaints.push(format!("{}:{line}: {complaint}", source.path));
        }
    }
    let report = complaints.join("\n");
    assert!(
        report.is_empty(),
        "the house rules are broken here:\n{report}"
    );
    Ok(())
}

/// Where a module of `schema` stands on the line; none for the modules beside it.
fn place(module: &str) -> Option<usize> {
    let on_line = LINE.iter().position(|name| *name == module);
    let word = WORDS.contains(&module).then_some(0);
    on_line.map(|position| position + 1).or(word)
}

/// The line without its comment. A `//` inside a string is taken for one only after a blank.
fn code(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        return "";
    }
    line.split(" //").next().unwrap_or(line)
}

/// Each place of a whole identifier in a line: the text before it and the text after it.
fn identifiers<'a>(line: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let places = line.match_indices(name);
    let split = places.map(move |(at, _)| (&line[..at], &line[at + name.len()..]));
    split.filter(|(before, after)| !before.ends_with(is_name) && !after.starts_with(is_name))
}

/// Whether a line of Rust uses a crate: `use name…` or `name::…`, not `other::name::…`.
fn names_crate(line: &str, name: &str) -> bool {
    identifiers(line, name).any(|(before, after)| {
        let used = before.trim_end().ends_with("use") || after.starts_with("::");
        let is_inside = before
            .strip_suffix("::")
            .is_some_and(|path| path.ends_with(is_name));
        used && !is_inside
    })
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn leading_name(text: &str) -> &str {
    text.split(|character| !is_name(character))
        .next()
        .unwrap_or(text)
}

/// The names at the top level of an import group, `text` being what follows its `{`.
fn top_names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut depth = 0_usize;
    let mut is_start = true;
    let mut names = vec![];
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_start = true,
            _ if is_start && is_name(character) => {
                names.push((at, leading_name(&text[at..])));
                is_start = false;
            }
            _ => {}
        }
    }
    names.into_iter()
}

/// Whether an absolute path in the line starts with the folder; `a.org/home/` is none.
fn begins_a_path(line: &str, folder: &str) -> bool {
    let inside_a_word = |character: char| is_name(character) || ".-~}*".contains(character);
    let mut places = line.match_indices(folder);
    places.any(|(at, _)| !line[..at].ends_with(inside_a_word))
}

fn engine_sources() -> io::Result<Vec<Source>> {
    let mut sources = sources_in("schema/src/")?;
    sources.retain(|source| !source.is_test());
    Ok(sources)
}

fn rust_sources() -> io::Result<Vec<Source>> {
    let mut sources = sources()?;
    sources.retain(|source| has_suffix(&source.path, ".rs"));
    Ok(sources)
}

/// The Rust files and manifests below a folder.
fn sources_in(folder: &str) -> io::Result<Vec<Source>> {
    let mut sources = sources()?;
    let wanted = |path: &str| has_suffix(path, ".rs") || path.ends_with("Cargo.toml");
    sources.retain(|source| source.path.starts_with(folder) && wanted(&source.path));
    Ok(sources)
}

fn has_suffix(path: &str, suffix: &str) -> bool {
    path.ends_with(suffix)
}

/// Every text file of the repository, in order.
fn sources() -> io::Result<Vec<Source>> {
    let mut sources = vec![];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    read_folder(&root, "", &mut sources)?;
    sources.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(sources)
}

fn read_folder(folder: &Path, prefix: &str, sources: &mut Vec<Source>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() && !SKIPPED_FOLDERS.contains(&name.as_str()) {
            read_folder(&entry.path(), &format!("{path}/"), sources)?;
        } else if kind.is_file()
            && name != ".git" // in a second work tree it is a file that names the first
            && !SKIPPED_SUFFIXES
                .iter()
                .any(|suffix| has_suffix(&name, suffix))
        {
            // What is not UTF-8 is no text.
            if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                sources.push(Source { path, text });
            }
        }
    }
    Ok(())
}
