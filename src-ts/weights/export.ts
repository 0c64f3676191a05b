/** Weights of a model as the state_dict of another library's network. */
import { options as checkOptions, invalid, oneOf } from '../check.ts';
import type { Description } from '../description.ts';
import { LapicqueError } from '../errors.ts';
import type { FileSource } from '../file-source.ts';
import type { GivenWeights } from '../given-weights.ts';
import type { Limits } from '../limits.ts';
import type { Weights } from '../model.ts';
import type { ModelInfo } from '../model-info.ts';
import type { FileTensor } from '../tensor-file.ts';
import { selectedTensors } from './from-file.ts';
import { type ImportOptions, type Placing, peerTensor, planned } from './import.ts';
import { type Conversion, conversionsOf, type NeuronContext, type Peer, peers } from './neuron-parameters.ts';
import type { PeerTensor } from './peer-modules.ts';
import { type Target, targetsOf } from './targets.ts';

/** Options of {@link stateDictOf}. */
export interface StateDictOptions extends Pick<ImportOptions, 'map' | 'stateDict' | 'signal'> {
  /** The library whose network loads it. Default `'torch'`. */
  to?: Peer;
  /**
   * A state_dict of that network, a file or tensors, whose names and shapes the result has: exactly what `load_state_dict` takes. `map`
   * says which module is which layer, as for {@link Model.importWeights}. Numbers that are no weights here are those of this file.
   */
  template?: GivenWeights | FileSource;
  /** Without a template: what modules are called there, by our layers' names. Default the same. */
  names?: Readonly<Record<string, string>>;
  /** What the template may take. */
  limits?: Limits;
}

/** Parameters by name. */
type Values = Readonly<Record<string, Weights>>;

/** What gives weights by name; {@link Model} is one. */
export interface WeightedModel {
  readonly description: Description;
  readonly info: ModelInfo;
  weights(): Promise<Readonly<Record<string, Weights>>>;
}

/** Tensors by name, as {@link writeTensors} takes them. */
export type StateDict = Map<string, Pick<FileTensor, 'data' | 'shape'>>;

/**
 * The weights of a model as a `state_dict` for torch, snnTorch, SpikingJelly or Norse; {@link writeTensors} puts it into a `.safetensors`,
 * which `safetensors.torch.load_file` reads there. With a `template`, a state_dict of the network that is to load it, the result has just its
 * names and shapes, cells of recurrent networks included: the way back of {@link Model.importWeights}. Without one names are those of the
 * layers (`names` says others), and layers that are not one module there are refused.
 *
 * @example
 * ```ts
 * const tensors = await stateDictOf(model, { to: 'snntorch', template: 'net.pth' });
 * await writeTensors('trained.safetensors', tensors);
 * // Python: net.load_state_dict(safetensors.torch.load_file('trained.safetensors'))
 * ```
 * @returns tensors in single precision, by the names that they have there
 * @throws LapicqueError `weights-mismatch` where the template's network is another one; `unsupported` for what the other library has no tensor
 * for, by the name of the layer; of the template what {@link readTensors} throws; `disposed`
 */
export async function stateDictOf(model: WeightedModel, options: StateDictOptions = {}): Promise<StateDict> {
  const known = ['to', 'template', 'names', 'map', 'stateDict', 'signal', 'limits'] as const;
  const {
    to = 'torch',
    template,
    names,
    map,
    stateDict,
    signal,
    limits,
  } = checkOptions('stateDictOf', options, known);
  oneOf('to', to, peers);
  const weights = await model.weights();
  if (template === undefined) {
    if (map !== undefined || stateDict !== undefined)
      invalid(map === undefined ? 'stateDict' : 'map', map ?? stateDict, 'a template beside it');
    return named(model, weights, to, names ?? {});
  }
  if (names !== undefined) invalid('names', names, 'no template beside it, which tells the names');
  const found = await selectedTensors('template', template, stateDict, { signal, limits });
  const tensors = found.tensors.map(([name, tensor]) => peerTensor(name, tensor));
  return like(model, weights, tensors, found.tensors, { from: to, ...(map === undefined ? {} : { map }) });
}

