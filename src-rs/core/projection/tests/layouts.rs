use super::super::*;
use super::{assert_bits, bits_of, levels, spikes, values};
use crate::simd::dispatch::{Kernel, dispatch_here};
use crate::simd::registers::Lanes;
use lapicque_base::SimdLevel;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn weights_survive_every_layout(outputs in 1usize..140, inputs in 1usize..140) {
        let weights = values::<f32>(4, outputs * inputs);
        let n_pad = panels(outputs) * PANEL;
        let mut packed = vec![f32::NAN; n_pad * inputs];
        pack_weights(&weights, outputs, inputs, &mut packed);
        let mut back = vec![0.0; outputs * inputs];
        unpack_weights(&packed, outputs, inputs, &mut back);
        prop_assert_eq!(&back, &weights);

        let mut rowmajor = vec![f32::NAN; n_pad * inputs];
        to_rowmajor_inputs(&packed, outputs, inputs, &mut rowmajor);
        for i in 0..inputs {
            for o in 0..n_pad {
                let expected = if o < outputs { weights[o * inputs + i] } else { 0.0 };
                prop_assert_eq!(rowmajor[i * n_pad + o], expected);
                prop_assert_eq!(packed[(o / PANEL * inputs + i) * PANEL + o % PANEL], expected);
            }
        }
        for level in levels() {
            for p in 0..panels(inputs) {
                let mut transposed = vec![f32::NAN; outputs * PANEL];
                transpose_weights(level, &packed, outputs, inputs, p, &mut transposed);
                for o in 0..outputs {
                    for j in 0..PANEL {
                        let i = p * PANEL + j;
                        let expected = if i < inputs { weights[o * inputs + i] } else { 0.0 };
                        prop_assert_eq!(transposed[o * PANEL + j], expected);
                    }
                }
            }
        }
    }

    #[test]
    fn binary_input_is_packed_and_other_input_refused(
        rows in 1usize..12, neurons in 1usize..200, at in 0usize..2400, other in 0usize..4,
    ) {
        binary::<f32>(rows, neurons, at, other);
        binary::<f64>(rows, neurons, at, other);
    }
}

fn binary<F: Element>(rows: usize, neurons: usize, at: usize, other: usize) {
    let mut user = spikes::<F>(8, rows, neurons, 0.4);
    let (panels, by_panel) = (panels(neurons), bits_of(&user, rows, neurons));
    let expected: Vec<u64> = (0..rows * panels).map(|i| by_panel[i % panels * rows + i / panels]).collect();
    let mut words = vec![u64::MAX; expected.len()];
    for level in levels() {
        words.fill(u64::MAX);
        assert!(binarize(level, &user, neurons, &mut words));
        assert_eq!(words, expected);
    }
    user[at % (rows * neurons)] = F::from_f64([f64::NAN, 0.5, -1.0, 1e-40][other]);
    for level in levels() {
        assert!(!binarize(level, &user, neurons, &mut words));
    }
}

#[test]
fn spikes_survive_packing() {
    let mut elements = values::<f32>(9, 5 * PANEL);
    (elements[3], elements[4], elements[5]) = (f32::NAN, 0.0, -0.0);
    for level in levels() {
        let mut words = vec![u64::MAX; 5];
        pack_spikes(level, &elements, &mut words);
        let mut back = vec![f32::NAN; elements.len()];
        unpack_spikes(level, &words, &mut back);
        let expected: Vec<f32> =
            elements.iter().map(|element| if *element > 0.0 { 1.0 } else { 0.0 }).collect();
        assert_bits(&back, &expected, level.name());
    }
}

#[test]
fn the_mask_of_the_last_panel_covers_its_neurons() {
    let masks = [1, 63, 64, 65, 128].map(|neurons| panel_mask(neurons, panels(neurons) - 1));
    assert_eq!(masks, [1, u64::MAX >> 1, u64::MAX, 1, u64::MAX]);
    assert_eq!(panel_mask(65, 0), u64::MAX);
}

#[test]
fn a_transpose_is_its_definition() {
    let sizes =
        [[1, 1], [3, 40], [16, 16], [33, 17], [64, 5], [12, 144], [144, 12], [7, 7], [5, 30], [40, 24]];
    for ([rows, columns], level) in
        sizes.into_iter().flat_map(|size| levels().into_iter().map(move |level| (size, level)))
    {
        turns::<f32>(level, rows, columns);
        turns::<f64>(level, rows, columns);
    }
}

fn turns<F: Element>(level: SimdLevel, rows: usize, columns: usize) {
    let from = values::<F>(1, rows * columns);
    let mut to = vec![F::ZERO; rows * columns];
    transpose(level, &from, [rows, columns], &mut to);
    let expected: Vec<F> = (0..to.len()).map(|i| from[i % rows * columns + i / rows]).collect();
    assert_bits(&to, &expected, &format!("{rows} x {columns} at {}", level.name()));
}

struct Slid<'a, F> {
    values: &'a [F],
    by: usize,
}

impl<F: Element> Kernel<F> for Slid<'_, F> {
    type Output = Option<Vec<F>>;

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) -> Option<Vec<F>> {
        if self.by > V::WIDTH {
            return None;
        }
        let mut out = vec![F::ZERO; V::WIDTH];
        let (first, second) = self.values.split_at(V::WIDTH);
        // SAFETY: each half has at least one register's elements; the caller guarantees the instructions.
        unsafe { V::load(first.as_ptr()).slide(V::load(second.as_ptr()), self.by).store(out.as_mut_ptr()) };
        Some(out)
    }
}

#[test]
fn two_registers_slide_as_one_row() {
    fn check<F: Element>() {
        let values = values::<F>(3, 32);
        for (level, by) in levels().into_iter().flat_map(|level| (0..=16).map(move |by| (level, by))) {
            if let Some(slid) = dispatch_here(level, Slid { values: &values, by }) {
                assert_bits(&slid, &values[by..by + slid.len()], &format!("{} by {by}", level.name()));
            }
        }
    }
    check::<f32>();
    check::<f64>();
}
