/** snnTorch's convolutional LSTM: gates in the order i, f, o, g, and spikes behind a pool. */

import { lif, slstm } from '../../src-ts/doors/neurons.ts';
import { avgPool2d, conv2d, type Edge, graph, type Layer, maxPool2d } from '../../src-ts/index.ts';
import { using } from './check.ts';
import { BadCase, type Json, number, object, type SideCar, Skip, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

const order = ['i', 'f', 'o', 'g'];

/** `check: 'forward'` of `snntorch.SConv2dLSTM`. */
export async function convLstm(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const params = object(entry.params, 'params');
  const input = car.tensor(object(entry.inputs, 'inputs').input);
  const named = object(entry.weights, 'weights');
  const weight = car.tensor(named['conv.weight']);
  const bias = named['conv.bias'] === undefined ? undefined : car.tensor(named['conv.bias']);
  const channels = number(params.in_channels, 'params.in_channels');
  const hidden = number(params.out_channels, 'params.out_channels');
  if (![params.stride ?? 1].flat().every((step) => step === 1))
    throw new Skip('a stride other than 1 is not built yet');
  const [, , height, width] = weight.shape as [number, number, number, number];
  const kernel = [height, width] as const;
  const padding = [Math.floor(height / 2), Math.floor(width / 2)] as const;
  const reset = text(params.reset_mechanism, 'params.reset_mechanism');
  const vThreshold = number(params.threshold, 'params.threshold');
  const pool = { none: undefined, max: maxPool2d, avg: avgPool2d }[String(params.pool ?? 'none')];
  if (pool === undefined && ![undefined, null, 'none'].includes(params.pool as never))
    throw new BadCase(`unknown pool ${params.pool}`);
  const nodes: Record<string, Layer> = {
    gates: conv2d(channels, 4 * hidden, kernel, { padding, bias: bias !== undefined }),
    neurons: slstm({
      like: 'snntorch',
      vThreshold,
      reset: reset === 'zero' ? 'value' : (reset as 'none' | 'subtract'),
      recurrent: { kind: 'conv', kernel, padding, bias: false, port: order },
    }),
  };
  const edges: Edge[] = [
    ['input', 'gates'],
    ['gates', 'neurons', { port: order }],
  ];
  if (pool !== undefined) {
    nodes.pool = pool(number(params.pool_size, 'params.pool_size'));
    // The pooled membrane against the threshold.
    nodes.spikes = lif({ beta: 0, reset: 'none', vThreshold });
    edges.push(['neurons', 'pool', { state: 'v' }], ['pool', 'spikes']);
  }
  const output = pool === undefined ? 'neurons' : 'spikes';
  const network = graph({ inputs: input.shape.slice(2), nodes, edges, output });
  await using(await network.compile({ precision: input.double ? 'f64' : 'f32' }), async (model) => {
    const taps = height * width;
    const part = (first: number, count: number) =>
      Float64Array.from({ length: 4 * hidden * count * taps }, (_, i) => {
        const [row, rest] = [Math.floor(i / (count * taps)), i % (count * taps)];
        return weight.data[(row * (channels + hidden) + first) * taps + rest]!;
      });
    await model.setWeights({
      'gates.weight': part(0, channels),
      ...(bias === undefined ? {} : { 'gates.bias': bias.data }),
      'neurons.recurrent.weight': part(channels, hidden),
    });
    const x = input.double ? input.data : Float32Array.from(input.data);
    const record = { spk: `${output}.spikes`, mem: 'neurons.v', syn: 'neurons.c' };
    const run = await model.run({ x, shape: input.shape }, { record: Object.values(record) });
    for (const [name, tensor] of Object.entries(object(entry.expected, 'expected'))) {
      const variable = record[name as keyof typeof record];
      if (variable === undefined) throw new BadCase(`unknown quantity ${name}`);
      const own = model.info.layers.find((layer) => variable.startsWith(`${layer.name}.`))!;
      const shape = [...input.shape.slice(0, 2), ...own.shape];
      comparison.tensor(text(tensor, `expected.${name}`), run.recordings[variable]!, shape);
    }
  });
}
