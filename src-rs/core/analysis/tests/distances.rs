//! Distances against closed forms and against their definitions, evaluated without any of their tricks.

use super::{close, measure, poisson, trains};
use crate::Trains;
use serde_json::json;

fn pair(trains: &Trains, options: serde_json::Value) -> f64 {
    measure(trains, options)[0][1]
}

#[test]
fn van_rossum_is_the_double_sum() {
    let trains = poisson(2, 30.0, 2000.0, 5);
    for tau in [0.5, 10.0, 300.0] {
        let sum = |a: &[f64], b: &[f64]| -> f64 {
            a.iter().flat_map(|x| b.iter().map(move |y| (-(x - y).abs() / tau).exp())).sum()
        };
        let (a, b) = (trains.train(0), trains.train(1));
        let wanted = (sum(a, a) + sum(b, b) - 2.0 * sum(a, b)).sqrt();
        close(pair(&trains, json!({ "measure": "van-rossum", "tau": tau })), wanted, 1e-11);
    }
}

#[test]
fn van_rossum_of_single_spikes() {
    let of = |a: &[f64], b: &[f64]| {
        pair(&trains(&[a, b], 0.0, 1000.0), json!({ "measure": "van-rossum", "tau": 10.0 }))
    };
    close(of(&[100.0], &[105.0]), (2.0 * (1.0 - (-0.5f64).exp())).sqrt(), 1e-15);
    close(of(&[0.0], &[1000.0]), 2f64.sqrt(), 1e-15);
    assert_eq!(of(&[5.0], &[]), 1.0);
    assert_eq!(of(&[], &[]), 0.0);
    assert_eq!(of(&[1.0, 7.0, 9.0], &[1.0, 7.0, 9.0]), 0.0);
}

/// The least cost over all ways to match spikes in order, tried one after the other.
fn cheapest(a: &[f64], b: &[f64], q: f64) -> f64 {
    match (a, b) {
        ([], rest) | (rest, []) => rest.len() as f64,
        ([x, a_rest @ ..], [y, b_rest @ ..]) => (cheapest(a_rest, b, q) + 1.0)
            .min(cheapest(a, b_rest, q) + 1.0)
            .min(cheapest(a_rest, b_rest, q) + q * (x - y).abs()),
    }
}

#[test]
fn victor_purpura_is_the_least_cost() {
    for seed in 0..20 {
        let trains = poisson(2, 25.0, 200.0, seed);
        for q in [0.0, 0.01, 0.1, 5.0] {
            let got = pair(&trains, json!({ "measure": "victor-purpura", "q": q }));
            close(got, cheapest(trains.train(0), trains.train(1), q), 1e-12);
        }
    }
}

/// Regular trains: `period`, from `first`.
fn regular(first: f64, period: f64) -> Vec<f64> {
    (0..).map(|i| first + f64::from(i) * period).take_while(|&t| t < 1000.0).collect()
}

#[test]
fn regular_trains_have_known_distances() {
    let a = regular(0.0, 10.0);
    let slower = trains(&[&a, &regular(0.0, 25.0)], 0.0, 1000.0);
    close(pair(&slower, json!({ "measure": "isi-distance" })), 15.0 / 25.0, 1e-12);
    // All spikes are 3 ms from the nearest, all intervals 10 ms; the edges aside.
    let shifted = trains(&[&a, &regular(3.0, 10.0)], 0.0, 1000.0);
    let columns = measure(&shifted, json!({ "measure": "spike-profile", "pair": [0, 1] }));
    for (x, y) in columns[0].iter().zip(&columns[1]) {
        if (20.0..980.0).contains(x) {
            close(*y, 0.3, 1e-12);
        }
    }
    assert_eq!(pair(&shifted, json!({ "measure": "spike-synchronization" })), 1.0);
    let far = trains(&[&a, &regular(5.0, 10.0)], 0.0, 1000.0);
    assert_eq!(pair(&far, json!({ "measure": "spike-synchronization" })), 0.0);
}

/// Auxiliary spikes as the paper gives them: as far outside as the nearest interval, at least at the edge.
fn framed(train: &[f64], stop: f64) -> Vec<f64> {
    let n = train.len();
    let before = (2.0 * train[0] - train[1]).min(0.0);
    let after = (2.0 * train[n - 1] - train[n - 2]).max(stop);
    [&[before], train, &[after]].concat()
}

/// The definition at one time, between spikes.
fn spike_dissimilarity(a: &[f64], b: &[f64], time: f64, stop: f64) -> [f64; 2] {
    let local = |own: &[f64], other: &[f64]| {
        let (own, other) = (framed(own, stop), framed(other, stop));
        let next = own.iter().position(|&t| t > time).unwrap();
        let near = |i: usize| {
            // An auxiliary spike takes the distance of its neighbor.
            let i = i.clamp(1, own.len() - 2);
            other.iter().map(|t| (t - own[i]).abs()).fold(f64::INFINITY, f64::min)
        };
        let interval = own[next] - own[next - 1];
        let distance = (near(next - 1) * (own[next] - time) + near(next) * (time - own[next - 1])) / interval;
        (interval, distance)
    };
    let ((x, s), (y, t)) = (local(a, b), local(b, a));
    let mean = (x + y) / 2.0;
    [(s * y + t * x) / (2.0 * mean * mean), (x - y).abs() / x.max(y)]
}

