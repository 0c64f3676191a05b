use crate::{OneOrMany, OptionSet, Range, Reader, choices, options};
use lapicque_base::error::{Error, Result};
use serde_json::{Value, json};

choices! {
    pub enum Side {
        Left = "left",
        Right = "right",
    }
}

options! {
    /// One of each form.
    pub struct Each {
        /// A number.
        number: f64 [Range::Positive],
        /// A whole number,
        /// from 2.
        whole_number: usize [Range::AtLeast(2)] = 3,
        /// A flag.
        flag: bool = false,
        /// One of two.
        side: Side = Side::Right,
        /// Two numbers.
        pair: [f64; 2] [Range::BelowOne] = [0.5, 0.25],
        /// Absent or some.
        list: Option<Vec<f64>> [Range::NotNegative] = None,
        /// One or many.
        targets: Option<OneOrMany> = None,
    }
}

fn read(given: Value) -> Result<Each> {
    let Value::Object(given) = given else { panic!() };
    let mut reader = Reader::new("of", given);
    let read = Each::read(&mut reader)?;
    reader.finish("the thing")?;
    Ok(read)
}

#[test]
fn what_is_absent_has_its_default() {
    let each = read(json!({"number": 1.5})).unwrap();
    assert_eq!((each.number, each.whole_number, each.flag, each.side), (1.5, 3, false, Side::Right));
    assert_eq!((each.pair, each.list, each.targets), ([0.5, 0.25], None, None));
    let given = json!({"number": 2, "wholeNumber": 7, "flag": true, "side": "left", "pair": [0, 0.5],
        "list": [1, 0], "targets": [1, 2]});
    let each = read(given).unwrap();
    assert_eq!((each.number, each.whole_number, each.flag, each.side), (2.0, 7, true, Side::Left));
    assert_eq!((each.pair, each.list), ([0.0, 0.5], Some(vec![1.0, 0.0])));
    assert_eq!(each.targets.unwrap().as_slice(), [1.0, 2.0]);
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    let name = |given: Value| match read(given) {
        Err(Error::InvalidParameter { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(name(json!({})), "of.number");
    for (given, wrong) in [
        (json!({"number": 0}), "of.number"),
        (json!({"number": "1"}), "of.number"),
        (json!({"number": null}), "of.number"),
        (json!({"number": 1, "wholeNumber": 1}), "of.wholeNumber"),
        (json!({"number": 1, "wholeNumber": 2.5}), "of.wholeNumber"),
        (json!({"number": 1, "wholeNumber": -3}), "of.wholeNumber"),
        (json!({"number": 1, "flag": 1}), "of.flag"),
        (json!({"number": 1, "side": "up"}), "of.side"),
        (json!({"number": 1, "pair": [0.1]}), "of.pair"),
        (json!({"number": 1, "pair": [0.1, 1]}), "of.pair[1]"),
        (json!({"number": 1, "list": [0, -1]}), "of.list[1]"),
        (json!({"number": 1, "targets": []}), "of.targets"),
        (json!({"number": 1, "colour": 1}), "of.colour"),
    ] {
        assert_eq!(name(given.clone()), wrong, "{given}");
    }
}

#[test]
fn the_table_says_what_may_be_given() {
    let table = Each::table();
    let whole = table[1].describe();
    assert_eq!(whole["name"], "wholeNumber");
    assert_eq!((&whole["least"], &whole["default"], &whole["needed"]), (&json!(2), &json!(3), &json!(false)));
    assert_eq!(whole["meaning"], "A whole number, from 2.");
    assert_eq!(table[0].describe()["needed"], true);
    assert_eq!(table[3].describe()["values"], json!(["left", "right"]));
    assert_eq!(table[4].describe()["length"], 2);
    assert_eq!(table[5].describe()["default"], Value::Null);
}

#[test]
fn serde_reads_the_same() {
    let each: Each = serde_json::from_value(json!({"number": 1, "flag": true})).unwrap();
    assert!(each.flag && each.number == 1.0);
    assert!(serde_json::from_value::<Each>(json!({"number": -1})).is_err());
    assert!(serde_json::from_value::<Each>(json!({"number": 1, "unknown": 1})).is_err());
}
