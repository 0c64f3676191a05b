/** What the conventions of a reader add to a file, as sentences of its report. */
import { literal, type NirConventions } from './conventions.ts';
import type { FlatGraph } from './flat.ts';
import { numbersOf } from './graph.ts';
import { nodeType } from './node-types.ts';

type Key = keyof NirConventions;

/** The sentence of each convention that the equations of a file do not state. */
const sentences: { readonly [K in Exclude<Key, 'maxSpikes' | 'feedback'>]: (c: NirConventions) => string } = {
  membrane: () => 'v decays by exp(-dt/tau)',
  synapse: ({ synapse }) =>
    synapse === 'jump-then-decay'
      ? 'the input is added to the synaptic current, which decays after v has used it; w_in is ignored'
      : 'the input is added to the synaptic current, which decays before v uses it; w_in is ignored',
  inputGain: () => 'the input is added to v without a factor; r is ignored',
  ifGain: () => 'the input is added to v of IF neurons without a factor; r is ignored',
  reset: () => 'a spike subtracts v_threshold from v; v_reset is ignored',
  resetTiming: () => 'v is reset in the step after the spike',
  start: () => 'v starts at v_reset',
  compare: () => 'a neuron spikes when v >= v_threshold',
  spikes: ({ maxSpikes }) =>
    `a neuron emits up to ${maxSpikes} spikes in a step, one for each multiple of v_threshold that v reaches`,
  tauScale: ({ tauScale }) => `every time constant of the file is multiplied by ${tauScale}`,
  thresholdScale: ({ thresholdScale }) => `every v_threshold of the file is multiplied by ${thresholdScale}`,
};

/**
 * The differences from the equations as written, as far as nodes of the graph have them.
 *
 * @param chosen - conventions that the caller gave, which are no assumptions
 */
export function assumedConventions(
  graph: FlatGraph,
  conventions: NirConventions,
  title: string,
  chosen: Partial<NirConventions> = {},
): string[] {
  const nodes = [...graph.nodes.values()];
  return (Object.keys(sentences) as (keyof typeof sentences)[]).flatMap((key) => {
    if (conventions[key] === literal[key] || chosen[key] !== undefined) return [];
    const changed = nodes.filter(({ type }) => nodeType(type).conventions?.includes(key) === true);
    if (changed.length === 0) return [];
    const resets = changed.some((node) => numbersOf(node, 'v_reset') !== undefined);
    const note = key === 'reset' && resets ? ', although the file has it' : '';
    return [`${sentences[key](conventions)}${note}: a convention of ${title}, not of the file`];
  });
}
