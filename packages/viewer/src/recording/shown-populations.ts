/** The populations that a raster shows, and the neurons of each. */
import type { RecordingFacts } from '../../../../src-ts/view/kinds/recording.ts';
import { type NeuronRange, rangeOf, rangeText } from '../plots/neuron-choice.ts';
import { wholeRange } from '../plots/recorded-neurons.ts';
import type { ViewState } from '../view.ts';

export interface RasterPopulation {
  /** Its number among all. */
  readonly index: number;
  readonly name: string;
  readonly size: number;
  /** The number of neurons whose spikes are recorded, and which they are. */
  readonly recorded: number;
  readonly recordedRanges: RecordingFacts['populations'][number]['recordedRanges'];
  /** What is shown at first: from the first recorded neuron to the last one. */
  readonly whole: NeuronRange;
  /** Index of the palette. */
  readonly color: number;
  isVisible: boolean;
  range: NeuronRange;
}

/** Populations of a recording with the choice in the URL: `hide=I,L4E` and `neurons.E=0-99`. */
export class RasterPopulations {
  readonly all: readonly RasterPopulation[];
  readonly #state: ViewState;

  constructor({ populations }: RecordingFacts, state: ViewState) {
    this.#state = state;
    const hidden = new Set((state.get('hide') ?? '').split(','));
    this.all = populations.map(({ name, size, recorded, recordedRanges }, index) => {
      const whole = wholeRange(recordedRanges, size);
      const text = state.get(`neurons.${name}`) ?? '';
      const range = text === '' ? whole : rangeOf(text, size);
      return {
        ...{ index, name, size, recorded, recordedRanges, whole, color: index },
        isVisible: recorded > 0 && !hidden.has(name),
        range: typeof range === 'string' ? whole : range,
      };
    });
  }

  get visible(): readonly RasterPopulation[] {
    return this.all.filter(({ isVisible }) => isVisible);
  }

  show(population: RasterPopulation, isVisible: boolean): void {
    population.isVisible = isVisible;
    const hidden = this.all.filter((one) => !one.isVisible).map(({ name }) => name);
    this.#state.set({ hide: hidden.length === 0 ? undefined : hidden.join(',') });
  }

  choose(population: RasterPopulation, range: NeuronRange): void {
    population.range = range;
    const text = rangeText(range, population.whole);
    this.#state.set({ [`neurons.${population.name}`]: text === '' ? undefined : text });
  }
}
