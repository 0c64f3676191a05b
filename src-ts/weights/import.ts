/** Weights of other libraries into a model: all of them or, where something does not fit, none. */
import { options as checkOptions, invalid, oneOf, unknownName } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { CompiledModel } from '../compiled/compiled-model.ts';
import type { FileSource } from '../files/file-source.ts';
import type { Limits } from '../files/limits.ts';
import { type Assigned, alike, type Compared, type Fit, fitOf, realsOf, tensorText } from './fitting.ts';
import { selectedTensors } from './from-file.ts';
import { type GivenWeights, tensorOf } from './given-weights.ts';
import { match } from './matching.ts';
import { conversionsOf, type Peer, peers } from './neuron-parameters.ts';
import { type IgnoredTensor, lastWord, modulesOf, type PeerModule, type PeerTensor } from './peer-modules.ts';
import { neuronContext, type Target, type TargetParameter, targetsOf } from './targets.ts';

/** Options of {@link Model.importWeights}. */
export interface ImportOptions {
  /** The library that the tensors come from. Default `'torch'`: nothing but `torch.nn`, and parameters that are called as here. */
  from?: Peer;
  /**
   * The assignment of modules or tensors that does not follow from names, structure and shapes: for the name of the module or tensor (`fc_out`,
   * `lif_out.beta`), the name of the model's layer or parameter, or `null` to omit it; or a function from each tensor's name to
   * that, which gives `undefined` where it has nothing to say.
   */
  map?: Readonly<Record<string, string | null>> | ((tensor: string) => string | null | undefined);
  /** Layers that keep their weights and need no tensors: for example a new readout after trained layers. */
  keep?: readonly string[];
  /**
   * Of a checkpoint the dictionary that holds the weights, such as `'model_state_dict'`. Default the file itself where it is a state_dict,
   * else the only one that it holds.
   */
  stateDict?: string;
  /** Cancels the reading of a file. */
  signal?: AbortSignal;
  /** Memory limits of the file. */
  limits?: Limits;
}

/** The report of {@link Model.importWeights} for each tensor. */
export interface ImportReport {
  /** Parameters that were set, with their tensors; `how` describes the conversion of the numbers, if they were changed. */
  readonly set: readonly {
    readonly parameter: string;
    readonly shape: readonly number[];
    readonly tensors: readonly string[];
    readonly how?: string;
  }[];
  /** Numbers that are constants of the model's description; they are equal, otherwise the import would have failed. */
  readonly compared: readonly Compared[];
  /** Tensors that are not weights of the model, with reasons. */
  readonly ignored: readonly IgnoredTensor[];
  /** Parameters that kept their values. */
  readonly kept: readonly string[];
}

/** A model that takes weights. */
interface Importing extends Pick<CompiledModel, 'description' | 'info'> {
  setWeights(weights: GivenWeights): Promise<void>;
}

/** See {@link Model.importWeights}. */
export async function importWeights(
  model: Importing,
  source: GivenWeights | FileSource,
  options: ImportOptions,
): Promise<ImportReport> {
  const known = ['from', 'map', 'keep', 'stateDict', 'signal', 'limits'] as const;
  const { stateDict, signal, limits, ...plan } = checkOptions('importWeights', options, known);
  const reading = { signal, limits };
  const found = await selectedTensors('tensors', source, stateDict, reading);
  const tensors = found.tensors.map(([name, tensor]) => peerTensor(name, tensor));
  const { filled, targets, own } = planned(model, tensors, plan);
  const set = filled.assigned;
  await model.setWeights(
    Object.fromEntries(
      set.map(({ parameter, values }) => [parameter.name, { data: values, shape: parameter.shape }]),
    ),
  );
  const names = new Set(set.map(({ parameter }) => parameter.name));
  return {
    set: set.map(({ parameter: { name, shape }, tensors, how }) => ({
      parameter: name,
      shape,
      tensors,
      ...(how === undefined ? {} : { how }),
    })),
    compared: filled.compared,
    ignored: [...found.ignored, ...filled.ignored],
    kept: [...targets.flatMap(parametersOf).map(({ name }) => name), ...own].filter(
      (name) => !names.has(name),
    ),
  };
}

