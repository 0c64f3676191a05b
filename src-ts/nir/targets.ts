/** Profiles for writing: what the importer of each framework reads, and what it computes from it. Each was tried with the versions that it names. */
import { log } from '../numbers/elementary.ts';
import { unsupportedNir } from './errors.ts';
import type { ExportedGraph, ExportedNeuron } from './exported.ts';
import { type NirField, type NirNode, type NirTensor, nirTensor, numbersOf } from './graph.ts';
import { cyclesOf } from './traversal.ts';

/** A framework whose importer {@link writeNir} can write for. */
export type NirTarget = 'snntorch' | 'norse' | 'spikingjelly' | 'sinabs' | 'rockpool';

type Numbers = readonly number[];

/** A neuron in the terms of one step: `i = alpha i + w x`, `v = beta v + (1 - beta) leak + gain i`. Without a synapse, `i = x`. */
interface Step {
  readonly beta: Numbers;
  readonly alpha: Numbers | undefined;
  /** The factor on the input of a neuron: of the synaptic current and of v together. */
  readonly gain: Numbers;
  readonly leak: Numbers;
  readonly threshold: Numbers | undefined;
  readonly reset: Numbers;
}

/** The profile of a framework. */
export interface NirTargetProfile {
  /** The name for users, with the version that was tried. */
  readonly title: string;
  /** The version of `nir` that the file states. Versions up to 1.0.4 know no `v_reset`. */
  readonly version: string;
  /** How the importer is called. */
  readonly call: string;
  /** The step of the file in ms: the framework's own, or that of the model. */
  readonly dt: (dt: number) => number;
  /** The types of nodes that the importer reads. */
  readonly nodes: readonly string[];
  readonly recurrent: boolean;
  /** `'value'`: v = v_reset; `'zero'`: v = 0; `'subtract'`: v -= v_threshold for each of several spikes in a step. */
  readonly reset: 'value' | 'zero' | 'subtract';
  readonly compare: '>' | '>=';
  /** Whether all neurons of a layer need the same parameters: `'all'`, or only the same threshold. */
  readonly uniform?: 'all' | 'threshold';
  /** Whether the leak is 0, or the potential after a reset. */
  readonly leak?: 'zero' | 'reset';
  /** The factor with which the framework adds the input to v: the file is scaled to it. */
  readonly gain: (step: Step) => Numbers;
  /** The fields of a node for a neuron that is scaled to that gain. @param dt - s */
  readonly fields: (step: Step, dt: number) => Readonly<Record<string, Numbers>>;
  /** Whether the importer passes the axes of a Flatten to torch, which counts the batch: then they are counted from the last. */
  readonly countsBatch?: true;
  /** Whether the neurons of an image share one number per parameter, because the importer takes no arrays of several axes. */
  readonly sharesImages?: true;
}

const ones = ({ beta }: Step) => beta.map(() => 1);
const each = (values: Numbers, of: (x: number, i: number) => number) => values.map(of);

/** A membrane without leak as one with a time constant beyond all runs: 1 - 1e-12 is 1 in single precision. */
const forever = 1e12;
const eulerTau = (factors: Numbers, dt: number) =>
  each(factors, (x) => (x < 1 ? dt / (1 - x) : forever * dt));
const exactTau = (factors: Numbers, dt: number) =>
  each(factors, (x) => (x < 1 ? -dt / log(x) : forever * dt));

/** The decay factor of a synaptic current; without one, of a current that is below the precision of v after a step. */
const briefly = ({ alpha, beta }: Step): Numbers => alpha ?? beta.map(() => 1e-8);

/** Fields of forward Euler whose input has the factor 1: r = tau / dt, w_in = tau_syn / dt. */
function unitGain({ beta, alpha, leak, threshold, reset }: Step, dt: number, withReset: boolean) {
  const tau = eulerTau(beta, dt);
  const shared = {
    r: each(tau, (one) => one / dt),
    v_leak: leak,
    ...(threshold === undefined ? {} : { v_threshold: threshold, ...(withReset ? { v_reset: reset } : {}) }),
  };
  if (alpha === undefined) return { tau, ...shared };
  const tau_syn = eulerTau(alpha, dt);
  return { tau_mem: tau, tau_syn, w_in: each(tau_syn, (one) => one / dt), ...shared };
}

