//! The page as a whole: it is well formed, nothing from outside is markup, its totals are those of the result, its
//! colours can be told apart.

use super::*;
use crate::console::tests::{FILES, Library};

fn page() -> String {
    let library = Library::new();
    let result = library.scan(&FILES);
    let mut out = Vec::new();
    write(&result, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Everything between `<` and `>`.
fn tags(page: &str) -> Vec<&str> {
    let body = page.split("<script>").next().unwrap();
    let body = body.split("</style>").nth(1).unwrap();
    body.match_indices('<')
        .map(|(start, _)| {
            let end = body[start..].find('>').unwrap();
            &body[start + 1..start + end]
        })
        .collect()
}

#[test]
fn elements_are_closed_in_order() {
    const EMPTY: [&str; 1] = ["input"];
    let page = page();
    let mut open = vec!["html"];
    for tag in tags(&page) {
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap();
        if tag == "/head" {
            continue;
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !EMPTY.contains(&name) {
            open.push(name);
        }
    }
    assert_eq!(open, ["html", "body"]);
}

#[test]
fn ids_are_there_once_and_links_lead_to_them() {
    let page = page();
    let values = |key: &str| -> Vec<String> {
        tags(&page)
            .iter()
            .filter_map(|tag| tag.split_once(&format!(" {key}=\"")))
            .map(|(_, rest)| rest.split('"').next().unwrap().to_owned())
            .collect()
    };
    let ids = values("id");
    for (at, id) in ids.iter().enumerate() {
        assert!(!ids[..at].contains(id), "{id}");
    }
    for target in values("href") {
        let local = target.strip_prefix('#');
        assert!(
            local.map_or(target.starts_with("https://"), |id| ids
                .iter()
                .any(|other| other == id)),
            "{target}"
        );
    }
    for target in values("aria-labelledby") {
        assert!(ids.contains(&target), "{target}");
    }
}

#[test]
fn nothing_from_outside_is_markup_or_turns_text_around() {
    let library = Library::new();
    let hostile = "apiVersion: v1
kind: Pod
metadata: {name: \"<script>alert(1)</script>\", namespace: \"\\\"><img src=x onerror=alert(2)>\"}
spec:
  containers: [{name: \"</pre></details><b>\\u202E\", securityContext: {privileged: true}}]
";
    let mut result = library.scan(&[("<i>.yaml", hostile)]);
    result.errors.push(crate::ScanError {
        file: "a&b<c>".to_owned(),
        position: None,
        message: "<u>".to_owned(),
        source: None,
    });
    let mut out = Vec::new();
    write(&result, &mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    for bad in [
        "<script>alert",
        "<img",
        "</pre></details><b>",
        "\u{202e}",
        "<i>.yaml",
        "<u>",
    ] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_eq!(page.matches("<script>").count(), 1);
}

#[test]
fn totals_are_those_of_the_result() {
    let library = Library::new();
    let result = library.scan(&FILES);
    let page = page();
    let sum = |key: &str| -> usize {
        page.split(&format!(" {key}=\""))
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().parse::<usize>().unwrap())
            .sum()
    };
    let accepted = result.assessment.accepted_findings();
    assert!(accepted > 0);
    assert_eq!(sum("data-accepted"), accepted);
    assert_eq!(
        sum("data-standing"),
        result.assessment.findings().len() - accepted
    );
}

#[test]
fn the_policy_names_the_hashes_of_what_the_page_runs() {
    // Of the empty text, as everybody knows it.
    assert_eq!(hash(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    let page = page();
    assert!(page.contains(&format!("script-src &#39;sha256-{}", hash(SCRIPT))));
    assert!(!page.contains(" style=") && !page.contains(" onclick="));
}

#[test]
fn the_page_without_data_is_small() {
    assert!(STYLE.len() + SCRIPT.len() < 20_000);
    assert!(page().len() < 60_000);
}

/// Contrast as WCAG 2 has it.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_can_be_read_on_every_background_in_light_and_dark_and_on_paper() {
    let sets: Vec<&str> = STYLE.split(":root {").skip(1).collect();
    assert_eq!(sets.len(), 3);
    for set in sets {
        let colour = |name: &str| {
            let at = set.find(&format!("--{name}: ")).unwrap() + name.len() + 4;
            &set[at..at + 7]
        };
        for text in [
            "text", "soft", "link", "critical", "high", "medium", "low", "good",
        ] {
            for back in ["back", "panel"] {
                let ratio = contrast(colour(text), colour(back));
                assert!(ratio >= 4.5, "{text} on {back}: {ratio:.2}");
            }
        }
        assert!(contrast(colour("text"), colour("mark")) >= 4.5);
        assert!(contrast(colour("bar"), colour("maybe")) >= 3.0);
    }
}
