//! Objects as people of all habits might write them.

use serde_json::{Value as Json, json};

/// Choices that follow from a number.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn scalar(&mut self) -> Json {
        let values = [
            json!(true),
            json!(null),
            json!(17),
            json!(-2.5),
            json!("text"),
            json!("true"),
            json!("a: b # c"),
            json!("it's"),
            json!(""),
            json!("first\nsecond\n"),
            json!("0644"),
            json!("ünïcode"),
        ];
        values[self.below(values.len())].clone()
    }

    pub(crate) fn value(&mut self, depth: usize) -> Json {
        match self.below(if depth == 0 { 3 } else { 8 }) {
            0..3 => self.scalar(),
            3..6 => {
                let names = ["a", "b", "c-d", "e.f/g", "on", "x y"];
                let count = self.below(4);
                (0..count)
                    .map(|_| {
                        let name = names[self.below(names.len())].to_owned();
                        (name, self.value(depth - 1))
                    })
                    .collect()
            }
            _ => {
                let count = self.below(4);
                (0..count).map(|_| self.value(depth - 1)).collect()
            }
        }
    }
}

/// Writes a value in a random style. Every comment says where it belongs: `# at .a.0`.
pub(crate) struct Writer<'d> {
    dice: &'d mut Dice,
    text: String,
    step: usize,
    dash: usize,
    anchors: usize,
}

pub(crate) fn write(value: &Json, dice: &mut Dice) -> String {
    let step = 1 + dice.below(4);
    let dash = if dice.one_in(2) { 0 } else { step };
    let mut writer = Writer {
        text: String::new(),
        step,
        dash,
        anchors: 0,
        dice,
    };
    if writer.dice.one_in(3) {
        writer.text.push_str("# before\n---\n");
    }
    writer.map(value, 0, "");
    let mut text = writer.text;
    if dice.one_in(4) {
        text.push_str("# end\n");
    }
    if dice.one_in(4) {
        text.push_str("---\nother: document # at end\n");
    }
    if dice.one_in(4) {
        text = text.trim_end().to_owned();
    }
    if dice.one_in(4) {
        text = text.replace('\n', "\r\n");
    }
    text
}

fn is_block(value: &Json) -> bool {
    match value {
        Json::Object(map) => !map.is_empty(),
        Json::Array(list) => !list.is_empty(),
        _ => false,
    }
}

impl Writer<'_> {
    fn indent(&mut self, column: usize) {
        self.text.push_str(&" ".repeat(column));
    }

    /// Perhaps lines of comments and blanks.
    fn between(&mut self, column: usize, path: &str) {
        if self.dice.one_in(6) {
            self.text.push('\n');
        }
        if self.dice.one_in(5) {
            self.indent(column);
            self.text.push_str(&format!("# at {path}. a\tb\n"));
        }
    }

    /// Perhaps a comment, and the end of the line.
    fn end(&mut self, path: &str) {
        if self.dice.one_in(5) {
            self.text
                .push_str(&format!("  # at {path}. it's {{}} [a: b]"));
        }
        self.text.push('\n');
    }

    fn map(&mut self, value: &Json, column: usize, path: &str) {
        let Json::Object(entries) = value else { return };
        for (at, (key, value)) in entries.iter().enumerate() {
            let path = format!("{path}.{key}");
            if at > 0 || self.text.ends_with('\n') || self.text.is_empty() {
                self.between(column, &path);
                self.indent(column);
            }
            let key = self.key(key);
            self.text.push_str(&key);
            self.text.push(':');
            self.after(value, column, &path, false);
        }
    }

    fn list(&mut self, value: &Json, column: usize, path: &str) {
        let Json::Array(elements) = value else { return };
        for (at, value) in elements.iter().enumerate() {
            let path = format!("{path}.{at}");
            if at > 0 || self.text.ends_with('\n') {
                self.between(column, &path);
                self.indent(column);
            }
            self.text.push('-');
            self.after(value, column, &path, true);
        }
    }

    /// What follows a colon or dash.
    fn after(&mut self, value: &Json, column: usize, path: &str, in_list: bool) {
        if self.dice.one_in(8) && !value.is_null() {
            self.anchors += 1;
            self.text.push_str(&format!(" &x{}", self.anchors));
            if in_list && value.is_object() {
                // An anchor before a map that begins on its line would be its first key's.
                let flow = self.flow(value);
                self.text.push_str(&format!(" {flow}"));
                self.end(path);
                return;
            }
        }
        let has_anchor = self.text.ends_with(|last: char| last.is_ascii_digit());
        if is_block(value) && !self.dice.one_in(3) {
            let compact = in_list && !has_anchor && !self.dice.one_in(3);
            if compact {
                let blanks = 1 + self.dice.below(3);
                self.indent(blanks);
                let inner = column + 1 + blanks;
                match value {
                    Json::Object(_) => self.map(value, inner, path),
                    _ => self.list(value, inner, path),
                }
                return;
            }
            self.end(path);
            match value {
                Json::Object(_) => self.map(value, column + self.step, path),
                _ if in_list => self.list(value, column + self.step, path),
                _ => self.list(value, column + self.dash, path),
            }
            return;
        }
        match value {
            Json::Null if self.dice.one_in(2) => {}
            Json::String(text) if text.ends_with('\n') && self.dice.one_in(2) => {
                self.text.push_str(" |\n");
                for line in text.lines() {
                    self.indent(column + self.step);
                    self.text.push_str(line);
                    self.text.push('\n');
                }
                return;
            }
            value => {
                let flow = self.flow(value);
                self.text.push_str(&format!(" {flow}"));
            }
        }
        self.end(path);
    }

    fn flow(&mut self, value: &Json) -> String {
        let space = if self.dice.one_in(3) { " " } else { "" };
        let comma = if self.dice.one_in(3) { " , " } else { ", " };
        match value {
            Json::Object(entries) => {
                let parts: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", self.key(key), self.flow(value)))
                    .collect();
                format!("{{{space}{}{space}}}", parts.join(comma))
            }
            Json::Array(elements) => {
                let parts: Vec<String> = elements.iter().map(|value| self.flow(value)).collect();
                format!("[{space}{}{space}]", parts.join(comma))
            }
            Json::String(text) if text == "text" && self.dice.one_in(2) => text.clone(),
            Json::String(text) if !text.contains('\n') && self.dice.one_in(2) => {
                format!("'{}'", text.replace('\'', "''"))
            }
            Json::Bool(true) if self.dice.one_in(2) => "yes".to_owned(),
            other => other.to_string(),
        }
    }

    fn key(&mut self, key: &str) -> String {
        match self.dice.below(4) {
            0 => format!("\"{key}\""),
            1 => format!("'{key}'"),
            _ if key == "on" => format!("\"{key}\""),
            _ => key.to_owned(),
        }
    }
}
