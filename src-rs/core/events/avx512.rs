//! EVT2, EVT3 and DAT with 512-bit registers: sixteen words or records at once.
//!
//! EVT2 and EVT3 change a state between events: the time, and in EVT3 the row. Each lane needs the last change at or before it
//! ([`fill`]), and the lanes that are events are compressed into the columns. Groups with any other words are left to the
//! scalar decoders, which are the reference.

use crate::batch::Batch;
use std::arch::x86_64::*;

/// Words per group.
pub const GROUP: usize = 16;

/// Element `i`: the bits 1 to i + 1.
const UP_TO: [i32; GROUP] = {
    let mut masks = [0; GROUP];
    let mut i = 0;
    while i < GROUP {
        masks[i] = ((2 << i) - 1) << 1;
        i += 1;
    }
    masks
};

/// In each lane the value of the last lane of `changes` at or before it, or `before` if there is none.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn fill(changes: __mmask16, values: __m512i, before: __m512i) -> __m512i {
    // SAFETY: the array has 16 elements.
    let up_to = unsafe { _mm512_loadu_si512(UP_TO.as_ptr().cast()) };
    let bits = _mm512_and_si512(_mm512_set1_epi32(i32::from(changes) << 1), up_to);
    // The exponent of an f32 is the index of its highest bit, biased by 127. The bits are shifted up by one, so that the lower
    // four bits of the exponent, the only ones that the permutation uses, are the index of the lane.
    let last = _mm512_srli_epi32::<23>(_mm512_castps_si512(_mm512_cvtepi32_ps(bits)));
    let some = _mm512_test_epi32_mask(bits, bits);
    _mm512_mask_permutexvar_epi32(before, some, last, values)
}

/// The columns that receive decoded groups.
struct Columns<'a> {
    batch: &'a mut Batch,
}

impl Columns<'_> {
    /// Stores a whole group, of which the first `count` lanes are events.
    ///
    /// # Safety
    /// The batch must have space for a group.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn store(&mut self, t: [__m512d; 2], x: __m512i, y: __m512i, polarity: __m512i, count: u32) {
        let Batch { t: times, x: columns, y: rows, polarity: polarities, len, .. } = &mut *self.batch;
        debug_assert!(times.len() - *len >= GROUP);
        // SAFETY: all columns are as long as `t`, which the caller has checked.
        unsafe {
            let into = times.as_mut_ptr().add(*len);
            _mm512_storeu_pd(into, t[0]);
            _mm512_storeu_pd(into.add(8), t[1]);
            _mm256_storeu_si256(columns.as_mut_ptr().add(*len).cast(), _mm512_cvtepi32_epi16(x));
            _mm256_storeu_si256(rows.as_mut_ptr().add(*len).cast(), _mm512_cvtepi32_epi16(y));
            _mm_storeu_si128(polarities.as_mut_ptr().add(*len).cast(), _mm512_cvtepi32_epi8(polarity));
        }
        *len += count as usize;
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn halves(lanes: __m512i) -> [__m512d; 2] {
    [
        _mm512_cvtepi32_pd(_mm512_castsi512_si256(lanes)),
        _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64::<1>(lanes)),
    ]
}

/// Decodes groups of events and time words whose times do not decrease. Returns the number of words and the upper bits of the
/// time after them. A time is `epoch + 64 * high + low`; all terms are below 2^52.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub fn evt2(words: &[[u8; 4]], high: u32, epoch: f64, batch: &mut Batch) -> (usize, u32) {
    let mut columns = Columns { batch };
    let mut high = _mm512_set1_epi32(high as i32);
    let mut at = 0;
    let groups = words.as_chunks::<GROUP>().0;
    while at < groups.len() && columns.batch.remaining() >= GROUP {
        // SAFETY: a group has 64 bytes.
        let words = unsafe { _mm512_loadu_si512(groups[at].as_ptr().cast()) };
        let kinds = _mm512_srli_epi32::<28>(words);
        let events = _mm512_cmplt_epu32_mask(kinds, _mm512_set1_epi32(2));
        let highs = _mm512_cmpeq_epi32_mask(kinds, _mm512_set1_epi32(8));
        let filled = fill(highs, _mm512_and_si512(words, _mm512_set1_epi32(0x0fff_ffff)), high);
        let before = _mm512_alignr_epi32::<15>(filled, high);
        let falls = _mm512_cmplt_epu32_mask(filled, before);
        if events | highs != 0xffff || falls != 0 {
            break;
        }
        high = _mm512_permutexvar_epi32(_mm512_set1_epi32(15), filled);
        let (words, filled) =
            (_mm512_maskz_compress_epi32(events, words), _mm512_maskz_compress_epi32(events, filled));
        let low = _mm512_and_si512(_mm512_srli_epi32::<22>(words), _mm512_set1_epi32(0x3f));
        let (highs, lows) = (halves(filled), halves(low));
        let scale = _mm512_set1_pd(64.0);
        let time = |i: usize| _mm512_fmadd_pd(highs[i], scale, _mm512_add_pd(lows[i], _mm512_set1_pd(epoch)));
        let field = _mm512_set1_epi32(0x7ff);
        let x = _mm512_and_si512(_mm512_srli_epi32::<11>(words), field);
        let y = _mm512_and_si512(words, field);
        // SAFETY: there is space for a group.
        unsafe {
            columns.store([time(0), time(1)], x, y, _mm512_srli_epi32::<28>(words), events.count_ones())
        };
        at += 1;
    }
    (GROUP * at, _mm512_cvtsi512_si32(high) as u32)
}

