//! Names that were perhaps meant.

/// `; did you mean 'x'?` where a known name is near, else nothing.
pub(super) fn did_you_mean<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    // One wrong letter in five is a slip; a short name has neighbours too easily.
    let allowed = 1 + name.chars().count() / 5;
    let best = known
        .filter(|candidate| *candidate != name)
        .filter_map(|candidate| {
            let distance = edit_distance(name, candidate);
            (distance <= allowed && distance < name.len()).then_some((distance, candidate))
        })
        .min();
    match best {
        Some((_, candidate)) => format!("; did you mean '{candidate}'?"),
        None => String::new(),
    }
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour; upper and lower case count as
/// the same letter.
pub fn edit_distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.to_lowercase().chars().collect();
    let other: Vec<char> = other.to_lowercase().chars().collect();
    // Names that differ much in length are far from each other: no need to look.
    if one.len().abs_diff(other.len()) > one.len() {
        return usize::MAX;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other_letter) in other.iter().enumerate() {
            let change = last[column] + usize::from(letter != other_letter);
            let mut best = change.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0
                && column > 0
                && *letter == other[column - 1]
                && one[row - 1] == *other_letter
            {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let known = ["object", "oldObject", "startsWith", "namespaceObject"];
        let meant = |name| did_you_mean(name, known.into_iter());
        assert_eq!(meant("obejct"), "; did you mean 'object'?");
        assert_eq!(meant("startswith"), "; did you mean 'startsWith'?");
        assert_eq!(
            meant("namespaceobjekt"),
            "; did you mean 'namespaceObject'?"
        );
        assert_eq!(meant("params"), "");
        assert_eq!(meant("x"), "");
    }
}