/** Profiles by framework. */
export const targets: Readonly<Record<NirTarget, NirTargetProfile>> = {
  snntorch: {
    title: 'snnTorch 1.0.0',
    version: '1.0.8',
    call: 'snntorch.import_nir.import_from_nir(nir.read(path))',
    dt: () => 0.1,
    nodes: ['Input', 'Output', 'Affine', 'Linear', 'Conv2d', 'AvgPool2d', 'Flatten', 'LIF', 'CubaLIF'],
    recurrent: false,
    reset: 'zero',
    compare: '>',
    uniform: 'threshold',
    leak: 'zero',
    gain: ones,
    fields: (step, dt) => unitGain(step, dt, true),
    countsBatch: true,
  },
  norse: {
    title: 'Norse 1.1.0',
    version: '1.0.8',
    call: 'norse.torch.from_nir(nir.read(path), dt=dt)',
    dt: (dt) => dt,
    nodes: ['Input', 'Output', 'Affine', 'Linear', 'Conv2d', 'SumPool2d', 'Flatten', 'LIF', 'CubaLIF'],
    recurrent: true,
    reset: 'zero',
    compare: '>',
    // r and v_reset are ignored: the input is scaled by dt/tau, and v is set to 0.
    gain: ({ beta, alpha }) =>
      alpha === undefined ? each(beta, (b) => (b < 1 ? 1 - b : 1 / forever)) : each(beta, () => 1),
    fields: (step, dt) =>
      step.alpha === undefined ? { ...unitGain(step, dt, true), r: ones(step) } : unitGain(step, dt, true),
    countsBatch: true,
  },
  spikingjelly: {
    title: 'SpikingJelly 2.0.0',
    version: '1.0.8',
    call: 'import_from_nir(nir.read(path), dt=dt)',
    dt: (dt) => dt,
    nodes: [
      'Input',
      'Output',
      'Affine',
      'Linear',
      'Conv1d',
      'Conv2d',
      'AvgPool2d',
      'Flatten',
      'LIF',
      'CubaLIF',
    ],
    recurrent: true,
    reset: 'value',
    compare: '>=',
    uniform: 'all',
    leak: 'reset',
    gain: ones,
    fields: (step, dt) => unitGain(step, dt, true),
  },
  sinabs: {
    title: 'sinabs 3.1.3',
    version: '1.0.4',
    call: 'sinabs.nir.from_nir(nir.read(path), batch_size=1)',
    // sinabs takes time constants in steps.
    dt: () => 1000,
    nodes: ['Input', 'Output', 'Affine', 'Conv2d', 'SumPool2d', 'Flatten', 'LIF'],
    recurrent: false,
    reset: 'subtract',
    compare: '>=',
    leak: 'zero',
    sharesImages: true,
    gain: ones,
    fields: (step, dt) => ({
      tau: exactTau(step.beta, dt),
      r: ones(step),
      v_leak: step.leak,
      v_threshold: step.threshold!,
    }),
  },
  rockpool: {
    title: 'Rockpool 3.1.0',
    version: '1.0.4',
    call: 'rockpool.nn.modules.from_nir(nir.read(path))',
    dt: (dt) => dt,
    // The importer fails for LIF, which is written as a CubaLIF.
    nodes: ['Input', 'Output', 'Affine', 'Linear', 'CubaLIF'],
    recurrent: false,
    reset: 'subtract',
    compare: '>=',
    leak: 'zero',
    // The synaptic current decays before it is added to v.
    gain: (step) => briefly(step),
    fields: (step, dt) => {
      const tau = exactTau(step.beta, dt);
      return {
        tau_mem: tau,
        tau_syn: exactTau(briefly(step), dt),
        w_in: ones(step),
        // The importer takes dt = tau / (1 + r).
        r: each(tau, (one) => one / dt - 1),
        v_leak: step.leak,
        v_threshold: step.threshold!,
      };
    },
  },
};

/** A neuron of forward Euler as factors of one step. @param dt - s */
function stepOf(node: NirNode, dt: number): Step {
  const r = numbersOf(node, 'r')!;
  const tau = numbersOf(node, 'tau') ?? numbersOf(node, 'tau_mem');
  const tauSyn = numbersOf(node, 'tau_syn');
  const wIn = numbersOf(node, 'w_in');
  const zeros = r.map(() => 0);
  const own = tau === undefined ? each(r, (x) => x * dt) : each(r, (x, i) => (x * dt) / tau[i]!);
  return {
    beta: tau === undefined ? r.map(() => 1) : each(tau, (one) => 1 - dt / one),
    alpha: tauSyn === undefined ? undefined : each(tauSyn, (one) => 1 - dt / one),
    gain: tauSyn === undefined ? own : each(own, (g, i) => (g * wIn![i]! * dt) / tauSyn[i]!),
    leak: numbersOf(node, 'v_leak') ?? zeros,
    threshold: numbersOf(node, 'v_threshold'),
    reset: numbersOf(node, 'v_reset') ?? zeros,
  };
}

/** The reasons of NIR that do not hold for a framework that subtracts the threshold for each of several spikes. */
const subtracted = ['reset', 'levels'];

/**
 * A neuron for a framework: its potential is scaled so that the framework's gain is that of the model, which changes no spike.
 *
 * @param dt - ms @throws LapicqueError `unsupported`
 */
