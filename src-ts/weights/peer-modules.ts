/** Tensors of a torch `state_dict` as modules: which belong together, and what each is to a layer. */
import type { Peer } from './neuron-parameters.ts';

/** A tensor of a file: numbers in C order. */
export interface PeerTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** What a module of theirs is here. */
export type ModuleKind = 'projection' | 'norm' | 'population';

/** Tensors that go to one layer. */
export interface PeerModule {
  /** Its name in torch: that of its tensors without the last part; empty for a module that was saved alone. */
  readonly path: string;
  readonly kind: ModuleKind;
  /** Of a projection `weight` and `bias`; of a norm those and `mean` and `variance`. */
  readonly parts: ReadonlyMap<string, PeerTensor>;
  /** Of a population its parameters, by what the other library calls them, and the projection from it to itself. */
  readonly parameters: ReadonlyMap<string, PeerTensor>;
}

/** A tensor that is not a weight of the model, with the reason. */
export interface IgnoredTensor {
  readonly tensor: string;
  readonly reason: string;
}

/** Tensors of `torch.nn` and of the libraries that hold nothing a model computes with. */
const bookkeeping: Readonly<Record<string, string>> = {
  num_batches_tracked: 'a counter of torch, which nothing reads',
  mask0: 'the mask follows from order and lambda',
  mask1: 'the mask follows from order and lambda',
  mem: 'a state, not a weight: every run begins at rest',
  syn: 'a state, not a weight: every run begins at rest',
  syn_exc: 'a state, not a weight: every run begins at rest',
  syn_inh: 'a state, not a weight: every run begins at rest',
  spk: 'a state, not a weight: every run begins at rest',
};

/** Names within a module whose tensors are an input projection and a recurrent one at once, by the part that each is. */
const cells: readonly (readonly [suffix: RegExp, part: string, recurrent: boolean])[] = [
  [/^(?:(?:lstm_cell|gru_cell|rnn_cell|rnn|lstm|gru)\.)?weight_ih(?:_l0)?$/, 'weight', false],
  [/^(?:(?:lstm_cell|gru_cell|rnn_cell|rnn|lstm|gru)\.)?bias_ih(?:_l0)?$/, 'bias', false],
  [/^(?:(?:lstm_cell|gru_cell|rnn_cell|rnn|lstm|gru)\.)?weight_hh(?:_l0)?$/, 'weight', true],
  [/^(?:(?:lstm_cell|gru_cell|rnn_cell|rnn|lstm|gru)\.)?bias_hh(?:_l0)?$/, 'bias', true],
  [/^linear_ih\.weight$/, 'weight', false],
  [/^linear_ih\.bias$/, 'bias', false],
  [/^linear_hh\.weight$/, 'weight', true],
  [/^linear_hh\.bias$/, 'bias', true],
  [/^input_weights$/, 'weight', false],
  [/^recurrent_weights$/, 'weight', true],
  [/^recurrent\.weight$/, 'weight', true],
  [/^recurrent\.bias$/, 'bias', true],
  [/^recurrent\.V$/, 'weight', true],
];

/** What a tensor of a batch or layer norm is. */
const norms: Readonly<Record<string, string>> = {
  weight: 'weight',
  bias: 'bias',
  running_mean: 'mean',
  running_var: 'variance',
};

/** The path of a cell's module and the rest of the name, for the longest rest that is one of a cell's. */
function cellPart(name: string): { path: string; part: string; recurrent: boolean } | undefined {
  const words = name.split('.');
  for (let length = Math.min(2, words.length); length > 0; length--) {
    const ending = words.slice(-length).join('.');
    const found = cells.find(([suffix]) => suffix.test(ending));
    if (found !== undefined)
      return { path: words.slice(0, -length).join('.'), part: found[1], recurrent: found[2] };
  }
  return undefined;
}

/** A module while its tensors are gathered. */
interface Gathered {
  parts: Map<string, PeerTensor>;
  parameters: Map<string, PeerTensor>;
  recurrent: Map<string, PeerTensor>;
  cell: Map<string, PeerTensor>;
}

