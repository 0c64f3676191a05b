/** Equations as they are stored in a description. */
export interface NeuronEquations {
  readonly name?: string;
  readonly states: readonly { readonly name: string; readonly init: number | string }[];
  /** Several inputs in neurons of large networks. */
  readonly input: string | readonly string[];
  /** Inputs called `inhibitory` that accept weights of both signs. */
  readonly signed?: readonly string[];
  readonly units?: Readonly<Record<string, string>>;
  readonly functions?: string;
  readonly update: string;
  readonly arrival?: string;
  readonly spike?: string;
  readonly reset?: string;
  readonly refractory?: { readonly period: number | string; readonly hold?: readonly string[] };
}
