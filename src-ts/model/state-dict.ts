/** Exports the weights of a model as a state_dict of another library's network. */
import { options as checkOptions, invalid, oneOf } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { FileSource } from '../files/file-source.ts';
import type { Limits } from '../files/limits.ts';
import type { FileTensor } from '../files/tensor-data.ts';
import type { OperationTable } from '../layers/operation-node.ts';
import { operationTables } from '../layers/operation-tables.generated.ts';
import { selectedTensors } from '../weights/from-file.ts';
import type { GivenWeights } from '../weights/given-weights.ts';
import { type ImportOptions, peerTensor, planned } from '../weights/import.ts';
import { type Conversion, conversionsOf, type Peer, peers } from '../weights/neuron-parameters.ts';
import { lastWord, type PeerTensor } from '../weights/peer-modules.ts';
import { neuronContext, type Target, targetsOf } from '../weights/targets.ts';
import type { Model } from './model.ts';

/** Options of {@link stateDictOf}. */
export interface StateDictOptions extends Pick<ImportOptions, 'map' | 'stateDict' | 'signal'> {
  /** The library whose network loads the result. Default `'torch'`. */
  to?: Peer;
  /**
   * A state_dict of that network, as a file or as tensors. The result has its names and shapes, as `load_state_dict` requires. `map` assigns
   * modules to layers, as for {@link Model.importWeights}. Tensors without a parameter in the model keep their values from the template.
   */
  template?: GivenWeights | FileSource;
  /** Without a template: names of modules by the names of this model's layers. Default: the layers' names. */
  names?: Readonly<Record<string, string>>;
  /** The memory that the template may need. */
  limits?: Limits;
}

/** Tensors by name, as {@link writeTensors} takes them. */
export type StateDict = Map<string, Pick<FileTensor, 'data' | 'shape'>>;

/**
 * Exports the weights of a model as a `state_dict` for torch, snnTorch, SpikingJelly or Norse. {@link writeTensors} writes it to a
 * `.safetensors` file for `safetensors.torch.load_file`. With a `template`, a state_dict of the network that will load the weights, the
 * result has exactly its names and shapes, also for cells of recurrent networks; this reverses {@link Model.importWeights}. Without a
 * template, tensors are named after the layers (or after `names`), and a layer that is not a single module in the other library throws an error.
 *
 * @example
 * ```ts
 * const tensors = await stateDictOf(model, { to: 'snntorch', template: 'net.pth' });
 * await writeTensors('trained.safetensors', tensors);
 * // Python: net.load_state_dict(safetensors.torch.load_file('trained.safetensors'))
 * ```
 * @returns tensors in single precision, by their names in the other library
 * @throws LapicqueError `weights-mismatch` if the template belongs to a different network; `unsupported`, with the layer's name, for a parameter
 * without a tensor in the other library; the errors of {@link readTensors} for the template; `disposed`
 */
export async function stateDictOf(model: Model, options: StateDictOptions = {}): Promise<StateDict> {
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
  if (typeof (model as Partial<Model> | undefined | null)?.weights !== 'function')
    invalid('model', model, 'a model');
  const weights = await model.weights();
  if (template === undefined) {
    if (map !== undefined || stateDict !== undefined)
      invalid(
        map === undefined ? 'stateDict' : 'map',
        map ?? stateDict,
        'no value without the option template',
      );
    return namedAfterLayers(model, weights, to, names ?? {});
  }
  if (names !== undefined)
    invalid('names', names, 'no value together with the option template, which determines the names');
  const found = await selectedTensors('template', template, stateDict, { signal, limits });
  const tensors = found.tensors.map(([name, tensor]) => peerTensor(name, tensor));
  return likeTemplate(model, weights, tensors, found.tensors, to, map === undefined ? {} : { map });
}

type Weights = Awaited<ReturnType<Model['weights']>>;

/**
 * With the names and shapes of a template. The import cuts the tensors of cells and reorders gates and lags. So this function imports a copy
 * of the template whose elements are numbered; the numbers show the position of each element of a parameter in the template.
 */
function likeTemplate(
  model: Model,
  weights: Weights,
  tensors: readonly PeerTensor[],
  template: readonly (readonly [string, unknown])[],
  to: Peer,
  mapping: Pick<ImportOptions, 'map'>,
): StateDict {
  const plan = { ...mapping, from: to };
  const { filled, targets } = planned(model, tensors, plan);
  const populations = new Map(
    targets.flatMap((target) => [...target.learned.values()].map(({ name }) => [name, target] as const)),
  );
  // Parameters of neurons are converted, not moved. Constants of neurons keep the values of the template.
  const moved = new Set(
    filled.assigned.filter(({ parameter }) => !populations.has(parameter.name)).flatMap((of) => of.tensors),
  );
  const isMoved = (name: string) => moved.has(name) || [...moved].some((path) => matchesList(path, name));
  let count = 0;
  const numbered = tensors.map((tensor): PeerTensor => {
    if (!isMoved(tensor.name)) return tensor;
    const first = count;
    count += tensor.values.length;
    return { ...tensor, values: Float64Array.from(tensor.values, (_, i) => first + i + 1) };
  });
  const elements = new Float64Array(count);
  const wasSet = new Uint8Array(count);
  const results = new Map<string, Float64Array>(
    tensors.map(({ name, values }) => [name, Float64Array.from(values)]),
  );
  for (const { parameter, values, tensors: sources } of planned(withAutapses(model), numbered, plan).filled
    .assigned) {
    const ours = weights[parameter.name]!;
    const population = populations.get(parameter.name);
    if (population !== undefined) {
      const { dt } = model.description;
      for (const source of sources)
        results.set(
          source,
          converted(source, ours, results.get(source)!.length, population, parameter.name, to, dt),
        );
      continue;
    }
    const lost = (i: number) =>
      new LapicqueError('unsupported', {
        feature: `${parameter.name}, whose element ${i} is ${ours[i]} and has no separate element in the template,`,
        format: to,
      });
    for (const [i, number] of values.entries()) {
      if (number === 0) {
        // A parameter without a tensor, such as a bias that the other library lacks, must be 0.
        if (sources.length === 0 && ours[i] !== 0) throw lost(i);
        continue;
      }
      if (wasSet[number - 1] === 1 && elements[number - 1] !== ours[i]) throw lost(i);
      elements[number - 1] = ours[i]!;
      wasSet[number - 1] = 1;
    }
  }
  let at = 0;
  for (const { name, values } of numbered) {
    if (!isMoved(name)) continue;
    const into = results.get(name)!;
    for (let i = 0; i < values.length; i++, at++) if (wasSet[at] === 1) into[i] = elements[at]!;
  }
  return new Map(
    template.map(([name, value], i) => {
      const { shape } = tensors[i]!;
      const { data } = value as FileTensor;
      const isReal = data === undefined || !(data[0] !== undefined && typeof data[0] === 'bigint');
      return [name, { shape, data: isReal ? Float32Array.from(results.get(name)!) : data.slice() }];
    }),
  );
}

