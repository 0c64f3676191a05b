/** Neurons as a reader writes them: `0-99, 120`. */

/** From `first` to before `last`. */
export interface NeuronRange {
  readonly first: number;
  readonly last: number;
}

/**
 * A range of neurons of a population: `100-199` (both ends included), `100` alone, empty for all.
 *
 * @returns a message if the text is no range of the population
 */
export function rangeOf(text: string, size: number): NeuronRange | string {
  const trimmed = text.trim();
  if (trimmed === '') return { first: 0, last: size };
  const match = /^(\d+)(?:\s*[-–]\s*(\d+))?$/.exec(trimmed);
  if (match === null) return `“${trimmed}” is not a range of neurons; expected for example 0-${size - 1}`;
  const first = Number(match[1]);
  const end = match[2] === undefined ? first : Number(match[2]);
  if (end < first) return `${first} to ${end} runs backward`;
  if (end >= size) return `${end} is beyond the last neuron, ${size - 1}`;
  return { first, last: end + 1 };
}

/** The text of a range; empty for the whole of what can be shown. */
export function rangeText({ first, last }: NeuronRange, whole: NeuronRange): string {
  if (first === whole.first && last === whole.last) return '';
  return last - first === 1 ? String(first) : `${first}-${last - 1}`;
}

/** A neuron of a population. */
export interface ChosenNeuron {
  /** The index of the population. */
  readonly population: number;
  readonly neuron: number;
}

/** Chosen neurons in a URL: `E.12,I.3`. Names that are not known and neurons beyond the last one are left out. */
export function chosenOf(
  text: string | undefined,
  populations: readonly { readonly name: string; readonly size: number }[],
): ChosenNeuron[] {
  return (text ?? '').split(',').flatMap((one) => {
    const dot = one.lastIndexOf('.');
    const population = populations.findIndex(({ name }) => name === one.slice(0, dot));
    const neuron = Number(one.slice(dot + 1));
    const isValid = population >= 0 && /\.\d+$/.test(one);
    return isValid && neuron < populations[population]!.size ? [{ population, neuron }] : [];
  });
}

export function chosenText(
  chosen: readonly ChosenNeuron[],
  populations: readonly { readonly name: string }[],
): string | undefined {
  if (chosen.length === 0) return undefined;
  return chosen.map(({ population, neuron }) => `${populations[population]!.name}.${neuron}`).join(',');
}