export function neuronFor(
  target: NirTarget,
  name: string,
  exported: ExportedNeuron,
  {
    dt,
    compare,
    reset,
    levels,
  }: { dt: number; compare: unknown; reset: unknown; levels: number | undefined },
): ExportedNeuron {
  const profile = targets[target];
  const { title } = profile;
  const refuse = (feature: string): never => {
    throw unsupportedNir(`${feature} of ${name}`, title);
  };
  const { node } = exported;
  // An IF is a LIF without leak, and a LIF a CubaLIF with a brief current.
  const wanted = node.type === 'IF' ? 'LIF' : node.type;
  const type = wanted === 'LIF' && !profile.nodes.includes('LIF') ? 'CubaLIF' : wanted;
  if (!profile.nodes.includes(type)) refuse(`the neuron ${node.type}`);
  const step = stepOf(node, dt / 1000);
  const want = profile.gain(step);
  if (step.gain.some((g) => !(g > 0))) refuse('an input factor that is not above 0');
  if ([...step.beta, ...(step.alpha ?? [])].some((x) => !(x > 0 && x <= 1)))
    refuse('a decay factor outside of (0, 1]');
  const scaled = (values: Numbers) => each(values, (x, i) => (x === 0 ? 0 : (x * want[i]!) / step.gain[i]!));
  const all: Step = {
    ...step,
    leak: scaled(step.leak),
    threshold: step.threshold === undefined ? undefined : scaled(step.threshold),
    reset: scaled(step.reset),
  };
  checkUniform(profile, all, refuse);
  if (profile.reset === 'zero' && all.reset.some((v) => v !== 0)) refuse('vReset other than 0');
  if (profile.leak === 'zero' && all.leak.some((v) => v !== 0)) refuse('vLeak other than 0');
  if (profile.leak === 'reset' && all.leak.some((v, i) => v !== all.reset[i]))
    refuse('vLeak other than vReset');
  const fields = new Map<string, NirField>();
  const { shape } = node.fields.get('r') as NirTensor;
  const isShared = profile.sharesImages === true && shape.length > 1;
  if (isShared && [all.beta, all.threshold].some(differs))
    refuse('parameters that differ between neurons of an image');
  for (const [key, values] of Object.entries(profile.fields(all, profile.dt(dt) / 1000)))
    fields.set(key, isShared ? nirTensor([values[0]!], [1], 'float32') : nirTensor(values, shape, 'float32'));
  const lost = exported.lost.filter(([field]) => profile.reset !== 'subtract' || !subtracted.includes(field));
  const notes: string[] = [];
  if (profile.reset === 'subtract') {
    if (levels === undefined) {
      if (reset !== 'subtract') lost.push(['reset', `'${reset}'; ${title} subtracts v_threshold`]);
      lost.push([
        'spikes',
        `at most one per step; ${title} emits one for each multiple of v_threshold that v reaches (multiLevelLif is the same)`,
      ]);
    } else notes.push(`${name} emits at most ${levels} spikes in a step; ${title} has no limit`);
  }
  if (compare !== profile.compare)
    notes.push(`${name} spikes when v ${compare} vThreshold; ${title} when v ${profile.compare} v_threshold`);
  return { node: { type, fields, metadata: node.metadata }, lost, notes };
}

function differs(values: Numbers | undefined): boolean {
  return values?.some((x) => Math.fround(x) !== Math.fround(values[0]!)) === true;
}

function checkUniform({ uniform }: NirTargetProfile, step: Step, refuse: (feature: string) => never): void {
  if (uniform !== undefined && differs(step.threshold))
    refuse('a vThreshold that differs between neurons (in units of the input)');
  if (uniform === 'all' && [step.beta, step.alpha, step.leak, step.reset].some(differs))
    refuse('parameters that differ between neurons');
}

/** Checks and adapts the nodes without neurons, and the edges. @throws LapicqueError `unsupported` */
export function graphFor(target: NirTarget, exported: ExportedGraph): ExportedGraph {
  const profile = targets[target];
  const { graph } = exported;
  const cycles = cyclesOf(graph.nodes.keys(), graph.edges);
  const nodes = new Map<string, NirNode>();
  for (const [name, given] of graph.nodes) {
    const node = target === 'sinabs' ? withBias(given as NirNode) : (given as NirNode);
    if (!profile.nodes.includes(node.type))
      throw unsupportedNir(`${node.type} (${name})`, `the importer of ${profile.title}`);
    if (!profile.recurrent && cycles.has(name))
      throw unsupportedNir(`recurrent connections (${name})`, `the importer of ${profile.title}`);
    nodes.set(name, node.type === 'Flatten' ? flattenFor(profile, node) : node);
  }
  for (const [, to] of graph.edges)
    if (graph.edges.filter(([, other]) => other === to).length > 1 && !profile.recurrent)
      throw unsupportedNir(`several edges to a node (${to})`, `the importer of ${profile.title}`);
  return { ...exported, graph: { ...graph, nodes } };
}

/** A Linear as an Affine with a bias of 0, for an importer without Linear. */
function withBias(node: NirNode): NirNode {
  if (node.type !== 'Linear') return node;
  const { shape } = node.fields.get('weight') as NirTensor;
  const bias = nirTensor(new Float32Array(shape[0]!), [shape[0]!], 'float32');
  return { ...node, type: 'Affine', fields: new Map([...node.fields, ['bias', bias]]) };
}

function flattenFor({ countsBatch }: NirTargetProfile, node: NirNode): NirNode {
  if (countsBatch !== true) return node;
  const { shape } = node.fields.get('input_type') as NirTensor;
  const start = nirTensor(Int32Array.of(-shape[0]!), [], 'int64');
  return { ...node, fields: new Map([...node.fields, ['start_dim', start]]) };
}
