/** `lapicque inspect` of the file of an integer network. */
import { statSync } from 'node:fs';
import { IntegerNetwork } from '../quantize/integer-network.ts';
import { bytes, grouped, output, table } from './output.ts';

/** Whether the metadata of a file are those of an integer network. */
export function isIntegerNetwork(metadata: readonly (readonly [string, string])[]): boolean {
  return metadata.some(([key]) => key === 'integerNetwork');
}

export async function inspectIntegerNetwork(path: string, json: boolean, signal: AbortSignal): Promise<void> {
  using network = await IntegerNetwork.load(path, { signal });
  const summary = network.summary();
  const size = statSync(path).size;
  const report = { path, kind: 'integer network', bytes: size, ...summary, description: network.description };
  output(json).result(report, () => {
    const rows = summary.layers.map((layer) => [
      layer.name,
      grouped(layer.neurons),
      layer.spiking ? `${layer.threshold.join(' to ')}` : 'no spikes',
      `${layer.vBits}`,
      layer.currents === 0 ? '' : `${layer.currents} x ${layer.currentBits}`,
      `${layer.weightBits}`,
      grouped(layer.synapses),
      layer.connections.map(({ from, shift }) => `${from}${shift > 0 ? ` << ${shift}` : ''}`).join(', '),
    ]);
    const head = [
      'layer',
      'neurons',
      'threshold',
      'bits of v',
      'currents',
      'bits of weights',
      'synapses',
      'from',
    ];
    return [
      `${path}: integer network with the rules of "${summary.target}", ${bytes(size)}; ${grouped(summary.inputs)} inputs, ${bytes(summary.weightBytes)} of weights`,
      table([head, ...rows]),
    ].join('\n');
  });
}
