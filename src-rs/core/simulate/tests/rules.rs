//! Statistics of the synapses that connection rules sample.

use crate::spec::description::{Probability, Rule};
use crate::spec::layout::{Distances, Layout, LayoutSpec};
use crate::wiring::by_distance::ByDistance;
use crate::wiring::formula::Formula;
use crate::wiring::outgoing::{Outgoing, Wiring};
use crate::wiring::pairs::Pairs;
use crate::wiring::rules::{Ends, check};
use crate::wiring::source_row::{Row, Words};
use lapicque_base::control::Control;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// All pairs, by source.
fn all(wiring: &Wiring) -> Vec<(u32, usize)> {
    let Wiring { rule, ends, multapses, .. } = wiring;
    check("c", rule, *ends, *multapses).unwrap();
    let outgoing = Outgoing::new(wiring, 3, 9, &Control::detached()).unwrap();
    let (mut pairs, mut row) = (vec![], Row::default());
    for source in 0..ends.sources {
        outgoing.row(source, Words::Both, &mut row);
        assert_eq!([row.delays.len(), row.weights.len()], [row.targets.len(); 2]);
        pairs.extend(row.targets.iter().map(|&target| (source as u32, target as usize)));
    }
    pairs
}

fn pairs(rule: &Rule, [sources, targets]: [usize; 2], autapses: bool, multapses: bool) -> Vec<(u32, usize)> {
    let ends = Ends { sources, targets, itself: (!autapses).then_some(0) };
    let pairs = all(&Wiring {
        rule: rule.clone(),
        ends,
        first_target: 0,
        multapses,
        by_distance: None,
        places: None,
    });
    assert!(pairs.iter().all(|&(_, target)| target < targets));
    pairs
}

fn bernoulli(p: f64) -> Rule {
    Rule::Bernoulli { p: Probability::Constant(p) }
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
    // All sources except the neuron itself.
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
        let drawn = pairs(&bernoulli(p), [300, 400], true, true);
        assert!(is_unique(&drawn) && near(drawn.len(), 120_000.0, p), "{p}: {}", drawn.len());
    }
    let drawn = pairs(&bernoulli(0.5), [60, 60], false, true);
    assert!(drawn.iter().all(|&(s, t)| s as usize != t) && near(drawn.len(), 60.0 * 59.0, 0.5));
    // Neighbors in the list of sources are as independent as others.
    let drawn = pairs(&bernoulli(0.3), [300, 400], true, true);
    let set: HashSet<_> = drawn.iter().copied().collect();
    let both = drawn.iter().filter(|&&(s, t)| set.contains(&(s + 1, t))).count();
    assert!(near(both, 299.0 * 400.0, 0.09), "{both}");
}

#[test]
fn a_list_is_what_it_says() {
    let rule = Rule::List { sources: vec![3, 0, 3], targets: vec![1, 1, 0] };
    assert_eq!(pairs(&rule, [4, 2], true, true), [(0, 1), (3, 1), (3, 0)]);
}

#[test]
fn a_total_without_multapses_takes_each_pair_at_most_once_and_all_alike() {
    for autapses in [true, false] {
        let rule = Rule::FixedTotal { count: 300 };
        let mut counts = BTreeMap::new();
        let ends = Ends { sources: 20, targets: 30, itself: (!autapses).then_some(0) };
        let wiring =
            Wiring { rule, ends, first_target: 0, multapses: false, by_distance: None, places: None };
        for seed in 0..400 {
            let outgoing = Outgoing::new(&wiring, seed, 9, &Control::detached()).unwrap();
            let (mut drawn, mut row) = (vec![], Row::default());
            for source in 0..20 {
                outgoing.row(source, Words::Neither, &mut row);
                drawn.extend(row.targets.iter().map(|&target| (source as u32, target as usize)));
            }
            assert!(drawn.len() == 300 && is_unique(&drawn));
            drawn.into_iter().for_each(|pair| *counts.entry(pair).or_insert(0usize) += 1);
        }
        let pairs = ends.pairs();
        assert_eq!(counts.len() as u64, pairs);
        let p = 300.0 / pairs as f64;
        assert!(counts.values().all(|&n| near(n, 400.0, p)), "{counts:?}");
    }
    let every = pairs(&Rule::FixedTotal { count: 90 }, [10, 10], false, false);
    assert!(every.len() == 90 && is_unique(&every));
}

#[test]
fn a_pair_may_have_a_poisson_number_of_synapses() {
    let drawn = pairs(&Rule::Poisson { mean: 0.7 }, [200, 200], false, true);
    let mut counts = vec![0usize; 200 * 200];
    drawn.iter().for_each(|&(s, t)| counts[s as usize * 200 + t] += 1);
    assert!((0..200).all(|i| counts[i * 201] == 0));
    let n = 200.0 * 199.0;
    let mut p = (-0.7f64).exp();
    for k in 0..5 {
        let found = counts.iter().filter(|&&c| c == k).count() - if k == 0 { 200 } else { 0 };
        assert!(near(found, n, p), "{k}: {found} of {}", n * p);
        p *= 0.7 / (k + 1) as f64;
    }
}

