//! Binding.

use super::*;
use crate::expr::{Arg, ArgSlot, Kernel, OutSlot};
use crate::simd::SimdLevel;
use serde_json::json;

#[test]
fn the_adjoint_of_plain_lif_reads_the_tape_and_not_the_input() {
    let bound = Bound::new(&json!({"model": "lif", "params": {"beta": 0.9}}), 4, 1.0).unwrap();
    assert_eq!(bound.forward.outs, [OutSlot::State(0), OutSlot::Spike]);
    assert_eq!(
        bound.adjoint.args,
        [
            ArgSlot::Coef(0),
            ArgSlot::Coef(1),
            ArgSlot::Coef(2),
            ArgSlot::GradState(0),
            ArgSlot::NewState(0),
            ArgSlot::GradSpike
        ]
    );
    assert_eq!(bound.adjoint.outs, [OutSlot::GradState(0), OutSlot::GradPort(0)]);
    println!("{} {}", bound.forward.key(), bound.adjoint.key());
    println!("{:?} {}", bound.coefs, bound.resolved());
    let kernel = Kernel::<f32>::new(&bound.forward, SimdLevel::detect());
    let mut v = [0.0; 3];
    let mut s = [0.0; 3];
    println!("{:?}", bound.forward.args);
    kernel.run(
        3,
        &[Arg::Lanes(&[0.5, 2.0, 1.0]), Arg::Lanes(&[0.5, 0.0, 0.0]), Arg::Uniform(0.9), Arg::Uniform(1.0)],
        &mut [&mut v, &mut s],
        &mut vec![],
    );
    println!("{v:?} {s:?}");
}