#[test]
fn profiles_follow_the_definitions() {
    for seed in 0..10 {
        let trains = poisson(2, 20.0, 500.0, 100 + seed);
        let (a, b) = (trains.train(0), trains.train(1));
        let [spike, isi] = ["spike", "isi"]
            .map(|name| measure(&trains, json!({ "measure": format!("{name}-profile"), "pair": [0, 1] })));
        assert_eq!(spike[0], isi[0]);
        let (mut spike_area, mut isi_area) = (0.0, 0.0);
        for (at, x) in spike[0].chunks_exact(2).enumerate() {
            let [y, z] = [&spike[1][2 * at..], &isi[1][2 * at..]];
            let middle = spike_dissimilarity(a, b, (x[0] + x[1]) / 2.0, 500.0);
            close((y[0] + y[1]) / 2.0, middle[0], 1e-12);
            close(z[0], middle[1], 1e-12);
            spike_area += middle[0] * (x[1] - x[0]);
            isi_area += middle[1] * (x[1] - x[0]);
        }
        assert_eq!((spike[0][0], *spike[0].last().unwrap()), (0.0, 500.0));
        close(pair(&trains, json!({ "measure": "spike-distance" })), spike_area / 500.0, 1e-12);
        close(pair(&trains, json!({ "measure": "isi-distance" })), isi_area / 500.0, 1e-12);
    }
}

#[test]
fn synchronization_counts_coincidences() {
    for seed in 0..20 {
        let trains = poisson(2, 40.0, 1000.0, 300 + seed);
        let (a, b) = (trains.train(0), trains.train(1));
        let half = |train: &[f64], i: usize| {
            let gap = |j: usize| train.get(j).map_or(1000.0, |t: &f64| (t - train[i]).abs());
            0.5 * gap(i + 1).min(if i == 0 { 1000.0 } else { gap(i - 1) })
        };
        let coincides = |i: usize, j: usize| (a[i] - b[j]).abs() < half(a, i).min(half(b, j));
        let in_a = (0..a.len()).filter(|&i| (0..b.len()).any(|j| coincides(i, j))).count();
        let in_b = (0..b.len()).filter(|&j| (0..a.len()).any(|i| coincides(i, j))).count();
        let wanted = (in_a + in_b) as f64 / (a.len() + b.len()) as f64;
        close(pair(&trains, json!({ "measure": "spike-synchronization" })), wanted, 1e-15);
    }
}

#[test]
fn trains_without_spikes_and_with_one() {
    let silent = trains(&[&[], &[], &[40.0]], 0.0, 100.0);
    for (name, same) in [("isi-distance", 0.0), ("spike-distance", 0.0), ("spike-synchronization", 1.0)] {
        let columns = measure(&silent, json!({ "measure": name }));
        assert_eq!(columns[0][1], same, "{name}");
        assert!(columns[0].iter().chain(&columns[1]).all(|value| value.is_finite()), "{name}");
    }
    // An empty train has one interval of 100 ms, the other 40 and then 60.
    close(measure(&silent, json!({ "measure": "isi-distance" }))[0][2], 0.4 * 0.6 + 0.6 * 0.4, 1e-15);
    let none = trains(&[&[], &[]], 0.0, 100.0);
    assert_eq!(measure(&none, json!({ "measure": "spike-synchronization" })), [vec![1.0; 4], vec![1.0]]);
}

#[test]
fn means_are_over_pairs() {
    let trains = poisson(4, 20.0, 500.0, 9);
    for name in ["isi-distance", "spike-distance", "spike-synchronization"] {
        let columns = measure(&trains, json!({ "measure": name }));
        let (mut sum, mut weights) = (0.0, 0.0);
        for i in 0..4 {
            for j in 0..i {
                assert_eq!(columns[0][i * 4 + j].to_bits(), columns[0][j * 4 + i].to_bits());
                let spikes = (trains.train(i).len() + trains.train(j).len()) as f64;
                let weight = if name == "spike-synchronization" { spikes } else { 1.0 };
                sum += weight * columns[0][i * 4 + j];
                weights += weight;
            }
        }
        close(columns[1][0], sum / weights, 1e-14);
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let trains = poisson(30, 30.0, 500.0, 7);
    let all = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            [
                json!({ "measure": "van-rossum", "tau": 10.0 }),
                json!({ "measure": "spike-distance" }),
                json!({ "measure": "correlation", "bin": 5.0, "binary": false }),
            ]
            .map(|options| measure(&trains, options).concat().iter().map(|x| x.to_bits()).collect::<Vec<_>>())
        })
    };
    let one = all(1);
    assert_eq!(all(2), one);
    assert_eq!(all(3), one);
}
