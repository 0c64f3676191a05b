/** Nodes that output their input unchanged: Input, Output, Identity. */
import type { FieldType } from './field-type.ts';
import type { NirNodeType } from './node-type.ts';

const shape: FieldType = { kind: 'shape' };
const optionalShape: FieldType = { kind: 'shape', optional: true };

const port: NirNodeType = { fields: { shape }, becomes: 'edges', passing: true };

export const Input: NirNodeType = {
  ...port,
  becomes: 'edges; several Inputs are concatenated to one vector in the order of the file',
};

export const Output = port;

/** The package nir has no Identity class, but some exporters write it. */
export const Identity: NirNodeType = { ...port, fields: { shape: optionalShape, input_type: optionalShape } };
