//! What a connection rule draws.

use crate::simulate::description::Rule;
use crate::simulate::outgoing::{Outgoing, Row};
use crate::simulate::rules::check;
use std::collections::{BTreeMap, HashSet};

/// All pairs, by source.
fn pairs(rule: &Rule, sizes: [usize; 2], autapses: bool, multapses: bool) -> Vec<(u32, usize)> {
    check("c", rule, sizes, !autapses, multapses).unwrap();
    let outgoing = Outgoing::new(rule, sizes, !autapses, multapses, 3, 9).unwrap();
    let (mut pairs, mut row) = (vec![], Row::default());
    for source in 0..sizes[0] {
        outgoing.row(source, true, &mut row);
        assert_eq!([row.delays.len(), row.weights.len()], [row.targets.len(); 2]);
        pairs.extend(row.targets.iter().map(|&target| (source as u32, target as usize)));
    }
    assert!(pairs.iter().all(|&(_, target)| target < sizes[1]));
    pairs
}

fn is_unique(pairs: &[(u32, usize)]) -> bool {
    pairs.iter().collect::<HashSet<_>>().len() == pairs.len()
}

/// Within five standard deviations of a binomial number.
fn near(count: usize, n: f64, p: f64) -> bool {
    (count as f64 - n * p).abs() <= 5.0 * (n * p * (1.0 - p)).sqrt() + 1e-9
}

#[test]
fn all_and_one_are_complete() {
    assert_eq!(pairs(&Rule::AllToAll, [7, 5], true, true).len(), 35);
    let without = pairs(&Rule::AllToAll, [6, 6], false, true);
    assert!(without.len() == 30 && is_unique(&without) && without.iter().all(|&(s, t)| s as usize != t));
    let one: Vec<_> = pairs(&Rule::OneToOne, [4, 4], true, true);
    assert_eq!(one, [(0, 0), (1, 1), (2, 2), (3, 3)]);
}

#[test]
fn in_degrees_are_fixed_and_sources_uniform() {
    for (autapses, multapses) in [(true, true), (true, false), (false, true), (false, false)] {
        let drawn = pairs(&Rule::FixedInDegree { count: 40 }, [100, 100], autapses, multapses);
        let mut degree = [0; 100];
        let mut sources = [0; 100];
        for &(s, t) in &drawn {
            degree[t] += 1;
            sources[s as usize] += 1;
            assert!(autapses || s as usize != t);
        }
        assert!(degree.iter().all(|&d| d == 40));
        assert!(multapses || is_unique(&drawn));
        assert!(!multapses || !is_unique(&drawn));
        assert!(sources.iter().all(|&n| near(n, 4000.0, 0.01)), "{sources:?}");
    }
    // All sources but oneself.
    let all = pairs(&Rule::FixedInDegree { count: 9 }, [10, 10], false, false);
    assert!(all.len() == 90 && is_unique(&all));
}

#[test]
fn out_degrees_are_fixed() {
    for (autapses, multapses) in [(true, true), (false, false)] {
        let drawn = pairs(&Rule::FixedOutDegree { count: 30 }, [80, 80], autapses, multapses);
        let (mut out, mut into) = ([0; 80], [0; 80]);
        for &(s, t) in &drawn {
            out[s as usize] += 1;
            into[t] += 1;
            assert!(autapses || s as usize != t);
        }
        assert!(out.iter().all(|&d| d == 30));
        assert!(multapses || is_unique(&drawn));
        assert!(into.iter().all(|&n| near(n, 2400.0, 1.0 / 80.0)), "{into:?}");
    }
}

#[test]
fn a_total_is_spread_over_pairs() {
    let drawn = pairs(&Rule::FixedTotal { count: 90_001 }, [20, 30], true, true);
    assert_eq!(drawn.len(), 90_001);
    let mut counts = BTreeMap::new();
    drawn.iter().for_each(|pair| *counts.entry(*pair).or_insert(0usize) += 1);
    assert!(counts.len() == 600 && counts.values().all(|&n| near(n, 90_001.0, 1.0 / 600.0)));
}

#[test]
fn bernoulli_pairs_are_independent() {
    for p in [0.0, 0.003, 0.2, 0.9, 1.0] {
        let drawn = pairs(&Rule::Bernoulli { p }, [300, 400], true, true);
        assert!(is_unique(&drawn) && near(drawn.len(), 120_000.0, p), "{p}: {}", drawn.len());
    }
    let drawn = pairs(&Rule::Bernoulli { p: 0.5 }, [60, 60], false, true);
    assert!(drawn.iter().all(|&(s, t)| s as usize != t) && near(drawn.len(), 60.0 * 59.0, 0.5));
    // Neighbours in the list of sources are as independent as others.
    let drawn = pairs(&Rule::Bernoulli { p: 0.3 }, [300, 400], true, true);
    let set: HashSet<_> = drawn.iter().copied().collect();
    let both = drawn.iter().filter(|&&(s, t)| set.contains(&(s + 1, t))).count();
    assert!(near(both, 299.0 * 400.0, 0.09), "{both}");
}

#[test]
fn a_list_is_what_it_says() {
    let rule = Rule::List { sources: vec![3, 0, 3], targets: vec![1, 1, 0] };
    assert_eq!(pairs(&rule, [4, 2], true, true), [(0, 1), (3, 1), (3, 0)]);
}
