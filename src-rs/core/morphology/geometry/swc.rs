//! SWC files: lines of `id type x y z radius parent`, in µm; lines that begin with `#` are comments.

use std::collections::HashMap;

use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::nearest::truncated;

/// Points of a tree, parents before children.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The number of the point in the file, of 31 bits.
    pub id: i64,
    /// 1 soma, 2 axon, 3 basal dendrite, 4 apical dendrite; others as the file's author says.
    pub tag: i32,
    /// x, y, z and radius, in µm.
    pub at: [f64; 4],
    pub parent: Option<usize>,
}

/// The tag of a soma.
pub const SOMA: i32 = 1;

/// Maximum magnitude of a coordinate or radius, in µm: a meter.
const LARGEST: f64 = 1e6;
/// The shortest line of a point and its line break: `1 1 0 0 0 1 -1`.
const SHORTEST_LINE: usize = 14;

/// Reads the points of an SWC file. Ids need not be consecutive, and a parent may follow its children.
///
/// # Errors
/// `malformed-file` with the place of the line: for anything but seven numbers, a radius that is not above 0, an id that occurs
/// twice, a parent that does not exist, a loop, a second root.
pub fn read(bytes: &[u8]) -> Result<Vec<Point>> {
    let rows = rows(bytes)?;
    let Some(first) = rows.first() else { return Err(malformed(0, "it has no points")) };
    let mut row_of = HashMap::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        if let Some(other) = row_of.insert(row.id, i) {
            let offset: usize = rows[other].offset;
            return Err(malformed(row.offset, format!("point {} is at byte {offset}, too", row.id)));
        }
    }
    let mut parents = try_vec("points of a morphology", rows.len(), None)?;
    let mut root: Option<&Row> = None;
    for (row, parent) in rows.iter().zip(&mut parents) {
        if row.parent == -1 {
            if let Some(root) = root {
                let reason = format!(
                    "point {} is a second root besides {}; a morphology is one tree",
                    row.id, root.id
                );
                return Err(malformed(row.offset, reason));
            }
            root = Some(row);
            continue;
        }
        let found = row_of.get(&row.parent);
        let absent =
            || malformed(row.offset, format!("the parent {} of point {} does not exist", row.parent, row.id));
        *parent = Some(*found.ok_or_else(absent)?);
    }
    if root.is_none() {
        return Err(malformed(first.offset, "no point is a root: none has the parent -1"));
    }
    in_order(&rows, &parents)
}

/// Sorts the points so that parents come before children, in depth-first order; children in the order of the file.
fn in_order(rows: &[Row], parents: &[Option<usize>]) -> Result<Vec<Point>> {
    // Children as linked lists, the last child first, so that a stack returns them in the order of the file.
    let mut last_child = try_vec("points of a morphology", rows.len(), usize::MAX)?;
    let mut previous = try_vec("points of a morphology", rows.len(), usize::MAX)?;
    let mut stack = Vec::new();
    for (i, &parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) => previous[i] = std::mem::replace(&mut last_child[parent], i),
            None => stack.push(i),
        }
    }
    let mut number = try_vec("points of a morphology", rows.len(), usize::MAX)?;
    let mut points = Vec::with_capacity(rows.len());
    while let Some(i) = stack.pop() {
        let row = &rows[i];
        number[i] = points.len();
        points.push(Point {
            id: row.id,
            tag: row.tag,
            at: row.at,
            parent: parents[i].map(|parent| number[parent]),
        });
        let mut child = last_child[i];
        while child != usize::MAX {
            stack.push(child);
            child = previous[child];
        }
    }
    // What the root does not reach has parents, but no root among them.
    match number.iter().position(|&number| number == usize::MAX) {
        Some(i) => Err(malformed(rows[i].offset, format!("point {} is its own ancestor", rows[i].id))),
        None => Ok(points),
    }
}

struct Row {
    offset: usize,
    id: i64,
    tag: i32,
    at: [f64; 4],
    parent: i64,
}

fn rows(bytes: &[u8]) -> Result<Vec<Row>> {
    let mut rows = Vec::with_capacity(bytes.len() / SHORTEST_LINE / 2);
    let bom = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut offset = bom;
    for line in bytes[bom..].split(|&byte| byte == b'\n') {
        let at = offset;
        offset += line.len() + 1;
        let Ok(text) = std::str::from_utf8(line) else {
            // Comments name people and institutes, in any encoding.
            match line.trim_ascii_start().first() {
                Some(b'#') => continue,
                _ => return Err(malformed(at, "the line is not text")),
            }
        };
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        if !text.is_empty() && !text.starts_with('#') {
            rows.push(row(text, at)?);
        }
    }
    Ok(rows)
}

fn row(text: &str, offset: usize) -> Result<Row> {
    let fail = |reason: String| malformed(offset, reason);
    let text = text.split('#').next().unwrap_or_default();
    let mut words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    let mut numbers = [0.0; 7];
    for number in &mut numbers {
        let Some(word) = words.next() else {
            return Err(fail(format!(
                "expected seven numbers (id type x y z radius parent) but got \"{}\"",
                truncated(text)
            )));
        };
        let value = word.parse::<f64>().ok().filter(|x| x.is_finite());
        *number = value.ok_or_else(|| fail(format!("\"{}\" is not a number", truncated(word))))?;
    }
    // Further columns are extensions, which other programs ignore, too.
    let [id, tag, x, y, z, radius, parent] = numbers;
    let whole = |what: &str, value: f64| {
        let fits = value.fract() == 0.0 && value.abs() <= f64::from(i32::MAX);
        if fits {
            Ok(value as i64)
        } else {
            Err(fail(format!("{what} {value} is not an integer of 32 bits")))
        }
    };
    let (id, tag, parent) =
        (whole("the id", id)?, whole("the type", tag)? as i32, whole("the parent", parent)?);
    if id < 0 {
        return Err(fail(format!("the id {id} is below 0")));
    }
    if parent < -1 {
        return Err(fail(format!("the parent {parent} of point {id} is below -1")));
    }
    if let Some(far) = [x, y, z, radius].into_iter().find(|x| x.abs() > LARGEST) {
        return Err(fail(format!("{far} of point {id} is more than a meter")));
    }
    if radius <= 0.0 {
        return Err(fail(format!("the radius {radius} of point {id} is not above 0")));
    }
    Ok(Row { offset, id, tag, at: [x, y, z, radius], parent })
}

fn malformed(offset: usize, reason: impl Into<String>) -> Error {
    Error::MalformedFile { format: "SWC".into(), offset: offset as u64, reason: reason.into() }
}
