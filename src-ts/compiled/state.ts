/** The state of a network at the end of a run; the next run can start from it. */
import { integer, invalid, oneOf, options, typedArray } from '../checks/check.ts';
import { addon, unwrap } from '../engine/native.ts';

type NativeState = InstanceType<typeof addon.NativeState>;

/** The state of one population in {@link StateArrays}. */
export interface LayerStateArrays {
  neurons: number;
  /** One array `[batch, neurons]` per state; the membrane potential first. */
  states: Float64Array[];
  /** The spikes of the last step, `[batch, neurons]`; recurrent populations only. */
  lastSpikes?: Uint8Array;
}

/** A state as plain arrays, exact in either precision. */
export interface StateArrays {
  precision: 'f32' | 'f64';
  batch: number;
  layers: LayerStateArrays[];
  /** Per layer, its pending outputs: nonempty for layers with delays or filters over time. Default none. */
  pending?: Float64Array[];
}

/** A state in the engine's memory. It is always explicit; layers hold no state. */
export class ModelState {
  /** @internal */
  readonly native: NativeState;

  /** @internal */
  constructor(native: NativeState) {
    this.native = native;
  }

  /** The state as plain arrays, for storage or inspection. */
  toArrays(): StateArrays {
    const arrays = unwrap(this.native.arrays() as never) as Omit<StateArrays, 'precision'>;
    return { precision: this.native.precision as 'f32' | 'f64', ...arrays };
  }

  /** The states of some samples, in this order, also repeatedly. @throws LapicqueError `invalid-parameter` for one that does not exist */
  select(samples: readonly number[] | Uint32Array): ModelState {
    if (!Array.isArray(samples) && !ArrayBuffer.isView(samples))
      invalid('samples', samples, 'a list of samples');
    const rows = Uint32Array.from(samples, (sample) =>
      integer('samples', sample, { min: 0, max: 2 ** 32 - 1 }),
    );
    return new ModelState(
      unwrap(addon.NativeState.gathered([this.native], new Uint32Array(rows.length), rows)),
    );
  }

  /** The states of all samples of several states. @throws LapicqueError `invalid-parameter`; `shape-mismatch` for other networks */
  static concat(states: readonly ModelState[]): ModelState {
    if (!Array.isArray(states) || !states.every(isState)) invalid('states', states, 'a list of states');
    const sizes = states.map(({ native }) => native.batch);
    const of = Uint32Array.from(sizes.flatMap((size, i) => new Array<number>(size).fill(i)));
    const rows = Uint32Array.from(sizes.flatMap((size) => [...new Array(size).keys()]));
    return new ModelState(
      unwrap(
        addon.NativeState.gathered(
          states.map(({ native }) => native),
          of,
          rows,
        ),
      ),
    );
  }

  /**
   * A state from arrays, for example from a file.
   * @throws LapicqueError `invalid-parameter`. Whether the state fits a network is checked when it is used
   */
  static fromArrays(arrays: StateArrays): ModelState {
    const known = ['precision', 'batch', 'layers', 'pending'] as const;
    const { precision, batch, layers, pending = [] } = options('state', arrays, known);
    oneOf('state.precision', precision, ['f32', 'f64']);
    integer('state.batch', batch, { min: 1 });
    if (!Array.isArray(layers)) invalid('state.layers', layers, 'a list of populations');
    layers.forEach((layer, i) => {
      const name = `state.layers[${i}]`;
      if (layer === undefined) invalid(name, layer, 'a population’s state');
      options(name, layer, ['neurons', 'states', 'lastSpikes']);
      integer(`${name}.neurons`, layer.neurons, { min: 1 });
      const length = batch * layer.neurons;
      if (!Array.isArray(layer.states)) invalid(`${name}.states`, layer.states, 'a list of arrays');
      layer.states.forEach((values, j) => {
        typedArray(`${name}.states[${j}]`, values, [Float64Array], length);
      });
      if (layer.lastSpikes !== undefined) {
        typedArray(`${name}.lastSpikes`, layer.lastSpikes, [Uint8Array], length);
      }
    });
    if (!Array.isArray(pending)) invalid('state.pending', pending, 'a list of arrays');
    pending.forEach((values, i) => {
      typedArray(`state.pending[${i}]`, values, [Float64Array]);
    });
    return new ModelState(unwrap(addon.NativeState.fromArrays(precision, batch, layers, pending)));
  }
}
// Bundlers rename a class that refers to itself; this keeps the public name.
Object.defineProperty(ModelState, 'name', { value: 'ModelState' });

/** Whether a value is a state. `import` and `require` have one copy of the class each over the same addon, so `instanceof` is not enough. */
export function isState(value: unknown): value is ModelState {
  return (value as Partial<ModelState> | null | undefined)?.native instanceof addon.NativeState;
}
