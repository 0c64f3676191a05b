//! Decoders of groups of words give the same results as decoders of single words, at every SIMD level and wherever a batch
//! ends.

use crate::support::{Random, assert_same, read_all, reader};
use lapicque_base::settings::set_simd;
use lapicque_base::simd::SimdLevel;
use lapicque_events::{Batch, Options};

/// A batch of this size has no space for a group.
const WITHOUT_GROUPS: usize = 7;

fn read(bytes: &[u8], batch_size: usize) -> (Batch, Vec<String>) {
    let options = Options { batch_size, allow_truncated: true, ..Options::default() };
    let mut reader = reader(bytes.to_vec(), options).unwrap();
    let (batch, _) = read_all(&mut reader).unwrap();
    let mut warnings: Vec<_> =
        reader.warnings().iter().map(|warning| format!("{:?}", warning.kind)).collect();
    warnings.sort();
    (batch, warnings)
}

/// Words of EVT2 in the proportions of cameras; `strange` per thousand are others: triggers, decreasing times, wrap-arounds,
/// unknown kinds.
fn evt2(random: &mut Random, count: usize, strange: u64) -> Vec<u8> {
    let mut bytes = b"% evt 2.0\n% geometry 2048x2048\n% end\n".to_vec();
    let mut high = 0x0fff_f000_u64;
    for _ in 0..count {
        let word = if random.below(1000) < strange {
            match random.below(4) {
                0 => 10 << 28 | random.below(1 << 28),
                1 => random.below(1 << 32),
                2 => {
                    high = random.below(1 << 28);
                    8 << 28 | high
                }
                _ => 8 << 28 | high.saturating_sub(random.below(3)),
            }
        } else if random.below(8) == 0 {
            high = (high + random.below(3)) & 0x0fff_ffff;
            8 << 28 | high
        } else {
            random.below(1 << 29)
        };
        bytes.extend((word as u32).to_le_bytes());
    }
    bytes
}

fn evt3(random: &mut Random, count: usize, strange: u64) -> Vec<u8> {
    let mut bytes = b"% evt 3.0\n% geometry 2048x2048\n% end\n".to_vec();
    let mut high = 0xff0;
    for i in 0..count {
        let word = if i % 3000 == 9 {
            high = (high + 1) & 0xfff;
            8 << 12 | high
        } else if random.below(1000) < strange {
            match random.below(2) {
                0 => random.below(1 << 16),
                _ => [3, 4, 4, 5][random.below(4) as usize] << 12 | random.below(1 << 12),
            }
        } else {
            [0, 2, 2, 6][random.below(4) as usize] << 12 | random.below(1 << 12)
        };
        bytes.extend((word as u16).to_le_bytes());
    }
    bytes
}

fn dat(random: &mut Random, count: usize, strange: u64) -> Vec<u8> {
    let mut bytes = b"% Data file\n% Version 2\n% Width 2048\n% Height 2048\n".to_vec();
    bytes.extend([0x0c, 8]);
    let mut t = 0xffff_0000_u64;
    for _ in 0..count {
        t += random.below(20);
        if random.below(1000) < strange {
            t = random.below(1 << 32);
        }
        bytes.extend((t as u32).to_le_bytes());
        bytes.extend((random.below(1 << 32) as u32).to_le_bytes());
    }
    bytes
}

#[test]
fn groups_of_words_give_the_events_of_single_words() {
    type MakeFile = fn(&mut Random, usize, u64) -> Vec<u8>;
    let made: [MakeFile; 3] = [evt2, evt3, dat];
    let levels = SimdLevel::ALL.into_iter().filter(|level| level.is_supported());
    let levels: Vec<_> = levels.collect();
    for (kind, make) in made.into_iter().enumerate() {
        let mut random = Random(91 + kind as u64);
        for strange in [0, 0, 3, 30, 300] {
            let mut bytes = make(&mut random, 6000, strange);
            // The last word is incomplete.
            bytes.push(1);
            let (expected, warnings) = read(&bytes, WITHOUT_GROUPS);
            assert!(expected.len > 1000, "{kind} {strange}: {}", expected.len);
            for &level in &levels {
                set_simd(level);
                for batch_size in [16, 17, 31, 100, 1000, 65_536] {
                    let (got, warned) = read(&bytes, batch_size);
                    assert_same(&got, &expected);
                    assert_eq!(got.triggers.t, expected.triggers.t, "{kind} {level:?} {batch_size}");
                    assert_eq!(warned, warnings, "{kind} {level:?} {batch_size}");
                }
            }
        }
    }
    set_simd(SimdLevel::detect());
}

/// Longer than one read, with times before and after each mark.
#[test]
fn groups_go_on_behind_pieces_of_the_file_and_marks() {
    for make in [evt2, evt3, dat] {
        let bytes = make(&mut Random(3), 900_000, 0);
        let (expected, _) = read(&bytes, WITHOUT_GROUPS);
        let (got, _) = read(&bytes, 65_536);
        assert_same(&got, &expected);
        let mut reader = reader(bytes, Options { batch_size: 5000, ..Options::default() }).unwrap();
        read_all(&mut reader).unwrap();
        let mut piece = Batch::default();
        for part in [5, 1, 7, 3] {
            let wanted = expected.t[part * expected.len / 8];
            reader.seek(wanted).unwrap();
            reader.next(&mut piece).unwrap();
            let at = expected.t[..expected.len].iter().position(|&t| t >= wanted).unwrap();
            assert_eq!(piece.t[..piece.len], expected.t[at..at + piece.len]);
            assert_eq!(piece.y[..piece.len], expected.y[at..at + piece.len]);
        }
    }
}
