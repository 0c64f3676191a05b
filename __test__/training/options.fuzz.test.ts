// Whatever options are combined, a network compiles and trains to finite numbers, or a typed error says what is wrong:
// never a panic, which would arrive with the code `internal`.
import test from 'ava';
import fc from 'fast-check';
import { cubaLif, customSurrogate, li, lif, type Neuron, surrogate } from '../../src-ts/doors/neurons.ts';
import { adam, dense, LapicqueError, loss, sequential } from '../../src-ts/index.ts';
import { labels, spikes, uniform } from '../support/numbers.ts';

const surrogates = [
  ...Object.values(surrogate).map((make) => (make as () => Record<string, number | string>)()),
  customSurrogate('exp(-x * x / w)', { w: 0.3 }),
];

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const tau = fc.double({ min: 0.1, max: 100, noNaN: true });

const common = {
  reset: maybe(fc.constantFrom('subtract', 'value', 'none', 'zero')),
  resetTiming: maybe(fc.constantFrom('next-step', 'same-step', 'snntorch-no-delay')),
  resetScale: maybe(fc.constantFrom('threshold', 'beta-threshold')),
  zeroKeepsInput: maybe(fc.boolean()),
  thresholdBefore: maybe(fc.boolean()),
  compare: maybe(fc.constantFrom('>', '>=')),
  detachReset: maybe(fc.boolean()),
  method: maybe(fc.constantFrom('exact', 'euler')),
  vThreshold: maybe(fc.double({ min: -0.5, max: 2, noNaN: true })),
  vReset: maybe(fc.double({ min: -1, max: 1, noNaN: true })),
  vInit: maybe(fc.double({ min: -1, max: 1, noNaN: true })),
  vLeak: maybe(fc.double({ min: -1, max: 1, noNaN: true })),
  r: maybe(fc.double({ min: -2, max: 2, noNaN: true })),
  refractorySteps: maybe(fc.integer({ min: 0, max: 4 })),
  // Refused wherever other neurons read the spikes, so less often than the rest.
  gradedSpikes: fc.option(fc.double({ min: -2, max: 2, noNaN: true }), { nil: undefined, freq: 1 }),
  recurrent: maybe(fc.constantFrom('dense', 'one-to-one')),
  surrogate: maybe(fc.constantFrom(...surrogates)),
};
const decay = fc.oneof(
  share.map((beta) => ({ beta })),
  tau.map((tauMem) => ({ tauMem })),
);
const lifOptions = fc.tuple(
  decay,
  fc.record({
    ...common,
    inputScale: maybe(fc.constantFrom('weight', 'one-minus-beta', 'dt-over-tau')),
    like: maybe(fc.constantFrom('snntorch', 'spikingjelly', 'norse', 'nir', 'nest')),
    learn: maybe(fc.subarray(['beta', 'tauMem', 'vThreshold'])),
  }),
);
const cubaOptions = fc.tuple(
  decay,
  fc.oneof(
    share.map((alpha) => ({ alpha })),
    tau.map((tauSyn) => ({ tauSyn })),
  ),
  fc.record({
    ...common,
    wIn: maybe(fc.double({ min: -2, max: 2, noNaN: true })),
    currentOrder: maybe(fc.constantFrom('decay-add-use', 'add-use-decay', 'use-decay-add')),
    synInputScale: maybe(fc.constantFrom('weight', 'dt-over-tau')),
    inputScale: maybe(fc.constantFrom('weight', 'one-minus-beta', 'dt-over-tau', 'propagator')),
    like: maybe(fc.constantFrom('snntorch', 'spikingjelly', 'norse', 'nir', 'nest')),
    learn: maybe(fc.subarray(['beta', 'tauMem', 'alpha', 'tauSyn', 'vThreshold'])),
  }),
);
const merged = (...parts: object[]) =>
  Object.fromEntries(Object.entries(Object.assign({}, ...parts)).filter(([, value]) => value !== undefined));
const population = fc.oneof(
  lifOptions.map((parts) => ({ model: 'lif', options: merged(...parts) })),
  cubaOptions.map((parts) => ({ model: 'cubaLif', options: merged(...parts) })),
);
const shapes = fc.record({
  steps: fc.integer({ min: 1, max: 9 }),
  batch: fc.integer({ min: 1, max: 40 }),
  neurons: fc.constantFrom(1, 3, 64, 65),
  segment: maybe(fc.integer({ min: 1, max: 10 })),
  precision: fc.constantFrom('f32' as const, 'f64' as const),
  kind: fc.constantFrom('spikes' as const, 'values' as const, 'constant' as const),
  readout: fc.boolean(),
});

test('any combination of options trains to finite numbers or is a typed error', async (t) => {
  const codes = new Map<string, number>();
  const count = (code: string) => codes.set(code, (codes.get(code) ?? 0) + 1);
  await fc.assert(
    fc.asyncProperty(population, shapes, async ({ model, options }, shape) => {
      const { steps, batch, neurons, segment, precision, kind, readout } = shape;
      const make = (model === 'lif' ? lif : cubaLif) as (options: object) => Neuron;
      try {
        const last = readout ? li({ beta: 0.9 }) : make(options);
        using built = await sequential(dense(5, neurons), make(options), dense(neurons, 3), last).compile({
          precision,
        });
        const rows = kind === 'constant' ? batch : steps * batch;
        const x = kind === 'spikes' ? spikes(rows * 5, 1, 0.5) : uniform(rows * 5, 1);
        const input = { x, shape: kind === 'constant' ? [batch, 5] : [steps, batch, 5] };
        const constant = kind === 'constant' ? steps : undefined;
        const report = await built.trainStep(
          { ...input, y: labels(batch, 2, 3) },
          {
            steps: constant,
            segment,
            loss: loss.crossEntropyMembrane(),
            optimizer: adam({ lr: 1e-3 }),
            inputGradient: true,
            regularizers: [{ layer: built.info.layers[0]!.name, penalty: { kind: 'l1-rate', lambda: 0.1 } }],
          },
        );
        const numbers = [report.perSample, report.inputGradient!, ...Object.values(await built.weights())];
        for (const values of numbers) if (!values.every(Number.isFinite)) throw new Error('not finite');
        if (batch === 1 && kind === 'spikes') {
          // The streaming form of the same network, with whatever options.
          const run = await built.run(input);
          using session = await built.session();
          for (let step = 0; step < steps; step++) {
            const row = x.subarray(step * 5, step * 5 + 5);
            const fired = session.push([...row.keys()].filter((channel) => row[channel] === 1));
            const expected = run.spikes?.subarray(step * 3, step * 3 + 3) ?? [];
            const right = [...expected].flatMap((spike, i) => (spike === 1 ? [i] : []));
            if (`${right}` !== `${fired}`)
              throw new Error(`step ${step}: ${right} in a run, ${fired} in a session`);
          }
          count('streamed');
        }
        count('trained');
      } catch (error) {
        if (!(error instanceof LapicqueError) || error.code === 'internal') throw error;
        count(error.code);
        // A combination that is refused is refused at compile, by name.
        if (!['invalid-parameter', 'unsupported', 'non-finite'].includes(error.code)) throw error;
      }
    }),
    { numRuns: 1200, seed: 20261124 },
  );
  t.log(Object.fromEntries(codes));
  t.true(codes.get('trained')! > 500, 'most combinations are meant to train');
  t.true((codes.get('streamed') ?? 0) > 3);
});
