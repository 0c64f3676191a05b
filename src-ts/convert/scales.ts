/**
 * Scales of signals: a spike of threshold θ represents the value θ, and the weights after it are multiplied by θ, so that every threshold becomes 1.
 */
import type { NodeSpec } from '../description/description.ts';
import type { AnnGraph } from './ann-graph.ts';
import { scaleWeights } from './channel-weights.ts';
import { type PreparedGraph, setAffine } from './prepare.ts';

/** One factor per channel of a signal: what its value is multiplied by to give that of the artificial network. */
type Scale = Float64Array;

/**
 * Writes the thresholds into the weights: with `value = scale × spikes` a layer's weights become `W scale(input) / scale(output)`, and the
 * scale of its output is the threshold of the population that alone reads it. Where no layer is in front of a population that could take the
 * factor (a residual branch of spikes), a factor per channel is put in.
 *
 * @param thresholds - by population, one per channel
 */
export function foldScales({ graph, kept }: PreparedGraph, thresholds: ReadonlyMap<string, Scale>): void {
  const targets = targetScales(graph, thresholds);
  const scales = new Map<string, Scale>([['input', ones(graph, 'input')]]);
  for (const name of graph.ordered()) {
    const node = graph.nodes.get(name)!;
    const sources = graph.sources(name);
    const [source] = sources as [string];
    const own = targets.get(name) ?? ones(graph, name);
    const arriving = scales.get(source)!;
    const rescaleTo = (to: Scale) => {
      for (const from of sources) rescale(graph, from, name, scales.get(from)!, to);
    };
    if (thresholds.has(name)) {
      rescaleTo(resized(thresholds.get(name)!, graph.channels(source))!);
      scales.set(name, thresholds.get(name)!);
    } else if (kept.has(name) || node.kind === 'dynamics') {
      rescaleTo(ones(graph, source));
      scales.set(name, ones(graph, name));
    } else if (node.kind === 'dense' || node.kind === 'conv') {
      scaleWeights(
        graph,
        node,
        own.map(inverse),
        node.kind === 'dense' ? resized(arriving, node.in) : arriving,
      );
      scales.set(name, own);
    } else if (node.kind === 'batch-norm') {
      const [factor, offset] = [graph.weights.get(`${name}.weight`)!, graph.weights.get(`${name}.bias`)!];
      setAffine(
        graph,
        name,
        factor.map((a, c) => (a * arriving[c]!) / own[c]!),
        offset.map((b, c) => b / own[c]!),
      );
      scales.set(name, own);
    } else if (node.kind === 'one-to-one') {
      const weights = graph.weights.get(`${name}.weight`)!;
      const [into, out] = [resized(arriving, node.neurons)!, resized(own, node.neurons)!];
      graph.weights.set(
        `${name}.weight`,
        into.map((scale, i) => (weights[node.shared === true ? 0 : i]! * scale) / out[i]!),
      );
      graph.nodes.set(name, { ...node, shared: false });
      scales.set(name, own);
    } else if (node.kind === 'add') {
      rescaleTo(own);
      scales.set(name, own);
    } else if (node.kind === 'concat') {
      scales.set(name, Float64Array.from(sources.flatMap((from) => [...scales.get(from)!])));
    } else {
      // Pools, flatten and unflatten: what they give has the scale of what they take, unless a channel then has several.
      const passed = resized(arriving, graph.channels(name));
      if (passed === undefined) rescaleTo(ones(graph, source));
      scales.set(name, passed ?? ones(graph, name));
    }
  }
}

/** The scale that the only reader of a signal would like it to have. */
function targetScales(graph: AnnGraph, thresholds: ReadonlyMap<string, Scale>): Map<string, Scale> {
  const targets = new Map<string, Scale>();
  for (const name of graph.ordered().toReversed()) {
    const [reader, ...others] = graph.readers(name);
    if (reader === undefined || others.length > 0) continue;
    const kind = graph.nodes.get(reader)!.kind;
    const passes = ['pool', 'flatten', 'unflatten', 'add', 'concat'].includes(kind);
    const all = thresholds.get(reader) ?? (passes ? targets.get(reader) : undefined);
    const target = kind === 'concat' ? all && partOf(graph, name, reader, all) : all;
    const own = target && resized(target, graph.channels(name));
    if (own !== undefined) targets.set(name, own);
  }
  return targets;
}

/** The part of a scale of joined channels that belongs to one source. */
function partOf(graph: AnnGraph, source: string, joined: string, scale: Scale): Scale | undefined {
  if (scale.length !== graph.channels(joined)) return undefined;
  const sources = graph.sources(joined);
  const first = sources.slice(0, sources.indexOf(source)).reduce((sum, one) => sum + graph.channels(one), 0);
  return scale.subarray(first, first + graph.channels(source));
}

/** One factor per channel, of a signal whose channels are split or joined; nothing where a channel would have several. */
function resized(scale: Scale, channels: number): Scale | undefined {
  if (scale.length === channels) return scale;
  if (channels > scale.length) {
    const pixels = channels / scale.length;
    return Float64Array.from({ length: channels }, (_, i) => scale[Math.floor(i / pixels)]!);
  }
  const pixels = scale.length / channels;
  const first = Float64Array.from({ length: channels }, (_, c) => scale[c * pixels]!);
  return scale.every((s, i) => s === first[Math.floor(i / pixels)]) ? first : undefined;
}

/** Puts a factor per channel onto an edge where the scales of its ends differ. */
function rescale(graph: AnnGraph, from: string, to: string, current: Scale, target: Scale): void {
  const resizedTarget = resized(target, current.length) ?? target;
  const scale = resized(current, resizedTarget.length)!;
  if (resizedTarget.every((s, c) => s === scale[c])) return;
  const factor = scale.map((s, c) => s / resizedTarget[c]!);
  const shape = graph.shape(from);
  const name = graph.unique(`${from}_scale`);
  const pixels = shape.slice(1);
  const each = (value: number) => pixels.map(() => value);
  const node: NodeSpec =
    pixels.length === 0
      ? { kind: 'one-to-one', name, neurons: shape[0]! }
      : {
          kind: 'conv',
          name,
          in: shape[0]!,
          out: shape[0]!,
          kernel: each(1),
          stride: each(1),
          padding: each(0),
          dilation: each(1),
          groups: shape[0]!,
          bias: false,
        };
  graph.insertBetween(from, to, node);
  graph.weights.set(`${name}.weight`, Float64Array.from(factor));
}

function ones(graph: AnnGraph, name: string): Scale {
  return new Float64Array(graph.channels(name)).fill(1);
}

function inverse(x: number): number {
  return 1 / x;
}
