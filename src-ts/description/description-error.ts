/** Converts errors of a description to paths in it: the engine reports byte offsets of a text that the caller never saw. */
import { LapicqueError } from '../checks/errors.ts';
import { nearestName } from '../checks/nearest-name.ts';

/** JSON's names for what the engine expects. */
const words: Readonly<Record<string, string>> = {
  f64: 'a number',
  usize: 'an integer',
  u32: 'an integer',
  u64: 'an integer',
  'a boolean': 'true or false',
  'a sequence': 'a list',
  'a map': 'an object',
};

const closing = '}'.charCodeAt(0);

/** Maximum length of a displayed value. */
const maxValueLength = 80;

/**
 * Converts an error of parsing `json`, the engine's text of a description, to one of the description; returns any other error
 * unchanged. `root` begins the path.
 *
 * @internal
 */
export function ofDescription(error: unknown, json: string, root = 'network'): unknown {
  if (!(error instanceof LapicqueError) || error.code !== 'malformed-file') return error;
  const reason = error.reason.replace(/ at line \d+ column \d+$/, '');
  const [, nullPath, anyValue] = /^null at (.*), expected (.*)$/s.exec(reason) ?? [];
  if (nullPath !== undefined) return wrong(short(nullPath), 'null', anyValue!);
  const { path, container } = pathAt(json, error.offset, root);
  const [, kind, name, known] = /^unknown (field|variant) `(.*?)`, expected (.*)$/s.exec(reason) ?? [];
  if (kind !== undefined) {
    const names = [...known!.matchAll(/`(.*?)`/g)].map(([, one]) => one!);
    const didYouMean = nearestName(name!, names);
    const what = kind === 'field' ? 'field' : 'kind';
    return new LapicqueError('unknown-name', {
      kind: `${what} of ${container}`,
      name: short(name!),
      ...(didYouMean === undefined ? {} : { didYouMean }),
    });
  }
  const [, missing] = /^missing field `(.*)`$/.exec(reason) ?? [];
  if (missing !== undefined) return wrong(`${container}.${missing}`, 'nothing', 'a value');
  const [, got, expected] = /^invalid (?:type|value|length): (.*), expected (.*)$/s.exec(reason) ?? [];
  if (got === undefined) return wrong(path, 'something else', short(reason));
  const value = got.replace(/^(?:string|integer|floating point|boolean) /, '').replace(/^`(.*)`$/s, '$1');
  const phrase = expected!.startsWith('struct ') ? 'an object' : (words[expected!] ?? expected!);
  return wrong(path, short(value), phrase);
}

function wrong(name: string, value: string, expected: string): LapicqueError {
  return new LapicqueError('invalid-parameter', { name, value, expected });
}

function short(text: string): string {
  return text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text;
}

/** The path of the element at a byte of a JSON text, and that of the object or list around it. */
function pathAt(json: string, offset: number, root: string): { path: string; container: string } {
  const bytes = Buffer.from(json);
  // Errors of an object are detected at its end.
  const whole = bytes[offset - 1] === closing;
  const text = bytes.subarray(0, whole ? offset - 1 : offset).toString();
  // Keys of objects as JSON text, indices of lists as numbers.
  const open: { key: string | number }[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{},:]/gs)) {
    const last = open.at(-1);
    if (token === '{') open.push({ key: '' });
    else if (token === '[') open.push({ key: 0 });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',' && last !== undefined) last.key = typeof last.key === 'number' ? last.key + 1 : '';
    else if (token.startsWith('"') && last?.key === '') last.key = token;
  }
  const step = ({ key }: { key: string | number }) =>
    typeof key === 'number' ? `[${key}]` : `.${key.replaceAll('"', '')}`;
  const around = `${root}${open.slice(0, -1).map(step).join('')}`;
  const last = open.at(-1);
  const path = whole || bytes[offset] === closing || last === undefined ? around : `${around}${step(last)}`;
  return { path, container: around };
}