/** Which tensor goes where, and nothing set yet. @throws LapicqueError as {@link Model.importWeights} */
export function planned(
  model: Pick<Importing, 'description' | 'info'>,
  tensors: readonly PeerTensor[],
  { from = 'torch', map = {}, keep = [] }: Pick<ImportOptions, 'from' | 'map' | 'keep'>,
): { readonly filled: Filled; readonly targets: readonly Target[]; readonly own: readonly string[] } {
  oneOf('from', from, peers);
  if (typeof map !== 'function' && (typeof map !== 'object' || map === null))
    invalid('map', map, 'an object from names of the tensors to names of the model, or a function');
  if (!Array.isArray(keep)) invalid('keep', keep, 'a list of layers');
  const { description, info } = model;
  const { targets, own } = targetsOf(description, info.parameters);
  const layers = targets.map(({ layer }) => layer);
  for (const layer of keep) if (!layers.includes(layer)) throw unknownName('layer', layer, layers);
  const filled: Filled = { assigned: [], compared: [], ignored: [], done: new Set() };
  const { left, asked: requested } = mapped(tensors, targets, map, from, description.dt, filled);
  // Tensors that are called as here, as a file of this library has them, need no search.
  const parameters = new Map(info.parameters.map((at) => [at.name, at]));
  const isOwn = left.every(({ name }) => parameters.has(name));
  if (isOwn)
    for (const tensor of left)
      single(tensor, parameters.get(tensor.name)!, targets, from, description.dt, filled);
  const { modules, ignored } = modulesOf(isOwn ? [] : left, from);
  filled.ignored.push(...ignored);
  const open = targets.filter(({ layer }) => !keep.includes(layer) && !requested.layers.has(layer));
  assign(modules, open, requested.modules, targets, from, description.dt, filled);
  missing(open, filled, keep, tensors);
  return { filled, targets, own };
}

/** What has been assigned so far; `done` are parameters. */
export interface Filled {
  readonly assigned: Assigned[];
  readonly compared: Compared[];
  readonly ignored: IgnoredTensor[];
  readonly done: Set<string>;
}

/** What `map` says of whole modules, and the layers that single tensors of it filled. */
interface RequestedModules {
  readonly modules: ReadonlyMap<string, string>;
  readonly layers: ReadonlySet<string>;
}

/** A tensor in the form that the matching takes. */
export function peerTensor(name: string, value: unknown): PeerTensor {
  const { data, shape } = tensorOf(name, value);
  // Counters and kinds of resets are int64.
  const values =
    typeof data[0] === 'bigint' ? Float64Array.from(data as BigInt64Array, Number) : (data as Float32Array);
  return { name, shape, values };
}

/** Does what `map` asks for: leaves tensors out, sets single parameters, and tells which modules go where. */
function mapped(
  tensors: readonly PeerTensor[],
  targets: readonly Target[],
  map: NonNullable<ImportOptions['map']>,
  from: Peer,
  dt: number,
  filled: Filled,
): { left: PeerTensor[]; asked: RequestedModules } {
  const modules = new Map<string, string>();
  const layers = new Set<string>();
  const parameters = new Map(targets.flatMap(parametersOf).map((at) => [at.name, at]));
  const names = targets.map(({ layer }) => layer);
  const used = new Set<string>();
  const requestedFor = (name: string): [key: string, to: string | null] | undefined => {
    if (typeof map === 'function') {
      const to = map(name);
      return to === undefined ? undefined : [name, to];
    }
    // The tensor itself, or a module around it, the nearest first.
    for (let key = name; ; key = key.slice(0, Math.max(0, key.lastIndexOf('.')))) {
      if (Object.hasOwn(map, key)) {
        used.add(key);
        return [key, map[key]!];
      }
      if (key === '' || (!key.includes('.') && !Object.hasOwn(map, ''))) return undefined;
    }
  };
  const left = tensors.filter((tensor) => {
    const [key, to] = requestedFor(tensor.name) ?? [];
    if (key === undefined) return true;
    if (to === null || to === undefined) {
      filled.ignored.push({ tensor: tensor.name, reason: 'omitted by map' });
      return false;
    }
    const found = parameters.get(to);
    if (found !== undefined && key === tensor.name) {
      single(tensor, found, targets, from, dt, filled);
      return false;
    }
    if (!names.includes(to)) throw unknownName('layer or parameter', to, [...names, ...parameters.keys()]);
    modules.set(key === tensor.name ? key.slice(0, Math.max(0, key.lastIndexOf('.'))) : key, to);
    return true;
  });
  if (typeof map !== 'function')
    for (const key of Object.keys(map))
      if (!used.has(key))
        throw unknownName(
          'tensor or module',
          key,
          tensors.map(({ name }) => name),
        );
  // A layer of which single tensors filled everything needs no module.
  for (const target of targets) {
    const own = parametersOf(target);
    if (own.length > 0 && own.every(({ name }) => filled.done.has(name))) layers.add(target.layer);
  }
  return { left, asked: { modules, layers } };
}

