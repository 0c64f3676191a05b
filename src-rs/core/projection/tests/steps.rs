use super::super::*;
use super::{assert_bits, bits_of, levels, spikes, values};
use lapicque_base::SimdLevel;
use proptest::prelude::*;

/// The sums by definition: the ascending sum of each group of steps, then the sum over the groups.
fn expected<F: Element>(x: &[F], inputs: usize, rows: StepRows, grad: &[F], dw: &mut [F]) {
    let groups = rows.steps.div_ceil(4);
    let span = groups.div_ceil(groups.div_ceil(7)) * 4;
    for (i, dw) in dw.chunks_mut(PANEL).enumerate() {
        for tile in 0..rows.tiles {
            for begin in (0..rows.steps).step_by(span) {
                for sample in 0..rows.tile {
                    for first in (begin..rows.steps.min(begin + span)).step_by(4) {
                        let of_step = |t: usize| (tile * rows.steps + t) * rows.tile + sample;
                        let fired: Vec<usize> = (first..rows.steps.min(first + 4))
                            .map(of_step)
                            .filter(|r| x[r * inputs + i] == F::ONE)
                            .collect();
                        for (j, sum) in dw.iter_mut().enumerate().filter(|_| !fired.is_empty()) {
                            let rows = fired.iter().map(|r| grad[r * PANEL + j]);
                            *sum += rows.reduce(|a, b| a + b).unwrap_or(F::ZERO);
                        }
                    }
                }
            }
        }
    }
}

fn agree<F: Element>(rows: StepRows, inputs: usize, density: f64, seed: u64) {
    let x = spikes::<F>(seed, rows.count(), inputs, density);
    let grad = values::<F>(seed + 1, rows.count() * PANEL);
    let start = values::<F>(seed + 2, inputs * PANEL);
    let mut sums = start.clone();
    expected(&x, inputs, rows, &grad, &mut sums);
    let mut bits = bits_of(&x, rows.count(), inputs);
    if !inputs.is_multiple_of(PANEL) {
        // A bit of the padding, which must be ignored.
        bits.last_mut().into_iter().for_each(|word| *word |= 1 << 63);
    }
    let mut own = StepSpikes::default();
    for level in levels() {
        for (patterns, parallel) in [(true, false), (false, true), (false, false), (true, true)] {
            own.rebuild_as(level, &bits, inputs, rows, patterns, parallel).unwrap();
            let mut dw = start.clone();
            let split = inputs / PANEL / 2 * PANEL;
            let (first, rest) = dw.split_at_mut(split * PANEL);
            step_gradient(level, &grad, &own, 0..split, PANEL, first);
            step_gradient(level, &grad, &own, split..inputs, PANEL, rest);
            let what = format!("patterns {patterns}, {}, {}", level.name(), F::NAME);
            assert_bits(&dw, &sums, &what);
            for width in [10, 17, 40] {
                let mut narrow = start.clone();
                step_gradient(level, &grad, &own, 0..inputs, width, &mut narrow);
                for (row, sums) in narrow.chunks(PANEL).zip(sums.chunks(PANEL)) {
                    assert_bits(&row[..width], &sums[..width], &format!("{width} of {what}"));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn lists_and_patterns_give_the_bits_of_the_definition(
        tiles in 1usize..3, steps in 1usize..70, tile in 1usize..6, inputs in 1usize..150,
        density in 0.0f64..1.0, seed in 0u64..1000,
    ) {
        agree::<f32>(StepRows { tiles, steps, tile }, inputs, density, seed);
        agree::<f64>(StepRows { tiles, steps, tile }, inputs, density, seed);
    }
}

/// More rows than one segment of lists.
#[test]
fn long_sequences_continue_over_segments() {
    agree::<f32>(StepRows { tiles: 3, steps: 53, tile: 16 }, 70, 0.05, 5);
    agree::<f32>(StepRows { tiles: 1, steps: 1300, tile: 1 }, 3, 0.3, 6);
}

/// The representation depends on how often an input fires in the samples in which it fires.
#[test]
fn patterns_are_for_inputs_that_fire_again_and_again() {
    let rows = StepRows { tiles: 1, steps: 24, tile: 16 };
    let (level, inputs) = (SimdLevel::detect(), 256);
    let mut own = StepSpikes::default();
    for (density, patterns) in [(0.02, false), (0.8, true)] {
        let bits = bits_of(&spikes::<f32>(1, rows.count(), inputs, density), rows.count(), inputs);
        own.rebuild(level, &bits, inputs, rows, false).unwrap();
        assert_eq!(own.shares_tables(), patterns);
    }
}
