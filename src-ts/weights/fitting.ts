/** What of a module of theirs goes where in a layer of ours, and what does not fit. */
import { elementCount } from '../checks/tensor.ts';
import { isKind } from '../checks/typed.ts';
import {
  type Conversion,
  conversionsOf,
  type NeuronContext,
  type Peer,
  snntorchResets,
} from './neuron-parameters.ts';
import type { IgnoredTensor, PeerModule, PeerTensor } from './peer-modules.ts';
import type { Target, TargetParameter } from './targets.ts';

/** A parameter with its new values. */
export interface Assigned {
  readonly parameter: TargetParameter;
  readonly values: Float32Array | Float64Array;
  readonly tensors: readonly string[];
  readonly how?: string;
}

/** A number of theirs that the model has as a constant, and which is the same. */
export interface Compared {
  readonly tensor: string;
  readonly constant: string;
  readonly value: number | readonly number[];
}

/** A module in a layer. */
export interface Fit {
  readonly assigned: Assigned[];
  readonly compared: Compared[];
  readonly ignored: IgnoredTensor[];
  /** What does not fit, naming both sides; none where all does. */
  readonly problems: string[];
}

/** Single precision, in which the other libraries compute, tells apart no less than this. */
const tolerance = 1e-6;

/** A name with its shape, for messages. */
export function tensorText({
  name,
  shape,
}: {
  readonly name: string;
  readonly shape: readonly number[];
}): string {
  return `${name} [${shape.join(', ')}]`;
}

/** Puts a module into a layer of the same kind. */
export function fitOf(module: PeerModule, target: Target, from: Peer, dt: number): Fit {
  const fit: Fit = { assigned: [], compared: [], ignored: [], problems: [] };
  if (module.kind === 'population') populationFit(module, target, from, dt, fit);
  else layerFit(module, target, from, fit);
  return fit;
}

function layerFit(module: PeerModule, target: Target, from: Peer, fit: Fit): void {
  for (const part of new Set([...module.parts.keys(), ...target.parts.keys()])) {
    const [theirs, ours] = [module.parts.get(part), target.parts.get(part)];
    if (ours === undefined) fit.problems.push(`${tensorText(theirs!)}: ${target.layer} has no ${part}`);
    else if (theirs === undefined)
      fit.problems.push(`${tensorText(ours)}: ${module.path || 'the module'} has no ${part}`);
    else if (!alike(theirs.shape, ours.shape))
      fit.problems.push(`${tensorText(theirs)} is not ${tensorText(ours)}`);
    else {
      // SlidingPSN has the most recent lag last.
      const sliding = from === 'spikingjelly' && part === 'weight' && target.node.kind === 'filter';
      const values = realsOf(theirs);
      const how = sliding ? { how: 'lags in the other order' } : {};
      fit.assigned.push({
        parameter: ours,
        values: sliding ? values.slice().reverse() : values,
        tensors: [theirs.name],
        ...how,
      });
    }
  }
}

function populationFit(module: PeerModule, target: Target, from: Peer, dt: number, fit: Fit): void {
  recurrenceFit(module, target, fit);
  if (target.node.kind !== 'dynamics') return;
  const { params, options } = target.node.dynamics;
  const context: NeuronContext = { dt, options };
  for (const [name, tensor] of module.parameters) {
    if (from === 'snntorch' && name === 'reset_mechanism_val') {
      resetFit(tensor, target, options.reset, fit);
      continue;
    }
    const known = conversionsOf(from, name);
    const learned = known.find(({ parameter }) => target.learned.has(parameter));
    const constant = known.find(({ parameter }) => Object.hasOwn(params, parameter));
    if (learned !== undefined) learnedFit(tensor, target, learned, context, fit);
    else if (constant !== undefined) constantFit(tensor, target, constant, context, fit);
    else unknownFit(name, tensor, target, known, fit);
  }
  const set = new Set(fit.assigned.map(({ parameter }) => parameter.name));
  for (const parameter of target.learned.values())
    if (!set.has(parameter.name) && !fit.problems.some((problem) => problem.includes(parameter.name)))
      fit.problems.push(`${tensorText(parameter)}: ${module.path || 'the module'} has no such number`);
}

