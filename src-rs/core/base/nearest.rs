//! The nearest known name to a misspelt one.

/// The candidate that is nearest to `name`, when it is near: one letter differs, or at most half of them. Names that differ in
/// their numbers alone, as dense1 and dense2, stand for different things.
pub fn near<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter(|candidate| !differ_in_numbers(name, candidate))
        .map(|candidate| (distance(name, candidate), candidate))
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, candidate)| {
            let letters = candidate.chars().count();
            distance <= 1 || distance <= (1 + letters / 3).min(letters / 2)
        })
        .map(|(_, candidate)| candidate)
}

/// Whether both have numbers, and are the same without.
fn differ_in_numbers(a: &str, b: &str) -> bool {
    /// The parts between the numbers.
    fn parts(name: &str) -> impl Iterator<Item = &str> {
        name.split(|letter: char| letter.is_ascii_digit()).filter(|part| !part.is_empty())
    }
    let has_numbers = |name: &str| name.bytes().any(|byte| byte.is_ascii_digit());
    a != b && has_numbers(a) && has_numbers(b) && parts(a).eq(parts(b))
}

/// A name as shown in a message: an absurdly long one is cut.
pub fn shown(name: &str) -> String {
    name.chars().take(80).collect()
}

/// Levenshtein distance without regard to case, of the first 80 characters.
fn distance(a: &str, b: &str) -> usize {
    let letters = |s: &str| shown(s).to_lowercase().chars().collect::<Vec<_>>();
    let (a, b) = (letters(a), letters(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
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
        ] {
            assert_eq!(near(name, ["exp", "log", "sigmoid"]), offered, "{name}");
        }
        for (name, offered) in [("dense1", None), ("dense", Some("dense2")), ("dens2", Some("dense2"))] {
            assert_eq!(near(name, ["hidden", "dense2"]), offered, "{name}");
        }
    }
}
