//! A control page as text: front matter, title, sections, example blocks.

use std::borrow::Cow;

use thiserror::Error;

/// A page cut into its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it lies: `controls/<area>/<name>.md`.
    pub path: String,
    text: Cow<'static, str>,
}

/// A block of a page that is an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The manifest.
    pub yaml: String,
    /// The Kubernetes version it is for, where the page states one.
    pub kubernetes: Option<String>,
    /// The line on which the manifest begins, from 1.
    pub line: u32,
}

/// What is wrong with a page or framework file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path}:{line}:{column}: {message}")]
pub struct PageError {
    /// The file.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

const FENCE: &str = "---\n";
const CLOSING_FENCE: &str = "\n---\n";

impl Page {
    /// Cuts a page.
    ///
    /// # Errors
    /// A page without front matter or title.
    pub fn parse(path: &str, text: &str) -> Result<Page, PageError> {
        let refused = |line: u32, message: &str| PageError {
            path: path.to_owned(),
            line,
            column: 1,
            message: message.to_owned(),
        };
        let rest = text.strip_prefix(FENCE).ok_or_else(|| {
            refused(
                1,
                "a page begins with front matter between two lines of '---'",
            )
        })?;
        if !rest.contains(CLOSING_FENCE) {
            let message = "the front matter is not closed by a line of '---'";
            return Err(refused(1, message));
        }
        let page = Page {
            path: path.to_owned(),
            text: text.to_owned().into(),
        };
        if page.title().is_empty() {
            return Err(refused(
                page.body_line(),
                "a page has a title, a line that begins with '# '",
            ));
        }
        Ok(page)
    }

    /// A page of the project, which was cut when the project was built.
    pub(crate) fn built_in(path: &str, text: &'static str) -> Page {
        Page {
            path: path.to_owned(),
            text: text.into(),
        }
    }

    /// What stands between the two `---` lines.
    pub fn front_matter(&self) -> &str {
        self.parts().0
    }

    /// What comes after.
    pub fn body(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        let rest = self.text.strip_prefix(FENCE).unwrap_or_default();
        let end = rest.find(CLOSING_FENCE).unwrap_or_default();
        // The line that closes it begins behind the last line's end.
        (
            rest.get(..=end).unwrap_or_default(),
            rest.get(end + CLOSING_FENCE.len()..).unwrap_or_default(),
        )
    }

    /// The line on which the body begins, from 1.
    fn body_line(&self) -> u32 {
        self.front_matter().lines().count() as u32 + 3
    }

    /// The title.
    pub fn title(&self) -> &str {
        self.body()
            .lines()
            .find_map(|line| line.strip_prefix("# "))
            .unwrap_or_default()
            .trim()
    }

    /// The prose between the title and the first section.
    pub fn introduction(&self) -> &str {
        let body = self.body();
        let after_title = body.find("# ").map_or("", |at| {
            body[at..].split_once('\n').map_or("", |(_, rest)| rest)
        });
        let end = after_title.find("\n## ").unwrap_or(after_title.len());
        after_title[..end].trim()
    }

    /// The text of a section; `None` where the page has none of this name.
    pub fn section(&self, name: &str) -> Option<&str> {
        let heading = format!("\n## {name}\n");
        let (_, rest) = self.body().split_once(&heading)?;
        let end = rest.find("\n## ").unwrap_or(rest.len());
        Some(rest[..end].trim_matches('\n'))
    }

    /// The example blocks of a section, in order.
    pub fn examples(&self, section: &str) -> Vec<Example> {
        let mut examples = Vec::new();
        let body_line = self.body_line();
        let mut here = String::new();
        let mut open: Option<Example> = None;
        for (at, line) in self.body().lines().enumerate() {
            if let Some(example) = &mut open {
                if line.trim_end() == "```" {
                    examples.extend(open.take());
                } else {
                    example.yaml.push_str(line);
                    example.yaml.push('\n');
                }
            } else if let Some(heading) = line.strip_prefix("## ") {
                heading.trim().clone_into(&mut here);
            } else if let Some(info) = line.strip_prefix("```yaml")
                && here == section
            {
                open = Some(Example {
                    yaml: String::new(),
                    kubernetes: info.trim().strip_prefix("kubernetes=").map(str::to_owned),
                    line: body_line + at as u32 + 1,
                });
            }
        }
        examples
    }
}
