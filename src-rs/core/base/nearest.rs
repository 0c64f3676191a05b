//! Finds the known name that is most similar to a misspelled one.

/// The candidate that is most similar to `name`, if it is similar enough: at most half of the letters differ, and one always
/// may. Names that differ only in their numbers, for example dense1 and dense2, are different things.
pub fn near<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter(|candidate| !differ_in_numbers(name, candidate))
        .map(|candidate| (distance(name, candidate), candidate))
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, candidate)| {
            let letters = candidate.chars().count();
            // A name without a common letter is not similar.
            distance < letters.max(name.chars().count())
                && (distance <= 1 || distance <= (1 + letters / 3).min(letters / 2))
        })
        .map(|(_, candidate)| candidate)
}

/// Whether both names contain numbers and differ only in them.
fn differ_in_numbers(a: &str, b: &str) -> bool {
    /// The parts between the numbers.
    fn parts(name: &str) -> impl Iterator<Item = &str> {
        name.split(|letter: char| letter.is_ascii_digit()).filter(|part| !part.is_empty())
    }
    let has_numbers = |name: &str| name.bytes().any(|byte| byte.is_ascii_digit());
    a != b && has_numbers(a) && has_numbers(b) && parts(a).eq(parts(b))
}

/// A name for a message; a very long one is truncated.
pub fn truncated(name: &str) -> String {
    name.chars().take(80).collect()
}

/// Edit distance of the first 80 characters, ignoring case: insertions, deletions, replacements, and swaps of adjacent
/// characters (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let letters = |s: &str| truncated(s).to_lowercase().chars().collect::<Vec<_>>();
    let (a, b) = (letters(a), letters(b));
    let (mut older, mut previous) = (vec![0; b.len() + 1], (0..=b.len()).collect::<Vec<usize>>());
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = previous[j] + usize::from(x != y);
            row[j + 1] = replaced.min(previous[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                row[j + 1] = row[j + 1].min(older[j - 1] + 1);
            }
        }
        (older, previous) = (previous, row);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn only_what_is_near_is_offered() {
        for (name, offered) in [
            ("expp", Some("exp")),
            ("sigmod", Some("sigmoid")),
            ("EXP", Some("exp")),
            ("foo", None),
            ("potential", None),
            ("", None),
            ("xep", Some("exp")),
            ("abc", None),
        ] {
            assert_eq!(near(name, ["exp", "log", "sigmoid"]), offered, "{name}");
        }
        assert_eq!(near("u", ["v", "i"]), None);
        assert_eq!(near("V", ["v", "i"]), Some("v"));
        for (name, offered) in [("dense1", None), ("dense", Some("dense2")), ("dens2", Some("dense2"))] {
            assert_eq!(near(name, ["hidden", "dense2"]), offered, "{name}");
        }
    }
}
