/** The nodes of NIR 1.0: which fields each has, and which numbers they may hold. */

/** What a field may hold. `positive`: above 0; `sizes`: whole numbers, one or one for each axis of an image. */
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
  /** May be left out, as old files do. */
  readonly optional?: true;
}

type Fields = Readonly<Record<string, FieldType>>;

const finite: FieldType = { kind: 'finite' };
const positive: FieldType = { kind: 'positive' };
const older: FieldType = { kind: 'finite', optional: true };
const sizes: FieldType = { kind: 'sizes' };
const shape: FieldType = { kind: 'shape' };

const convolution: Fields = {
  weight: { kind: 'weight' },
  bias: older,
  stride: sizes,
  padding: { kind: 'padding' },
  dilation: sizes,
  groups: sizes,
  input_shape: { kind: 'sizes', optional: true },
};
const pool: Fields = { kernel_size: sizes, stride: sizes, padding: sizes };
const leaky: Fields = { tau: positive, r: finite, v_leak: finite };
const current: Fields = { tau_mem: positive, tau_syn: positive, r: finite, v_leak: finite, w_in: older };
const spiking: Fields = { v_threshold: finite, v_reset: older };

/** All node types but NIRGraph. */
export const nodeTypes: Readonly<Record<string, Fields>> = {
  Input: { shape },
  Output: { shape },
  // nir has no such class; some exporters name a node that passes everything on.
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

/** The nodes that have a state or a threshold: one number a neuron in each field. */
export const neuronTypes: ReadonlySet<string> = new Set([
  ...['I', 'IF', 'LI', 'LIF', 'CubaLI', 'CubaLIF', 'Threshold', 'Scale', 'Delay'],
]);

/** Nodes that only pass on what arrives. */
export const passing: ReadonlySet<string> = new Set(['Input', 'Output', 'Identity']);
