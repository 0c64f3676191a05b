//! Connections by distance: checking only near targets gives the same rows as checking all.

use crate::spec::description::{Probability, Rule};
use crate::spec::layout::{Distances, Layout, LayoutSpec};
use crate::wiring::by_distance::ByDistance;
use crate::wiring::formula::Formula;
use crate::wiring::outgoing::{Outgoing, Wiring};
use crate::wiring::pairs::Pairs;
use crate::wiring::rules::Ends;
use crate::wiring::source_row::{Row, Words};
use lapicque_base::control::Control;
use lapicque_base::rng::Rng;
use std::sync::Arc;

/// 900 neurons at random positions between -1 and 3, some of them outside the period.
fn layout(dimensions: usize, period: Option<Vec<f64>>) -> Arc<Layout> {
    let rng = Rng::new(11, dimensions as u64);
    let positions = (0..900 * dimensions as u64).map(|i| 4.0 * rng.uniform_f64_at(i) - 1.0).collect();
    Arc::new(Layout::new("layout", LayoutSpec { dimensions, positions, period }, 900).unwrap())
}

fn outgoing(layout: &Arc<Layout>, p: &str, ends: Ends, [from, to]: [usize; 2]) -> Outgoing {
    let distances = Distances::new("c", layout, layout, from).unwrap();
    let p = Some(Formula::new("c", p, distances.farthest()).unwrap());
    let pairs = Pairs { distances: Some(distances), ends, first_target: to as u32 };
    let by_distance = Some(Arc::new(ByDistance { pairs, p, weight: None, delay: None, dt: 0.1 }));
    let rule = Rule::Bernoulli { p: Probability::Expression("".into()) };
    let wiring = Wiring { rule, ends, first_target: to as u32, multapses: true, by_distance, places: None };
    Outgoing::new(&wiring, 3, 9, &Control::detached()).unwrap()
}

fn rows(outgoing: &Outgoing, sources: usize) -> Vec<[Vec<u32>; 3]> {
    let mut row = Row::default();
    let one = |source| {
        outgoing.row(source, Words::Both, &mut row);
        [row.targets.clone(), row.delays.clone(), row.weights.clone()]
    };
    (0..sources).map(one).collect()
}

#[test]
fn near_targets_alone_give_the_same_rows() {
    let periods = [None, Some(2.0), Some(4.0), Some(0.5)];
    let mut nearby = 0;
    for dimensions in 1..=3 {
        for period in periods {
            let layout = layout(dimensions, period.map(|period| vec![period; dimensions]));
            for p in
                ["0.9 * exp(-d^2 / (2 * 0.05^2))", "where(d < 0.3, 0.5, 0)", "max(0.7 - 4*d, 0)", "exp(-d)"]
            {
                for (ends, first) in [
                    (Ends { sources: 900, targets: 900, itself: None }, [0, 0]),
                    (Ends { sources: 500, targets: 700, itself: Some(-60) }, [40, 100]),
                ] {
                    let near = outgoing(&layout, p, ends, first);
                    let all = outgoing(&layout, p, ends, first).looking_everywhere();
                    nearby += usize::from(near.looks_nearby());
                    let [near, all] = [near, all].map(|outgoing| rows(&outgoing, ends.sources));
                    assert!(near == all, "{dimensions} {period:?} {p}");
                    assert!(all.iter().any(|[targets, ..]| !targets.is_empty()));
                }
            }
        }
    }
    assert!(nearby > 20, "{nearby}");
}

#[test]
fn a_reach_is_where_an_expression_is_surely_small() {
    let reach = |text: &str, limit: f64| Formula::new("c", text, 10.0).unwrap().reach(limit);
    let gauss = reach("0.5 * exp(-d^2 / 2)", 1e-6);
    let exact = (2.0 * (0.5f64 / 1e-6).ln()).sqrt();
    assert!(gauss >= exact && gauss < exact + 0.01, "{gauss} {exact}");
    let disc = reach("where(d < 0.3, 0.5, 0)", 1e-9);
    assert!((0.3..0.31).contains(&disc), "{disc}");
    // A ring between two of the distances at which the function is sampled for its bounds.
    let step = 10.0 / 4096.0;
    let ring = format!("where(d > {} and d < {}, 0.5, 0)", 2000.3 * step, 2000.6 * step);
    assert!(reach(&format!("{ring} + where(d < 1, 0.5, 0)"), 1e-9) >= 2000.6 * step);
    for everywhere in ["0.1", "exp(-d)", "0.5 + 0.5*sin(d)", "1/(d - 11)^2"] {
        assert_eq!(reach(everywhere, 1e-9), f64::INFINITY, "{everywhere}");
    }
}