function recurrenceFit(module: PeerModule, target: Target, fit: Fit): void {
  const { recurrent, parts, layer } = target;
  const [weight, bias] = [module.parts.get('weight'), module.parts.get('bias')];
  const [ours, ourBias] = [parts.get('weight'), parts.get('bias')];
  if (weight === undefined && ours === undefined) return;
  if (ours === undefined) {
    fit.problems.push(`${tensorText(weight!)}: ${layer} is not recurrent`);
    return;
  }
  if (weight === undefined) {
    fit.problems.push(`${tensorText(ours)}: ${module.path || 'the module'} is not recurrent`);
    return;
  }
  const one = elementCount(weight.shape) === 1 && recurrent?.kind === 'one-to-one';
  if (!one && !alike(weight.shape, ours.shape)) {
    fit.problems.push(`${tensorText(weight)} is not ${tensorText(ours)}`);
    return;
  }
  const values = one ? new Float64Array(elementCount(ours.shape)).fill(weight.values[0]!) : realsOf(weight);
  const neurons = ours.shape.at(-1) ?? 1;
  const without = recurrent?.kind === 'dense' && (recurrent as { autapses?: boolean }).autapses === false;
  const isAutapse = (i: number) => Math.floor(i / neurons) % neurons === i % neurons;
  if (without && (values as Float64Array).some((x, i) => x !== 0 && isAutapse(i)))
    fit.problems.push(`${tensorText(weight)} has autapses, and ${layer} has none (autapses: false)`);
  fit.assigned.push({
    parameter: ours,
    values,
    tensors: [weight.name],
    ...(one ? { how: 'one number for all neurons' } : {}),
  });
  if (ourBias === undefined && bias !== undefined) {
    if (Array.from(bias.values).some((x) => x !== 0))
      fit.problems.push(`${tensorText(bias)}: the recurrence of ${layer} has no bias`);
    else fit.ignored.push({ tensor: bias.name, reason: `zeros, and the recurrence of ${layer} has no bias` });
  } else if (ourBias !== undefined && bias === undefined) {
    const values = new Float64Array(elementCount(ourBias.shape));
    fit.assigned.push({
      parameter: ourBias,
      values,
      tensors: [],
      how: 'zeros: the other library has no such bias',
    });
  } else if (ourBias !== undefined && bias !== undefined) {
    if (!alike(bias.shape, ourBias.shape))
      fit.problems.push(`${tensorText(bias)} is not ${tensorText(ourBias)}`);
    else fit.assigned.push({ parameter: ourBias, values: realsOf(bias), tensors: [bias.name] });
  }
}

/** Which reset snnTorch's neurons have, as a number. */
function resetFit(tensor: PeerTensor, { layer }: Target, ours: unknown, fit: Fit): void {
  const theirs = snntorchResets[tensor.values[0]!];
  if (ours === undefined) fit.ignored.push({ tensor: tensor.name, reason: `${layer} does not spike` });
  else if (theirs === ours)
    fit.ignored.push({ tensor: tensor.name, reason: `${layer} resets the same way (${ours})` });
  else
    fit.problems.push(
      `${tensor.name} is ${tensor.values[0]} (reset: '${theirs === 'value' ? 'zero' : theirs}'), and ${layer} has reset: '${ours}'`,
    );
}

