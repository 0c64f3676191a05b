/** Converts neuron models to NIR nodes, or says why NIR has no node for them. */

import { elementCount } from '../checks/tensor.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import { unsupportedNir } from './errors.ts';
import type { ExportedNeuron } from './exported.ts';
import { type NirField, nirTensor } from './graph.ts';
import { firstType, nodeType, nodeTypes } from './node-types.ts';
import { PopulationParameters } from './population-parameters.ts';
import { type NirTarget, neuronFor } from './targets.ts';

/** The reason why a neuron model cannot be written. */
export const unwritten: Readonly<Record<string, string>> = {
  alpha: 'NIR has no neuron with a rising and a decaying synaptic current',
  alif: 'NIR has no adaptive threshold',
  'coba-lif': 'NIR has no conductances',
  klif: 'NIR has no scaling or rectification of the membrane potential',
  'delta-lif': 'NIR has no neuron driven by the difference of its input between steps',
  qif: 'NIR has no quadratic upstroke',
  eif: 'NIR has no exponential upstroke',
  adex: 'NIR has neither an exponential upstroke nor adaptation',
  gif: 'NIR has neither adaptation nor a moving threshold',
  izhikevich: 'NIR has neither a quadratic upstroke nor a recovery variable',
  'resonate-and-fire': 'NIR has no complex-valued membrane potential',
  'hodgkin-huxley': 'NIR has no ion channels',
  srm: 'NIR has no spike response kernels',
  'iaf-psc-exp': 'NIR has no refractory period and no separate excitatory and inhibitory currents',
  'iaf-psc-exp-shared': 'NIR has no refractory period; cubaLif is the same neuron without one',
  'iaf-psc-alpha': 'NIR has no alpha-shaped currents',
  'iaf-cond-exp': 'NIR has no conductances',
  'iaf-cond-alpha': 'NIR has no conductances',
  'hh-cond-exp-traub': 'NIR has no ion channels',
  'hh-psc-alpha': 'NIR has no ion channels',
  'aeif-cond-exp': 'NIR has neither conductances nor adaptation',
  'aeif-psc-exp': 'NIR has neither an exponential upstroke nor adaptation',
  'two-compartment': 'NIR has no neuron with two compartments',
  'tc-lif': 'NIR has no neuron with two compartments',
  'gated-leaky': 'NIR has no input-dependent decay',
  slstm: 'NIR has no gates',
  'spiking-lstm': 'NIR has no gates',
  sgru: 'NIR has no gates',
  'spiking-gru': 'NIR has no gates',
  'token-shift': 'NIR has no mixing of adjacent time steps',
  wkv: 'NIR has no attention over time',
  'sigmoid-gate': 'NIR has no sigmoid',
  'rate-unit': 'NIR has no rate unit',
  custom: 'NIR has no user-defined equations',
};

/** @param dt - ms @throws LapicqueError `unsupported` with the reason, for a model without a NIR node */
export function exportNeuron(
  name: string,
  dynamics: DynamicsSpec,
  shape: readonly number[],
  dt: number,
  target?: NirTarget,
): ExportedNeuron {
  const { model, equations } = dynamics;
  const reader = new PopulationParameters(dynamics, elementCount(shape), dt);
  const key = model === 'custom' ? `custom:${equations?.name}` : model;
  const written = firstType(({ writesNeurons = {} }) =>
    Object.hasOwn(writesNeurons, key) ? writesNeurons[key]!(reader) : undefined,
  );
  if (written === undefined) {
    const reason = unwritten[model] ?? 'NIR has no node for it';
    throw unsupportedNir(`the neuron ${model} of ${name}: ${reason}`, 'NIR');
  }
  const { type, answer } = written;
  const fields = new Map<string, NirField>();
  for (const [key, values] of Object.entries(answer.fields)) fields.set(key, fieldOf(values, shape));
  const lost = [
    ...(answer.lost ?? []),
    ...(dynamics.smoothed === undefined
      ? []
      : [['smoothed', 'NIR outputs spikes without smoothing'] as const]),
  ];
  const notes =
    nodeType(type).spiking === true && reader.option('compare') === '>='
      ? [`${name} spikes when v >= vThreshold; NIR defines v > v_threshold`]
      : [];
  const exported = { node: { type, fields, metadata: new Map() }, lost, notes };
  if (target === undefined) return exported;
  const levels = reader.has('levels') ? reader.get('levels')[0] : undefined;
  return neuronFor(target, name, exported, {
    dt,
    compare: reader.option('compare'),
    reset: reader.option('reset'),
    levels,
  });
}

/** A field of float32 if that represents all values exactly, otherwise of float64. */
function fieldOf(values: readonly number[], shape: readonly number[]): NirField {
  const type = values.every((x) => Math.fround(x) === x) ? 'float32' : 'float64';
  return nirTensor(values, shape, type);
}

/** The neuron models that can be written. @internal */
export const writtenModels: readonly string[] = Object.values(nodeTypes).flatMap(({ writesNeurons = {} }) =>
  Object.keys(writesNeurons),
);