/** The model for an import of numbered elements: without autapses, the import would require zeros on the diagonal of a recurrent weight. */
function withAutapses({ description, info }: Model): Parameters<typeof planned>[0] {
  const nodes = description.nodes.map((node) => (node.kind === 'dense' ? { ...node, autapses: true } : node));
  return { description: { ...description, nodes }, info };
}

/** Whether a tensor belongs to a list of norms, one for each step, whose common path is `bn.*.weight`. */
function matchesList(path: string, name: string): boolean {
  const star = path.indexOf('*');
  return star >= 0 && name.startsWith(path.slice(0, star)) && name.endsWith(path.slice(star + 1));
}

/** A parameter of neurons as the other library has it: one number for each neuron, or one for all. */
function converted(
  theirs: string,
  ours: ArrayLike<number>,
  count: number,
  { node }: Target,
  parameter: string,
  to: Peer,
  dt: number,
): Float64Array {
  const conversion = conversionsOf(to, lastWord(theirs)).find((of) => of.parameter === lastWord(parameter))!;
  const context = neuronContext(node, dt);
  const values = Float64Array.from(ours, (x) => conversion.back(x, context));
  if (values.length === count) return values;
  if (count === 1 && values.every((x) => x === values[0])) return values.slice(0, 1);
  if (values.length === 1) return new Float64Array(count).fill(values[0]!);
  throw new LapicqueError('unsupported', {
    feature: `${parameter} with a different value for each neuron, because ${theirs} is a single number`,
    format: to,
  });
}

/** Torch's names of the parts of layers. */
const parts: Readonly<Record<string, string>> = {
  weight: 'weight',
  bias: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
};

/** Layers whose weight has the shape of a torch module's. */
const modules: readonly string[] = [
  ...Object.values<OperationTable>(operationTables)
    .filter(({ torch }) => torch !== null)
    .map(({ kind }) => kind),
];

/** With names derived from the layers of the model. */
function namedAfterLayers(
  model: Model,
  weights: Weights,
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
      feature: `${what} without a template (a state_dict of the network that will load the result)`,
      format: `the export to ${to}`,
    });
  };
  if (own.length > 0) refuse(`${own[0]}`);
  for (const { layer, node, kind, parts: named, learned, recurrent } of targets) {
    const module = Object.hasOwn(names, layer) ? names[layer]! : layer;
    if (recurrent !== undefined) refuse(`the recurrent layer ${layer}`);
    if (kind !== 'population' && !modules.includes(node.kind)) refuse(`the layer ${layer} (${node.kind})`);
    const factor = node.kind === 'batch-norm' ? node.scale : 1;
    for (const [part, { name, shape }] of named) {
      const values = Float32Array.from(weights[name]!, (x) => (part === 'weight' ? x * factor : x));
      if (parts[part] === undefined) refuse(`${name}`);
      if (node.kind === 'batch-norm' && shape.length > 1) refuse(`${name} with a row for each step`);
      add(`${module}.${parts[part]}`, shape, values);
    }
    if (node.kind === 'batch-norm') add(`${module}.num_batches_tracked`, [], BigInt64Array.of(0n));
    for (const { name, shape } of learned.values()) {
      const conversion = toPeer(to, lastWord(name)) ?? refuse(`the learned ${name}`);
      const context = neuronContext(node, description.dt);
      const values = Float32Array.from(weights[name]!, (x) => conversion.of.back(x, context));
      add(`${module}.${conversion.name}`, shape.length === 1 && shape[0] === 1 ? [] : shape, values);
    }
  }
  return dict;
}

/** The other library's name of a learned parameter, and its conversion. Torch has no neurons: a custom module has the same name in snake case. */
function toPeer(to: Peer, parameter: string): { name: string; of: Conversion } | undefined {
  const snake = parameter.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  for (const name of to === 'torch' ? [snake] : theirNames[to]) {
    const of = conversionsOf(to, name).find((conversion) => conversion.parameter === parameter);
    if (of !== undefined) return { name, of };
  }
  return undefined;
}

/** Names of the learned parameters of neurons in the other libraries. */
const theirNames: Readonly<Record<Exclude<Peer, 'torch'>, readonly string[]>> = {
  snntorch: ['beta', 'alpha', 'threshold', 'graded_spikes_factor'],
  spikingjelly: ['w', 'k'],
  norse: ['tau_mem_inv', 'tau_syn_inv', 'tau_adapt_inv', 'v_th', 'v_leak', 'v_reset'],
};