/// Sources 100 to 159 of a population onto its neurons 130 to 209.
fn overlapping(rule: Rule, multapses: bool) -> Vec<(u32, usize)> {
    let ends = Ends { sources: 60, targets: 80, itself: Some(-30) };
    assert_eq!(ends.shared(), [30, 60]);
    assert_eq!(ends.pairs(), 60 * 80 - 30);
    let pairs = all(&Wiring { rule, ends, first_target: 130, multapses, by_distance: None, places: None });
    assert!(pairs.iter().all(|&(s, t)| (130..210).contains(&t) && s as usize + 100 != t));
    pairs
}

#[test]
fn slices_that_overlap_leave_out_what_is_in_both() {
    assert_eq!(overlapping(Rule::AllToAll, true).len(), 4770);
    for multapses in [true, false] {
        let drawn = overlapping(Rule::FixedInDegree { count: 20 }, multapses);
        assert!((130..210).all(|t| drawn.iter().filter(|&&(_, to)| to == t).count() == 20));
        let drawn = overlapping(Rule::FixedOutDegree { count: 20 }, multapses);
        assert!((0..60).all(|s| drawn.iter().filter(|&&(from, _)| from == s).count() == 20));
        assert_eq!(overlapping(Rule::FixedTotal { count: 1000 }, multapses).len(), 1000);
    }
    let drawn = overlapping(Rule::FixedTotal { count: 200_000 }, true);
    let of = |sources: std::ops::Range<u32>| drawn.iter().filter(|(s, _)| sources.contains(s)).count();
    // 30 sources have 80 targets and 30 have 79.
    assert!(near(of(0..30), 200_000.0, 2400.0 / 4770.0) && near(of(30..60), 200_000.0, 2370.0 / 4770.0));
    let drawn = overlapping(bernoulli(0.3), true);
    assert!(near(drawn.len(), 4770.0, 0.3));
    assert_eq!(overlapping(bernoulli(1.0), true).len(), 4770);
}

#[test]
fn probabilities_weights_and_delays_follow_the_distance() {
    // 40 by 40 on a unit torus: a pair's distance depends on how far its columns and rows are apart.
    let positions: Vec<f64> =
        (0..1600).flat_map(|i| [f64::from(i % 40) / 40.0, f64::from(i / 40) / 40.0]).collect();
    let spec = LayoutSpec { dimensions: 2, positions: positions.clone(), period: Some(vec![1.0, 1.0]) };
    let layout = Arc::new(Layout::new("layout", spec, 1600).unwrap());
    let distances = Distances::new("c", &layout, &layout, 0).unwrap();
    let farthest = distances.farthest();
    assert!((farthest - 0.5f64.sqrt()).abs() < 1e-12);
    let formula = |text: &str| Some(Formula::new("c", text, farthest).unwrap());
    let ends = Ends { sources: 1600, targets: 1600, itself: Some(0) };
    let by_distance = ByDistance {
        pairs: Pairs { distances: Some(distances), ends, first_target: 0 },
        p: formula("0.8 * exp(-d^2 / (2 * 0.1^2))"),
        weight: formula("3 - 2 * d"),
        delay: formula("0.5 + 10 * d"),
        dt: 0.1,
    };
    let rule = Rule::Bernoulli { p: Probability::Expression("".into()) };
    let by_distance = Some(Arc::new(by_distance));
    let wiring = Wiring { rule, ends, first_target: 0, multapses: true, by_distance, places: None };
    let outgoing = Outgoing::new(&wiring, 3, 9, &Control::detached()).unwrap();
    let apart = |a: f64| a.abs().min(1.0 - a.abs());
    let distance = |s: usize, t: usize| {
        let [x, y] = [0, 1].map(|k| apart(positions[2 * s + k] - positions[2 * t + k]));
        x.hypot(y)
    };
    // Counts by distance.
    let key = |d: f64| (d * 1e6).round() as u64;
    let (mut found, mut there) = (BTreeMap::new(), BTreeMap::new());
    let mut row = Row::default();
    for source in 0..1600 {
        (0..1600)
            .filter(|&t| t != source)
            .for_each(|t| *there.entry(key(distance(source, t))).or_insert(0) += 1);
        outgoing.row(source, Words::Both, &mut row);
        for (i, &t) in row.targets.iter().enumerate() {
            let d = distance(source, t as usize);
            *found.entry(key(d)).or_insert(0usize) += 1;
            assert!((row.distant_weights[i] - (3.0 - 2.0 * d)).abs() < 1e-12);
            let ms = 0.5 + 10.0 * d;
            assert!((f64::from(row.distant_delays[i]) * 0.1 - ms).abs() <= 0.05 + 1e-9);
            assert_ne!(t as usize, source);
        }
    }
    let (mut chi2, mut cells) = (0.0, 0.0);
    for (&d, &n) in &there {
        let d_of = d as f64 * 1e-6;
        let p = 0.8 * (-d_of * d_of / 0.02).exp();
        let expected = f64::from(n) * p;
        if expected < 5.0 {
            continue;
        }
        let got = found.get(&d).copied().unwrap_or(0) as f64;
        chi2 += (got - expected) * (got - expected) / (expected * (1.0 - p));
        cells += 1.0;
    }
    // Mean and deviation of chi squared.
    assert!(cells > 50.0 && (chi2 - cells).abs() < 4.0 * (2.0f64 * cells).sqrt(), "{chi2} of {cells}");
}
