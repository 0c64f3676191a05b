/**
 * Alternative parameters, exactly one of which a neuron takes, because they have the same meaning: for example a decay factor or
 * its time constant.
 */

/** A parameter of neurons: one number, or one per neuron. */
export type ParameterValue = number | readonly number[] | Float64Array | Float32Array;

/** Exactly one of the parameters `K`; with one of the presets `Filled`, which set it themselves, none is required. */
export type OneOf<K extends string, Filled extends string = never> =
  | Single<K>
  | ([Filled] extends [never] ? never : { readonly like: Filled } & None<K>);

/** At most one of the parameters `K`: the others are absent. */
export type AtMostOne<K extends string> = { [One in K]: None<Exclude<K, One>> }[K];

/** One of the parameters `K` and none of the others. */
export type Single<K extends string> = {
  [One in K]: { readonly [P in One]: ParameterValue } & None<Exclude<K, One>>;
}[K];

/** None of the parameters `K`. */
export type None<K extends string> = { readonly [P in K]?: undefined };
