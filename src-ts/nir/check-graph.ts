/** Checks a NIR graph before a network is built from it: fields, numbers, edges. */

import { invalid, unknownName } from '../checks/check.ts';
import { indexed, shapeMismatch, shapeText } from './errors.ts';
import type { FieldKind, FieldTypes } from './field-type.ts';
import { isNirGraph, type NirField, type NirGraph, type NirNode, type NirTensor } from './graph.ts';

import { nodeType } from './node-types.ts';
import { edgeKey } from './traversal.ts';

/** The largest size of an axis. */
const maxAxisSize = 2 ** 24;

/** @throws LapicqueError, naming the node, the field and the index, or the edge */
export function checkGraph(graph: NirGraph, path = ''): void {
  for (const [name, node] of graph.nodes) {
    const full = path === '' ? name : `${path}/${name}`;
    if (name === '' || name.includes('/')) invalid(`the node "${full}"`, name, 'a name without /');
    if (isNirGraph(node)) checkGraph(node, full);
    else checkNode(full, node);
  }
  checkEdges(graph, path);
}

function checkEdges({ nodes, edges }: NirGraph, path: string): void {
  const seen = new Map<string, number>();
  const where = (i: number) => `${path === '' ? '' : `${path}: `}edges[${i}]`;
  for (const [i, [from, to]] of edges.entries()) {
    for (const end of [from, to])
      if (!nodes.has(end)) throw unknownName(`node of ${where(i)} (${from} → ${to})`, end, [...nodes.keys()]);
    const key = edgeKey(from, to);
    const first = seen.get(key);
    if (first !== undefined)
      invalid(where(i), `${from} → ${to}`, `each edge once (edges[${first}] is the same edge)`);
    seen.set(key, i);
  }
}

function checkNode(name: string, { type, fields }: NirNode): void {
  const { fields: fieldTypes, elementwise, check } = nodeType(type, `node "${name}"`);
  for (const [key, { kind, optional }] of Object.entries(fieldTypes)) {
    const value = fields.get(key);
    if (value === undefined) {
      if (optional !== true)
        invalid(
          `${name}.${key}`,
          undefined,
          `a value (the fields of ${type} are ${Object.keys(fieldTypes).join(', ')})`,
        );
      continue;
    }
    checkField(`${name}.${key}`, kind, value);
  }
  if (elementwise === true) checkElements(name, fieldTypes, fields);
  check?.(name, fields);
}

const expectations: Readonly<Record<FieldKind, string>> = {
  finite: 'a finite number',
  positive: 'a finite number above 0',
  'not-negative': 'a finite number of at least 0',
  weight: 'a finite number',
  sizes: `an integer from 0 to ${maxAxisSize}`,
  integer: 'an integer from -64 to 64',
  padding: `an integer from 0 to ${maxAxisSize}`,
  shape: `an integer from 1 to ${maxAxisSize}`,
};

function fits(kind: FieldKind, x: number): boolean {
  if (!Number.isFinite(x)) return false;
  switch (kind) {
    case 'positive':
      return x > 0;
    case 'not-negative':
      return x >= 0;
    case 'sizes':
    case 'padding':
      return Number.isInteger(x) && x >= 0 && x <= maxAxisSize;
    case 'integer':
      return Number.isInteger(x) && Math.abs(x) <= 64;
    case 'shape':
      return Number.isInteger(x) && x >= 1 && x <= maxAxisSize;
    default:
      return true;
  }
}

function checkField(where: string, kind: FieldKind, value: NirField): void {
  if (typeof value === 'string') {
    if (kind !== 'padding' || (value !== 'same' && value !== 'valid'))
      invalid(where, value, kind === 'padding' ? "integers, 'same' or 'valid'" : 'numbers');
    return;
  }
  const { data, shape } = value;
  for (let i = 0; i < data.length; i++)
    if (!fits(kind, data[i]!)) invalid(indexed(where, i, shape), data[i], expectations[kind]);
  if (kind === 'shape' && (shape.length > 1 || data.length > 8))
    shapeMismatch(where, 'a list of at most 8 sizes', shape);
  if ((kind === 'sizes' || kind === 'padding') && (shape.length > 1 || data.length > 2 || data.length === 0))
    shapeMismatch(where, '[] or [2]', shape);
  if (kind === 'integer' && data.length !== 1) shapeMismatch(where, '[]', shape);
}

/** All fields have the same shape, except that a single number applies to all neurons. */
function checkElements(name: string, fieldTypes: FieldTypes, fields: ReadonlyMap<string, NirField>): void {
  let first: [string, NirTensor] | undefined;
  for (const key of Object.keys(fieldTypes)) {
    const value = fields.get(key);
    if (value === undefined || typeof value === 'string') continue;
    if (value.data.length === 0) shapeMismatch(`${name}.${key}`, 'at least one number', value.shape);
    if (value.data.length === 1) continue;
    if (first === undefined) first = [key, value];
    else if (`${value.shape}` !== `${first[1].shape}`)
      shapeMismatch(`${name}.${key}`, `${shapeText(first[1].shape)}, the shape of ${first[0]},`, value.shape);
  }
}
