/** Operations and energies as text for people. */
import { invalid } from '../checks/check.ts';
import type { Profile } from '../model/profile.ts';
import { grouped, table } from '../terminal/table.ts';
import type { EnergyEstimate } from './energy.ts';
import type { Operations } from './operations.ts';

const count = (value: number) => grouped(Math.round(value));
const percent = (share: number | undefined) => (share === undefined ? '' : `${(100 * share).toFixed(1)} %`);
const orEmpty = (value: number | undefined) => (value === undefined ? '' : count(value));

/**
 * Operations as a table, one row per layer and one for the total: means per sample, as `lapicque inspect` shows them. Layers without operations, such
 * as `flatten`, are omitted.
 *
 * @example
 * ```ts
 * console.log(operationsTable(await operations(model, { x, shape }, { steps: 25 })));
 * ```
 */
export function operationsTable(counted: Operations): string {
  return table(operationsRows(counted));
}

/** The head and the rows of {@link operationsTable}. */
function operationsRows(counted: Operations): string[][] {
  if (!Array.isArray((counted as Partial<Operations> | undefined | null)?.layers))
    invalid('counted', counted, 'a result of operations()');
  const head = [
    'layer',
    'kind',
    'weights',
    'zero weights',
    'additions',
    'multiply-adds',
    'dense',
    'outputs zero',
    'membrane updates',
    'neuron operations',
    'surrogate active',
    'energy',
  ];
  const energies = new Map(counted.energy.layers.map(({ name, joules }) => [name, joules]));
  const listed = counted.layers.filter(
    ({ weights, states, dense }) => weights > 0 || states > 0 || dense > 0,
  );
  const rows = listed.map((layer) => [
    layer.name,
    layer.kind,
    layer.weights > 0 ? count(layer.weights) : '',
    layer.weights > 0 ? percent(layer.zeroWeights / layer.weights) : '',
    layer.dense > 0 ? count(layer.effectiveAcs) : '',
    layer.dense > 0 ? count(layer.effectiveMacs) : '',
    layer.dense > 0 ? count(layer.dense) : '',
    layer.activation ? percent(layer.sparsity) : '',
    orEmpty(layer.membraneUpdates),
    orEmpty(layer.neuronOperations?.effective),
    percent(layer.active),
    energies.get(layer.name) === 0 ? '' : joulesText(energies.get(layer.name)!),
  ]);
  const neurons = counted.neurobench.NeuronOperations;
  const sum = [
    'all',
    '',
    count(listed.reduce((all, { weights }) => all + weights, 0)),
    percent(counted.connectionSparsity),
    count(counted.effectiveAcs),
    count(counted.effectiveMacs),
    count(counted.dense),
    percent(counted.activationSparsity),
    count(counted.membraneUpdates),
    neurons === null ? '' : count(neurons['Effective Neuron Ops']),
    '',
    joulesText(counted.energy.joules),
  ];
  return [head, ...rows, sum];
}

/** Energy estimates as a table: with the counted operations, and dense. */
export function energyTable(estimates: readonly EnergyEstimate[]): string {
  if (!Array.isArray(estimates)) invalid('estimates', estimates, 'a list of results of estimateEnergy()');
  for (const [i, estimate] of (estimates as readonly Partial<EnergyEstimate>[]).entries())
    if (typeof estimate?.joules !== 'number' || typeof estimate.model?.name !== 'string')
      invalid(`estimates[${i}]`, estimate, 'a result of estimateEnergy()');
  const rows = estimates.map(({ model, joules, denseJoules }) => [
    model.name,
    joulesText(joules),
    joulesText(denseJoules),
    joules > 0 ? (denseJoules / joules).toFixed(1) : '',
  ]);
  return table([['energy model', 'a sample', 'dense', 'times'], ...rows]);
}

/** `12.3 nJ` */
export function joulesText(value: number): string {
  const units = ['J', 'mJ', 'µJ', 'nJ', 'pJ'];
  let [unit, scaled] = [0, value];
  while (unit < units.length - 1 && scaled < 1 && value > 0) {
    scaled *= 1000;
    unit += 1;
  }
  return `${value === 0 ? 0 : scaled.toPrecision(3)} ${units[unit]}`;
}

/**
 * A profile as a table, one row for each unit: ms of a training step, and the share of the whole.
 *
 * @example
 * ```ts
 * console.log(profileTable(await model.profile(batch, { loss, optimizer })));
 * ```
 */
export function profileTable(profile: Profile): string {
  if (!Array.isArray((profile as Partial<Profile> | undefined | null)?.units))
    invalid('profile', profile, 'a result of model.profile()');
  const { units, update, rest, total } = profile;
  const share = (ms: number) => `${((100 * ms) / total).toFixed(1)} %`;
  const ms = (time: number) => (time >= 1000 ? grouped(Math.round(time)) : time.toPrecision(3));
  return table([
    ['layer', 'forward', 'backward', 'both, ms', 'share'],
    ...units
      .filter(({ forward, backward }) => forward + backward > 0)
      .map(({ layers, forward, backward }) => [
        layers.join(' + '),
        ms(forward),
        ms(backward),
        ms(forward + backward),
        share(forward + backward),
      ]),
    ...(update > 0 ? [['(optimizer)', '', '', ms(update), share(update)]] : []),
    ['(rest)', '', '', ms(rest), share(rest)],
    ['total', '', '', ms(total), ''],
  ]);
}
