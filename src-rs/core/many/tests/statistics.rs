//! Statistics compared with their definitions, computed on dense counts.

use super::{network, run, sweep};
use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use lapicque_simulate::{Description, Simulation};
use serde_json::json;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs()) || (a.is_nan() && b.is_nan())
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

#[test]
fn they_are_what_their_definitions_say() {
    let mut network = network();
    network["record"] = json!({"means": [{"of": "E", "value": "v"}]});
    let statistics = json!([
        {"measure": "spikes"}, {"measure": "rate"}, {"measure": "cv"}, {"measure": "fano", "window": 20.0},
        {"measure": "synchrony", "bin": 2.0}, {"measure": "means"}
    ]);
    const STEPS: [u64; 2] = [100, 1900];
    let table =
        run::<f32>(&sweep(&[], statistics, STEPS), &network, (&[], &[11]), SimdLevel::Portable, 1).unwrap();
    let column = |name: &str| table.columns.iter().find(|(known, _)| known == name).unwrap().1[0];
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| &name[..]).collect();
    let of = |statistic: &str| ["E", "I"].map(|population| format!("{population}.{statistic}"));
    let expected: Vec<String> = ["spikes", "rate", "cv", "fano", "synchrony"]
        .iter()
        .flat_map(|s| of(s))
        .chain(["E.v".into()])
        .collect();
    assert_eq!(names, expected);

    let description = Description::from_json(&network.to_string()).unwrap();
    let control = Control::detached();
    let mut simulation = Simulation::<f32>::new(description, 11, SimdLevel::Portable, &control).unwrap();
    simulation.run(STEPS[0], &control).unwrap();
    let recording = simulation.run(STEPS[1], &control).unwrap();
    for (name, first, size) in [("E", 0, 160), ("I", 160, 40)] {
        let trains: Vec<Vec<u64>> = (first..first + size)
            .map(|neuron| {
                let own = recording.steps.iter().zip(&recording.neurons).filter(|&(_, &n)| n == neuron);
                own.map(|(&step, _)| step - STEPS[0]).collect()
            })
            .collect();
        let spikes = trains.iter().map(Vec::len).sum::<usize>() as f64;
        assert!(spikes > 100.0);
        assert_eq!(column(&format!("{name}.spikes")), spikes);
        assert!(near(column(&format!("{name}.rate")), spikes / f64::from(size) / 0.19));
        let spread = |x: &[f64]| mean(&x.iter().map(|v| (v - mean(x)).powi(2)).collect::<Vec<_>>());
        let cvs: Vec<f64> = (trains.iter().filter(|train| train.len() > 2))
            .map(|train| {
                let intervals: Vec<f64> =
                    train.windows(2).map(|pair| (pair[1] - pair[0]) as f64 * 0.1).collect();
                spread(&intervals).sqrt() / mean(&intervals)
            })
            .collect();
        assert!((column(&format!("{name}.cv")) - mean(&cvs)).abs() < 1e-9);
        // A spike at the end of a bin's last step is on the edge and counts in the next bin; a spike in the very last step
        // counts in none.
        let counts = |width: u64| -> Vec<Vec<f64>> {
            let bins = STEPS[1] / width;
            let of = |train: &Vec<u64>| {
                (0..bins).map(|bin| train.iter().filter(|&&s| s / width == bin).count() as f64).collect()
            };
            trains.iter().map(of).collect()
        };
        let fanos: Vec<f64> =
            counts(200).iter().filter(|c| mean(c) > 0.0).map(|c| spread(c) / mean(c)).collect();
        assert!(near(column(&format!("{name}.fano")), mean(&fanos)));
        let counts = counts(20);
        let (mut covariance, mut pairs) = (0.0, 0.0);
        for i in 0..counts.len() {
            for j in (0..counts.len()).filter(|&j| j != i) {
                let product: Vec<f64> = counts[i].iter().zip(&counts[j]).map(|(a, b)| a * b).collect();
                covariance += mean(&product) - mean(&counts[i]) * mean(&counts[j]);
                pairs += 1.0;
            }
        }
        let variance = mean(&counts.iter().map(|c| spread(c)).collect::<Vec<_>>());
        let got = column(&format!("{name}.synchrony"));
        assert!((got - covariance / pairs / variance).abs() < 1e-9, "{name}: {got}");
        assert!(got.abs() > 1e-6);
    }
    assert!(near(column("E.v"), mean(&recording.means[0].values)));
}