/** One tensor into one parameter. */
function single(
  tensor: PeerTensor,
  at: TargetParameter,
  targets: readonly Target[],
  from: Peer,
  dt: number,
  filled: Filled,
): void {
  if (filled.done.has(at.name)) invalid('map', `${tensor.name} to ${at.name}`, 'each parameter once');
  const target = targets.find((of) => parametersOf(of).some(({ name }) => name === at.name));
  const isLearned = target?.learned.has(lastWord(at.name)) === true;
  const conversion = conversionsOf(from, lastWord(tensor.name)).find(
    ({ parameter }) => isLearned && parameter === lastWord(at.name),
  );
  const values =
    conversion === undefined
      ? realsOf(tensor)
      : Float64Array.from(tensor.values, (x) => conversion.of(x, neuronContext(target!.node, dt)));
  const one = values.length === 1 && isLearned;
  const count = at.shape.reduce((product, size) => product * size, 1);
  if (!one && !alike(tensor.shape, at.shape)) {
    const [expected, got] = [tensorText(at), tensorText(tensor)];
    throw new LapicqueError('shape-mismatch', { layer: at.name, expected, got });
  }
  filled.assigned.push({
    parameter: at,
    values: one ? new Float64Array(count).fill(values[0]!) : values,
    tensors: [tensor.name],
    ...(conversion?.how === undefined ? {} : { how: conversion.how }),
  });
  filled.done.add(at.name);
}

/** Finds a layer for each module: that which `map` names, that of the same name, else by structure and shape. */
function assign(
  modules: readonly PeerModule[],
  open: readonly Target[],
  requested: ReadonlyMap<string, string>,
  targets: readonly Target[],
  from: Peer,
  dt: number,
  filled: Filled,
): void {
  const taken = new Set<Target>();
  const put = (module: PeerModule, target: Target) => {
    const fit = fitOf(module, target, from, dt);
    if (fit.problems.length > 0) {
      const reason = `${module.path || 'the module'} does not fit ${target.layer}: ${fit.problems.join('; ')}`;
      throw mismatch(reason, [target], [module]);
    }
    keepFit(fit, filled);
    taken.add(target);
  };
  const sameName = (module: PeerModule) =>
    open.find(({ layer, kind }) => layer === module.path && kind === module.kind);
  // A name that we made up says something only where all are called so: their lif2 may be our lif1, behind a cubaLif1.
  const allNamed = new Set(
    modules
      .map(({ kind }) => kind)
      .filter((kind) => modules.every((module) => module.kind !== kind || sameName(module) !== undefined)),
  );
  const unmatched = modules.filter((module) => {
    const name = requested.get(module.path);
    const target =
      name === undefined
        ? sameName(module)
        : targets.find(({ layer, kind }) => layer === name && kind === module.kind);
    if (target === undefined || taken.has(target)) return true;
    if (name === undefined && !allNamed.has(module.kind) && isNumbered(target)) return true;
    put(module, target);
    return false;
  });
  for (const kind of ['projection', 'norm', 'population'] as const) {
    const theirs = unmatched.filter((module) => module.kind === kind);
    const ours = open.filter((target) => target.kind === kind && !taken.has(target));
    const fits = theirs.map((module) => ours.map((target) => fitOf(module, target, from, dt)));
    const found = match(
      (i, j) => fits[i]![j]!.problems.length === 0,
      [theirs.length, ours.length],
      (j) => parametersOf(ours[j]!).some(({ name }) => !filled.done.has(name)),
      (i, k) => equal(theirs[i]!, theirs[k]!),
      (group) => new Set(group.map((i) => theirs[i]!.path.replace(/\d+/g, '#'))).size === 1,
    );
    if ('pairs' in found) {
      for (const [i, j] of found.pairs) {
        keepFit(fits[i]![j]!, filled);
        taken.add(ours[j]!);
      }
      continue;
    }
    if ('ambiguous' in found) {
      const reason = 'several layers fit these tensors and their names have no order; assign them with map';
      throw mismatch(
        reason,
        found.candidates.map((j) => ours[j]!),
        found.ambiguous.map((i) => theirs[i]!),
      );
    }
    // In the order of both, what is wrong with the first pair is what a reader looks for.
    const first = theirs.length === ours.length ? fits.findIndex((of, i) => of[i]!.problems.length > 0) : -1;
    const why = first < 0 ? '' : `: ${fits[first]![first]!.problems[0]}`;
    throw mismatch(
      `the weights do not fit the network${why}`,
      (found.uncovered.length > 0 ? found.uncovered : [...ours.keys()]).map((j) => ours[j]!),
      (found.unmatched.length > 0 ? found.unmatched : [...theirs.keys()]).map((i) => theirs[i]!),
    );
  }
}

