//! What a hostile text can cost: time grows with its size and no faster, and what goes past a limit is refused with its
//! place.

#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking, and says what it did"
)]

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_document::{Format, Limits, Parsed, Source, parse};

use Format::{Json, Yaml};

fn read(text: String, format: Format, limits: &Limits) -> Parsed {
    parse(&Arc::new(Source::new("hostile", text)), format, limits)
}

/// Lines that differ, until they have so many bytes.
fn lines(size: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < size {
        text.push_str(&line(number));
        number += 1;
    }
    text
}

/// A text of about so many bytes that begins and ends so, and repeats a part.
fn repeated(size: usize, start: &str, part: &str, end: &str) -> String {
    format!("{start}{}{end}", part.repeat(size / part.len()))
}

type Hostile = (&'static str, Format, fn(usize) -> String);

const HOSTILE: &[Hostile] = &[
    ("open brackets", Json, |n| "[".repeat(n)),
    ("open brackets", Yaml, |n| "[".repeat(n)),
    ("open braces", Yaml, |n| "{".repeat(n)),
    ("dashes", Yaml, |n| "- ".repeat(n / 2)),
    ("question marks", Yaml, |n| "? ".repeat(n / 2)),
    ("deep flows", Yaml, |n| {
        let deep = format!("- {}{}\n", "[".repeat(50), "]".repeat(50));
        repeated(n, "", &deep, "")
    }),
    ("broken documents", Json, |n| {
        repeated(n, "", "{\"a\":}\n", "")
    }),
    ("broken documents", Yaml, |n| {
        repeated(n, "", "---\na: [\n", "")
    }),
    ("open quotes", Yaml, |n| repeated(n, "", "---\na: \"\n", "")),
    ("unknown aliases", Yaml, |n| {
        repeated(n, "", "---\n- *a\n", "")
    }),
    ("empty documents", Yaml, |n| repeated(n, "", "---\n", "")),
    ("documents", Yaml, |n| repeated(n, "", "---\na: 1\n", "")),
    ("documents", Json, |n| repeated(n, "", "{\"a\":1}\n", "")),
    ("directives", Yaml, |n| {
        repeated(n, "", "%FOO bar\n", "---\na: 1\n")
    }),
    ("keys stated again", Json, |n| {
        repeated(n, "{", "\"a\":1,\n", "\"b\":1}")
    }),
    ("keys stated again", Yaml, |n| repeated(n, "", "a: 1\n", "")),
    ("keys stated again in a line", Json, |n| {
        // Each tells its column, which takes as long as a line has bytes, up to some thousands.
        repeated(n / 8, "{", "\"a\":1,", "\"b\":1}")
    }),
    ("other keys", Json, |n| {
        format!("{{{}\"z\":1}}", lines(n, |at| format!("\"k{at}\":1,\n")))
    }),
    ("other keys", Yaml, |n| lines(n, |at| format!("k{at}: 1\n"))),
    ("all keys again", Json, |n| {
        let keys = lines(n / 2, |at| format!("\"k{at}\":1,\n"));
        format!("{{{keys}{keys}\"z\":1}}")
    }),
    ("a huge key", Json, |n| {
        format!("{{\"{}\":1}}", "k".repeat(n))
    }),
    ("a huge key", Yaml, |n| "k".repeat(n) + ": 1\n"),
    ("huge keys", Json, |n| {
        let long = "k".repeat(500);
        format!(
            "{{{}\"z\":1}}",
            lines(n, |at| format!("\"{long}{at}\":1,\n"))
        )
    }),
    ("a huge number", Json, |n| "1".repeat(n)),
    ("a quoted text", Json, |n| {
        repeated(n, "\"", "\\u0041\\n", "\"")
    }),
    ("a quoted text", Yaml, |n| {
        repeated(n, "a: \"", "\\n", "\"\n")
    }),
    ("a text of many lines", Yaml, |n| {
        repeated(n, "a: word", "\n  word", "\n")
    }),
    ("a block of text", Yaml, |n| {
        repeated(n, "a: |\n", "  word\n", "")
    }),
    ("a folded block", Yaml, |n| {
        repeated(n, "a: >\n", "  word\n", "")
    }),
    ("an empty block", Yaml, |n| repeated(n, "a: |\n", "\n", "")),
    ("one line", Yaml, |n| repeated(n, "[", "a, ", "1]")),
    ("one line of pairs", Yaml, |n| {
        repeated(n, "[", "a: 1, ", "1]")
    }),
    ("colons", Yaml, |n| "a:".repeat(n / 2)),
    ("spaces", Yaml, |n| " ".repeat(n) + "a: 1\n"),
    ("comments", Yaml, |n| repeated(n, "", "# c\n", "a: 1\n")),
    ("tags", Yaml, |n| repeated(n, "", "- !!str a\n", "")),
    ("a long tag", Yaml, |n| {
        format!("- !<{}> a\n", "t".repeat(n))
    }),
    ("anchors", Yaml, |n| lines(n, |at| format!("- &a{at} 1\n"))),
    ("an anchor again", Yaml, |n| repeated(n, "", "- &a 1\n", "")),
    ("aliases", Yaml, |n| repeated(n, "- &a 1\n", "- *a\n", "")),
    ("anchors with aliases", Yaml, |n| {
        lines(n, |at| format!("- &a{at} 1\n- *a{at}\n"))
    }),
    ("aliases of a list", Yaml, |n| {
        let list = repeated(n / 2, "- &a [", "1,", "1]\n");
        repeated(n / 2, &list, "- *a\n", "")
    }),
    ("merges", Yaml, |n| {
        repeated(n, "a: &a {x: 1}\nb:\n", "  <<: *a\n", "")
    }),
    ("a list of merges", Yaml, |n| {
        repeated(n, "a: &a {x: 1}\nb:\n  <<: [", "*a, ", "*a]\n")
    }),
    ("merges of merges", Yaml, |n| {
        let chain = lines(n, |at| format!("- &m{} {{<<: *m{at}, k{at}: 1}}\n", at + 1));
        format!("- &m0 {{a: 1}}\n{chain}")
    }),
];

/// Sizes of the texts that are compared. Eight times the bytes may take eight times as long, and thrice that where a
/// machine is busy; what looks at everything for everything would take 64 times as long.
const SIZES: (usize, usize) = (16 << 10, 128 << 10);
const MOST: u32 = 24;

/// Less than this is as long as it takes a busy machine to do nothing.
const SHORTEST: Duration = Duration::from_millis(1);

#[test]
fn time_grows_with_the_size_of_a_text_and_no_faster() {
    let limits = Limits {
        // What aliases expand to is limited, and does not grow with the text; within the limit it does.
        max_alias_nodes: 5_000,
        ..Limits::default()
    };
    for (name, format, make) in HOSTILE {
        let (small, large) = (make(SIZES.0), make(SIZES.1));
        let took = |text: &String| {
            let text = text.clone();
            let start = Instant::now();
            drop(read(text, *format, &limits));
            start.elapsed().max(SHORTEST)
        };
        let mut best = (Duration::MAX, Duration::MAX);
        let is_linear = (0..10).any(|_| {
            best = (best.0.min(took(&small)), best.1.min(took(&large)));
            best.1 <= best.0 * MOST
        });
        assert!(is_linear, "{name} as {format:?}: {best:?}");
    }
}

/// What is wrong in a text, one after the other.
fn problems(parsed: &Parsed) -> String {
    parsed
        .problems
        .iter()
        .fold(String::new(), |mut text, problem| {
            let _ = writeln!(text, "document {}, {problem}", problem.document);
            text
        })
}

#[test]
fn what_goes_past_a_limit_is_refused_with_its_place() {
    let limits = Limits {
        max_nodes: 1_000,
        max_alias_nodes: 100,
        ..Limits::default()
    };
    let bomb =
        "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\nb: &b [*a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n";
    let merges = "a: &a {a: 1, b: 1, c: 1}\n".to_owned()
        + &lines(1_000, |at| format!("m{at}: {{<<: *a, d: 1}}\n"));
    for (format, text, document, place, words) in [
        (
            Json,
            "[".repeat(300),
            0,
            "1:256",
            "nest deeper than 255 levels",
        ),
        (
            Yaml,
            "- ".repeat(300),
            0,
            "1:",
            "nest deeper than 255 levels",
        ),
        (
            Yaml,
            "[".repeat(300),
            0,
            "1:",
            "nest deeper than 255 levels",
        ),
        (
            Json,
            format!("[{}1]", "[1],".repeat(2_000)),
            0,
            "1:",
            "more than 1000 values",
        ),
        (
            Yaml,
            format!("[{}1]", "[1], ".repeat(2_000)),
            0,
            "1:",
            "more than 1000 values",
        ),
        (
            Json,
            format!("[{}1]", "1,".repeat(2_000)),
            0,
            "1:",
            "more than 1000 values",
        ),
        (
            Yaml,
            format!("[{}1]", "1, ".repeat(2_000)),
            0,
            "1:",
            "more than 1000 values",
        ),
        (Yaml, "- a\n".repeat(2_000), 0, "1", "more than 1000 values"),
        (
            Yaml,
            format!("ok: 1\n---\n{bomb}"),
            1,
            "5:",
            "aliases expand to more than 100 values",
        ),
        (
            Yaml,
            format!("ok: 1\n---\n{merges}"),
            1,
            "",
            "aliases expand to more than 100 values",
        ),
    ] {
        let parsed = read(text, format, &limits);
        let said = problems(&parsed);
        assert!(said.contains(words), "{words}: {said}");
        assert!(
            said.starts_with(&format!("document {document}, {place}")),
            "{said}"
        );
        // The one before is read, and nothing of the one that is refused.
        for read in &parsed.documents {
            assert_eq!(read.root.is_some(), read.index < document, "{words}");
        }
    }
}

/// A refused document is one of several: those beside it are read.
#[test]
fn documents_beside_a_refused_one_are_read() {
    let deep = "[".repeat(300);
    let parsed = read(
        format!("a: 1\n---\n{deep}\n---\nb: 2\n"),
        Yaml,
        &Limits::default(),
    );
    let read: Vec<bool> = parsed
        .documents
        .iter()
        .map(|document| document.root.is_some())
        .collect();
    assert_eq!(read, [true, false, true], "{}", problems(&parsed));
}
