/** The fields of node types, and the valid range of each. */

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
  /** For example `[outputs, inputs]`. The fields of neurons have the shape of the neurons. */
  readonly shape?: string;
  readonly unit?: string;
  /** Whether another program may train it: a change of its values keeps the metadata of the graph valid. */
  readonly trained?: true;
}

/** Fields by name. */
export type FieldTypes = Readonly<Record<string, FieldType>>;
