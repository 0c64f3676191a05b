//! Regions (sets of nodes) and locations (places on branches), as plain data.

use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};

use super::branches::Morphology;
use super::compartments::Compartments;

/// A place on a branch, from 0 at its start to 1 at its end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    pub branch: usize,
    pub x: f64,
}

impl Location {
    /// # Errors
    /// `invalid-parameter` for a branch that does not exist, or a position outside of 0 to 1.
    pub fn check(&self, morphology: &Morphology, name: &str) -> Result<()> {
        let branches = morphology.branches.len();
        if self.branch >= branches {
            let expected = format!("the index of a branch, below {branches}");
            return Err(Error::invalid(format!("{name}.branch"), self.branch, expected));
        }
        if !(0.0..=1.0).contains(&self.x) {
            return Err(Error::invalid(format!("{name}.x"), self.x, "a number from 0 to 1"));
        }
        Ok(())
    }
}

/// A set of compartments. Every variant says which it contains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Region {
    All,
    /// Branches of a tag: soma, axon, dend, apic, or its number.
    Tag(Tag),
    Branches(Vec<usize>),
    /// A branch and all that is attached to it or its descendants.
    Subtree(usize),
    /// Path length of the center from the middle of the first branch, in µm: from the first number on, below the second.
    Distance([f64; 2]),
    /// Number of branches between the first and the compartment's: from the first number to the second, both included.
    Order([usize; 2]),
    Union(Vec<Region>),
    Intersection(Vec<Region>),
    Not(Box<Region>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Tag {
    Name(String),
    Number(i32),
}

const TAGS: [(&str, i32); 4] = [("soma", 1), ("axon", 2), ("dend", 3), ("apic", 4)];

/// Maximum nesting depth of a region.
const MAX_DEPTH: usize = 64;

impl Region {
    /// By node: whether the region contains it. Ends of branches are in no region.
    ///
    /// # Errors
    /// `unknown-name` for a tag, `invalid-parameter` for a branch that does not exist.
    pub fn nodes(&self, morphology: &Morphology, compartments: &Compartments) -> Result<Vec<bool>> {
        let orders = orders(morphology);
        let mut found = self.contains(morphology, compartments, &orders, 0)?;
        found.iter_mut().enumerate().for_each(|(i, is)| *is &= compartments.is_compartment(i));
        Ok(found)
    }

    fn contains(
        &self,
        morphology: &Morphology,
        compartments: &Compartments,
        orders: &[usize],
        depth: usize,
    ) -> Result<Vec<bool>> {
        if depth > MAX_DEPTH {
            return Err(Error::invalid(
                "region",
                "deeply nested regions",
                format!("a depth of at most {MAX_DEPTH}"),
            ));
        }
        let by_branch =
            |is: &dyn Fn(usize) -> bool| compartments.branch.iter().map(|&branch| is(branch)).collect();
        let known = |branch: usize| Location { branch, x: 0.0 }.check(morphology, "region");
        let part = |region: &Region| region.contains(morphology, compartments, orders, depth + 1);
        Ok(match self {
            Region::All => vec![true; compartments.len()],
            Region::Tag(tag) => {
                let tag = tag.number()?;
                by_branch(&|branch| morphology.branches[branch].tag == tag)
            }
            Region::Branches(branches) => {
                branches.iter().try_for_each(|&branch| known(branch))?;
                by_branch(&|branch| branches.contains(&branch))
            }
            Region::Subtree(top) => {
                known(*top)?;
                let mut below = vec![false; morphology.branches.len()];
                for (i, branch) in morphology.branches.iter().enumerate() {
                    below[i] = i == *top || branch.parent.is_some_and(|(parent, _)| below[parent]);
                }
                by_branch(&|branch| below[branch])
            }
            Region::Distance([from, to]) => {
                compartments.distance.iter().map(|distance| (from..to).contains(&distance)).collect()
            }
            Region::Order([from, to]) => by_branch(&|branch| (*from..=*to).contains(&orders[branch])),
            Region::Not(region) => part(region)?.into_iter().map(|is| !is).collect(),
            Region::Union(regions) | Region::Intersection(regions) => {
                let all = matches!(self, Region::Intersection(_));
                let mut joined = vec![all; compartments.len()];
                for region in regions {
                    let one = part(region)?;
                    joined.iter_mut().zip(one).for_each(|(to, is)| if all { *to &= is } else { *to |= is });
                }
                joined
            }
        })
    }
}

impl Tag {
    fn number(&self) -> Result<i32> {
        match self {
            Tag::Number(tag) => Ok(*tag),
            Tag::Name(name) => match TAGS.iter().find(|(known, _)| known == name) {
                Some(&(_, tag)) => Ok(tag),
                None => Err(Error::unknown("tag", name, TAGS.map(|(known, _)| known))),
            },
        }
    }
}

/// By branch: the number of branches between it and the first.
fn orders(morphology: &Morphology) -> Vec<usize> {
    let mut orders: Vec<usize> = Vec::with_capacity(morphology.branches.len());
    for branch in &morphology.branches {
        orders.push(branch.parent.map_or(0, |(parent, _)| orders[parent] + 1));
    }
    orders
}
