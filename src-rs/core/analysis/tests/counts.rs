use super::{close, measure, trains};
use crate::Trains;
use serde_json::json;

#[test]
fn spikes_in_any_order_are_grouped() {
    let [times, ids] = [[7.0, 1.0, 3.0, 2.0, 9.0], [1.0, 0.0, 1.0, 0.0, 0.0]];
    let grouped = Trains::new(&times, &ids.map(|id| id as u32), 3, 0.0, 10.0).unwrap();
    assert_eq!(grouped, trains(&[&[1.0, 2.0, 9.0], &[3.0, 7.0], &[]], 0.0, 10.0));
    assert_eq!(grouped.iter().map(<[f64]>::len).collect::<Vec<_>>(), [3, 2, 0]);
}

#[test]
fn fano_factors_of_known_counts() {
    // Counts 1, 3, 2: mean 2, variance 2/3.
    let across = trains(&[&[1.0], &[1.0, 2.0, 3.0], &[4.0, 5.0]], 0.0, 10.0);
    close(measure(&across, json!({ "measure": "fano-factor" }))[0][0], 1.0 / 3.0, 1e-15);
    // Counts 1, 3, 2 again, in three windows of one train; a fourth would not be whole.
    let within = trains(&[&[1.0, 10.0, 11.0, 19.9, 20.0, 25.0, 31.0], &[]], 0.0, 35.0);
    let factors = &measure(&within, json!({ "measure": "windowed-fano-factors", "window": 10.0 }))[0];
    close(factors[0], 1.0 / 3.0, 1e-15);
    assert!(factors[1].is_nan());
    assert!(measure(&trains(&[&[]], 0.0, 1.0), json!({ "measure": "fano-factor" }))[0][0].is_nan());
}

#[test]
fn bins_are_open_on_the_right() {
    let trains = trains(&[&[100.0, 104.9, 105.0, 109.999_999_999, 120.0], &[112.0]], 100.0, 120.0);
    let binned =
        |binary: bool| measure(&trains, json!({ "measure": "binned", "bin": 5.0, "binary": binary }));
    // What rounding has put just below an edge lies on it; a spike at the end is in no bin.
    assert_eq!(binned(false)[0], [2.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(binned(true)[0], [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    let histogram = measure(&trains, json!({ "measure": "psth", "bin": 5.0 }));
    assert_eq!(histogram, [vec![2.0, 1.0, 2.0, 0.0], vec![100.0, 105.0, 110.0, 115.0, 120.0]]);
}

#[test]
fn histogram_around_events() {
    let trains = trains(&[&[9.0, 12.0, 52.0], &[10.0, 49.9, 54.0]], 0.0, 100.0);
    let options = |events: &[f64]| json!({ "measure": "event-psth", "bin": 2.0, "events": events, "window": [-2.0, 4.0] });
    let one = measure(&trains, options(&[10.0]));
    assert_eq!(one, [vec![1.0, 1.0, 1.0], vec![-2.0, 0.0, 2.0, 4.0]]);
    assert_eq!(measure(&trains, options(&[10.0, 50.0]))[0], [2.0, 1.0, 2.0]);
}

#[test]
fn windows_may_end_where_the_trains_do() {
    // 0.1 + 0.2 is more than 0.3, and 0.4 - 0.3 less than 0.1.
    for (start, stop, event, window, counts) in
        [(0.0, 0.3, 0.1, [-0.1, 0.2], [0.0, 1.0, 1.0]), (0.1, 0.5, 0.4, [-0.3, 0.0], [1.0, 1.0, 0.0])]
    {
        let trains = trains(&[&[0.15, 0.25]], start, stop);
        let options = json!({ "measure": "event-psth", "bin": 0.1, "events": [event], "window": window });
        assert_eq!(measure(&trains, options)[0], counts);
    }
}
