// 200 cells of 100 compartments with Hodgkin–Huxley channels everywhere, for 50 ms in steps of 0.025 ms: nanoseconds per compartment and
// step, the least of three runs, by one and by two threads; then those of a value with its gradient. docs/benchmarks/morphologies.md has the simulators beside it.
//
//   node benches/morphology.mjs
import * as morphology from 'lapicque/morphology';

const [cells, compartments, duration, dt] = [200, 100, 50, 0.025];
const shape = morphology.fromBranches([
  {
    points: [
      [0, 0, 0, 10],
      [20, 0, 0, 10],
    ],
  },
  {
    parent: 0,
    points: [
      [20, 0, 0, 0.5],
      [520, 0, 0, 0.5],
    ],
  },
]);
const cell = morphology.cell(shape, {
  compartments: { lengthConstant: 0.01807 },
  paint: [{ mechanism: 'hh' }],
});
const count = cell.compartments.area.filter((area) => area > 0).length;
if (count !== compartments) throw new Error(`${count} compartments`);
const at = (index) => ({ cell: index, branch: 0, x: 0.5 });
const currentClamps = Object.fromEntries(
  Array.from({ length: cells }, (_, i) => [i, { at: at(i), delay: 1, amplitude: 0.3 }]),
);
for (const threads of [1, 2]) {
  let [cpu, wall] = [Infinity, Infinity];
  for (let run = 0; run < 3; run++) {
    const [used, start] = [process.cpuUsage(), performance.now()];
    await morphology.simulateCells(Array(cells).fill(cell), {
      duration,
      dt,
      threads,
      currentClamps,
      record: { soma: { at: at(0) } },
    });
    const { user, system } = process.cpuUsage(used);
    cpu = Math.min(cpu, (user + system) * 1e3);
    wall = Math.min(wall, (performance.now() - start) * 1e6);
  }
  const updates = cells * compartments * Math.round(duration / dt);
  console.log(
    `${threads} threads: ${(cpu / updates).toFixed(1)} ns of CPU, ${(wall / updates).toFixed(1)} ns`,
  );
}

// The value and gradient of one loss by all numbers, beside a run without: one thread. One cell uses SIMD less than many.
const measured = async (call) => {
  const used = process.cpuUsage();
  await call();
  const { user, system } = process.cpuUsage(used);
  return (user + system) * 1e3;
};
for (const [several, length] of [
  [1, 100],
  [16, 100],
  [cells, duration],
]) {
  const steps = Math.round(length / dt);
  const all = Array(several).fill(cell);
  const common = {
    duration: length,
    dt,
    threads: 1,
    currentClamps: { pulse: { at: at(0), delay: 1, amplitude: 0.3 } },
    record: { soma: { at: at(0) } },
  };
  const objective = { soma: { target: new Float64Array(steps + 1).fill(-65) } };
  let [forward, gradient] = [Infinity, Infinity];
  for (let run = 0; run < 3; run++) {
    forward = Math.min(forward, await measured(() => morphology.simulateCells(all, common)));
    const differentiated = () => morphology.differentiateCells(all, { ...common, objective });
    gradient = Math.min(gradient, await measured(differentiated));
  }
  const [run, both] = [forward, gradient].map((time) => (time / (several * compartments * steps)).toFixed(1));
  console.log(
    `${several} cells: forward ${run} ns of CPU, value and gradient ${both} ns, ${(gradient / forward).toFixed(2)} forward passes`,
  );
}
