//! Unified diffs.

use similar::{Algorithm, DiffTag, capture_diff_slices, group_diff_ops};

/// How many lines are shown around a change.
const CONTEXT: usize = 3;

/// The difference of two texts of a file as `patch` and `git apply` read it; empty where there is none. Lines end with
/// `\n` alone for these tools: a carriage return before it is a part of the line.
pub fn unified_diff(name: &str, before: &str, after: &str) -> String {
    let (old, new) = (lines(before), lines(after));
    let operations = capture_diff_slices(Algorithm::Myers, &old, &new);
    let mut text = String::new();
    for group in group_diff_ops(operations, CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        if text.is_empty() {
            let name = name.trim_start_matches('/');
            text = format!("--- {}\n+++ {}\n", quoted("a/", name), quoted("b/", name));
        }
        let old_range = first.old_range().start..last.old_range().end;
        let new_range = first.new_range().start..last.new_range().end;
        text.push_str(&format!(
            "@@ -{} +{} @@\n",
            range(&old_range),
            range(&new_range)
        ));
        for operation in &group {
            if operation.tag() == DiffTag::Equal {
                push(&mut text, ' ', &old[operation.old_range()]);
            } else {
                push(&mut text, '-', &old[operation.old_range()]);
                push(&mut text, '+', &new[operation.new_range()]);
            }
        }
    }
    text
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn push(text: &mut String, mark: char, lines: &[&str]) {
    for line in lines {
        text.push(mark);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// `first,count`; an empty range is named by the line before it, and a count of one is left out.
fn range(lines: &std::ops::Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => (lines.start + 1).to_string(),
        count => format!("{},{count}", lines.start + 1),
    }
}

/// A name with what a terminal or `patch` could misread written out, in quotes as Git writes them.
fn quoted(side: &str, name: &str) -> String {
    let plain = |character: char| !character.is_control() && !matches!(character, '"' | '\\');
    if name.chars().all(plain) {
        // A tab after a name with a blank keeps `patch` from cutting it there.
        let end = if name.contains(' ') { "\t" } else { "" };
        return format!("{side}{name}{end}");
    }
    let mut text = format!("\"{side}");
    for character in name.chars() {
        if plain(character) {
            text.push(character);
            continue;
        }
        if matches!(character, '"' | '\\') {
            text.push('\\');
            text.push(character);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in character.encode_utf8(&mut bytes).bytes() {
            text.push_str(&format!("\\{byte:03o}"));
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_is_what_patch_reads() {
        assert_eq!(unified_diff("a.yaml", "a\n", "a\n"), "");
        assert_eq!(
            unified_diff("/x/a b.yaml", "1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n6"),
            "--- a/x/a b.yaml\t\n+++ b/x/a b.yaml\t\n@@ -3,3 +3,4 @@\n 3\n 4\n 5\n+6\n\\ No newline at end of file\n"
        );
        assert_eq!(
            unified_diff("a\n\"b\"", "x\r\n", "y\r\n"),
            "--- \"a/a\\012\\\"b\\\"\"\n+++ \"b/a\\012\\\"b\\\"\"\n@@ -1 +1 @@\n-x\r\n+y\r\n"
        );
    }
}
