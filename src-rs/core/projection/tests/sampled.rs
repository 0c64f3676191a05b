use super::super::*;
use super::{assert_bits, levels, values};

/// The given number of partial sums, to which outputs are added in rotation, ascending; then halves are added.
fn product<F: Element>(x: impl Fn(usize) -> F, w: impl Fn(usize) -> F, outputs: usize, sums: usize) -> F {
    let mut partial = vec![F::ZERO; sums];
    (0..outputs).for_each(|o| partial[o % sums] = x(o).mul_add(w(o), partial[o % sums]));
    while partial.len() > 1 {
        let half = partial.len() / 2;
        let halves = partial.split_at(half);
        partial = halves.0.iter().zip(halves.1).map(|(&a, &b)| a + b).collect();
    }
    partial[0]
}

fn check<F: Element>(rows: usize, inputs: usize, outputs: usize, density: f64) {
    let padded = panels(outputs) * PANEL;
    let mut grad: Vec<F> = values(1, panels(outputs) * rows * PANEL);
    let mut weights: Vec<F> = values(2, panels(outputs) * inputs * PANEL);
    for o in outputs..padded {
        (0..rows).for_each(|r| grad[(o / PANEL * rows + r) * PANEL + o % PANEL] = F::ZERO);
        (0..inputs).for_each(|i| weights[(o / PANEL * inputs + i) * PANEL + o % PANEL] = F::ZERO);
    }
    let start: Vec<F> = values(3, panels(inputs) * rows * PANEL);
    let mut words = vec![0; panels(inputs) * rows];
    for (i, _) in
        super::spikes::<f32>(4, words.len(), PANEL, density).iter().enumerate().filter(|(_, x)| **x == 1.0)
    {
        words[i / PANEL] |= 1 << (i % PANEL);
    }
    for accumulate in [false, true] {
        let mut expected = if accumulate { start.clone() } else { vec![F::ZERO; start.len()] };
        let mut count = 0;
        for (at, to) in expected.iter_mut().enumerate() {
            let (panel, r, i) = (at / PANEL / rows, at / PANEL % rows, at % PANEL);
            if words[at / PANEL] >> i & 1 == 1 && panel * PANEL + i < inputs {
                let x = |o: usize| grad[(o / PANEL * rows + r) * PANEL + o % PANEL];
                let w = |o: usize| weights[(o / PANEL * inputs + panel * PANEL + i) * PANEL + o % PANEL];
                *to += product(x, w, padded, 16);
                count += 1;
            }
        }
        // All panels together, and one by one.
        for (level, together) in levels().into_iter().flat_map(|level| [(level, true), (level, false)]) {
            let (mut dx, mut sums) = (start.clone(), Aligned::default());
            let of = |k: usize| &grad[k * rows * PANEL..(k + 1) * rows * PANEL];
            let own = SampledWeights { weights: &weights, inputs, outputs };
            let mut own_panels: Vec<SampledPanel<F>> = if rows == 0 {
                vec![SampledPanel { panel: 0, requested: &[], dx: &mut [] }]
            } else {
                let dx = words.chunks(rows).zip(dx.chunks_mut(rows * PANEL)).enumerate();
                dx.map(|(panel, (requested, dx))| SampledPanel { panel, requested, dx }).collect()
            };
            let size = if together { own_panels.len() } else { 1 };
            let parts = own_panels.chunks_mut(size);
            let found: usize =
                parts.map(|part| sampled_input_gradient(level, part, own, of, &mut sums, accumulate)).sum();
            assert_eq!(found, count);
            assert_bits(&dx, &expected, &format!("{rows} {inputs} {outputs} {}", level.name()));
        }
    }
}

#[test]
fn wanted_elements_are_the_sums_of_the_definition() {
    for (rows, inputs, outputs) in
        [(1, 1, 1), (7, 70, 130), (48, 128, 64), (0, 5, 5), (3, 64, 200), (9, 150, 260)]
    {
        for density in [0.0, 0.05, 1.0] {
            check::<f32>(rows, inputs, outputs, density);
            check::<f64>(rows, inputs, outputs, density);
        }
    }
}
