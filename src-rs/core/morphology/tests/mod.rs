mod geometry;

/// A file of the fixtures, whose README says where they come from.
fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../__test__/fixtures/morphology/");
    std::fs::read(format!("{folder}{name}")).expect("the fixture is in the repository")
}
