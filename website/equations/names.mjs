// Names of variables and functions as TeX.

const greek = new Set(
  'alpha beta gamma delta epsilon eta theta lambda mu xi pi rho sigma tau phi psi omega'.split(' '),
);
const functions = new Map([
  ['exp', '\\exp'],
  ['ln', '\\ln'],
  ['log', '\\log'],
  ['tanh', '\\tanh'],
  ['cos', '\\cos'],
  ['sin', '\\sin'],
  ['max', '\\max'],
  ['min', '\\min'],
  ['floor', '\\operatorname{floor}'],
  ['clamp', '\\operatorname{clamp}'],
  ['clip', '\\operatorname{clip}'],
  ['sigmoid', '\\sigma'],
]);
const parts = new Map([
  ['Plus', '+'],
  ['Minus', '-'],
  ['Inf', '\\infty'],
]);
/** Words that stand for numbers in the equations of models although no table lists them. */
const words = new Set(
  `gain left charge rise keep jump threshold activation slope height width period window mean variance bonus decay key value gate
   numerator denominator exponent synaptic excitatory inhibitory current rate bias weight kernel scale offset stride padding dilation body shortcut`.split(
    /\s+/,
  ),
);

/** Whether a name is one of a formula, and not a word of a sentence. */
export function isName(name, known) {
  if (name.length === 1 || known.has(name) || greek.has(name) || functions.has(name)) return true;
  if (words.has(name) || name === 'dt' || name === 'sqrt') return true;
  return /^[a-zA-Z]+(?:[A-Z0-9]|_(?:[a-z]$|inf$|in$|out$))/.test(name) && !/^[A-Z][a-z]/.test(name);
}

/** A function's name as TeX. */
export function functionName(name) {
  return functions.get(name) ?? nameOf(name);
}

/** `tauMem` as τ with the index mem, `k2` as k with the index 2. */
export function nameOf(name) {
  if (name === 'dt') return '\\Delta t';
  if (name === 'deltaT') return '\\Delta_{\\mathrm{T}}';
  const [head, ...tail] = name.split(/_|(?=[A-Z])|(?<=[a-zA-Z])(?=\d)/).filter((part) => part !== '');
  // Capital letters one after the other stay together: `gLD`.
  const indices = tail.reduce((list, part) => {
    if (/^[A-Z]$/.test(part) && /^[A-Z]+$/.test(list.at(-1) ?? '')) list[list.length - 1] += part;
    else list.push(part);
    return list;
  }, []);
  const bar = indices[0] === 'Bar';
  if (bar) indices.shift();
  const base = baseOf(head);
  const index = indices
    .map((part) => parts.get(part) ?? (part === 'inf' ? '\\infty' : indexOf(part)))
    .join(',');
  return `${bar ? `\\bar{${base}}` : base}${index === '' ? '' : `_{${index}}`}`;
}

function baseOf(head) {
  if (greek.has(head)) return `\\${head}`;
  return head.length === 1 ? head : `\\mathrm{${head}}`;
}

/** Ions keep their capital letter. */
const ions = new Set(['Na', 'Ca', 'Cl']);

function indexOf(part) {
  if (ions.has(part)) return `\\mathrm{${part}}`;
  if (/^\d+$/.test(part) || part.length === 1) return /[A-Z]/.test(part) ? `\\mathrm{${part}}` : part;
  const lower = /^[A-Z]+$/.test(part) ? part : part.toLowerCase();
  return greek.has(lower) ? `\\${lower}` : `\\mathrm{${lower}}`;
}
