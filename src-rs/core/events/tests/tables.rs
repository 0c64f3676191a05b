//! Tables of events: the column of polarity, and times beyond what a double holds.

use crate::support::{read_all, read_options, reader};
use lapicque_base::Error;

fn read(text: &str, json: &str) -> Result<(Vec<f64>, Vec<u8>), Error> {
    let mut opened = reader(text.as_bytes().to_vec(), read_options("csv", json))?;
    let (batch, _) = read_all(&mut opened)?;
    Ok((batch.t, batch.polarity))
}

#[test]
fn a_table_without_polarity_is_refused_unless_its_columns_are_given() {
    let error = read("t,x,y\n1,2,3\n", "{}").unwrap_err().to_string();
    assert!(error.starts_with("columns: expected a column of polarity"), "{error}");
    assert!(error.contains("[t, x, y]"), "{error}");
    // Without names, the fourth column is missing.
    assert!(read("1,2,3\n4,5,6\n", "{}").is_err());
    let given = read("t,x,y\n1,2,3\n4,5,6\n", r#"{"columns": ["t", "x", "y"]}"#).unwrap();
    assert_eq!(given, (vec![1.0, 4.0], vec![1, 1]));
    assert_eq!(read("t,x,y,on\n1,2,3,0\n4,5,6,1\n", "{}").unwrap().1, [0, 1]);
}

#[test]
fn times_are_exact_or_refused() {
    let time = |text: &str, unit: &str| {
        read(&format!("t,x,y,p\n{text},1,1,1\n"), &format!(r#"{{"timeUnit": "{unit}"}}"#)).map(|(t, _)| t[0])
    };
    assert_eq!(time("9007199254740992", "us").unwrap(), 9_007_199_254_740_992.0);
    assert_eq!(time("-9007199254740992", "us").unwrap(), -9_007_199_254_740_992.0);
    // A double would round it to the time before.
    for text in ["9007199254740993", "-9007199254740993", "9223372036854775808", "99999999999999999999999"] {
        let error = time(text, "us").unwrap_err().to_string();
        assert!(error.contains("up to 2^53") && error.contains(text), "{error}");
    }
    // Nanoseconds since 1970 are beyond 2^53, their microseconds are not: rounded once, to the nearest.
    assert_eq!(time("1764633600123456499", "ns").unwrap(), 1_764_633_600_123_456.0);
    assert_eq!(time("1764633600123456500", "ns").unwrap(), 1_764_633_600_123_457.0);
    assert_eq!(time("-1764633600123456501", "ns").unwrap(), -1_764_633_600_123_457.0);
    assert_eq!(time("9007199254740", "ms").unwrap(), 9_007_199_254_740_000.0);
    assert!(time("9007199254741", "ms").is_err());
    assert_eq!(time("0.5", "ms").unwrap(), 500.0);
}