/** Sorts tensors into modules, the modules in natural order of their names: `2` before `10`, `fc1` before `fc2`. */
export function modulesOf(
  tensors: readonly PeerTensor[],
  from: Peer,
): { modules: PeerModule[]; ignored: IgnoredTensor[] } {
  const ignored: IgnoredTensor[] = [];
  const gathered = new Map<string, Gathered>();
  const at = (path: string) => {
    const cached = gathered.get(path);
    if (cached !== undefined) return cached;
    const fresh: Gathered = {
      parts: new Map(),
      parameters: new Map(),
      recurrent: new Map(),
      cell: new Map(),
    };
    gathered.set(path, fresh);
    return fresh;
  };
  const names = new Set(tensors.map(({ name }) => name));
  for (const tensor of tensors) {
    const joint = jointOwner(tensor.name, names, from);
    if (joint !== undefined) {
      const ordered = joint.isConvolution ? gatesInOrder(tensor) : tensor;
      const [input, back] = joint.part === 'weight' ? halves(ordered) : [ordered, undefined];
      at(joint.path).cell.set(joint.part, input!);
      if (back !== undefined) at(joint.path).recurrent.set('weight', back);
      continue;
    }
    const cell = cellPart(tensor.name);
    if (cell !== undefined) {
      at(cell.path)[cell.recurrent ? 'recurrent' : 'cell'].set(cell.part, tensor);
      continue;
    }
    const dot = tensor.name.lastIndexOf('.');
    const [path, last] = [tensor.name.slice(0, Math.max(0, dot)), tensor.name.slice(dot + 1)];
    if (Object.hasOwn(bookkeeping, last)) {
      ignored.push({ tensor: tensor.name, reason: bookkeeping[last]! });
    } else if (last === 'V' && names.has(path === '' ? 'recurrent.V' : `${path}.recurrent.V`)) {
      ignored.push({ tensor: tensor.name, reason: `the same number as ${path}.recurrent.V` });
    } else if (Object.hasOwn(norms, last) || last === '_lambda_') {
      at(path).parts.set(last, tensor);
    } else {
      // Norse keeps what it learns in `p`, SpikingJelly's containers their neurons in `sub_module`.
      const owner = path.replace(/(^|\.)(?:p|sub_module)$/, '');
      at(owner).parameters.set(last, tensor);
    }
  }
  const order = [...gathered].sort(([a], [b]) => byNature(a, b));
  const modules = order.flatMap(([path, module]) => split(path, module, from));
  return { modules: stepNorms(modules), ignored };
}

/** One module of theirs as those of ours: an input projection and a population, where it is a cell. */
function split(path: string, { parts, parameters, recurrent, cell }: Gathered, from: Peer): PeerModule[] {
  const none: ReadonlyMap<string, PeerTensor> = new Map();
  const modules: PeerModule[] = [];
  const projection = (tensors: ReadonlyMap<string, PeerTensor>) =>
    modules.push({ path, kind: 'projection', parts: tensors, parameters: none });
  if (cell.size > 0) projection(cell);
  if (parts.size > 0) {
    const isNorm = [...parts].every(
      ([name, { shape }]) => name !== '_lambda_' && shape.filter((size) => size !== 1).length <= 1,
    );
    const named = new Map([...parts].map(([name, tensor]) => [norms[name] ?? 'lambda', tensor]));
    const sliding = from === 'spikingjelly' && parts.get('bias')?.shape.length === 0;
    if (isNorm && !sliding) modules.push({ path, kind: 'norm', parts: named, parameters: none });
    else projection(named);
  }
  if (parameters.size > 0 || recurrent.size > 0)
    modules.push({ path, kind: 'population', parts: recurrent, parameters });
  return modules;
}

/**
 * The cell whose one matrix takes the input and the recurrent input side by side: snnTorch's `SConv2dLSTM`, SpikingJelly's
 * `LinearRecurrentContainer`.
 */