/** With the names and shapes of a template. */
function like(
  model: Placing,
  weights: Values,
  tensors: readonly PeerTensor[],
  template: readonly (readonly [string, unknown])[],
  plan: Pick<ImportOptions, 'from' | 'map'>,
): StateDict {
  const from = plan.from ?? 'torch';
  const { filled, targets } = planned(model, tensors, plan);
  // Constants of neurons keep the template's numbers, which are compared with ours.
  const learned = new Set(targets.flatMap((target) => [...target.learned.values()].map(({ name }) => name)));
  const moved = new Set(
    filled.assigned.filter(({ place }) => !learned.has(place.name)).flatMap((of) => of.tensors),
  );
  // What the import does with places of tensors (cells are cut, gates and lags change their order) shows where their numbers are numbered.
  const isMoved = (name: string) => moved.has(name) || [...moved].some((path) => matchesList(path, name));
  let count = 0;
  const numbered = tensors.map((tensor): PeerTensor => {
    if (!isMoved(tensor.name)) return tensor;
    const first = count;
    count += tensor.values.length;
    // Zeros stay: those of neurons that do not feed themselves.
    return { ...tensor, values: Float64Array.from(tensor.values, (x, i) => (x === 0 ? 0 : first + i + 1)) };
  });
  const result = new Float64Array(count);
  const wasSet = new Uint8Array(count);
  const own = new Map<string, Float64Array>(
    tensors.map(({ name, values }) => [name, Float64Array.from(values)]),
  );
  for (const { place, values, tensors: sources } of planned(model, numbered, plan).filled.assigned) {
    const ours = weights[place.name]!;
    if (learned.has(place.name)) {
      const target = targets.find(({ learned }) =>
        [...learned.values()].some(({ name }) => name === place.name),
      )!;
      for (const source of sources)
        own.set(
          source,
          converted(source, ours, own.get(source)!.length, target, place.name, from, model.description.dt),
        );
      continue;
    }
    // Neurons that do not feed themselves, and a bias that the other library has not.
    const lost = (i: number) =>
      new LapicqueError('unsupported', {
        feature: `${place.name}, whose number ${i} is ${ours[i]} and has no place of its own there,`,
        format: from,
      });
    for (const [i, number] of values.entries()) {
      if (number === 0) {
        if (sources.length === 0 && ours[i] !== 0) throw lost(i);
        continue;
      }
      if (wasSet[number - 1] === 1 && result[number - 1] !== ours[i]) throw lost(i);
      result[number - 1] = ours[i]!;
      wasSet[number - 1] = 1;
    }
  }
  let at = 0;
  for (const { name, values } of numbered) {
    if (!isMoved(name)) continue;
    const into = own.get(name)!;
    for (let i = 0; i < values.length; i++, at++) if (wasSet[at] === 1) into[i] = result[at]!;
  }
  return new Map(
    template.map(([name, given], i) => {
      const { shape } = tensors[i]!;
      const { data } = given as FileTensor;
      const isReal = data === undefined || !(data[0] !== undefined && typeof data[0] === 'bigint');
      return [name, { shape, data: isReal ? Float32Array.from(own.get(name)!) : data.slice() }];
    }),
  );
}

/** Whether a name is one of those that a list of norms, one a step, is told by: `bn.*.weight`. */
function matchesList(path: string, name: string): boolean {
  const star = path.indexOf('*');
  return star >= 0 && name.startsWith(path.slice(0, star)) && name.endsWith(path.slice(star + 1));
}

const lastWord = (name: string) => name.slice(name.lastIndexOf('.') + 1);

