//! A morphology: unbranched stretches of one tag, each a chain of frusta.

use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};

use super::swc::{self, Point, SOMA};

/// An unbranched stretch of one tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    pub tag: i32,
    /// The branch to which it is attached, and where: 0 its start, 0.5 its middle, 1 its end.
    pub parent: Option<(usize, f64)>,
    /// x, y, z and radius in µm, at least two points.
    pub points: Vec<[f64; 4]>,
}

/// The convention for a soma of one point, or of three points, the second and third of which have the first as their parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Soma {
    /// NEURON's Import3d: a cylinder along x, whose length and diameter are twice the radius of the first point. Neurites are
    /// attached to its middle and begin at their own first point.
    #[default]
    Cylinder,
    /// Every point is a frustum to its parent: the neurites reach to the center of the soma, and a soma of one point has no
    /// surface of its own. Arbor's `load_swc_arbor`.
    Frusta,
}

/// Observations on a file that is read differently by different programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Note {
    /// A soma of one or three points, read as a cylinder.
    SomaCylinder { points: usize },
    /// Points at the same place as their parents: frusta without length.
    DuplicatePoints { ids: Vec<i64> },
    /// The stretch between a soma and its neurites that was left out, because neurites begin at their own first point.
    OmittedStretches { count: usize, length: f64 },
    /// Neurites of a single point, which therefore begin at the center of the soma.
    SinglePointNeurites { ids: Vec<i64> },
    /// No point is a soma.
    NoSoma,
}

/// Maximum number of ids in a note.
const LISTED: usize = 20;

#[derive(Debug, Clone, PartialEq)]
pub struct Morphology {
    /// Parents before children.
    pub branches: Vec<Branch>,
    pub notes: Vec<Note>,
    /// By branch: the id of its first own point in the SWC file; empty for branches that were built by hand.
    pub first_ids: Vec<i32>,
}

impl Morphology {
    /// Reads an SWC file.
    ///
    /// # Errors
    /// Those of [`swc::read`], and `malformed-file` for a file of one point that is not a soma.
    pub fn from_swc(bytes: &[u8], soma: Soma) -> Result<Morphology> {
        let points = swc::read(bytes)?;
        Reading::of(&points, soma).branches()
    }

    /// Checks branches that were built by hand.
    ///
    /// # Errors
    /// `invalid-parameter`, with the index of the branch.
    pub fn from_branches(branches: Vec<Branch>) -> Result<Morphology> {
        if branches.is_empty() {
            return Err(Error::invalid("branches", "[]", "at least one branch"));
        }
        for (i, branch) in branches.iter().enumerate() {
            let name = |field: &str| format!("branches[{i}].{field}");
            match branch.parent {
                None if i > 0 => {
                    return Err(Error::invalid(
                        name("parent"),
                        "none",
                        "a parent: only the first branch is a root",
                    ));
                }
                Some((parent, _)) if parent >= i => {
                    return Err(Error::invalid(name("parent"), parent, "the index of a branch before it"));
                }
                Some((_, at)) if ![0.0, 0.5, 1.0].contains(&at) => {
                    return Err(Error::invalid(name("at"), at, "0, 0.5 or 1"));
                }
                _ => {}
            }
            if branch.points.len() < 2 {
                return Err(Error::invalid(name("points"), branch.points.len(), "at least two points"));
            }
            for point in &branch.points {
                if point.iter().any(|x| !x.is_finite()) || point[3] <= 0.0 {
                    return Err(Error::invalid(
                        name("points"),
                        format!("{point:?}"),
                        "[x, y, z, radius above 0]",
                    ));
                }
            }
            if branch.length() <= 0.0 {
                return Err(Error::invalid(name("points"), "a length of 0", "a length above 0"));
            }
        }
        Ok(Morphology { branches, notes: vec![], first_ids: vec![] })
    }

    pub fn length(&self) -> f64 {
        self.branches.iter().map(Branch::length).sum()
    }

    pub fn area(&self) -> f64 {
        self.branches.iter().map(Branch::area).sum()
    }
}

impl Branch {
    /// In µm.
    pub fn length(&self) -> f64 {
        self.points.windows(2).map(|pair| distance(&pair[0], &pair[1])).sum()
    }

    /// The lateral surface in µm².
    pub fn area(&self) -> f64 {
        self.points.windows(2).map(|pair| lateral(distance(&pair[0], &pair[1]), pair[0][3], pair[1][3])).sum()
    }
}

pub(super) fn distance(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    (0..3).map(|k| (a[k] - b[k]).powi(2)).sum::<f64>().sqrt()
}

/// The lateral surface of a frustum.
pub(super) fn lateral(length: f64, r0: f64, r1: f64) -> f64 {
    std::f64::consts::PI * (r0 + r1) * libm::hypot(length, r0 - r1)
}

fn malformed(reason: &str) -> Error {
    Error::MalformedFile { format: "SWC".into(), offset: 0, reason: reason.into() }
}

/// A branch to be made: its first point, the branch and place to which it is attached, and the point before the first, if it
/// begins there.
type Pending = (usize, Option<(usize, f64)>, Option<usize>);

/// Points on their way to branches.
struct Reading<'p> {
    points: &'p [Point],
    children: Vec<Vec<usize>>,
    /// The number of points of a soma that becomes a cylinder.
    cylinder: Option<usize>,
}

