/** The populations that a raster shows, and the neurons of each. */
import type { RecordingFacts } from '../../../../src-ts/view/kinds/recording.ts';
import { type NeuronRange, rangeOf, rangeText } from '../plots/neuron-choice.ts';
import type { ViewState } from '../view.ts';

export interface RasterPopulation {
  /** Its number among all. */
  readonly index: number;
  readonly name: string;
  readonly size: number;
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
    this.all = populations.map(({ name, size }, index) => {
      const range = rangeOf(state.get(`neurons.${name}`) ?? '', size);
      return {
        ...{ index, name, size, color: index },
        isVisible: size > 0 && !hidden.has(name),
        range: typeof range === 'string' ? { first: 0, last: size } : range,
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
    const text = rangeText(range, population.size);
    this.#state.set({ [`neurons.${population.name}`]: text === '' ? undefined : text });
  }
}
