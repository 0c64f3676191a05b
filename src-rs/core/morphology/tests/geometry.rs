//! Compared with the tables that four other readers made of the same files, and with formulas.

use lapicque_base::error::Error;

use super::fixture;
use crate::geometry::branches::Note;
use crate::geometry::compartments::Electrical;
use crate::geometry::{Branch, Compartments, Division, Location, Morphology, Region, Soma};

const PASSIVE: Electrical = Electrical { resistivity: 100.0, capacitance: 1.0 };

fn swc(name: &str, soma: Soma) -> Morphology {
    Morphology::from_swc(&fixture(&format!("swc/{name}.swc")), soma).unwrap()
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-6 * want.abs(), "{got}, not {want}");
}

/// Sections, length and area as NEURON's Import3d has them, and as frusta (Arbor's `load_swc_arbor`).
#[test]
fn lengths_and_areas_are_those_of_the_conventions() {
    let table = [
        ("interrupted_soma", 3, (8.0, 50.265_482_457_436_69), (8.0, 50.265_482_457_436_69)),
        ("non_somatic_branchpoint", 4, (11.0, 69.115_038_378_975_44), (11.0, 69.115_038_378_975_44)),
        (
            "single_point_soma",
            10,
            (1_433.983_390_307_166, 5_875.423_848_627_11),
            (1_435.626_684_848_407_6, 5_744.346_569_222_854),
        ),
        ("soma_both_ends", 3, (5.8, 36.442_474_781_641_6), (5.8, 36.442_474_781_641_6)),
        ("three_point_soma", 220, (9_959.625_0, 19_722.151_3), (10_044.060_5, 21_238.206_1)),
        ("variable_radii", 3, (263.137_1, 530.687_4), (263.137_1, 530.687_4)),
    ];
    for (name, sections, cylinder, frusta) in table {
        let as_neuron = swc(name, Soma::Cylinder);
        assert_eq!(as_neuron.branches.len(), sections, "{name}");
        near(as_neuron.length(), cylinder.0);
        near(as_neuron.area(), cylinder.1);
        let as_arbor = swc(name, Soma::Frusta);
        near(as_arbor.length(), frusta.0);
        near(as_arbor.area(), frusta.1);
    }
}

#[test]
fn notes_say_how_a_file_was_read() {
    let single = swc("single_point_soma", Soma::Cylinder);
    assert_eq!(single.notes[0], Note::SomaCylinder { points: 1 });
    let omitted = single.notes.iter().find_map(|note| match note {
        Note::OmittedStretches { count, length } => Some((*count, *length)),
        _ => None,
    });
    let from = [2.221_111_059, -7.344_444_275, 0.0_f64];
    let to = [6.900_000_095, -20.75, 2.880_000_114];
    let length = (0..3).map(|k| (from[k] - to[k]).powi(2)).sum::<f64>().sqrt();
    assert_eq!(omitted.map(|(count, _)| count), Some(1));
    near(omitted.unwrap().1, length);
    assert!(swc("non_somatic_branchpoint", Soma::Cylinder).notes.contains(&Note::NoSoma));
    let doubled = b"1 1 0 0 0 5 -1\n2 3 6 0 0 1 1\n3 3 6 0 0 1 2\n4 3 9 0 0 1 3\n";
    let doubled = Morphology::from_swc(doubled, Soma::Cylinder).unwrap();
    assert!(doubled.notes.contains(&Note::DuplicatePoints { ids: vec![3] }));
    let single = Morphology::from_swc(b"1 1 0 0 0 5 -1\n2 3 16 0 0 1 1", Soma::Cylinder).unwrap();
    assert!(single.notes.contains(&Note::SinglePointNeurites { ids: vec![2] }));
    near(single.branches[1].length(), 16.0);
}

/// A parent after its child, ids that are not consecutive, separators and line ends of other programs.
#[test]
fn points_may_come_in_any_order() {
    let plain = b"1 1 0 0 0 5 -1\n2 3 6 0 0 1 1\n3 3 16 0 0 2 2\n4 3 20 0 0 1 3\n5 3 20 9 0 1 3\n";
    let shuffled = b"\xef\xbb\xbf# \xe9\r\n90,3,20,0,0,1.0,70\r\n70 3 16 0 0 2 12\r\n7 1 0 0 0 5 -1\r\n 12\t3\t6 0 0 1e0 7 0 0\r\n\r\n91 3 20 9 0 1 70 # end";
    let read = |bytes| Morphology::from_swc(bytes, Soma::Cylinder).unwrap().branches;
    assert_eq!(read(plain), read(shuffled));
}