/** Numbers of neurons as the other library has them: one each, or one for all. */
function converted(
  theirs: string,
  ours: ArrayLike<number>,
  count: number,
  target: Target,
  parameter: string,
  from: Peer,
  dt: number,
): Float64Array {
  const conversion = conversionsOf(from, lastWord(theirs)).find(
    (of) => of.parameter === lastWord(parameter),
  )!;
  const context: NeuronContext = {
    dt,
    options: target.node.kind === 'dynamics' ? target.node.dynamics.options : {},
  };
  const values = Float64Array.from(ours, (x) => conversion.back(x, context));
  if (values.length === count) return values;
  if (count === 1 && values.every((x) => x === values[0])) return values.slice(0, 1);
  if (values.length === 1) return new Float64Array(count).fill(values[0]!);
  throw new LapicqueError('unsupported', {
    feature: `${parameter}, which differs from neuron to neuron, as the one number ${theirs}`,
    format: from,
  });
}

/** What torch calls the parts of layers. */
const parts: Readonly<Record<string, string>> = {
  weight: 'weight',
  bias: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
};

/** Layers with a weight of the shape that a module of torch has. */
const modules = ['dense', 'conv', 'batch-norm', 'layer-norm', 'embedding'];

/** With the names of our layers. */
function named(
  model: Placing,
  weights: Values,
  to: Peer,
  names: Readonly<Record<string, string>>,
): StateDict {
  const { description, info } = model;
  const { targets, own } = targetsOf(description, info.parameters);
  const layers = targets.map(({ layer }) => layer);
  for (const layer of Object.keys(names)) if (!layers.includes(layer)) oneOf('names', layer, layers);
  const dict: StateDict = new Map();
  const add = (name: string, shape: readonly number[], data: FileTensor['data']) =>
    dict.set(name, { shape, data });
  const refuse = (what: string): never => {
    throw new LapicqueError('unsupported', {
      feature: `${what} without a template (a state_dict of the network that loads it)`,
      format: `the export to ${to}`,
    });
  };
  if (own.length > 0) refuse(`${own[0]}`);
  for (const { layer, node, kind, parts: places, learned, recurrent } of targets) {
    const module = Object.hasOwn(names, layer) ? names[layer]! : layer;
    if (recurrent !== undefined) refuse(`the recurrent layer ${layer}`);
    if (kind !== 'population' && !modules.includes(node.kind)) refuse(`the layer ${layer} (${node.kind})`);
    const factor = node.kind === 'batch-norm' ? node.scale : 1;
    for (const [part, { name, shape }] of places) {
      const values = Float32Array.from(weights[name]!, (x) => (part === 'weight' ? x * factor : x));
      if (parts[part] === undefined) refuse(`${name}`);
      if (node.kind === 'batch-norm' && shape.length > 1) refuse(`${name}, which has a row for each step,`);
      add(`${module}.${parts[part]}`, shape, values);
    }
    if (node.kind === 'batch-norm') add(`${module}.num_batches_tracked`, [], BigInt64Array.of(0n));
    for (const { name, shape } of learned.values()) {
      const conversion = toPeer(to, lastWord(name)) ?? refuse(`the learned ${name}`);
      const context = { dt: description.dt, options: node.kind === 'dynamics' ? node.dynamics.options : {} };
      const values = Float32Array.from(weights[name]!, (x) => conversion.of.back(x, context));
      add(`${module}.${conversion.name}`, shape.length === 1 && shape[0] === 1 ? [] : shape, values);
    }
  }
  return dict;
}

/** What the other library calls a learned parameter of ours. */
function toPeer(to: Peer, parameter: string): { name: string; of: Conversion } | undefined {
  const snake = parameter.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  for (const name of [...theirNames[to], snake]) {
    const of = conversionsOf(to, name).find((conversion) => conversion.parameter === parameter);
    if (of !== undefined && (to === 'torch' || name !== snake || theirNames[to].includes(name)))
      return { name, of };
  }
  return undefined;
}

const theirNames: Readonly<Record<Peer, readonly string[]>> = {
  snntorch: ['beta', 'alpha', 'threshold', 'graded_spikes_factor'],
  spikingjelly: ['w', 'k'],
  norse: ['tau_mem_inv', 'tau_syn_inv', 'tau_adapt_inv', 'v_th', 'v_leak', 'v_reset'],
  torch: [],
};
