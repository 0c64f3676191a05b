//! Trade-offs between several objectives, all minimized: fronts, crowding distances, hypervolume.

use std::cmp::Ordering;

/// Whether `a` is never worse than `b` and better in at least one objective.
pub fn dominates(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b) && a.iter().zip(b).any(|(a, b)| a < b)
}

/// The front of each point; points of front 0 are dominated by none (K. Deb et al., IEEE Trans. Evol. Comput. 6, 2002).
pub fn ranks(points: &[&[f64]]) -> Vec<usize> {
    // In lexicographic order no point is dominated by a later one, so each point is compared only with earlier ones.
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&i, &j| compare(points[i], points[j]).then(i.cmp(&j)));
    let mut ranks = vec![0; points.len()];
    let mut fronts: Vec<Vec<usize>> = Vec::new();
    for &i in &order {
        let is_in = |front: &Vec<usize>| !front.iter().rev().any(|&j| dominates(points[j], points[i]));
        // A point that is dominated by a member of a front is also dominated in all earlier fronts, which allows bisection (X.
        // Zhang et al., 2015).
        let rank = fronts.partition_point(|front| !is_in(front));
        if rank == fronts.len() {
            fronts.push(Vec::new());
        }
        fronts[rank].push(i);
        ranks[i] = rank;
    }
    ranks
}

fn compare(a: &[f64], b: &[f64]) -> Ordering {
    let unequal = a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
    unequal.unwrap_or(Ordering::Equal)
}

/// Crowding distance of the members of one front; infinite at its ends.
pub fn crowding(front: &[&[f64]]) -> Vec<f64> {
    let mut distance = vec![0.0; front.len()];
    let objectives = front.first().map_or(0, |point| point.len());
    for objective in 0..objectives {
        let value = |i: usize| front[i][objective];
        let mut order: Vec<usize> = (0..front.len()).collect();
        order.sort_by(|&i, &j| value(i).total_cmp(&value(j)).then(i.cmp(&j)));
        let (Some(&first), Some(&last)) = (order.first(), order.last()) else { continue };
        let width = value(last) - value(first);
        distance[first] = f64::INFINITY;
        distance[last] = f64::INFINITY;
        if !(width > 0.0 && width.is_finite()) {
            continue;
        }
        for window in order.windows(3) {
            distance[window[1]] += (value(window[2]) - value(window[0])) / width;
        }
    }
    distance
}

/// Indices, the best first: sorted by front, then by crowding distance, then by index.
pub fn sorted(points: &[&[f64]]) -> Vec<usize> {
    let ranks = ranks(points);
    let mut distance = vec![0.0; points.len()];
    for rank in 0..ranks.iter().max().map_or(0, |most| most + 1) {
        let members: Vec<usize> = (0..points.len()).filter(|&i| ranks[i] == rank).collect();
        let front: Vec<&[f64]> = members.iter().map(|&i| points[i]).collect();
        members.iter().zip(crowding(&front)).for_each(|(&i, crowded)| distance[i] = crowded);
    }
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&i, &j| ranks[i].cmp(&ranks[j]).then(distance[j].total_cmp(&distance[i])).then(i.cmp(&j)));
    order
}

/// The volume dominated by the points up to a reference point (WFG: L. While, L. Bradstreet, L. Barone, IEEE Trans. Evol.
/// Comput. 16, 2012). Points that are not below the reference in every objective add nothing.
pub fn hypervolume(points: &[&[f64]], reference: &[f64]) -> f64 {
    let inside = |point: &&&[f64]| point.iter().zip(reference).all(|(x, r)| x < r);
    let mut points: Vec<Vec<f64>> = points.iter().filter(inside).map(|point| point.to_vec()).collect();
    only_front(&mut points);
    volume(points, reference)
}

fn only_front(points: &mut Vec<Vec<f64>>) {
    points.sort_by(|a, b| compare(a, b));
    points.dedup();
    let mut front: Vec<Vec<f64>> = Vec::new();
    for point in points.drain(..) {
        if !front.iter().any(|other| dominates(other, &point)) {
            front.push(point);
        }
    }
    *points = front;
}

/// The volume for the points of one front in lexicographic order.
fn volume(points: Vec<Vec<f64>>, reference: &[f64]) -> f64 {
    if reference.len() == 2 {
        let mut above = reference[1];
        return points.iter().fold(0.0, |sum, point| {
            let height = above - point[1];
            above = point[1];
            sum + (reference[0] - point[0]) * height
        });
    }
    let box_of = |point: &[f64]| point.iter().zip(reference).map(|(x, r)| r - x).product::<f64>();
    let mut sum = 0.0;
    for (i, point) in points.iter().enumerate() {
        // The volume that the point adds to that of the later points: its box minus their overlap with it.
        let mut rest: Vec<Vec<f64>> = points[i + 1..]
            .iter()
            .map(|other| other.iter().zip(point).map(|(a, b)| a.max(*b)).collect())
            .collect();
        only_front(&mut rest);
        sum += box_of(point) - if rest.is_empty() { 0.0 } else { volume(rest, reference) };
    }
    sum
}
