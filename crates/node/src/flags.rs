//! The flags of a command line.

use std::collections::BTreeMap;

/// The flags of a command line by their names, without dashes; in the order given where one is given twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    values: BTreeMap<String, Vec<String>>,
}

impl Flags {
    /// Reads the flags of a command line: `--a=b`, `--a b` where `b` does not start with a dash, and bare `--a`, which is
    /// `true`. `-a` counts as `--a`, as for etcd and dockerd. The components take `_` for `-`.
    pub fn of(command: &[String]) -> Flags {
        let mut flags = Flags::default();
        let mut words = command.iter().skip(1).peekable();
        while let Some(word) = words.next() {
            let Some(flag) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
                continue;
            };
            if flag.is_empty() {
                continue;
            }
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None => match words.next_if(|next| !next.starts_with('-')) {
                    Some(next) => (flag, next.clone()),
                    None => (flag, "true".to_owned()),
                },
            };
            let name = name.replace('_', "-");
            flags.values.entry(name).or_default().push(value);
        }
        flags
    }

    /// The value of a flag; of one that is given twice, the last.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.last().map(String::as_str)
    }

    /// The value of a flag that says something.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All values of a flag, in the order given.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(line: &str) -> Flags {
        Flags::of(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn each_way_to_write_a_flag() {
        let flags = flags("kubelet --a=b --c d --e -f=g -H x --under_score=1 --last");
        let values = ["a", "c", "e", "f", "H", "under-score", "last"].map(|name| flags.get(name));
        let expected = ["b", "d", "true", "g", "x", "1", "true"].map(Some);
        assert_eq!(values, expected);
        assert_eq!(flags.get("kubelet"), None);
    }

    #[test]
    fn the_last_of_two_counts() {
        let flags = flags("x --a=1 --a=2 --b=");
        assert_eq!(flags.get("a"), Some("2"));
        assert_eq!(flags.all("a"), ["1", "2"]);
        assert_eq!((flags.get("b"), flags.text("b")), (Some(""), None));
    }
}