function learnedFit(
  tensor: PeerTensor,
  target: Target,
  conversion: Conversion,
  context: NeuronContext,
  fit: Fit,
): void {
  const parameter = target.learned.get(conversion.parameter)!;
  const values = Float64Array.from(tensor.values, (x) => conversion.of(x, context));
  const count = elementCount(parameter.shape);
  const spread = spreadOver(values, count);
  if (spread === undefined) {
    fit.problems.push(`${tensorText(tensor)} is not ${tensorText(parameter)}`);
    return;
  }
  const how = [conversion.how, spread === values ? undefined : 'one number for all'].filter((note) => note);
  fit.assigned.push({
    parameter,
    values: spread,
    tensors: [tensor.name],
    ...(how.length > 0 ? { how: how.join('; ') } : {}),
  });
}

/** A number that the model has in its description: it must be the same. */
function constantFit(
  tensor: PeerTensor,
  { layer, node }: Target,
  conversion: Conversion,
  context: NeuronContext,
  fit: Fit,
): void {
  if (node.kind !== 'dynamics') return;
  const { parameter, of } = conversion;
  const given = node.dynamics.params[parameter]!;
  const ours = typeof given === 'number' ? [given] : given;
  const theirs = Float64Array.from(tensor.values, (x) => of(x, context));
  const spread = spreadOver(theirs, ours.length);
  const near = (a: number, b: number) =>
    Math.abs(a - b) <= tolerance * Math.max(1e-30, Math.abs(a), Math.abs(b));
  if (spread?.every((x, i) => near(x, ours[i]!)) === true) {
    fit.compared.push({ tensor: tensor.name, constant: `${layer}.${parameter}`, value: given });
    return;
  }
  const text = theirs.length === 1 ? `${Number(theirs[0]!.toPrecision(7))}` : `[${tensor.shape.join(', ')}]`;
  const own = ours.length === 1 ? `${ours[0]}` : `a list of ${ours.length}`;
  fit.problems.push(
    `${tensor.name} makes ${parameter} ${text}, and ${layer}.${parameter} is ${own} and not learned`,
  );
}

/** A number of theirs that the population has no parameter for. */
function unknownFit(
  name: string,
  tensor: PeerTensor,
  { layer, node, learned }: Target,
  known: readonly Conversion[],
  fit: Fit,
): void {
  const ignore = (reason: string) => fit.ignored.push({ tensor: tensor.name, reason });
  if (name === 'graded_spikes_factor' && tensor.values[0] === 1)
    return void ignore('1: spikes are not graded');
  const spiking = node.kind === 'dynamics' && Object.hasOwn(node.dynamics.params, 'vThreshold');
  if (name === 'threshold' && !spiking) return void ignore(`${layer} does not spike`);
  // Of Lapicque, beside the beta that they come to.
  if (name === 'R' || name === 'C' || name === 'time_step')
    return void ignore(`${layer} has its beta instead`);
  const own = node.kind === 'dynamics' ? [...learned.keys(), ...Object.keys(node.dynamics.params)] : [];
  const expected = [...new Set(known.map(({ parameter }) => parameter))].join(' or ');
  fit.problems.push(
    `${tensorText(tensor)}: ${layer} has no ${expected} (its parameters are ${own.join(', ')})`,
  );
}

/** One value for all or one each as `count` values; the values themselves where they are as many; nothing where they do not fit. */
function spreadOver(values: Float64Array, count: number): Float64Array | undefined {
  if (values.length === count) return values;
  if (values.length === 1) return new Float64Array(count).fill(values[0]!);
  return undefined;
}

/** The numbers of a tensor in the model's type; large weights that already have it are not copied. */
export function realsOf({ values }: PeerTensor): Float32Array | Float64Array {
  return isKind(values as Float32Array, Float32Array) || isKind(values as Float64Array, Float64Array)
    ? (values as Float32Array | Float64Array)
    : Float64Array.from(values);
}

/** Whether shapes are the same but for axes of one element. */
export function alike(a: readonly number[], b: readonly number[]): boolean {
  const squeezed = (shape: readonly number[]) => shape.filter((size) => size !== 1).join();
  return squeezed(a) === squeezed(b);
}
