/** What running a network costs, by NeuroBench's definitions. */

import { operations } from '../../src-ts/doors/chip.ts';
import { decode } from '../../src-ts/doors/data.ts';
import { using } from './check.ts';
import { labels } from './loss.ts';
import { netOf } from './net.ts';
import { BadCase, isObject, type Json, list, number, object, type SideCar, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** `check: 'metrics'` */
export async function metrics(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const inputs = object(entry.inputs, 'inputs');
  const bySample = car.tensor(inputs.input);
  if (!text(entry.layout ?? 'input [B,T', 'layout').startsWith('input [B,T'))
    throw new BadCase(`unknown layout ${entry.layout}`);
  const [batch, steps, ...channels] = bySample.shape as [number, number, ...number[]];
  const width = channels.reduce((product, size) => product * size, 1);
  const x = new Float32Array(bySample.data.length);
  for (let row = 0; row < batch * steps; row++) {
    const from = row * width;
    const to = ((row % steps) * batch + Math.floor(row / steps)) * width;
    x.set(bySample.data.subarray(from, from + width), to);
  }
  const input = { x, shape: [steps, batch, width] };
  const net = await netOf(car, entry, (name) => car.tensor(name).data, {
    ...(channels.length > 1 ? { inputs: channels } : {}),
  });
  await using(net.model, async (model) => {
    const { batch_size: batchParam } = isObject(entry.params) ? entry.params : {};
    const batchSize = batchParam === undefined ? batch : number(batchParam, 'params.batch_size');
    const counted = await operations(model, input, { batchSize });
    const run = await model.run(input, { record: model.info.layers.map(({ name }) => `${name}.spikes`) });
    for (const layer of list(entry.layers, 'layers')) {
      if (!isObject(layer) || layer.type !== 'neuron') continue;
      const ours = net.layers.get(text(layer.name, 'layers[].name'));
      const spikes = run.recordings[`${ours}.spikes`]!;
      const own = model.info.layers.find(({ name }) => name === ours)!;
      const shape = [steps, batch, ...own.shape];
      if (layer.spikes !== undefined) comparison.tensor(text(layer.spikes, 'layers[].spikes'), spikes, shape);
    }
    const { labels: predicted } = decode({ kind: 'spike-count' }, run.spikes!, run.shape);
    const targets = labels(car.tensor(inputs.target));
    const right = predicted.filter((label, sample) => label === targets[sample]).length;
    const { SynapticOperations, ...metrics } = counted.neurobench;
    const operationsByName = Object.entries(SynapticOperations ?? {}).map(([name, value]) => [
      `SynapticOperations.${name}`,
      value,
    ]);
    const values = {
      Footprint: metrics.Footprint,
      ParameterCount: metrics.ParameterCount,
      ConnectionSparsity: counted.connectionSparsity,
      ActivationSparsity: metrics.ActivationSparsity,
      ClassificationAccuracy: right / batch,
      MembraneUpdates: metrics.MembraneUpdates,
      ...(Object.fromEntries(operationsByName) as Record<string, number>),
    };
    for (const [name, value] of Object.entries(values)) comparison.field(`metrics.${name}`, [value]);
  });
}
