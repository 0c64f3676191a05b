//! Rates that physics bounds on both sides; what a machine reaches in between is not a test's to say.

use super::*;

#[test]
fn rates_are_what_a_cpu_can_do() {
    let level = SimdLevel::detect();
    let rates = rates(2, level, &Control::detached()).unwrap();
    println!("{rates:?}");
    let Rates { dense, row_additions, scattered_additions, read, copy, exponentials, divisions, .. } = rates;
    // Two threads of at most 6 GHz with at most 64 operations a cycle; at least a tenth of a GHz with one.
    let within = |x: f64, most: f64| assert!((1e8 / 64.0..=most).contains(&x), "{x} of {most}");
    within(dense, 2.0 * 6e9 * 64.0);
    for rate in [row_additions.l1, row_additions.l2, row_additions.l3, row_additions.memory] {
        within(rate, 2.0 * 6e9 * 32.0);
    }
    for rate in
        [scattered_additions.l1, scattered_additions.l2, scattered_additions.l3, scattered_additions.memory]
    {
        within(rate, 2.0 * 6e9 * 2.0);
    }
    within(read, 1e12);
    within(copy, 1e12);
    within(exponentials, 2.0 * 6e9 * 4.0);
    within(divisions, 2.0 * 6e9 * 8.0);
    within(rates.random_words, 2.0 * 6e9 * 8.0);
    assert!(rates.barrier > 1e-9 && rates.barrier < 1.0, "{}", rates.barrier);
}

#[test]
fn one_thread_meets_nobody() {
    assert_eq!(barrier::seconds(1).unwrap(), 0.0);
}

#[test]
fn a_probe_can_be_canceled() {
    let canceled = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let control = Control::new(canceled, None);
    let error = rates(1, SimdLevel::detect(), &control).unwrap_err();
    assert!(matches!(error, lapicque_base::Error::Aborted), "{error:?}");
}
