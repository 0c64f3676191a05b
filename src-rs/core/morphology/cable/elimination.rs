//! Hines elimination of a forest, for several cells at once. The order of operations depends on the tree alone, so that results
//! do not depend on how cells are grouped.

use lapicque_base::at_level::{Work, at_level};
use lapicque_base::simd::SimdLevel;

/// A root.
pub const NONE: u32 = u32::MAX;

/// The couplings of nodes to their parents.
pub struct Tree {
    pub parent: Vec<u32>,
    /// Conductance to the parent in µS, 0 for a root.
    pub axial: Vec<f64>,
}

/// Solves `(diagonal + axial) x = right`, where the diagonal contains the sum of a node's axial conductances. With voltages,
/// the currents that flow between nodes at these voltages are first added to the right side. Afterwards, `diagonal` is the
/// reciprocal of the eliminated one, and `right` is x.
pub fn eliminate(
    level: SimdLevel,
    cells: usize,
    tree: &Tree,
    v: &[f64],
    diagonal: &mut [f64],
    right: &mut [f64],
) {
    match cells {
        1 => at_level(level, Elimination::<1> { tree, v, diagonal, right }),
        8 => at_level(level, Elimination::<8> { tree, v, diagonal, right }),
        _ => unreachable!("cells are grouped by 1 or 8"),
    }
}

struct Elimination<'a, const W: usize> {
    tree: &'a Tree,
    v: &'a [f64],
    diagonal: &'a mut [f64],
    right: &'a mut [f64],
}

impl<const W: usize> Work for Elimination<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Tree { parent, axial } = self.tree;
        let (v, _) = self.v.as_chunks::<W>();
        let (diagonal, _) = self.diagonal.as_chunks_mut::<W>();
        let (right, _) = self.right.as_chunks_mut::<W>();
        let n = parent.len();
        assert!(axial.len() == n && v.len() == n && diagonal.len() == n && right.len() == n);
        for i in (0..n).rev() {
            let (g, p) = (axial[i], parent[i] as usize);
            // Not `from_fn`, which is not inlined into the SIMD level.
            let mut reciprocal = [1.0; W];
            for (reciprocal, pivot) in reciprocal.iter_mut().zip(&diagonal[i]) {
                *reciprocal /= pivot;
            }
            diagonal[i] = reciprocal;
            if parent[i] == NONE {
                continue;
            }
            let (above, own) = right.split_at_mut(i);
            for k in 0..W {
                let flow = g * (v[p][k] - v[i][k]);
                let value = own[0][k] + flow;
                own[0][k] = value;
                let factor = g * reciprocal[k];
                above[p][k] = factor.mul_add(value, above[p][k] - flow);
                diagonal[p][k] = (-factor).mul_add(g, diagonal[p][k]);
            }
        }
        for i in 0..n {
            let (g, p) = (axial[i], parent[i] as usize);
            let (above, own) = right.split_at_mut(i);
            for k in 0..W {
                let from_parent = if parent[i] == NONE { 0.0 } else { above[p][k] };
                own[0][k] = g.mul_add(from_parent, own[0][k]) * diagonal[i][k];
            }
        }
    }
}

/// Solves for another right side, with the reciprocals that [`eliminate`] left. The matrix is symmetric, so this solves its
/// adjoint too.
pub fn substitute(level: SimdLevel, cells: usize, tree: &Tree, reciprocal: &[f64], right: &mut [f64]) {
    match cells {
        1 => at_level(level, Substitution::<1> { tree, reciprocal, right }),
        8 => at_level(level, Substitution::<8> { tree, reciprocal, right }),
        _ => unreachable!("cells are grouped by 1 or 8"),
    }
}

struct Substitution<'a, const W: usize> {
    tree: &'a Tree,
    reciprocal: &'a [f64],
    right: &'a mut [f64],
}

impl<const W: usize> Work for Substitution<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Tree { parent, axial } = self.tree;
        let (reciprocal, _) = self.reciprocal.as_chunks::<W>();
        let (right, _) = self.right.as_chunks_mut::<W>();
        let n = parent.len();
        assert!(axial.len() == n && reciprocal.len() == n && right.len() == n);
        for i in (0..n).rev().filter(|&i| parent[i] != NONE) {
            let (above, own) = right.split_at_mut(i);
            let above = &mut above[parent[i] as usize];
            for k in 0..W {
                above[k] = (axial[i] * reciprocal[i][k]).mul_add(own[0][k], above[k]);
            }
        }
        for i in 0..n {
            let (above, own) = right.split_at_mut(i);
            for k in 0..W {
                let from_parent = if parent[i] == NONE { 0.0 } else { above[parent[i] as usize][k] };
                own[0][k] = axial[i].mul_add(from_parent, own[0][k]) * reciprocal[i][k];
            }
        }
    }
}

/// Adds membrane currents to the system: `right -= area i`, `diagonal += area g`, at the nodes of a mechanism.
pub fn add_currents(
    level: SimdLevel,
    cells: usize,
    nodes: (&[u32], &[f64]),
    currents: (&[f64], &[f64]),
    diagonal: &mut [f64],
    right: &mut [f64],
) {
    match cells {
        1 => at_level(level, Addition::<1> { nodes, currents, diagonal, right }),
        8 => at_level(level, Addition::<8> { nodes, currents, diagonal, right }),
        _ => unreachable!("cells are grouped by 1 or 8"),
    }
}

struct Addition<'a, const W: usize> {
    /// Indices, and by node of the model the factor from a density to a current.
    nodes: (&'a [u32], &'a [f64]),
    currents: (&'a [f64], &'a [f64]),
    diagonal: &'a mut [f64],
    right: &'a mut [f64],
}

impl<const W: usize> Work for Addition<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (current, _) = self.currents.0.as_chunks::<W>();
        let (slope, _) = self.currents.1.as_chunks::<W>();
        let (diagonal, _) = self.diagonal.as_chunks_mut::<W>();
        let (right, _) = self.right.as_chunks_mut::<W>();
        for ((&node, current), slope) in self.nodes.0.iter().zip(current).zip(slope) {
            let node = node as usize;
            let area = self.nodes.1[node];
            let (diagonal, right) = (&mut diagonal[node], &mut right[node]);
            for k in 0..W {
                right[k] = (-area).mul_add(current[k], right[k]);
                diagonal[k] = area.mul_add(slope[k], diagonal[k]);
            }
        }
    }
}
