//! A failing row does not affect the others; an error that affects all rows is returned before anything runs.

use super::{network, place, run, sweep};
use lapicque_base::Precision;
use lapicque_base::control::Control;
use lapicque_base::error::Error;
use lapicque_base::simd::SimdLevel;
use lapicque_simulate::Description;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const LEVEL: SimdLevel = SimdLevel::Portable;

#[test]
fn a_row_that_is_not_finite_or_has_a_wrong_value_is_told_with_its_error() {
    let axes = [
        ("drive.weight", vec![place("inputs", 0, &["weight"])]),
        ("E.tauMem", vec![place("populations", 0, &["neuron", "params", "tauMem"])]),
    ];
    let sweep = sweep(&axes, json!([{"measure": "rate"}]), [0, 300]);
    // The sum of two events in a step exceeds single precision.
    let values = [vec![20.0, 20.0, 3e38, 21.0], vec![10.0, -1.0, 10.0, 12.0]];
    for threads in [1, 2] {
        let table = run::<f32>(&sweep, &network(), (&values, &[1, 1, 1, 1]), LEVEL, threads).unwrap();
        assert_eq!(table.failed.iter().map(|&(row, _)| row).collect::<Vec<_>>(), [1, 2]);
        assert!(
            matches!(&table.failed[0].1, Error::InvalidParameter { name, .. } if name.contains("tauMem"))
        );
        assert!(matches!(&table.failed[1].1, Error::NonFinite { layer, .. } if layer == "E"));
        for (name, column) in &table.columns {
            let unknown: Vec<bool> = column.iter().map(|x| x.is_nan()).collect();
            assert_eq!(unknown, [false, true, true, false], "{name}");
        }
    }
}

#[test]
fn names_that_the_network_does_not_have_are_refused() {
    for place in [
        place("populations", 0, &["neuron", "params", "tauMen"]),
        place("populations", 0, &["initial", "u"]),
        place("connections", 9, &["weight"]),
        place("connections", 0, &["weight", "mean"]),
        place("connections", 0, &["rule", "p"]),
        place("inputs", 0, &["current"]),
    ] {
        let sweep = sweep(&[("x", vec![place.clone()])], json!([]), [0, 10]);
        let refused = run::<f32>(&sweep, &network(), (&[vec![1.0, 2.0]], &[1, 1]), LEVEL, 2);
        assert!(matches!(refused, Err(Error::UnknownName { .. })), "{place}: {refused:?}");
    }
}

#[test]
fn lists_of_the_wrong_length_and_networks_beyond_memory_are_refused() {
    let axes = [("EE.count", vec![place("connections", 0, &["rule", "count"])])];
    let sweep = sweep(&axes, json!([]), [0, 10]);
    let refused = run::<f32>(&sweep, &network(), (&[vec![10.0]], &[1, 1]), LEVEL, 1);
    assert!(matches!(refused, Err(Error::ShapeMismatch { .. })), "{refused:?}");
    let refused = run::<f32>(&sweep, &network(), (&[vec![10.0, 1e9]], &[1, 1]), LEVEL, 1);
    assert!(matches!(refused, Err(Error::TooLarge { .. })), "{refused:?}");
    let table = run::<f32>(&sweep, &network(), (&[vec![]], &[]), LEVEL, 1).unwrap();
    assert_eq!((table.failed.len(), table.columns.len()), (0, 0));
}

#[test]
fn progress_counts_rows_and_a_canceled_sweep_ends() {
    let sweep = sweep(&[], json!([]), [0, 2_000_000]);
    let description = Description::from_json(&network().to_string()).unwrap();
    let flag = Arc::new(AtomicBool::new(false));
    let canceled = Arc::clone(&flag);
    let control = Control::new(Arc::clone(&flag), None);
    std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        canceled.store(true, Ordering::Relaxed);
    });
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let seeds: Vec<u64> = (0..50).collect();
    let ended = pool.install(|| sweep.run(Precision::F32, &description, &[], &seeds, LEVEL, &control));
    assert_eq!(ended, Err(Error::Aborted));
}
