//! One program of a mechanism with its kernel.

use lapicque_base::simd::SimdLevel;
use lapicque_expr::graph::{Graph, Sym};
use lapicque_expr::{Arg, ArgSlot, Args, Kernel, OutSlot, Outs, Program, set_args};

pub struct Part {
    kernel: Kernel<f64>,
    program: Program,
}

/// Elements of a program's run: its temporaries stay in the first-level cache.
const BLOCK: usize = 256;

impl Part {
    pub fn new(
        graph: &Graph,
        inputs: &[ArgSlot],
        uniform: &dyn Fn(ArgSlot) -> bool,
        outs: &[(OutSlot, Sym)],
        level: SimdLevel,
    ) -> Self {
        let program = Program::lower(graph, inputs, uniform, outs);
        Part { kernel: Kernel::new(&program, level), program }
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    pub fn args(&self) -> &[ArgSlot] {
        &self.program.args
    }

    pub fn outs(&self) -> &[OutSlot] {
        &self.program.outs
    }

    /// The ports that it reads.
    pub fn ports(&self) -> impl Iterator<Item = usize> {
        self.args().iter().filter_map(|slot| match slot {
            ArgSlot::Port(i) => Some(*i),
            _ => None,
        })
    }

    /// Runs it over `elements` elements; `arg` returns the content of an argument.
    pub fn run<'a>(
        &self,
        elements: usize,
        arg: impl Fn(ArgSlot) -> Arg<'a, f64>,
        outs: &mut [Vec<f64>],
        scratch: &mut Vec<f64>,
    ) {
        // A native function has no temporaries in memory.
        let block = if self.kernel.is_native() { elements } else { BLOCK };
        let mut from = 0;
        while from < elements {
            let n = block.min(elements - from);
            let part = |slot| match arg(slot) {
                Arg::Elements(x) => Arg::Elements(&x[from..][..n]),
                uniform => uniform,
            };
            let mut args: Args<f64> = Args::new();
            set_args(&mut args, self.args(), part);
            let mut outs: Outs<f64> = outs.iter_mut().map(|out| &mut out[from..][..n]).collect();
            self.kernel.run(n, &args, &mut outs, scratch);
            from += n;
        }
    }
}
