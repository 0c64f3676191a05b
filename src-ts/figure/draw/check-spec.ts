/** Checks the description of a figure before it is drawn: a program may have made or changed it. */
import { finite, invalid, oneOf } from '../../checks/check.ts';
import type { AxisSpec, FigureSpec, MarkSpec, PanelSpec } from './spec.ts';

/** The lists of each kind of mark. */
const listsOf: { readonly [Kind in MarkSpec['type']]: readonly string[] } = {
  ticks: ['x', 'y'],
  points: ['x', 'y'],
  line: ['x', 'y'],
  band: ['x', 'low', 'high'],
  bars: ['from', 'to', 'height'],
  boxes: ['left', 'right', 'low', 'high'],
  rule: [],
  cells: ['values', 'x', 'y'],
  text: ['x', 'y', 'texts'],
  arrow: ['from', 'to'],
  vectors: ['x', 'y', 'u', 'v'],
};

/** @throws LapicqueError `invalid-parameter`, `unknown-name` with the path of the part that cannot be drawn */
export function checkSpec(spec: FigureSpec): void {
  const { title, caption, columns } = objectOf('spec', spec);
  textOf('title', title);
  textOf('caption', caption);
  for (const [c, column] of listOf('columns', columns).entries())
    for (const [p, panel] of listOf(`columns[${c}]`, column).entries())
      checkPanel(`columns[${c}][${p}]`, panel as PanelSpec);
}

function checkPanel(path: string, panel: PanelSpec): void {
  const { x, y, marks, legend, notes, title } = objectOf(path, panel);
  checkAxis(`${path}.x`, x as AxisSpec);
  checkAxis(`${path}.y`, y as AxisSpec);
  if (title !== undefined) textOf(`${path}.title`, title);
  for (const [i, mark] of listOf(`${path}.marks`, marks).entries()) {
    const at = `${path}.marks[${i}]`;
    const fields = objectOf(at, mark);
    const type = oneOf(`${at}.type`, fields.type, Object.keys(listsOf) as MarkSpec['type'][]);
    for (const name of listsOf[type]) arrayLike(`${at}.${name}`, fields[name]);
  }
  for (const [i, entry] of listOf(`${path}.legend`, legend ?? []).entries())
    textOf(`${path}.legend[${i}].name`, objectOf(`${path}.legend[${i}]`, entry).name);
  for (const [i, note] of listOf(`${path}.notes`, notes ?? []).entries())
    textOf(`${path}.notes[${i}].text`, objectOf(`${path}.notes[${i}]`, note).text);
}

function checkAxis(path: string, axis: AxisSpec): void {
  const { label, domain, scale, ticks, tickLabels } = objectOf(path, axis);
  textOf(`${path}.label`, label);
  if (scale !== undefined) oneOf(`${path}.scale`, scale, ['linear', 'log']);
  // Its range is checked where the axis is made.
  for (const [i, end] of listOf(`${path}.domain`, domain ?? []).entries())
    if (typeof end !== 'number') invalid(`${path}.domain[${i}]`, end, 'a number');
  for (const [i, tick] of listOf(`${path}.ticks`, ticks ?? []).entries()) finite(`${path}.ticks[${i}]`, tick);
  for (const [i, text] of listOf(`${path}.tickLabels`, tickLabels ?? []).entries())
    textOf(`${path}.tickLabels[${i}]`, text);
}

function objectOf(path: string, value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : invalid(path, value, 'an object');
}

function listOf(path: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : invalid(path, value, 'a list');
}

function arrayLike(path: string, value: unknown): void {
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
  if (!isList) invalid(path, value, 'a list or a typed array');
}

/** A text, which may be empty. */
function textOf(path: string, value: unknown): void {
  if (typeof value !== 'string') invalid(path, value, 'a string');
}
