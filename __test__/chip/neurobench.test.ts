/** NeuroBench's metrics of twelve networks that its own package has measured (`__test__/chip/fixtures/neurobench/make.py`). */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { type NeuroBenchMetrics, operations } from '../../src-ts/doors/chip.ts';
import { readTensors } from '../../src-ts/doors/files.ts';
import { alpha, cubaLif, lapicque, lif, rateUnit } from '../../src-ts/doors/neurons.ts';
import {
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  graph,
  type InputTensor,
  join,
  type Layer,
  type Model,
  maxPool2d,
  type Weights,
} from '../../src-ts/index.ts';

const folder = '__test__/chip/fixtures/neurobench';

interface Described {
  type: string;
  name: string;
  [option: string]: unknown;
}

interface Case {
  name: string;
  shape: number[];
  steps: number;
  samples: number;
  batchSize: number;
  layers: Described[];
  spikes: Record<string, number>;
  /** Metrics for which NeuroBench printed an error and gave 0. */
  failed: string[];
  metrics: Omit<NeuroBenchMetrics, 'NeuronOperations'> & { NeuronOperations: unknown };
}

const { networks } = JSON.parse(readFileSync(`${folder}/networks.json`, 'utf8')) as { networks: Case[] };

/** snnTorch's module as a population. */
function population(model: string, spec: Record<string, unknown>) {
  const {
    reset_mechanism: reset,
    threshold,
    reset_delay: delayed,
    linear_features,
    time_step,
    ...rest
  } = spec;
  const options = {
    like: 'snntorch',
    reset,
    vThreshold: threshold,
    ...rest,
    ...(delayed === false ? { resetTiming: 'snntorch-no-delay' } : {}),
    ...(time_step === undefined ? {} : { timeStep: time_step }),
    ...(linear_features === undefined
      ? {}
      : { neurons: linear_features, recurrent: { kind: 'dense', bias: true } }),
    ...(model === 'RLeaky' ? { zeroKeepsInput: false } : {}),
  } as never;
  if (model === 'Lapicque') return lapicque(options);
  if (model === 'Alpha') return alpha(options);
  return model.endsWith('Synaptic') ? cubaLif(options) : lif(options);
}

function node(layer: Described): Layer | ReturnType<typeof join> {
  const { type, in: inputs, out, kernel } = layer as unknown as { type: string } & Record<string, number>;
  if (type === 'linear') return dense(inputs!, out!, { bias: layer.bias as boolean });
  if (type === 'conv2d') {
    const { stride, padding, groups, bias } = layer;
    return conv2d(inputs!, out!, kernel!, { stride, padding, groups, bias } as never);
  }
  if (type === 'max_pool2d') return maxPool2d(kernel!);
  if (type === 'avg_pool2d') return avgPool2d(kernel!);
  if (type === 'batch_norm2d') return batchNorm();
  if (type === 'flatten') return flatten();
  if (type === 'add') return join('add');
  if (type === 'relu') return rateUnit({ activation: 'relu' });
  return population(layer.model as string, layer.params as Record<string, unknown>);
}

async function compiled(
  { name, shape, layers }: Case,
  tensors: Map<string, { data: ArrayLike<number> }>,
): Promise<Model> {
  const nodes: Record<string, unknown> = {};
  const edges: [string, string][] = [];
  let last = 'input';
  for (const layer of layers) {
    nodes[layer.name] = node(layer);
    edges.push([last, layer.name]);
    if (layer.type === 'add') edges.push([layer.from as string, layer.name]);
    last = layer.name;
  }
  // An ANN ends with a dense layer; here an output is a population.
  if (layers.at(-1)!.type === 'linear') {
    nodes.out = rateUnit({ activation: 'identity' });
    edges.push([last, 'out']);
    last = 'out';
  }
  const model = await graph({ inputs: shape as [number], nodes, edges, output: last } as never).compile();
  const weights: Record<string, Weights> = {};
  for (const [key, { data }] of tensors) {
    if (!key.startsWith(`${name}.`) || key === `${name}.input`) continue;
    const own = key
      .slice(name.length + 1)
      .replace('running_mean', 'runningMean')
      .replace('running_var', 'runningVariance');
    weights[own] = Float32Array.from(data as ArrayLike<number>);
  }
  await model.setWeights(weights);
  return model;
}

/** `[sample, time, …]` as `[time, sample, …]`. */
function inTime(data: ArrayLike<number>, samples: number, steps: number): Float32Array {
  const width = data.length / (samples * steps);
  const x = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [sample, step] = [Math.floor(i / (steps * width)), Math.floor(i / width) % steps];
    x[(step * samples + sample) * width + (i % width)] = data[i]!;
  }
  return x;
}

for (const network of networks) {
  test(`NeuroBench's metrics: ${network.name}`, async (t) => {
    const { name, shape, steps, samples, batchSize, metrics, failed } = network;
    const { tensors } = await readTensors(`${folder}/networks.safetensors`);
    using model = await compiled(network, tensors as never);
    const x = inTime(tensors.get(`${name}.input`)!.data as ArrayLike<number>, samples, steps);
    const batch: InputTensor = { x, shape: [steps, samples, ...shape] };
    const counted = await operations(model, batch, { batchSize });
    const run = await model.run(batch);
    for (const [layer, spikes] of Object.entries(network.spikes))
      t.is(run.spikeCounts[layer], spikes, `spikes of ${layer}`);
    const ours = counted.neurobench;
    for (const [key, value] of Object.entries(metrics)) {
      const got = ours[key as keyof NeuroBenchMetrics];
      if (failed.includes(key)) {
        t.is(value, 0, `${key}: NeuroBench gave nothing`);
        t.is(got, null, key);
      } else {
        // NeuroBench means over batches; else the figures are the same to the last bit.
        if (key === 'ActivationSparsity') t.true(Math.abs((got as number) - (value as number)) < 1e-12, key);
        else t.deepEqual(got, value as never, key);
      }
    }
  });
}
