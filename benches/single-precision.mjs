// Intervals of single precision against double precision, for leaky models with a constant rheobase: time constants of 1 to 1e5 ms, steps
// of 0.001 to 1 ms, drives of 1.0001 to 3 times the rheobase, and at most so many steps per case (default 1e7).
//
//   npm run build:native && npm run build
//   node benches/single-precision.mjs [steps] [sample]
//
// `sample`: every how many cases are run (default 1).
import { circuit, population, simulate } from 'lapicque/circuit';
import * as neurons from 'lapicque/neurons';

const { iafCondAlpha, iafCondExp, iafPscAlpha, iafPscExp, iafPscExpShared } = neurons;
const most = Number(process.argv[2] ?? 1e7);
const every = Number(process.argv[3] ?? 1);

/** All in mV with a threshold 15 mV above rest, or from 0 to 1; `x` is the drive in units of the rheobase. */
const psc = (model) => (tauMem, x) => population(model, 1, { tauMem, iBias: (x * 15 * 250) / tauMem });
const cond = (model) => (tau, x) => population(model, 1, { c: 10 * tau, gL: 10, iBias: x * 150 });
const leak = (model, options) => (tauMem, x) =>
  population(model, 1, { tauMem, vLeak: x, vReset: 0, vInit: 0, vThreshold: 1, reset: 'value', ...options });
const models = {
  iafPscExp: psc(iafPscExp),
  iafPscExpShared: psc(iafPscExpShared),
  iafPscAlpha: psc(iafPscAlpha),
  iafCondExp: cond(iafCondExp),
  iafCondAlpha: cond(iafCondAlpha),
  lif: leak(neurons.lif, {}),
  'lif (NEST)': (tauMem, x) =>
    population(neurons.lif, 1, {
      like: 'nest',
      tauMem,
      vLeak: -70 + 15 * x,
      vReset: -70,
      vThreshold: -55,
      vInit: -70,
    }),
  'lif (subtract)': leak(neurons.lif, { reset: 'subtract' }),
  cubaLif: leak(neurons.cubaLif, { tauSyn: 5 }),
};
const taus = [1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5];
const dts = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];
const drives = [1.0001, 1.0003, 1.001, 1.003, 1.01, 1.03, 1.1, 1.3, 2, 3];

async function interval(cells, duration, dt, precision) {
  const { times } = await simulate(circuit(cells), { duration, dt, precision });
  return times.length < 2 ? Number.NaN : (times.at(-1) - times[0]) / (times.length - 1);
}

let [failed, cases] = [0, 0];
for (const [name, model] of Object.entries(models)) {
  let [own, worst, wide, number] = [0, 0, 0, 0];
  for (const tau of taus)
    for (const dt of dts)
      for (const drive of drives) {
        const steps = Math.ceil((2.2 * (tau * Math.log(drive / (drive - 1)) + 2)) / dt) + 4;
        if (steps > most || tau < dt || number++ % every > 0) continue;
        const duration = steps * dt;
        const [single, double] = [
          await interval(model(tau, drive), duration, dt, 'f32'),
          await interval(model(tau, drive), duration, dt, 'f64'),
        ];
        const simulation = await circuit(model(tau, drive)).compile({ dt });
        wide += simulation.inDoublePrecision.length;
        simulation.dispose();
        const error = Math.abs(single - double);
        own += 1;
        worst = Math.max(worst, error / Math.max(dt, 1e-4 * double));
        if (!(error <= Math.max(1.001 * dt, 1e-4 * double))) {
          failed += 1;
          console.log(`${name}, tau ${tau}, dt ${dt}, drive ${drive}: ${single} for ${double}`);
        }
      }
  cases += own;
  console.log(
    `${name}: ${own} cases, ${wide} in double precision, largest error ${worst.toFixed(3)} of the tolerance`,
  );
}
console.log(`${failed} of ${cases} cases beyond one step and 1e-4`);
process.exit(failed > 0 ? 1 : 0);
