/** Integer networks run by XyloSim: spikes and states. */
import { type IntegerConnectionSpec, integerNetwork } from '../../src-ts/doors/chip.ts';
import { using } from './check.ts';
import { type Json, number, object, type SideCar, Skip } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** `check: 'forward'` of XyloSim's layer. */
export async function xylo(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  if (entry.model !== 'xylosim.v1.XyloLayer') throw new Skip(`${entry.model} is not built yet`);
  const params = object(entry.params, 'params');
  const size = (name: string) => number(params[name], `params.${name}`);
  const [inputs, hidden, outputs] = [size('n_in'), size('n_hidden'), size('n_out')];
  const [currents, steps] = [size('n_syn'), size('T')];
  const weights = object(entry.weights, 'weights');
  const data = (value: unknown, what: string) => {
    const found = car.value(value, what);
    return Int32Array.from(typeof found === 'number' ? [found] : found);
  };
  /** `[source, target, current]` as one connection for each current. */
  const connections = (
    from: string,
    role: string,
    sources: number,
    targets: number,
    n: number,
    shift: string,
  ) => {
    if ((weights[role] ?? null) === null) return [];
    const all = data(weights[role], role);
    return Array.from({ length: n }, (_, current): IntegerConnectionSpec => {
      const own = new Int8Array(targets * sources);
      for (let target = 0; target < targets; target++)
        for (let source = 0; source < sources; source++)
          own[target * sources + source] = all[(source * targets + target) * n + current]!;
      return { from, weights: own, current, shift: size(shift) };
    });
  };
  /** `[neuron, current]` as `[current, neuron]`. */
  const transposed = (values: Int32Array, n: number) =>
    Int32Array.from(
      values,
      (_, i) => values[(i % (values.length / n)) * n + Math.floor(i / (values.length / n))]!,
    );
  // A list, or the name of a tensor.
  const listed = params.aliases ?? [];
  const aliases = Array.isArray(listed) ? listed.flat() : Array.from(data(listed, 'aliases'));
  const pairs = Array.from(
    { length: aliases.length / 2 },
    (_, i) => [aliases[2 * i]!, aliases[2 * i + 1]!] as const,
  );
  const bits = {
    vBits: size('bits_state'),
    currentBits: size('bits_state'),
    weightBits: size('bits_weight'),
  };
  const network = await integerNetwork({
    target: 'xylo',
    input: { size: inputs, maxCount: size('max_input_spikes') },
    layers: [
      {
        name: 'hidden',
        neurons: hidden,
        rules: { ...bits, currents, maxSpikes: size('max_hidden_spikes') },
        threshold: data(params.threshold, 'threshold'),
        vDecay: data(params.dash_mem, 'dash_mem'),
        currentDecay: transposed(data(params.dash_syn, 'dash_syn'), currents),
        aliases: pairs,
        connections: [
          ...connections('input', 'w_in', inputs, hidden, currents, 'weight_shift_in'),
          ...connections('hidden', 'w_rec', hidden, hidden, currents, 'weight_shift_rec'),
        ],
      },
      {
        name: 'out',
        neurons: outputs,
        rules: { ...bits, currents: size('n_syn_out'), maxSpikes: size('max_output_spikes') },
        threshold: data(params.threshold_out, 'threshold_out'),
        vDecay: data(params.dash_mem_out, 'dash_mem_out'),
        currentDecay: transposed(data(params.dash_syn_out, 'dash_syn_out'), size('n_syn_out')),
        connections: connections('hidden', 'w_out', hidden, outputs, size('n_syn_out'), 'weight_shift_out'),
      },
    ],
  });
  const counts = car.tensor(object(entry.inputs, 'inputs').input_counts);
  const expected = object(entry.expected, 'expected');
  await using(network, async () => {
    const input = { x: Int16Array.from(counts.data), shape: [steps, 1, inputs] };
    const record = ['hidden.spikes', 'hidden.v', 'hidden.currents', 'out.currents'] as const;
    const { spikes, v, recordings } = await network.run(input, { record });
    const compare = (name: string, values: ArrayLike<number>, shape: readonly number[]) =>
      comparison.expected(expected[name], values, shape);
    compare('hidden_spikes', recordings['hidden.spikes']!, [steps, hidden]);
    compare('output_spikes', spikes!, [steps, outputs]);
    compare('i_syn', recordings['hidden.currents']!, [steps, hidden, currents]);
    compare('v_mem', recordings['hidden.v']!, [steps, hidden]);
    compare('i_syn_out', recordings['out.currents']!, [steps, outputs, size('n_syn_out')]);
    compare('v_mem_out', v, [steps, outputs]);
  });
}