/** Whether a layer has the name that it gets where the user gives none. */
function isNumbered({ layer, node }: Target): boolean {
  const base = layer.replace(/\d+$/, '');
  if (base === layer) return false;
  const given = node.kind === 'dynamics' ? (node.dynamics.equations?.name ?? node.dynamics.model) : node.kind;
  return base.toLowerCase() === given.replaceAll('-', '').toLowerCase() || base === 'pointwise';
}

/** Refuses an import that leaves parameters of the model unchanged, except those in `keep`. */
function missing(
  open: readonly Target[],
  { done }: Filled,
  keep: readonly string[],
  tensors: readonly PeerTensor[],
): void {
  const left = open.filter(({ layer }) => !keep.includes(layer)).flatMap(parametersOf);
  const names = left.filter(({ name }) => !done.has(name)).map(tensorText);
  if (names.length === 0) return;
  const reason = 'parameters without tensors (list layers that keep their weights in keep)';
  throw new LapicqueError('weights-mismatch', { model: names, tensors: tensors.map(tensorText), reason });
}

function keepFit({ assigned, compared, ignored }: Fit, filled: Filled): void {
  for (const of of assigned) {
    if (filled.done.has(of.parameter.name)) continue;
    filled.assigned.push(of);
    filled.done.add(of.parameter.name);
  }
  filled.compared.push(...compared);
  filled.ignored.push(...ignored);
}

function mismatch(reason: string, targets: readonly Target[], modules: readonly PeerModule[]): Error {
  const model = targets.flatMap((target) => {
    const parameters = parametersOf(target);
    return parameters.length > 0 ? parameters.map(tensorText) : [target.layer];
  });
  const tensors = modules.flatMap(({ parts, parameters }) =>
    [...parts.values(), ...parameters.values()].map(tensorText),
  );
  return new LapicqueError('weights-mismatch', { model, tensors, reason });
}

function parametersOf({ parts, learned }: Target): TargetParameter[] {
  return [...parts.values(), ...learned.values()];
}

/** Whether two modules hold the same numbers under the same names. */
function equal(a: PeerModule, b: PeerModule): boolean {
  const same = (left: ReadonlyMap<string, PeerTensor>, right: ReadonlyMap<string, PeerTensor>) =>
    left.size === right.size &&
    [...left].every(([name, { values }]) => {
      const other = right.get(name)?.values;
      if (other === undefined || other.length !== values.length) return false;
      for (let i = 0; i < values.length; i++) if (values[i] !== other[i]) return false;
      return true;
    });
  return same(a.parts, b.parts) && same(a.parameters, b.parameters);
}
