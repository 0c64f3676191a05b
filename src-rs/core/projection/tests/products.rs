use super::super::*;
use super::{assert_bits, bits_of, levels, spikes, values};
use lapicque_base::SimdLevel;
use proptest::prelude::*;

/// `start + Σ a·b` by one fused multiply-add per term, `k` ascending.
#[allow(clippy::too_many_arguments)]
fn naive_gemm<F: Element>(
    m: usize,
    k: usize,
    a: &[F],
    rs: usize,
    cs: usize,
    b: &[F],
    c: &mut [F],
    keep: bool,
) {
    for i in 0..m {
        for j in 0..PANEL {
            let mut acc = if keep { c[i * PANEL + j] } else { F::ZERO };
            for kk in 0..k {
                acc = a[i * rs + kk * cs].mul_add(b[kk * PANEL + j], acc);
            }
            c[i * PANEL + j] = acc;
        }
    }
}

fn check_gemm<F: Element>(m: usize, k: usize, transposed: bool, accumulate: bool, seed: u64) {
    let strides = if transposed { (1, m + 3) } else { (k + 2, 1) };
    check_gemm_strided::<F>(m, k, strides, accumulate, seed);
}

fn check_gemm_strided<F: Element>(m: usize, k: usize, (rs, cs): (usize, usize), accumulate: bool, seed: u64) {
    let a = values::<F>(seed, m * rs + k * cs);
    let b = values::<F>(seed + 1, k * PANEL);
    let start = values::<F>(seed + 2, m * PANEL);
    let mut expected = start.clone();
    naive_gemm(m, k, &a, rs, cs, &b, &mut expected, accumulate);
    for level in levels() {
        let mut c = start.clone();
        gemm_panel(level, m, k, &a, rs, cs, &b, &mut c, accumulate);
        assert_bits(&c, &expected, &format!("gemm {m}x{k} {} {}", level.name(), F::NAME));
        for width in [1, 2, 5, 16, 17, 32, 33, 48, 49] {
            let mut c = start.clone();
            gemm_columns(level, width, m, k, &a, rs, cs, &b, &mut c, accumulate);
            for (row, expected) in c.chunks(PANEL).zip(expected.chunks(PANEL)) {
                let what = format!("{width} columns of gemm {m}x{k} {} {}", level.name(), F::NAME);
                assert_bits(&row[..width], &expected[..width], &what);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_dense_product_is_one_chain_per_element(
        m in 0usize..140, k in 0usize..300, transposed: bool, accumulate: bool, seed in 0u64..1000,
    ) {
        check_gemm::<f32>(m, k, transposed, accumulate, seed);
        check_gemm::<f64>(m, k, transposed, accumulate, seed);
    }

    #[test]
    fn events_give_the_bits_of_the_dense_product(
        rows in 1usize..150, inputs in 1usize..200, density in 0.0f64..1.0, seed in 0u64..1000,
    ) {
        events_equal_dense::<f32>(rows, inputs, density, seed);
        events_equal_dense::<f64>(rows, inputs, density, seed);
    }

    #[test]
    fn weight_gradients_from_events_equal_the_dense_ones(
        rows in 1usize..150, inputs in 1usize..150, density in 0.0f64..1.0, accumulate: bool, seed in 0u64..1000,
    ) {
        weight_gradients_agree::<f32>(rows, inputs, density, accumulate, seed);
        weight_gradients_agree::<f64>(rows, inputs, density, accumulate, seed);
    }
}

fn events_equal_dense<F: Element>(rows: usize, inputs: usize, density: f64, seed: u64) {
    let x = spikes::<F>(seed, rows, inputs, density);
    let weights = values::<F>(seed + 1, inputs * PANEL);
    let bias = values::<F>(seed + 2, PANEL);
    let mut expected = vec![F::ZERO; rows * PANEL];
    naive_gemm(rows, inputs, &x, inputs, 1, &weights, &mut expected, false);
    for row in expected.chunks_mut(PANEL) {
        for (sum, bias) in row.iter_mut().zip(&bias) {
            *sum += *bias;
        }
    }
    let mut lists = EventLists::default();
    lists.rebuild_rows(SimdLevel::detect(), &bits_of(&x, rows, inputs), inputs, rows).unwrap();
    for level in levels() {
        let mut out = vec![F::ONE; rows * PANEL];
        let split = rows / 3;
        let (first, rest) = out.split_at_mut(split * PANEL);
        gather_rows(level, &weights, &lists, 0..split, 1, &bias, PANEL, first);
        gather_rows(level, &weights, &lists, split..rows, 5, &bias, PANEL, rest);
        assert_bits(&out, &expected, &format!("gather {}", level.name()));
        for width in [1, 16, 17, 32, 40] {
            let mut narrow = vec![F::ONE; rows * PANEL];
            gather_rows(level, &weights, &lists, 0..rows, 16, &bias, width, &mut narrow);
            for (row, expected) in narrow.chunks(PANEL).zip(expected.chunks(PANEL)) {
                assert_bits(
                    &row[..width],
                    &expected[..width],
                    &format!("{width} of gather {}", level.name()),
                );
            }
        }
        for r in 0..rows.min(3) {
            let mut one = vec![F::ONE; PANEL];
            gather_one(level, &weights, PANEL, lists.list(r), &bias, &mut one);
            assert_bits(&one, &expected[r * PANEL..][..PANEL], &format!("gather_one {}", level.name()));
        }
    }
}

fn weight_gradients_agree<F: Element>(rows: usize, inputs: usize, density: f64, accumulate: bool, seed: u64) {
    let x = spikes::<F>(seed, rows, inputs, density);
    let grad = values::<F>(seed + 1, rows * PANEL);
    let start = values::<F>(seed + 2, inputs * PANEL);
    let mut expected = start.clone();
    naive_gemm(inputs, rows, &x, 1, inputs, &grad, &mut expected, accumulate);
    let mut lists = TransposedLists::default();
    lists.rebuild(SimdLevel::detect(), &bits_of(&x, rows, inputs), inputs, rows).unwrap();
    for level in levels() {
        let mut dw = start.clone();
        let split = inputs / 2;
        let (first, rest) = dw.split_at_mut(split * PANEL);
        weight_gradient_gather(level, &grad, &lists, 0..split, PANEL, first, accumulate);
        weight_gradient_gather(level, &grad, &lists, split..inputs, PANEL, rest, accumulate);
        assert_bits(&dw, &expected, &format!("weight gradient {}", level.name()));
        let mut narrow = start.clone();
        weight_gradient_gather(level, &grad, &lists, 0..inputs, 10, &mut narrow, accumulate);
        for (row, expected) in narrow.chunks(PANEL).zip(expected.chunks(PANEL)) {
            assert_bits(&row[..10], &expected[..10], &format!("10 of weight gradient {}", level.name()));
        }
    }
}

/// More rows than one segment: the sums continue from segment to segment.
#[test]
fn long_sequences_keep_the_order_over_segments() {
    weight_gradients_agree::<f32>(2 * SEGMENT + 77, 70, 0.1, false, 5);
    weight_gradients_agree::<f64>(SEGMENT, 5, 0.3, true, 6);
}

#[test]
fn a_row_over_all_panels_equals_each_panel() {
    let (inputs, outputs) = (100, 700);
    let n_pad = panels(outputs) * PANEL;
    let dense = values::<f32>(1, outputs * inputs);
    let mut packed = vec![0.0; n_pad * inputs];
    pack_weights(&dense, outputs, inputs, &mut packed);
    let mut rowmajor = vec![0.0; n_pad * inputs];
    to_rowmajor_inputs(&packed, outputs, inputs, &mut rowmajor);
    let bias = values::<f32>(2, n_pad);
    let x = spikes::<f32>(3, 1, inputs, 0.2);
    let mut lists = EventLists::default();
    lists.rebuild_rows(SimdLevel::detect(), &bits_of(&x, 1, inputs), inputs, 1).unwrap();
    for level in levels() {
        let mut expected = vec![0.0; n_pad];
        for (p, panel) in packed.chunks(inputs * PANEL).enumerate() {
            let elements = p * PANEL..(p + 1) * PANEL;
            gather_rows(
                level,
                panel,
                &lists,
                0..1,
                1,
                &bias[elements.clone()],
                PANEL,
                &mut expected[elements],
            );
        }
        let mut out = vec![0.0; n_pad];
        gather_one(level, &rowmajor, n_pad, lists.list(0), &bias, &mut out);
        assert_bits(&out, &expected, level.name());
    }
}

/// Few rows, whose sums stay in registers, and more than one block of rows.
#[test]
fn the_input_gradient_sums_outputs_in_ascending_order() {
    for rows in [19, 400] {
        check_input_gradient::<f32>(rows);
        check_input_gradient::<f64>(rows);
    }
}

fn check_input_gradient<F: Element>(rows: usize) {
    let (inputs, outputs) = (70, 150);
    let weights = values::<F>(1, outputs * inputs);
    let grad = values::<F>(2, rows * outputs);
    let mut packed = vec![F::ZERO; panels(outputs) * PANEL * inputs];
    pack_weights(&weights, outputs, inputs, &mut packed);
    let mut grads = vec![F::ZERO; panels(outputs) * rows * PANEL];
    for (r, row) in grad.chunks(outputs).enumerate() {
        row.iter().enumerate().for_each(|(o, &x)| grads[(o / PANEL * rows + r) * PANEL + o % PANEL] = x);
    }
    let panel = |p: usize| &grads[p * rows * PANEL..(p + 1) * rows * PANEL];
    for level in levels() {
        for p in 0..panels(inputs) {
            let mut transposed = vec![F::ZERO; outputs * PANEL];
            transpose_weights(level, &packed, outputs, inputs, p, &mut transposed);
            let mut dx = vec![F::ZERO; rows * PANEL];
            input_gradient_panel(level, PANEL, rows, outputs, panel, &transposed, &mut dx, false);
            for width in [1, 16, 20, 40, 64] {
                let mut narrow = vec![F::from_f64(f64::NAN); rows * PANEL];
                input_gradient_panel(level, width, rows, outputs, panel, &transposed, &mut narrow, false);
                for (narrow, whole) in narrow.chunks(PANEL).zip(dx.chunks(PANEL)) {
                    assert_bits(&narrow[..width], &whole[..width], &format!("{width} at {}", level.name()));
                    assert!(narrow[width.next_multiple_of(16).max(32)..].iter().all(|&x| x == F::ZERO));
                }
            }
            for r in 0..rows {
                for j in 0..PANEL {
                    let i = p * PANEL + j;
                    let mut expected = F::ZERO;
                    for o in 0..outputs {
                        let w = if i < inputs { weights[o * inputs + i] } else { F::ZERO };
                        expected = grad[r * outputs + o].mul_add(w, expected);
                    }
                    assert_bits(&dx[r * PANEL + j..][..1], &[expected], &format!("row {r}, input {i}"));
                }
            }
        }
    }
}

/// Shapes with more than one block in each direction, and columns a power of two apart, which are copied.
#[test]
fn blocks_of_the_dense_product_keep_its_order() {
    for (m, k, strides) in
        [(400, 140, (140, 1)), (2100, 3, (1, 2100)), (101, 130, (1, 256)), (7, 65, (1, 512))]
    {
        check_gemm_strided::<f32>(m, k, strides, false, 1);
        check_gemm_strided::<f64>(m, k, strides, true, 2);
    }
}

#[test]
#[should_panic(expected = "b holds")]
fn a_short_slice_is_refused() {
    gemm_panel(SimdLevel::detect(), 2, 3, &[0.0f32; 6], 3, 1, &[0.0; 128], &mut [0.0; 128], false);
}

/// Nonzero values, found by their lists, give the bits of the dense product, in the forward pass and as a weight
/// gradient.
#[test]
fn sparse_values_give_the_bits_of_the_dense_product() {
    let (rows, inputs) = (45, 90);
    let mask = spikes::<f32>(3, rows, inputs, 0.2);
    let x: Vec<f32> = values::<f32>(4, rows * inputs).iter().zip(&mask).map(|(v, m)| v * m).collect();
    let bits = bits_of(&mask, rows, inputs);
    let (weights, grad) = (values::<f32>(5, inputs * PANEL), values::<f32>(6, rows * PANEL));
    let mut forward = vec![0.0; rows * PANEL];
    naive_gemm(rows, inputs, &x, inputs, 1, &weights, &mut forward, false);
    let start = values::<f32>(7, inputs * PANEL);
    let mut backward = start.clone();
    naive_gemm(inputs, rows, &x, 1, inputs, &grad, &mut backward, true);
    for level in levels() {
        let mut lists = EventLists::default();
        lists.rebuild_rows(level, &bits, inputs, rows).unwrap();
        let by_row =
            Sparse { lists: &lists, values: &x, list_stride: inputs, event_stride: 1, events: inputs };
        for width in [10, 30, PANEL] {
            let mut out = vec![1.0; rows * PANEL];
            gather_values(level, by_row, &weights, 0..rows, width, &mut out, false);
            for (got, expected) in out.chunks(PANEL).zip(forward.chunks(PANEL)) {
                assert_bits(&got[..width], &expected[..width], &format!("{width} columns, {}", level.name()));
            }
        }
        let mut transposed = TransposedLists::default();
        transposed.rebuild(level, &bits, inputs, rows).unwrap();
        let lists = &transposed.segments()[0];
        let by_input = Sparse { lists, values: &x, list_stride: 1, event_stride: inputs, events: rows };
        let mut dw = start.clone();
        gather_values(level, by_input, &grad, 0..inputs, PANEL, &mut dw, true);
        assert_bits(&dw, &backward, &format!("weight gradient, {}", level.name()));
    }
}
