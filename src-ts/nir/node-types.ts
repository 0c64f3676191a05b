/** The node types of NIR 1.0: their fields and the valid range of each. */

/** The valid values of a field. `positive` is above 0; `sizes` is one integer, or one for each axis of an image. */
export type FieldKind =
  | 'finite'
  | 'positive'
  | 'not-negative'
  | 'weight'
  | 'sizes'
  | 'integer'
  | 'padding'
  | 'shape';

/** A field of a node type. */
export interface FieldType {
  readonly kind: FieldKind;
  /** Whether the field may be absent, as in files of older versions. */
  readonly optional?: true;
}

type Fields = Readonly<Record<string, FieldType>>;

const finite: FieldType = { kind: 'finite' };
const positive: FieldType = { kind: 'positive' };
const optionalFinite: FieldType = { kind: 'finite', optional: true };
const sizes: FieldType = { kind: 'sizes' };
const shape: FieldType = { kind: 'shape' };

const convolution: Fields = {
  weight: { kind: 'weight' },
  bias: optionalFinite,
  stride: sizes,
  padding: { kind: 'padding' },
  dilation: sizes,
  groups: sizes,
  input_shape: { kind: 'sizes', optional: true },
};
const pool: Fields = { kernel_size: sizes, stride: sizes, padding: sizes };
const leaky: Fields = { tau: positive, r: finite, v_leak: finite };
const current: Fields = {
  tau_mem: positive,
  tau_syn: positive,
  r: finite,
  v_leak: finite,
  w_in: optionalFinite,
};
const spiking: Fields = { v_threshold: finite, v_reset: optionalFinite };

/** All node types except NIRGraph. */
export const nodeTypes: Readonly<Record<string, Fields>> = {
  Input: { shape },
  Output: { shape },
  // The package nir has no Identity class, but some exporters write it.
  Identity: { shape: { kind: 'shape', optional: true }, input_type: { kind: 'shape', optional: true } },
  Affine: { weight: { kind: 'weight' }, bias: finite },
  Linear: { weight: { kind: 'weight' } },
  Scale: { scale: finite },
  Conv1d: convolution,
  Conv2d: convolution,
  SumPool2d: pool,
  AvgPool2d: pool,
  Flatten: {
    start_dim: { kind: 'integer' },
    end_dim: { kind: 'integer' },
    input_type: { kind: 'shape', optional: true },
  },
  Delay: { delay: { kind: 'not-negative' } },
  Threshold: { threshold: finite },
  I: { r: finite },
  IF: { r: finite, ...spiking },
  LI: leaky,
  LIF: { ...leaky, ...spiking },
  CubaLI: current,
  CubaLIF: { ...current, ...spiking },
};

/** The node types whose fields have one number per neuron or element. */
export const neuronTypes: ReadonlySet<string> = new Set([
  'I',
  'IF',
  'LI',
  'LIF',
  'CubaLI',
  'CubaLIF',
  'Threshold',
  'Scale',
  'Delay',
]);

/** The node types that output their input unchanged. */
export const passing: ReadonlySet<string> = new Set(['Input', 'Output', 'Identity']);