/// The decoder's state between words of EVT3.
#[derive(Clone, Copy)]
pub struct Evt3State {
    /// Lower 12 bits of the time.
    pub low: u16,
    pub y: u16,
}

/// Decodes groups of rows, lower times and single events. Returns the number of words. A time is `base + low`, both below
/// 2^52.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub fn evt3(words: &[[u8; 2]], state: &mut Evt3State, base: f64, batch: &mut Batch) -> usize {
    let mut columns = Columns { batch };
    let mut low = _mm512_set1_epi32(i32::from(state.low));
    let mut y = _mm512_set1_epi32(i32::from(state.y));
    let mut at = 0;
    let groups = words.as_chunks::<GROUP>().0;
    let (last, base) = (_mm512_set1_epi32(15), _mm512_set1_pd(base));
    while at < groups.len() && columns.batch.remaining() >= GROUP {
        // SAFETY: a group has 32 bytes.
        let words = unsafe { _mm512_cvtepu16_epi32(_mm256_loadu_si256(groups[at].as_ptr().cast())) };
        let kinds = _mm512_srli_epi32::<12>(words);
        let rows = _mm512_testn_epi32_mask(kinds, kinds);
        let events = _mm512_cmpeq_epi32_mask(kinds, _mm512_set1_epi32(2));
        let lows = _mm512_cmpeq_epi32_mask(kinds, _mm512_set1_epi32(6));
        if rows | events | lows != 0xffff {
            break;
        }
        let filled_y = fill(rows, words, y);
        let filled_low = fill(lows, words, low);
        y = _mm512_permutexvar_epi32(last, filled_y);
        low = _mm512_permutexvar_epi32(last, filled_low);
        let field = _mm512_set1_epi32(0x7ff);
        // The row is in the bits above those of the event.
        let events_in_rows = _mm512_or_si512(words, _mm512_slli_epi32::<16>(filled_y));
        let pixels = _mm512_maskz_compress_epi32(events, events_in_rows);
        let low = _mm512_maskz_compress_epi32(events, filled_low);
        let times = halves(_mm512_and_si512(low, _mm512_set1_epi32(0xfff)));
        let times = [_mm512_add_pd(base, times[0]), _mm512_add_pd(base, times[1])];
        let polarity = _mm512_and_si512(_mm512_srli_epi32::<11>(pixels), _mm512_set1_epi32(1));
        let row = _mm512_and_si512(_mm512_srli_epi32::<16>(pixels), field);
        // SAFETY: there is space for a group.
        unsafe { columns.store(times, _mm512_and_si512(pixels, field), row, polarity, events.count_ones()) };
        at += 1;
    }
    state.y = _mm512_cvtsi512_si32(y) as u16 & 0x7ff;
    state.low = _mm512_cvtsi512_si32(low) as u16 & 0xfff;
    GROUP * at
}

/// Indices of the lower and upper halves of sixteen records in two registers.
const LOWER: [i32; GROUP] = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30];
const UPPER: [i32; GROUP] = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31];

/// Decodes groups of records of version 2 whose times do not decrease. Returns the number of records and the last time as a
/// 32-bit number of the file. A time is `base + t`.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub fn dat(records: &[[u8; 8]], last: u32, base: f64, batch: &mut Batch) -> (usize, u32) {
    let mut columns = Columns { batch };
    let mut last = _mm512_set1_epi32(last as i32);
    // SAFETY: the arrays have 16 elements.
    let (lower, upper) =
        unsafe { (_mm512_loadu_si512(LOWER.as_ptr().cast()), _mm512_loadu_si512(UPPER.as_ptr().cast())) };
    let base = _mm512_set1_pd(base);
    let mut at = 0;
    let groups = records.as_chunks::<GROUP>().0;
    while at < groups.len() && columns.batch.remaining() >= GROUP {
        let start = groups[at].as_ptr();
        // SAFETY: a group has 128 bytes.
        let (a, b) = unsafe { (_mm512_loadu_si512(start.cast()), _mm512_loadu_si512(start.add(8).cast())) };
        let times = _mm512_permutex2var_epi32(a, lower, b);
        let before = _mm512_alignr_epi32::<15>(times, last);
        if _mm512_cmplt_epu32_mask(times, before) != 0 {
            break;
        }
        last = times;
        let words = _mm512_permutex2var_epi32(a, upper, b);
        let field = _mm512_set1_epi32(0x3fff);
        let x = _mm512_and_si512(words, field);
        let y = _mm512_and_si512(_mm512_srli_epi32::<14>(words), field);
        let polarity = _mm512_and_si512(_mm512_srli_epi32::<28>(words), _mm512_set1_epi32(1));
        let t = [
            _mm512_add_pd(base, _mm512_cvtepu32_pd(_mm512_castsi512_si256(times))),
            _mm512_add_pd(base, _mm512_cvtepu32_pd(_mm512_extracti64x4_epi64::<1>(times))),
        ];
        // SAFETY: there is space for a group.
        unsafe { columns.store(t, x, y, polarity, GROUP as u32) };
        at += 1;
    }
    let last = _mm512_permutexvar_epi32(_mm512_set1_epi32(15), last);
    (GROUP * at, _mm512_cvtsi512_si32(last) as u32)
}