impl<'p> Reading<'p> {
    fn of(points: &'p [Point], soma: Soma) -> Self {
        let mut children = vec![Vec::new(); points.len()];
        for (i, point) in points.iter().enumerate() {
            if let Some(parent) = point.parent {
                children[parent].push(i);
            }
        }
        let somata: Vec<usize> = (0..points.len()).filter(|&i| points[i].tag == SOMA).collect();
        let around = |i: usize| points[i].parent == Some(0) && children[i].is_empty();
        let cylinder = match somata[..] {
            [0] => Some(1),
            [0, a, b] if around(a) && around(b) => Some(3),
            _ => None,
        };
        Reading { points, children, cylinder: cylinder.filter(|_| soma == Soma::Cylinder) }
    }

    fn branches(&self) -> Result<Morphology> {
        let points = self.points;
        let mut made = Morphology { branches: vec![], notes: self.notes(), first_ids: vec![] };
        let mut todo: Vec<Pending> = Vec::new();
        if let Some(count) = self.cylinder {
            made.branches.push(self.soma());
            made.first_ids.push(points[0].id as i32);
            made.notes.insert(0, Note::SomaCylinder { points: count });
            let neurites = self.children[0].iter().filter(|&&i| points[i].tag != SOMA);
            let (mut omitted, mut single) = ((0, 0.0), vec![]);
            for &first in neurites.clone() {
                let is_single = self.run(first).len() == 1;
                if is_single {
                    single.push(points[first].id);
                } else {
                    omitted = (omitted.0 + 1, omitted.1 + distance(&points[0].at, &points[first].at));
                }
            }
            for &first in neurites.rev() {
                let from = (self.run(first).len() == 1).then_some(0);
                todo.push((first, Some((0, 0.5)), from));
            }
            if omitted.0 > 0 {
                made.notes.push(Note::OmittedStretches { count: omitted.0, length: omitted.1 });
            }
            if !single.is_empty() {
                single.truncate(LISTED);
                made.notes.push(Note::SinglePointNeurites { ids: single });
            }
        } else {
            self.root(&mut made, &mut todo)?;
        }
        while let Some((first, parent, from)) = todo.pop() {
            let run = self.run(first);
            let start = from.map(|from| points[from].at);
            let along = start.into_iter().chain(run.iter().map(|&i| points[i].at)).collect();
            let branch = Branch { tag: points[first].tag, parent, points: along };
            let last = run[run.len() - 1];
            // Points that are all at one place make no branch: what follows is attached where they are.
            let end = match branch.length() > 0.0 {
                true => {
                    made.branches.push(branch);
                    made.first_ids.push(points[first].id as i32);
                    Some((made.branches.len() - 1, 1.0))
                }
                false => parent,
            };
            todo.extend(self.children[last].iter().rev().map(|&child| (child, end, Some(last))));
        }
        Ok(made)
    }

    /// The branches that begin at the first point, which no branch ends at.
    fn root(&self, made: &mut Morphology, todo: &mut Vec<Pending>) -> Result<()> {
        let points = self.points;
        // The child that continues the root's tag, so that a soma begins with its own points.
        let children = &self.children[0];
        let continues = children.iter().position(|&child| points[child].tag == points[0].tag).unwrap_or(0);
        let Some(&first) = children.get(continues) else {
            return Err(malformed("the only point is not a soma that is read as a cylinder"));
        };
        let others = children.iter().filter(|&&child| child != first);
        let run = self.run(first);
        let along = [0].iter().chain(&run).map(|&i| points[i].at).collect();
        // The stretch from the root belongs to the child, whose tag it has.
        let branch = Branch { tag: points[first].tag, parent: None, points: along };
        if branch.length() <= 0.0 {
            return Err(malformed("the points of the first branch are all at one place"));
        }
        made.branches.push(branch);
        made.first_ids.push(points[0].id as i32);
        let last = run[run.len() - 1];
        todo.extend(others.rev().map(|&child| (child, Some((0, 0.0)), Some(0))));
        todo.extend(self.children[last].iter().rev().map(|&child| (child, Some((0, 1.0)), Some(last))));
        Ok(())
    }

    /// The points from `first` to the next fork, end or change of the tag.
    fn run(&self, first: usize) -> Vec<usize> {
        let mut run = vec![first];
        let mut last = first;
        while let [next] = self.children[last][..] {
            if self.points[next].tag != self.points[first].tag {
                break;
            }
            run.push(next);
            last = next;
        }
        run
    }

    fn soma(&self) -> Branch {
        let [x, y, z, r] = self.points[0].at;
        Branch { tag: SOMA, parent: None, points: [-r, 0.0, r].map(|step| [x + step, y, z, r]).to_vec() }
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes = vec![];
        let points = self.points;
        let same = |point: &&Point| {
            point.parent.is_some_and(|parent| points[parent].at[..3] == point.at[..3] && parent > 0)
        };
        let ids: Vec<i64> = points.iter().filter(same).map(|point| point.id).take(LISTED).collect();
        if !ids.is_empty() {
            notes.push(Note::DuplicatePoints { ids });
        }
        if points.iter().all(|point| point.tag != SOMA) {
            notes.push(Note::NoSoma);
        }
        notes
    }
}