function jointOwner(name: string, names: ReadonlySet<string>, from: Peer) {
  const [, path, module, part] = /^(?:(.*)\.)?(conv|rc)\.(weight|bias)$/.exec(name) ?? [];
  if (module === undefined) return undefined;
  const isCell =
    module === 'rc'
      ? from === 'spikingjelly'
      : from === 'snntorch' &&
        names.has(path === undefined ? 'reset_mechanism_val' : `${path}.reset_mechanism_val`);
  return isCell ? { path: path ?? '', part: part!, isConvolution: module === 'conv' } : undefined;
}

/** The gates of `SConv2dLSTM`, which are i, f, o and g, in torch's order, which is ours: i, f, g and o. */
function gatesInOrder({ name, shape, values }: PeerTensor): PeerTensor {
  const gate = values.length / 4;
  const all = Float64Array.from(values);
  const ordered = Float64Array.from(all);
  ordered.set(all.subarray(3 * gate), 2 * gate);
  ordered.set(all.subarray(2 * gate, 3 * gate), 3 * gate);
  return { name, shape, values: ordered };
}

/** A matrix over input and recurrent input, cut in two: the last columns, one per neuron, are recurrent. */
function halves({ name, shape, values }: PeerTensor): [PeerTensor, PeerTensor] {
  const [outputs = 0, inputs = 0, ...kernel] = shape;
  // A convolution gives all four gates.
  const neurons = kernel.length > 0 ? outputs / 4 : outputs;
  const window = kernel.reduce((product, size) => product * size, 1);
  const cut = (first: number, count: number): PeerTensor => {
    const length = Math.max(0, count) * window;
    const part = new Float64Array(outputs * length);
    for (let row = 0; row < outputs; row++)
      for (let i = 0; i < length; i++) part[row * length + i] = values[(row * inputs + first) * window + i]!;
    return { name, shape: [outputs, count, ...kernel], values: part };
  };
  return [cut(0, inputs - neurons), cut(inputs - neurons, neurons)];
}

/** Batch norms of a list, one per step (snnTorch's `BatchNormTT2d`), as one norm with a row a step. */
function stepNorms(modules: readonly PeerModule[]): PeerModule[] {
  const lists = new Map<string, PeerModule[]>();
  for (const module of modules) {
    const [, list, number] = /^(.*?)\.?(\d+)$/.exec(module.path) ?? [];
    if (number === undefined) continue;
    lists.set(list!, [...(lists.get(list!) ?? []), module]);
  }
  const joined = new Map<PeerModule, PeerModule | undefined>();
  for (const [path, list] of lists) {
    const [first, ...others] = list;
    const shapes = ({ parts }: PeerModule) =>
      [...parts].map(([part, { shape }]) => `${part} ${shape}`).join();
    const isList =
      others.length > 0 &&
      list.every((module, i) => {
        const number = /\d+$/.exec(module.path)![0];
        return module.kind === 'norm' && number === String(i) && shapes(module) === shapes(first!);
      });
    if (!isList) continue;
    const parts = [...first!.parts].map(([part, { shape }]): [string, PeerTensor] => {
      const rows = list.map((module) => module.parts.get(part)!);
      const values = Float64Array.from(rows.flatMap((row) => Array.from(row.values)));
      return [part, { name: `${path}.*.${lastWord(rows[0]!.name)}`, shape: [list.length, ...shape], values }];
    });
    for (const module of list) joined.set(module, undefined);
    joined.set(first!, { ...first!, path, parts: new Map(parts) });
  }
  return modules.flatMap((module) => (joined.has(module) ? (joined.get(module) ?? []) : [module]));
}

/** The part of a name behind its last dot. */
export function lastWord(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** `2` before `10`, letter by letter otherwise. */
function byNature(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.split(/(\d+)/));
  for (let i = 0; i < Math.max(left!.length, right!.length); i++) {
    const [x = '', y = ''] = [left![i], right![i]];
    if (x === y) continue;
    if (i % 2 === 1 && x !== '' && y !== '') return Number(x) - Number(y);
    return x < y ? -1 : 1;
  }
  return 0;
}
