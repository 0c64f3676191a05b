/** Networks that are written for the importers of other frameworks, with an input; the oracle is fixtures/nir-targets/run.py. */
import { createHash } from 'node:crypto';
import { elementCount } from '../../src-ts/checks/tensor.ts';
import { isNirGraph, type NirGraph, type NirTarget, type WriteNirOptions } from '../../src-ts/doors/files.ts';
import { cubaLif, integrateAndFire, lif, multiLevelLif } from '../../src-ts/doors/neurons.ts';
import {
  avgPool2d,
  conv2d,
  dense,
  flatten,
  input,
  type Model,
  type Network,
  sequential,
  sumPool2d,
} from '../../src-ts/index.ts';
import { uniform } from './numbers.ts';

export interface Written {
  readonly network: Network;
  readonly shape: readonly number[];
  readonly targets: readonly NirTarget[];
  readonly lossy?: readonly string[];
}

const zero = { reset: 'value', resetTiming: 'same-step' } as const;
const weights = { initial: { kind: 'uniform', low: -0.3, high: 0.5 } } as const;
const recurrent = { recurrent: { kind: 'dense', bias: false } } as const;
const several = { levels: 64 } as const;
const euler = ['snntorch', 'norse', 'spikingjelly'] as const;
const counting = ['sinabs', 'rockpool'] as const;

export const networks: Readonly<Record<string, Written>> = {
  LIF: {
    network: sequential(
      dense(9, 12, weights),
      lif({ ...zero, beta: 0.85 }),
      dense(12, 6, weights),
      lif({ ...zero, beta: 0.7, vThreshold: 0.6 }),
    ),
    shape: [9],
    targets: euler,
  },
  'LIF, scaled inputs': {
    network: sequential(
      dense(9, 12, weights),
      lif({ ...zero, vThreshold: 0.4, tauMem: 3, like: 'nir' }),
      dense(12, 6, { ...weights, bias: false }),
      lif({ ...zero, beta: 0.7, r: 2 }),
    ),
    shape: [9],
    targets: euler,
  },
  'integrate-and-fire': {
    network: sequential(
      dense(9, 12, weights),
      integrateAndFire({ ...zero, vThreshold: 2 }),
      dense(12, 6, weights),
      integrateAndFire(zero),
    ),
    shape: [9],
    targets: euler,
  },
  CubaLIF: {
    network: sequential(
      dense(9, 12, weights),
      cubaLif({ ...zero, alpha: 0.6, beta: 0.8, vThreshold: 3 }),
      dense(12, 5, weights),
      cubaLif({ ...zero, alpha: 0.5, beta: 0.7, vThreshold: 2, wIn: 1.5 }),
    ),
    shape: [9],
    targets: euler,
  },
  'LIF, recurrent': {
    network: sequential(
      dense(9, 12, weights),
      lif({ ...zero, beta: 0.8, ...recurrent }),
      dense(12, 5, weights),
      lif({ ...zero, beta: 0.7 }),
    ),
    shape: [9],
    targets: ['norse', 'spikingjelly'],
  },
  'CubaLIF, recurrent': {
    network: sequential(
      dense(9, 12, weights),
      cubaLif({ ...zero, alpha: 0.6, beta: 0.8, vThreshold: 2, ...recurrent }),
      dense(12, 5, weights),
      cubaLif({ ...zero, alpha: 0.5, beta: 0.7, vThreshold: 2 }),
    ),
    shape: [9],
    targets: ['norse', 'spikingjelly'],
  },
  'convolution, sums': {
    network: sequential(
      input(1, 8, 8),
      conv2d(1, 3, 3, { padding: 1 }),
      lif({ ...zero, beta: 0.8, vThreshold: 0.4 }),
      sumPool2d(2),
      flatten(),
      dense(48, 5),
      lif({ ...zero, beta: 0.9 }),
    ),
    shape: [1, 8, 8],
    targets: ['norse'],
  },
  'convolution, means': {
    network: sequential(
      input(1, 8, 8),
      conv2d(1, 3, 3, { padding: 1 }),
      lif({ ...zero, beta: 0.8, vThreshold: 0.2 }),
      avgPool2d(2),
      flatten(),
      dense(48, 5),
      lif({ ...zero, beta: 0.9, vThreshold: 0.1 }),
    ),
    shape: [1, 8, 8],
    targets: ['snntorch', 'spikingjelly'],
  },
  'several spikes per step': {
    network: sequential(
      dense(9, 12, { ...weights, bias: false }),
      multiLevelLif({ beta: 0.8, vThreshold: 0.8, ...several }),
      dense(12, 5, weights),
      multiLevelLif({ beta: 0.6, vThreshold: 1.5, ...several }),
    ),
    shape: [9],
    targets: counting,
  },
  'several spikes per step, a parameter per neuron': {
    network: sequential(
      dense(9, 12, weights),
      multiLevelLif({ tauMem: Array.from({ length: 12 }, (_, i) => 2 + i), vThreshold: 0.8, ...several }),
      dense(12, 5, weights),
      multiLevelLif({ beta: 1, r: 0.5, vThreshold: 0.7, ...several }),
    ),
    shape: [9],
    targets: counting,
  },
  'convolution, several spikes per step': {
    network: sequential(
      input(1, 8, 8),
      conv2d(1, 3, 3, { padding: 1 }),
      multiLevelLif({ beta: 0.8, vThreshold: 0.4, ...several }),
      sumPool2d(2),
      flatten(),
      dense(48, 5),
      multiLevelLif({ beta: 0.9, ...several }),
    ),
    shape: [1, 8, 8],
    targets: ['sinabs'],
  },
  // v never reaches twice the threshold, so one spike per step is all that Rockpool emits.
  'CubaLIF, reset by subtraction': {
    network: sequential(
      dense(9, 12, { initial: { kind: 'uniform', low: -0.05, high: 0.1 } }),
      cubaLif({
        reset: 'subtract',
        resetTiming: 'same-step',
        alpha: 0.6,
        beta: 0.8,
        vThreshold: 1.5,
        wIn: 0.9,
      }),
    ),
    shape: [9],
    targets: ['rockpool'],
    lossy: ['spikes'],
  },
};

