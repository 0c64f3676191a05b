// Formulas of doc comments and registries, such as `tauMem dv/dt = (vLeak - v) + r x`, as TeX. A product is written without a sign.
import { functionName, isName, nameOf } from './names.mjs';

const pattern =
  /(\s+)|sum over ([\w <]+?) of|sum_\{([^}]+)\}\^\{([^}]+)\}|d([A-Za-z]\w*)\/dt\b|(\d+(?:\.\d+)?(?:e-?\d+)?)|([A-Za-z]\w*)|(\+=|-=|\*=|>=|<=|≥|≤|[-+*/^()[\]{}|=><,;'·Σ√εᵀ…])/y;

/** The parts of a text; undefined for a character that formulas do not have. */
function tokens(text) {
  const list = [];
  let space = false;
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text);
    if (found === null) return undefined;
    const [, blank, over, from, to, derived, number, name, sign] = found;
    if (blank !== undefined) {
      space = true;
      continue;
    }
    const token =
      over !== undefined
        ? { kind: 'sum', tex: `\\sum_{${/^\w+ < \w+$/.test(over) ? over : `\\text{${over}}`}} ` }
        : from !== undefined
          ? { kind: 'sum', tex: `\\sum_{${from}}^{${to}} ` }
          : derived !== undefined
            ? { kind: 'atom', tex: `\\frac{\\mathrm{d}${nameOf(derived)}}{\\mathrm{d}t}`, name: derived }
            : number !== undefined
              ? { kind: 'atom', tex: number }
              : name !== undefined
                ? { kind: 'name', name }
                : { kind: sign };
    list.push({ ...token, space });
    space = false;
  }
  return list;
}

const relations = new Map([
  ['=', '='],
  ['+=', '\\mathrel{+}='],
  ['-=', '\\mathrel{-}='],
  ['>', '>'],
  ['<', '<'],
  ['>=', '\\ge'],
  ['<=', '\\le'],
  ['≥', '\\ge'],
  ['≤', '\\le'],
]);

class Reader {
  constructor(list, known) {
    this.list = list;
    this.known = known;
    this.at = 0;
    this.open = 0;
  }

  get next() {
    return this.list[this.at];
  }

  take(kind) {
    if (this.next?.kind !== kind) throw new Unreadable();
    this.at += 1;
  }

  /** Sums with relations between them. */
  relation() {
    let tex = this.sum();
    while (relations.has(this.next?.kind)) {
      tex += ` ${relations.get(this.next.kind)} `;
      this.at += 1;
      tex += this.sum();
    }
    return tex;
  }

  sum() {
    let tex = '';
    if (this.next?.kind === '-' || this.next?.kind === '+') {
      tex = this.next.kind;
      this.at += 1;
    }
    tex += this.product();
    while (this.next?.kind === '+' || this.next?.kind === '-') {
      tex += ` ${this.next.kind} `;
      this.at += 1;
      tex += this.product();
    }
    return tex;
  }

  /** Factors; a stroke makes a fraction of those before it and the one behind it. */
  product() {
    let factors = [this.power()];
    for (;;) {
      const { kind } = this.next ?? {};
      if (kind === '/') {
        this.at += 1;
        const [over, under] = [factors.map((factor) => factor.tex), this.power()];
        const numerator = factors.length === 1 ? (factors[0].inner ?? over[0]) : over.join('\\,');
        factors = [{ tex: `\\frac{${numerator}}{${under.inner ?? under.tex}}` }];
      } else if (kind === '*' || kind === '·') {
        this.at += 1;
        factors.push(this.power());
      } else if (['atom', 'name', '(', '|', 'sum', 'Σ', '√', 'ε'].includes(kind) && !this.closing()) {
        factors.push(this.power());
      } else return factors.map((factor) => factor.tex).join('\\,');
    }
  }

  /** Whether a bar ends an absolute value. */
  closing() {
    return this.next.kind === '|' && this.open > 0;
  }

  power() {
    const base = this.factor();
    if (this.next?.kind === 'ᵀ') {
      this.at += 1;
      return { tex: `${base.tex}^{\\top}` };
    }
    if (this.next?.kind !== '^') return base;
    this.at += 1;
    const sign = this.next?.kind === '-' ? '-' : '';
    if (sign !== '') this.at += 1;
    const { tex, inner } = this.factor();
    return { tex: `{${base.tex}}^{${sign}${inner ?? tex}}` };
  }

  factor() {
    const token = this.next;
    if (token === undefined) throw new Unreadable();
    this.at += 1;
    if (token.kind === 'atom') return { tex: token.tex };
    if (token.kind === 'sum') return { tex: `${token.tex}${this.product()}` };
    if (token.kind === 'Σ') return { tex: `\\sum ${this.product()}` };
    if (token.kind === 'ε') return { tex: '\\varepsilon' };
    if (token.kind === '√') {
      const { tex, inner } = this.factor();
      return { tex: `\\sqrt{${inner ?? tex}}` };
    }
    if (token.kind === '(') {
      const inner = this.inside();
      this.take(')');
      return { tex: `\\left(${inner}\\right)`, inner };
    }
    if (token.kind === '|') {
      this.open += 1;
      const inner = this.sum();
      this.open -= 1;
      this.take('|');
      return { tex: `\\left|${inner}\\right|` };
    }
    if (token.kind === 'name') return { tex: this.named(token) };
    throw new Unreadable();
  }

  /** A name with its index, its prime, or its arguments. */
  named({ name }) {
    if (!isName(name, this.known)) throw new Unreadable();
    if (this.next?.kind === '(' && !this.next.space) {
      this.at += 1;
      const inner = this.inside();
      this.take(')');
      if (name === 'sqrt') return `\\sqrt{${inner}}`;
      return `${functionName(name)}\\left(${inner}\\right)`;
    }
    let tex = nameOf(name);
    if (this.next?.kind === "'") {
      this.at += 1;
      tex = `${tex}'`;
    }
    if (this.next?.kind === '[' && !this.next.space) {
      this.at += 1;
      tex += `[${this.inside()}]`;
      this.take(']');
    }
    return tex;
  }

  /** What stands within brackets. */
  inside() {
    let tex = this.relation();
    while (this.next?.kind === ',' || this.next?.kind === ';') {
      tex += `${this.next.kind}\\, `;
      this.at += 1;
      tex += this.relation();
    }
    return tex;
  }
}

class Unreadable extends Error {}

/** A formula as TeX, or undefined for what is none. `known` are the names that its model has. */
export function texOf(text, known = new Set()) {
  const list = tokens(text);
  if (list === undefined || list.length === 0) return undefined;
  try {
    const reader = new Reader(list, known);
    const tex = reader.relation();
    return reader.at === list.length ? tex : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