#[test]
fn malformed_files_are_refused_with_their_place() {
    let cases: [(&[u8], u64, &str); 12] = [
        (b"", 0, "no points"),
        (b"# nothing", 0, "no points"),
        (b"1 1 0 0 0 1 -1\n2 3 1 0 0 1", 15, "seven numbers"),
        (b"1 1 0 0 zero 1 -1", 0, "not a number"),
        (b"1 1 0 0 0 0 -1", 0, "not above 0"),
        (b"1 1 0 0 0 nan -1", 0, "not a number"),
        (b"1 1 0 0 0 1 -1\n1 3 1 0 0 1 1", 15, "at byte 0, too"),
        (b"1 1 0 0 0 1 -1\n2 3 1 0 0 1 7", 15, "does not exist"),
        (b"1 1 0 0 0 1 -1\n2 3 1 0 0 1 3\n3 3 1 0 0 1 2", 15, "its own ancestor"),
        (b"1 1 0 0 0 1 1", 0, "no point is a root"),
        (b"1 1 0 0 0 1 -1\n2 3 1 0 0 1 -1", 15, "second root"),
        (b"1.5 1 0 0 0 1 -1", 0, "not an integer"),
    ];
    for (bytes, place, says) in cases {
        match Morphology::from_swc(bytes, Soma::Cylinder) {
            Err(Error::MalformedFile { offset, reason, .. }) => {
                assert!(offset == place && reason.contains(says), "{reason} at {offset}");
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Whatever is read has positive finite lengths and areas and parents before children; everything else is refused.
#[test]
fn ten_thousand_mutations_of_files_are_read_or_refused() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let files = ["interrupted_soma", "soma_both_ends", "non_somatic_branchpoint", "variable_radii"];
    let files = files.map(|name| fixture(&format!("swc/{name}.swc")));
    let (mut read, mut refused) = (0, 0);
    for i in 0..10_000 {
        let mut bytes = files[i % files.len()].clone();
        for _ in 0..=random(4) {
            let at = random(bytes.len().max(1)).min(bytes.len() - 1);
            match random(5) {
                0 => bytes[at] = b"0123456789 .-#\n\0\xff"[random(17)],
                1 if bytes.len() > 2 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"0123456789 .-e\n"[random(15)]),
                3 => bytes.truncate(at.max(2)),
                _ => {
                    let line =
                        bytes[at..].iter().take_while(|&&byte| byte != b'\n').copied().collect::<Vec<u8>>();
                    bytes.extend(line);
                }
            }
        }
        for soma in [Soma::Cylinder, Soma::Frusta] {
            match Morphology::from_swc(&bytes, soma) {
                Ok(morphology) => {
                    read += 1;
                    assert!(morphology.area() > 0.0 && morphology.area().is_finite());
                    let before =
                        |(i, branch): (usize, &Branch)| branch.parent.is_none_or(|(parent, _)| parent < i);
                    assert!(morphology.branches.iter().enumerate().all(before));
                    let cut = Compartments::new(&morphology, Division::PerBranch(3), |_| PASSIVE).unwrap();
                    near(cut.area.iter().sum(), morphology.area());
                }
                Err(Error::MalformedFile { .. }) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(read > 1000 && refused > 1000, "{read} read, {refused} refused");
}

/// A million points in one unbranched neurite, and as many forks.
#[test]
fn a_million_points_are_read() {
    let mut text = String::from("1 1 0 0 0 5 -1\n");
    for i in 2..=1_000_000 {
        text.push_str(&format!(
            "{i} 3 {}.5 0 0 1 {}\n",
            i % 1000,
            if i % 2 == 0 { i - 1 } else { i.max(4) - 2 }
        ));
    }
    let morphology = Morphology::from_swc(text.as_bytes(), Soma::Cylinder).unwrap();
    assert!(morphology.branches.len() > 100_000);
    let error = Compartments::new(&morphology, Division::MaxLength(1e-12), |_| PASSIVE).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
}

/// The area and resistances of a cone cut into compartments, by their formulas.
#[test]
fn compartments_of_a_cone_have_its_area_and_resistance() {
    let cone = Branch { tag: 3, parent: None, points: vec![[0.0, 0.0, 0.0, 2.0], [50.0, 0.0, 0.0, 0.5]] };
    let morphology = Morphology::from_branches(vec![cone]).unwrap();
    let cut = Compartments::new(&morphology, Division::MaxLength(5.0), |_| PASSIVE).unwrap();
    assert_eq!(cut.len(), 13);
    near(cut.area.iter().sum(), std::f64::consts::PI * 2.5 * 50.0_f64.hypot(1.5));
    let axial = cut.axial(|_| 100.0);
    near(axial.iter().sum(), 50.0 / (std::f64::consts::PI * 2.0 * 0.5));
    let radius = |x: f64| 2.0 - 1.5 * x;
    let centers = (1..12).map(|k| (f64::from(k) - 0.5) / 11.0);
    for (k, x) in centers.enumerate().skip(1) {
        let before = x - 1.0 / 11.0;
        near(axial[k + 1], (x - before) * 50.0 / (std::f64::consts::PI * radius(x) * radius(before)));
    }
    assert_eq!(cut.node(&morphology, &Location { branch: 0, x: 0.5 }), 6);
    near(cut.distance[12], 25.0);
    near(cut.at[6][0], 25.0);
}

/// Compartments, areas and resistances that NEURON computed from the same points.
#[test]
fn compartments_of_a_file_are_neuron_s() {
    let case: serde_json::Value = serde_json::from_slice(&fixture("cases/swc-single-point.json")).unwrap();
    let nodes = &case["cells"][0]["nodes"];
    let list =
        |name: &str| nodes[name].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>();
    let cut =
        Compartments::new(&swc("single_point_soma", Soma::Cylinder), Division::MaxLength(20.0), |_| PASSIVE)
            .unwrap();
    let (area, resistance, parent) = (list("area"), list("r_parent"), list("parent"));
    assert_eq!(cut.len(), area.len());
    // NEURON's order of branches differs: compare as sorted pairs of area and resistance.
    let sorted = |area: &[f64], resistance: &[f64]| {
        let mut pairs: Vec<(f64, f64)> = area.iter().copied().zip(resistance.iter().copied()).collect();
        // NEURON's points are rounded to f32, so areas of twin compartments differ in the last digits.
        pairs.sort_by(|a, b| (a.0 * 1e4).round().total_cmp(&(b.0 * 1e4).round()).then(a.1.total_cmp(&b.1)));
        pairs
    };
    let got = sorted(&cut.area, &cut.axial(|_| 100.0));
    for (got, want) in got.iter().zip(sorted(&area, &resistance)) {
        assert!((got.0 - want.0).abs() < 1e-6 * want.0.max(1.0), "{got:?} {want:?}");
        assert!((got.1 - want.1).abs() < 1e-6 * want.1.max(1.0), "{got:?} {want:?}");
    }
    let roots = |parents: &[f64]| parents.iter().filter(|&&parent| parent == 1.0).count();
    let ours: Vec<f64> =
        cut.parent.iter().map(|parent| parent.map_or(-1.0, |parent| parent as f64)).collect();
    assert_eq!(roots(&ours), roots(&parent), "neurites at the middle of the soma");
}

/// The rule of NEURON's book: the number of compartments of an unbranched cylinder.
#[test]
fn the_length_constant_decides_the_number() {
    let cylinder =
        Branch { tag: 3, parent: None, points: vec![[0.0, 0.0, 0.0, 0.5], [500.0, 0.0, 0.0, 0.5]] };
    let morphology = Morphology::from_branches(vec![cylinder]).unwrap();
    let constant = 1e5 * (1.0 / (4.0 * std::f64::consts::PI * 100.0 * 100.0)).sqrt();
    let want = ((500.0 / (0.1 * constant) + 0.9) / 2.0) as usize * 2 + 1;
    let cut = Compartments::new(&morphology, Division::LengthConstant(0.1), |_| PASSIVE).unwrap();
    assert_eq!(cut.spans[0].1, want);
}

#[test]
fn regions_are_sets_of_compartments() {
    let morphology = swc("soma_both_ends", Soma::Cylinder);
    let cut = Compartments::new(&morphology, Division::PerBranch(3), |_| PASSIVE).unwrap();
    let nodes = |text: &str| {
        let region: Region = serde_json::from_str(text).unwrap();
        let found = region.nodes(&morphology, &cut).unwrap();
        (0..found.len()).filter(|&i| found[i]).collect::<Vec<usize>>()
    };
    assert_eq!(nodes("\"all\"").len(), 9);
    assert_eq!(nodes(r#"{"tag": "soma"}"#), [1, 2, 3]);
    assert_eq!(nodes(r#"{"tag": 3}"#), [5, 6, 7, 9, 10, 11]);
    assert_eq!(nodes(r#"{"subtree": 1}"#), [5, 6, 7]);
    assert_eq!(nodes(r#"{"order": [1, 1]}"#), [5, 6, 7, 9, 10, 11]);
    assert_eq!(nodes(r#"{"union": [{"branches": [0]}, {"subtree": 2}]}"#), [1, 2, 3, 9, 10, 11]);
    assert_eq!(nodes(r#"{"intersection": [{"not": {"tag": "soma"}}, {"distance": [0, 1]}]}"#), [5, 9]);
    let unknown = Region::Tag(crate::geometry::region::Tag::Name("dendrite".into())).nodes(&morphology, &cut);
    assert!(matches!(unknown, Err(Error::UnknownName { .. })));
    let outside = Region::Branches(vec![7]).nodes(&morphology, &cut);
    assert!(matches!(outside, Err(Error::InvalidParameter { .. })));
}
