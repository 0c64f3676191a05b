use super::super::*;
use super::{assert_bits, levels, spikes, values};
use proptest::prelude::*;

/// A part that is absent for some seeds.
fn part<F: Element>(seed: u64, len: usize) -> Option<Vec<F>> {
    (!seed.is_multiple_of(4)).then(|| values(seed, len))
}

/// `sum + a b`, element by element; unchanged if there is no `b`.
fn add_product<F: Element>(sum: &mut [F], a: &[F], b: Option<&[F]>) {
    for (sum, (&a, &b)) in sum.iter_mut().zip(a.iter().zip(b.unwrap_or_default())) {
        *sum = a.mul_add(b, *sum);
    }
}

fn steps_back<F: Element>(states: usize, rows: usize, seed: u64) {
    let len = rows * PANEL;
    let parts: Vec<Option<Vec<F>>> =
        (0..(states * (states + 2) + 1) as u64).map(|i| part(seed + i, len)).collect();
    let mut parts = parts.iter().map(|part| part.as_deref());
    let mut step = Linearized::none(states);
    for m in 0..states {
        for k in 0..states {
            step.transition[m][k] = parts.next().flatten();
        }
        step.current[m] = parts.next().flatten();
        step.spike[m] = parts.next().flatten();
    }
    step.spike_current = parts.next().flatten();
    let after = values::<F>(seed + 100, states * len);
    let of_spikes = part::<F>(seed + 101, len);
    let none = vec![F::ZERO; len];
    let through = of_spikes.as_deref().unwrap_or(&none);
    let whole = |part: Option<&'_ [F]>| part.filter(|_| of_spikes.is_some()).map(<[F]>::to_vec);
    let mut expected = vec![F::ZERO; states * len];
    let mut current = vec![F::ZERO; len];
    add_product(&mut current, through, whole(step.spike_current).as_deref());
    for (m, after) in after.chunks(len).enumerate() {
        add_product(&mut current, after, step.current[m]);
    }
    for (k, before) in expected.chunks_mut(len).enumerate() {
        add_product(before, through, whole(step.spike[k]).as_deref());
        after
            .chunks(len)
            .enumerate()
            .for_each(|(m, after)| add_product(before, after, step.transition[m][k]));
    }
    for level in levels() {
        let (mut gradient, stride) = (after.clone(), 3 * PANEL);
        let mut sent = vec![F::ZERO; rows * stride];
        step_back(level, &step, of_spikes.as_deref(), &mut gradient, &mut sent, stride);
        assert_bits(&gradient, &expected, &format!("states, {}, {}", level.name(), F::NAME));
        for (sent, current) in sent.chunks(stride).zip(current.chunks(PANEL)) {
            assert_bits(&sent[..PANEL], current, &format!("current, {}, {}", level.name(), F::NAME));
            assert!(sent[PANEL..].iter().all(|&x| x == F::ZERO));
        }
    }
}

fn filters_back<F: Element>(states: usize, seed: u64) {
    let len = 2 * PANEL;
    let filter = ReadoutFilter { transition: values(seed, states * states), input: values(seed + 1, states) };
    let (read, after) = (values::<F>(seed + 2, len), values::<F>(seed + 3, states * len));
    let mut expected = vec![F::ZERO; states * len];
    let mut input_gradient = vec![F::ZERO; len];
    for element in 0..len {
        let mut own: Vec<F> = (0..states).map(|k| after[k * len + element]).collect();
        own[0] += read[element];
        input_gradient[element] = filter.backward(&mut own);
        own.iter().enumerate().for_each(|(k, &x)| expected[k * len + element] = x);
    }
    for level in levels() {
        let (mut gradient, mut got) = (after.clone(), vec![F::ZERO; len]);
        filter.backward_panels(level, &read, &mut gradient, &mut got);
        assert_bits(&gradient, &expected, &format!("filter, {}, {}", level.name(), F::NAME));
        assert_bits(&got, &input_gradient, &format!("input_gradient, {}, {}", level.name(), F::NAME));
    }
}

