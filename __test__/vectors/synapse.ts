/** One synapse under spike trains: short-term plasticity and learning rules. */
import { type DriveOptions, driveSynapse, type SynapseModel, synapse } from '../../src-ts/doors/circuit.ts';
import { forward } from './forward.ts';
import { type Json, number, object, renamed, type SideCar, Skip, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

type Run = (car: SideCar, entry: Json, comparison: Comparison) => Promise<void>;

/** `check: 'synapse'` and `check: 'plasticity'` */
export async function synapses(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const model = text(entry.model, 'model');
  const run = models[model];
  if (run === undefined) throw new Skip(`the synapse model ${model} is not built yet`);
  await run(car, entry, comparison);
}

const stdp = { tau_plus: 'tauPlus', tau_minus: 'tauMinus', Wmax: 'wMax' };
const pairs = { ...stdp, lambda: 'lambda', alpha: 'alpha', mu_plus: 'muPlus', mu_minus: 'muMinus' };

/** A power as equations have it. */
const power = (base: string, exponent: number) =>
  Number.isInteger(exponent) ? `(${base})^${exponent}` : `exp(${exponent} * ln(max(${base}, 0)))`;

/**
 * A rule of pairs as equations, where which spikes pair is none of `synapse.stdp`'s: each spike of the source with the
 * nearest of the target before and after it, or, restricted, only where none of either side is between.
 */
const written =
  ({ restricted }: { restricted: boolean }) =>
  (options: Record<string, number>) => {
    const { tauPlus, tauMinus, muPlus, muMinus, ...params } = options;
    return synapse.rule({
      params: { wMin: 0, ...params },
      // `fresh`: whether the target has fired since the source has.
      variables: { x: { init: 0, tau: tauPlus! }, fresh: restricted ? 0 : 1 },
      traces: { y: { of: 'post', tau: tauMinus!, jump: 'set' } },
      pre:
        `w -= alpha * lambda * wMax * ${power('w / wMax', muMinus!)} * fresh * y; ` +
        (restricted ? 'fresh = 0; x = 1' : 'x += 1'),
      post: `w += lambda * wMax * ${power('1 - w / wMax', muPlus!)} * x; x = 0; fresh = 1`,
    });
  };

/** Power laws are measured in a unit of weights; their largest weight is far away. */
const far = 1e6;

const models: Readonly<Record<string, Run>> = {
  'nest.stdp_synapse': nest((options) => synapse.stdp({ ...options, like: 'nest' }), pairs),
  'nest.stdp_synapse_hom': nest((options) => synapse.stdp({ ...options, like: 'nest' }), pairs),
  'nest.stdp_nn_symm_synapse': nest(
    (options) => synapse.stdp({ ...options, like: 'nest', pairing: 'nearest' }),
    pairs,
    { fromStart: true },
  ),
  'nest.stdp_nn_pre_centered_synapse': nest(written({ restricted: false }), pairs),
  'nest.stdp_nn_restr_synapse': nest(written({ restricted: true }), pairs, { fromStart: true }),
  'nest.stdp_pl_synapse_hom': nest(
    ({ lambda, alpha, mu, ...taus }) =>
      synapse.stdp({
        ...taus,
        like: 'nest',
        dependence: 'power-law',
        aPlus: lambda! * far ** mu!,
        aMinus: lambda! * alpha! * far,
        muPlus: mu!,
        muMinus: 1,
        wMax: far,
      }),
    { tau_plus: 'tauPlus', tau_minus: 'tauMinus', lambda: 'lambda', alpha: 'alpha', mu: 'mu' },
  ),
  'nest.vogels_sprekeler_synapse': nest((options) => synapse.inhibitoryStdp(options), {
    tau: 'tau',
    eta: 'eta',
    alpha: 'alpha',
    Wmax: 'wMax',
  }),
  'nest.stdp_triplet_synapse': nest((options) => synapse.tripletStdp({ ...options, like: 'nest' }), {
    ...stdp,
    tau_plus_triplet: 'tauX',
    tau_minus_triplet: 'tauY',
    Aplus: 'aPlus',
    Aplus_triplet: 'aPlusTriplet',
    Aminus: 'aMinus',
    Aminus_triplet: 'aMinusTriplet',
  }),
  'nest.tsodyks2_synapse': nest((options) => synapse.tsodyksMarkram({ ...options, like: 'nest-tsodyks2' }), {
    U: 'utilization',
    u: 'uFirst',
    x: 'xInit',
    tau_rec: 'tauRec',
    tau_fac: 'tauFac',
  }),
  'nest.tsodyks_synapse': nest((options) => synapse.tsodyksMarkram({ ...options, like: 'nest' }), {
    U: 'utilization',
    u: 'uInit',
    x: 'xInit',
    y: 'yInit',
    tau_rec: 'tauRec',
    tau_fac: 'tauFac',
    tau_psc: 'tauPsc',
  }),
  'brian2.stdp_pair': brian2,
  'norse.TsodyksMarkram': norse,
  'snntorch.STDPLearner': snntorch,
};

/**
 * A synapse of NEST, whose weight is recorded at each spike of the source. `fromStart`: as if the source had fired at
 * 0, when NEST's rules of nearest neighbors take its last spike to be.
 */
function nest(
  make: (options: Record<string, number>) => SynapseModel,
  names: Readonly<Record<string, string>>,
  { fromStart = false } = {},
): Run {
  return async (car, entry, comparison) => {
    const params = object(entry.params, 'params');
    const ours = renamed(params, { ...names, weight: null, delay: null }, `${entry.model}: the parameter`);
    const inputs = object(entry.inputs, 'inputs');
    const response = await driveSynapse(make(ours as Record<string, number>), {
      weight: number(params.weight, 'weight'),
      delay: number(params.delay, 'delay'),
      pre: Float64Array.of(...(fromStart ? [0] : []), ...car.tensor(inputs.pre_times_ms).data),
      post: car.tensor(inputs.post_times_ms).data,
    });
    const { weights } = response;
    const transmitted = response.transmitted.subarray(fromStart ? 1 : 0);
    const expected = object(entry.expected, 'expected');
    comparison.expected(expected.weights, transmitted, [transmitted.length]);
    comparison.field('final_weight', [weights.at(-1) ?? number(params.weight, 'weight')]);
  };
}

/** Synapses one to one, their weights sampled. */
async function brian2(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const params = object(entry.params, 'params');
  const names = {
    tau_pre_ms: 'tauPlus',
    tau_post_ms: 'tauMinus',
    A_pre: 'aPlus',
    A_post: 'aMinus',
    w_min: 'wMin',
    w_max: 'wMax',
  };
  const ours = renamed(params, { ...names, w0: null, delay_ms: null }, 'brian2.stdp_pair: the parameter');
  if (text(entry.connectivity, 'connectivity') !== 'one_to_one')
    throw new Skip(`the connectivity ${entry.connectivity} is not built yet`);
  const model = synapse.stdp({ ...ours, aMinus: -Number(ours.aMinus), like: 'brian2' });
  const inputs = object(entry.inputs, 'inputs');
  const end = number(entry.T_ms, 'T_ms');
  // The delay is on the way from the source to the synapse.
  const delay = number(params.delay_ms, 'delay_ms');
  const train = (side: 'pre' | 'post', k: number, later: number) => {
    const [ids, times] = [car.tensor(inputs[`${side}_neuron`]), car.tensor(inputs[`${side}_times_ms`])];
    return (
      times.data
        .filter((_, i) => ids.data[i] === k)
        .map((t) => t + later)
        // What would arrive after the end has not arrived.
        .filter((t) => t < end - 1e-9)
        .toSorted()
    );
  };
  const every = number(entry.sample_every_ms, 'sample_every_ms');
  const rows = Math.round(end / every);
  const sampleTimes = Float64Array.from({ length: rows }, (_, row) => row * every);
  const expected = object(entry.expected, 'expected');
  const count = car.tensor(expected.w_final).data.length;
  const [samples, last] = [new Float64Array(rows * count), new Float64Array(count)];
  for (let k = 0; k < count; k++) {
    const response = await driveSynapse(model, {
      weight: number(params.w0, 'w0'),
      pre: train('pre', k, delay),
      post: train('post', k, 0),
      sampleTimes,
    });
    response.samples.w!.forEach((w, row) => {
      samples[row * count + k] = w;
    });
    last[k] = response.last.w!;
  }
  comparison.expected(expected.w, samples, [rows, count]);
  comparison.expected(expected.w_final, last, [count]);
}

/** Euler steps; the variables after each of them. */
async function norse(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const params = object(entry.params, 'params');
  const dt = number(entry.dt_s, 'dt_s') * 1e3;
  const time = (name: string) => 1e3 / number(params[name], name);
  const init = object(entry.init, 'init');
  const model = synapse.tsodyksMarkram({
    like: 'norse',
    utilization: number(params.U, 'U'),
    tauFac: time('tau_f_inv'),
    tauRec: time('tau_d_inv'),
    uInit: number(init.u, 'init.u'),
    xInit: number(init.x, 'init.x'),
  });
  const { data, shape } = car.tensor(object(entry.inputs, 'inputs').input);
  const [steps, width] = [shape[0]!, shape[1]!];
  const [u, x, out] = [0, 0, 0].map(() => new Float64Array(steps * width)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const sampleTimes = Float64Array.from({ length: steps }, (_, step) => (step + 1) * dt);
  for (let k = 0; k < width; k++) {
    const spiked = Array.from({ length: steps }, (_, step) => step).filter(
      (step) => data[step * width + k] !== 0,
    );
    const pre = spiked.map((step) => sampleTimes[step]!);
    const drive: DriveOptions = { pre, sampleTimes, sampleAfter: true, dt };
    const { samples, transmitted } = await driveSynapse(model, drive);
    for (let step = 0; step < steps; step++) {
      u[step * width + k] = samples.u![step]!;
      x[step * width + k] = samples.x![step]!;
    }
    spiked.forEach((step, i) => {
      out[step * width + k] = transmitted[i]!;
    });
  }
  const expected = object(entry.expected, 'expected');
  comparison.expected(expected.u, u, shape);
  comparison.expected(expected.x, x, shape);
  comparison.expected(expected.out, out, shape);
}

/** A layer whose weights rest while what they should change by is summed. */
async function snntorch(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const params = object(entry.params, 'params');
  const neuron = object(params.neuron, 'params.neuron');
  const inputs = object(entry.inputs, 'inputs');
  const expected = object(entry.expected, 'expected');
  const layer = { ...entry, ...neuron, weights: { input: inputs.w }, expected: { spk: expected.spk } };
  await forward(car, layer, comparison);
  const weight = (name: string) => text(params[name], name).replaceAll('clamp(', 'clip(');
  const model = synapse.rule({
    params: { tauPre: number(params.tau_pre, 'tau_pre'), tauPost: number(params.tau_post, 'tau_post') },
    variables: { change: 0 },
    traces: { x: { of: 'pre', tau: 'tauPre' }, y: { of: 'post', tau: 'tauPost' } },
    pre: `change -= (${weight('f_pre')}) * y`,
    post: `change += (${weight('f_post')}) * x`,
    coincidence: 'both',
    decay: 'euler',
  });
  // The layer's spikes are compared exactly: where they differ, the case has failed already.
  const [input, spikes, w] = [car.tensor(inputs.input), car.tensor(expected.spk), car.tensor(inputs.w)];
  const [rows, columns] = [w.shape[0]!, w.shape[1]!];
  const batch = input.shape[1]!;
  const train = ({ data }: { data: Float64Array }, width: number, sample: number, k: number) =>
    Array.from({ length: input.shape[0]! }, (_, step) => step)
      .filter((step) => data[(step * batch + sample) * width + k] !== 0)
      .map((step) => step + 1);
  const changes = new Float64Array(rows * columns);
  for (let i = 0; i < changes.length; i++) {
    for (let sample = 0; sample < batch; sample++) {
      const { last } = await driveSynapse(model, {
        weight: w.data[i]!,
        pre: train(input, columns, sample, i % columns),
        post: train(spikes, rows, sample, Math.floor(i / columns)),
        dt: 1,
      });
      changes[i]! += last.change!;
    }
  }
  comparison.expected(expected.dw, changes, [rows, columns]);
}