const steps = 60;

export const compiled = ({ network }: Written): Promise<Model> => network.compile({ dt: 1, seed: 3 });

export const optionsFor = ({ lossy = [] }: Written, target: NirTarget): WriteNirOptions => ({
  for: target,
  lossy,
});

/** The input of a network, [time, 1, …]; dt is in s. */
export function stimulus({ shape }: Written) {
  const size = elementCount(shape);
  return { x: uniform(steps * size, 11, -0.5, 2), shape: [steps, 1, ...shape], dt: 1e-3 };
}

/** Spikes of the output, [time][neuron]; several in a step are counted. */
export async function spikesOf(model: Model, made: Written): Promise<number[][]> {
  const { x } = stimulus(made);
  const { output, nodes } = model.description;
  const last = nodes.find(({ name }) => name === output)!;
  const counted = last.kind === 'dynamics' && last.dynamics.model === 'multi-level-lif';
  const name = `${output}.graded`;
  const run = await model.run({ x, shape: [steps, 1, x.length / steps] }, counted ? { record: [name] } : {});
  const all = Array.from(counted ? run.recordings[name]! : run.spikes!);
  const width = all.length / steps;
  return Array.from({ length: steps }, (_, step) => all.slice(step * width, (step + 1) * width));
}

/** A digest of everything that an importer reads: types, fields, edges. */
export function digestOf(graph: NirGraph): string {
  const nodes = [...graph.nodes].map(([name, node]) => {
    if (isNirGraph(node)) return [name, digestOf(node)];
    const fields = [...node.fields].map(([key, field]) =>
      typeof field === 'string' ? [key, field] : [key, field.type, field.shape, Array.from(field.data)],
    );
    return [name, node.type, fields.sort()];
  });
  const content = [graph.version ?? null, nodes.sort(), graph.edges.map((edge) => edge.join('>')).sort()];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}

/** What a framework computed from each of the written files. */
export interface Reference {
  readonly versions: Readonly<Record<string, string>>;
  /** By network: the digest of the file, and the spikes of each step as text: `0 1 3`. */
  readonly cases: Readonly<Record<string, { readonly digest: string; readonly spikes: readonly string[] }>>;
}
