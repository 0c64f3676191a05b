use super::super::*;
use super::{bits_of, levels, mix, spikes};
use crate::spikes::transposed::transpose_64;
use lapicque_base::SimdLevel;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn lists_hold_what_the_bits_say(
        rows in prop_oneof![4 => 0usize..200, 1 => 505usize..580], neurons in 1usize..200, density in 0.0f64..1.0, seed in 0u64..1000,
    ) {
        let user = spikes::<f32>(seed, rows, neurons, density);
        let bits = bits_of(&user, rows, neurons);
        let ones = user.iter().filter(|x| **x == 1.0).count();

        for level in levels() {
            prop_assert_eq!(count_events(level, &bits), ones);
            let mut lists = EventLists::default();
            lists.rebuild_rows(level, &bits, neurons, rows).unwrap();
            prop_assert_eq!((lists.len(), lists.bound(), lists.count()), (rows, neurons, ones));
            for r in 0..rows {
                let at = |i: &u32| user[r * neurons + *i as usize] == 1.0;
                let fired: Vec<u32> = (0..neurons as u32).filter(at).collect();
                prop_assert_eq!(lists.list(r), &fired[..]);
            }

            let mut transposed = TransposedLists::default();
            transposed.rebuild(level, &bits, neurons, rows).unwrap();
            prop_assert_eq!((transposed.neurons(), transposed.rows(), transposed.count()), (neurons, rows, ones));
            for i in 0..neurons {
                let at = |r: &u32| user[*r as usize * neurons + i] == 1.0;
                let fired: Vec<u32> = (0..rows as u32).filter(at).collect();
                let listed: Vec<u32> = transposed.segments().iter().flat_map(|s| s.list(i)).copied().collect();
                prop_assert_eq!(listed, fired);
            }
        }
    }
}

/// The lists do not depend on threads or on earlier contents of the buffer.
#[test]
fn rebuilding_in_parallel_gives_the_same_lists() {
    let level = SimdLevel::detect();
    let (rows, neurons) = (SEGMENT + 130, 150);
    let bits = bits_of(&spikes::<f32>(7, rows, neurons, 0.3), rows, neurons);
    let mut once = EventLists::default();
    once.rebuild_rows(level, &bits, neurons, rows).unwrap();
    let mut again = EventLists::default();
    again.rebuild_rows(level, &[u64::MAX; 300], 64, 300).unwrap();
    again.par_rebuild_rows(level, &bits, neurons, rows).unwrap();
    for r in 0..rows {
        assert_eq!(once.list(r), again.list(r));
    }
    let (mut serial, mut parallel) = (TransposedLists::default(), TransposedLists::default());
    serial.rebuild(level, &bits, neurons, rows).unwrap();
    parallel.par_rebuild(level, &bits, neurons, rows).unwrap();
    assert_eq!(serial.segments().len(), 2);
    for (a, b) in serial.segments().iter().zip(parallel.segments()) {
        for i in 0..neurons {
            assert_eq!(a.list(i), b.list(i));
        }
    }
}

#[test]
fn bits_of_the_padding_are_ignored() {
    let level = SimdLevel::detect();
    let mut lists = EventLists::default();
    lists.rebuild_rows(level, &[0, u64::MAX], 3, 2).unwrap();
    assert_eq!((lists.list(0), lists.list(1)), (&[][..], &[0, 1, 2][..]));
    let mut transposed = TransposedLists::default();
    transposed.rebuild(level, &[0, u64::MAX], 3, 2).unwrap();
    assert_eq!(transposed.count(), 3);
}

#[test]
fn transposition_exchanges_rows_and_columns() {
    let words: [u64; 64] = std::array::from_fn(|i| mix(11, i as u64));
    let mut transposed = words;
    transpose_64(&mut transposed);
    for (i, word) in words.iter().enumerate() {
        for (j, column) in transposed.iter().enumerate() {
            assert_eq!(word >> j & 1, column >> i & 1);
        }
    }
}