fn carried<F: Element>(states: usize, count: usize, inputs: usize, width: usize, seed: u64) {
    let len = inputs * PANEL;
    let (traces, sum) = (values::<F>(seed, count * len), values::<F>(seed + 1, len));
    let transition = values::<F>(seed + 2, count * count * PANEL);
    let signal = values::<F>(seed + 3, count * PANEL);
    for (keeps, learns) in [(true, true), (true, false), (false, true)] {
        let crossing = Crossing {
            states,
            transition: keeps.then_some(&transition[..]),
            signal: learns.then_some(&signal[..]),
        };
        let (mut after, mut total) = (traces.clone(), sum.clone());
        for at in 0..len {
            let element = at % PANEL;
            for k in (0..count).filter(|_| learns) {
                total[at] = traces[k * len + at].mul_add(signal[k * PANEL + element], total[at]);
            }
            for m in (0..count).filter(|_| keeps) {
                let depends_on = 0..if m < states { states } else { count };
                after[m * len + at] = depends_on.fold(F::ZERO, |sum, k| {
                    traces[k * len + at].mul_add(transition[(m * count + k) * PANEL + element], sum)
                });
            }
        }
        for level in levels() {
            let (mut got, mut got_sum) = (traces.clone(), sum.clone());
            carry_traces(level, width, crossing, &mut got, &mut got_sum);
            let what = format!("{width} columns, {}, {}", level.name(), F::NAME);
            let rows = got.chunks(PANEL).zip(after.chunks(PANEL));
            for (got, expected) in rows.chain(got_sum.chunks(PANEL).zip(total.chunks(PANEL))) {
                assert_bits(&got[..width], &expected[..width], &what);
            }
        }
    }
}

fn fired<F: Element>(inputs: usize, steps: usize, width: usize, seed: u64) {
    let fired: Vec<u64> = spikes::<F>(seed, inputs, steps, 0.3)
        .chunks(steps)
        .map(|row| row.iter().rev().fold(0, |word, &x| word << 1 | u64::from(x == F::ONE)))
        .collect();
    let (rows, start) = (values::<F>(seed + 1, steps * PANEL), values::<F>(seed + 2, inputs * PANEL));
    let mut expected = start.clone();
    for (to, word) in expected.chunks_mut(PANEL).zip(&fired) {
        for (_, row) in rows.chunks(PANEL).enumerate().filter(|(t, _)| word >> t & 1 == 1) {
            to.iter_mut().zip(row).for_each(|(to, &x)| *to += x);
        }
    }
    for level in levels() {
        let mut got = start.clone();
        add_fired(level, width, &fired, &rows, &mut got);
        for (got, expected) in got.chunks(PANEL).zip(expected.chunks(PANEL)) {
            assert_bits(&got[..width], &expected[..width], &format!("{}, {}", level.name(), F::NAME));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..Default::default() })]

    #[test]
    fn a_step_back_is_the_product_with_the_derivatives(states in 1..5usize, rows in 1..4usize, seed: u32) {
        steps_back::<f32>(states, rows, seed.into());
        steps_back::<f64>(states, rows, seed.into());
    }

    #[test]
    fn a_filter_of_all_elements_is_that_of_each(states in 1..4usize, seed: u32) {
        filters_back::<f32>(states, seed.into());
        filters_back::<f64>(states, seed.into());
    }

    #[test]
    fn traces_cross_a_block_by_its_transition(
        states in 1..4usize, filter in 0..3usize, inputs in 1..40usize, width in 1..=64usize, seed: u32,
    ) {
        carried::<f32>(states, states + filter, inputs, width, seed.into());
        carried::<f64>(states, states + filter, inputs, width, seed.into());
    }

    #[test]
    fn a_synapse_adds_the_rows_of_the_steps_at_which_its_input_fired(
        inputs in 1..70usize, steps in 1..=64usize, width in 1..=64usize, seed: u32,
    ) {
        fired::<f32>(inputs, steps, width, seed.into());
        fired::<f64>(inputs, steps, width, seed.into());
    }
}
