mod cases;
mod generated;
mod geometry;
mod gradients;

use lapicque_files::tensor::Dtype;

/// The fixtures, whose README says where they come from.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../__test__/fixtures/morphology/");

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{FOLDER}{name}")).expect("the fixture is in the repository")
}

/// The values of a numpy file of f64.
fn npy(path: &str) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    let tensor = lapicque_files::npy::read_from(&bytes[..], bytes.len() as u64, "trace".into()).unwrap();
    assert_eq!(tensor.dtype, Dtype::F64);
    tensor.bytes.chunks_exact(8).map(|x| f64::from_le_bytes(x.try_into().unwrap())).collect()
}
