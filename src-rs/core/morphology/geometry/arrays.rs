//! A morphology as arrays, the form in which callers hold it.

use lapicque_base::error::{Error, Result};

use super::branches::{Branch, Morphology};

/// One element per branch, but for the points.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arrays {
    pub tags: Vec<i32>,
    /// The branch to which each is attached; below 0 for the first.
    pub parents: Vec<i32>,
    /// The position there: 0, 0.5 or 1.
    pub places: Vec<f64>,
    /// The first point of each branch, and the number of points.
    pub starts: Vec<u32>,
    /// x, y, z and radius of each point, in µm.
    pub points: Vec<f64>,
}

impl From<&Morphology> for Arrays {
    fn from(morphology: &Morphology) -> Arrays {
        let mut arrays = Arrays { starts: vec![0], ..Arrays::default() };
        for branch in &morphology.branches {
            arrays.tags.push(branch.tag);
            arrays.parents.push(branch.parent.map_or(-1, |(parent, _)| parent as i32));
            arrays.places.push(branch.parent.map_or(0.0, |(_, place)| place));
            arrays.points.extend(branch.points.as_flattened());
            arrays.starts.push((arrays.points.len() / 4) as u32);
        }
        arrays
    }
}

impl Arrays {
    /// # Errors
    /// `invalid-parameter` for arrays that do not fit together, and for those of [`Morphology::from_branches`].
    pub fn morphology(&self) -> Result<Morphology> {
        let n = self.tags.len();
        let (points, _) = self.points.as_chunks::<4>();
        let fit = self.parents.len() == n && self.places.len() == n && self.starts.len() == n + 1;
        let ascend = self.starts.windows(2).all(|pair| pair[0] <= pair[1]);
        if !fit || !ascend || self.starts.last().is_none_or(|&last| last as usize > points.len()) {
            return Err(Error::invalid("branches", "arrays of other lengths", "one element per branch"));
        }
        let branch = |i: usize| Branch {
            tag: self.tags[i],
            parent: usize::try_from(self.parents[i]).ok().map(|parent| (parent, self.places[i])),
            points: points[self.starts[i] as usize..self.starts[i + 1] as usize].to_vec(),
        };
        Morphology::from_branches((0..n).map(branch).collect())
    }
}
