//! A control page as text: front matter, title, sections, example blocks.

use thiserror::Error;

/// A page cut into its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it lies: `controls/<area>/<name>.md`.
    pub path: String,
    /// What stands between the two `---` lines.
    pub front_matter: String,
    /// What comes after.
    pub body: String,
    /// The line on which the body begins, from 1.
    body_line: u32,
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
        let rest = text.strip_prefix("---\n").ok_or_else(|| {
            refused(
                1,
                "a page begins with front matter between two lines of '---'",
            )
        })?;
        let end = rest
            .find("\n---\n")
            .ok_or_else(|| refused(1, "the front matter is not closed by a line of '---'"))?;
        let front_matter = rest[..=end].to_owned();
        let body = rest[end + 5..].to_owned();
        let body_line = front_matter.lines().count() as u32 + 3;
        let page = Page {
            path: path.to_owned(),
            front_matter,
            body,
            body_line,
        };
        if page.title().is_empty() {
            return Err(refused(
                body_line,
                "a page has a title, a line that begins with '# '",
            ));
        }
        Ok(page)
    }

    /// The title.
    pub fn title(&self) -> &str {
        self.body
            .lines()
            .find_map(|line| line.strip_prefix("# "))
            .unwrap_or_default()
            .trim()
    }

    /// The prose between the title and the first section.
    pub fn introduction(&self) -> &str {
        let after_title = self.body.find("# ").map_or("", |at| {
            self.body[at..]
                .split_once('\n')
                .map_or("", |(_, rest)| rest)
        });
        let end = after_title.find("\n## ").unwrap_or(after_title.len());
        after_title[..end].trim()
    }

    /// The text of a section; `None` where the page has none of this name.
    pub fn section(&self, name: &str) -> Option<&str> {
        let heading = format!("\n## {name}\n");
        let start = self.body.find(&heading)? + heading.len();
        let rest = &self.body[start..];
        let end = rest.find("\n## ").unwrap_or(rest.len());
        Some(rest[..end].trim_matches('\n'))
    }

    /// The example blocks of a section, in order.
    pub fn examples(&self, section: &str) -> Vec<Example> {
        let mut examples = Vec::new();
        let mut here = String::new();
        let mut open: Option<Example> = None;
        for (at, line) in self.body.lines().enumerate() {
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
                    line: self.body_line + at as u32 + 1,
                });
            }
        }
        examples
    }
}
