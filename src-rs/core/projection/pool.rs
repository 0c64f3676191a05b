//! Pools: the largest, the sum or the mean of each window, channel by channel. For spikes the
//! largest is whether any fired.

use super::lanes::Element;
use super::row::{Order, Row};
use super::taps::Taps;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolKind {
    /// The gradient goes to the first of equal ones, as in torch.
    Max,
    Sum,
    /// Of all elements of the window, padding included.
    Mean,
}

#[derive(Debug, Clone)]
pub struct Pool {
    pub kind: PoolKind,
    pub channels: usize,
    /// Elements of a window.
    pub window: usize,
    /// Rows and columns, from what enters to what leaves.
    pub taps: [Taps; 2],
    /// Of what leaves.
    pub size: [usize; 2],
}

impl Pool {
    fn pixels_in(&self) -> usize {
        self.taps[0].len() * self.taps[1].len()
    }

    fn pixels_out(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Outputs whose window holds a pixel.
    #[inline(always)]
    fn outputs(&self, pixel: usize) -> impl Iterator<Item = usize> {
        let columns = self.taps[1].len();
        self.taps[0].of(pixel / columns).iter().flat_map(move |&(_, oy)| {
            self.taps[1]
                .of(pixel % columns)
                .iter()
                .map(move |&(_, ox)| oy as usize * self.size[1] + ox as usize)
        })
    }

    /// `out` is `[pixel][channel]`.
    pub fn row<F: Element>(&self, x: Row<F>, from: Order, out: &mut [F]) {
        assert_eq!(out.len(), self.channels * self.pixels_out(), "a row of a pool");
        match (self.kind, x) {
            (PoolKind::Max, Row::Values(values)) => {
                let mut begun = vec![false; self.pixels_out()];
                for pixel in 0..self.pixels_in() {
                    for o in self.outputs(pixel) {
                        let out = &mut out[o * self.channels..][..self.channels];
                        let first = !std::mem::replace(&mut begun[o], true);
                        for (channel, out) in out.iter_mut().enumerate() {
                            let x = values[from.at(channel, pixel)];
                            if first || x > *out {
                                *out = x;
                            }
                        }
                    }
                }
            }
            _ => {
                out.fill(F::ZERO);
                x.nonzero(from, self.pixels_in(), 0..self.channels, |channel, pixel, x| {
                    for o in self.outputs(pixel) {
                        let out = &mut out[o * self.channels + channel];
                        *out = if self.kind == PoolKind::Max { x } else { *out + x };
                    }
                });
                if self.kind == PoolKind::Mean {
                    let count = F::from_f64(self.window as f64);
                    out.iter_mut().for_each(|out| *out = *out / count);
                }
            }
        }
    }

    /// The gradient of what entered, in its own order, from that of what left, `[pixel][channel]`.
    pub fn input_gradient<F: Element>(&self, x: Row<F>, from: Order, gradient: &[F], dx: &mut [F]) {
        dx.fill(F::ZERO);
        if self.kind == PoolKind::Max {
            for (i, (&winner, &g)) in self.winners(x, from).iter().zip(gradient).enumerate() {
                dx[from.at(i % self.channels, winner as usize)] += g;
            }
            return;
        }
        let count = F::from_f64(if self.kind == PoolKind::Mean { self.window as f64 } else { 1.0 });
        for pixel in 0..self.pixels_in() {
            for o in self.outputs(pixel) {
                for channel in 0..self.channels {
                    dx[from.at(channel, pixel)] += gradient[o * self.channels + channel] / count;
                }
            }
        }
    }

    /// The pixel of each output, `[pixel][channel]`, that is the first of the largest.
    fn winners<F: Element>(&self, x: Row<F>, from: Order) -> Vec<u32> {
        const NONE: u32 = u32::MAX;
        let mut winners = vec![NONE; self.channels * self.pixels_out()];
        match x {
            Row::Values(values) => {
                for pixel in 0..self.pixels_in() {
                    for o in self.outputs(pixel) {
                        for channel in 0..self.channels {
                            let winner = &mut winners[o * self.channels + channel];
                            let value = |pixel: u32| values[from.at(channel, pixel as usize)];
                            if *winner == NONE || value(pixel as u32) > value(*winner) {
                                *winner = pixel as u32;
                            }
                        }
                    }
                }
            }
            Row::Events(_) => {
                x.nonzero(from, self.pixels_in(), 0..self.channels, |channel, pixel, _| {
                    for o in self.outputs(pixel) {
                        let winner = &mut winners[o * self.channels + channel];
                        *winner = (*winner).min(pixel as u32);
                    }
                });
                // Of a silent window the first element.
                for pixel in (0..self.pixels_in()).rev() {
                    for o in self.outputs(pixel) {
                        let silent = winners[o * self.channels..][..self.channels].iter_mut();
                        silent
                            .filter(|w| **w == NONE || **w & SILENT != 0)
                            .for_each(|w| *w = pixel as u32 | SILENT);
                    }
                }
                winners.iter_mut().for_each(|w| *w &= !SILENT);
            }
        }
        winners
    }
}

/// Marks a winner that did not fire.
const SILENT: u32 = 1 << 31;
