// An interpolated n-gram model of characters, to measure others against. Absolute discounting with a discount for each
// order, tuned on validation text; lower orders count in how many contexts a character was seen (R. Kneser, H. Ney, ICASSP
// 1995; S. F. Chen, J. Goodman, Computer Speech and Language 13, 1999).

/** Counts of the `order` orders, from the lowest: of each context its characters, how often, and how many different ones. */
function countsOf(tokens, order, size) {
  const orders = Array.from({ length: order }, () => new Map());
  const seen = (context, at, token) => {
    if (!orders[context].has(at)) orders[context].set(at, { total: 0, counts: new Map() });
    const entry = orders[context].get(at);
    const before = entry.counts.get(token) ?? 0;
    entry.counts.set(token, before + 1);
    entry.total += 1;
    return before === 0;
  };
  for (let i = order - 1; i < tokens.length; i++) {
    // A lower order counts a character once for each context one longer.
    let isNew = true;
    for (let context = order - 1; context >= 0 && isNew; context--) {
      isNew = seen(context, contextAt(tokens, i, context, size), tokens[i]);
    }
  }
  return orders;
}

/** The number of the `length` tokens before place `i`. */
function contextAt(tokens, i, length, size) {
  let number = 0;
  for (let k = i - length; k < i; k++) number = number * size + tokens[k];
  return number;
}

/** For each place and order what the counts say: of the token, of its context, and of different tokens there. */
function looksUp(orders, tokens, size) {
  const from = orders.length - 1;
  const table = new Float64Array((tokens.length - from) * orders.length * 3);
  let at = 0;
  for (let i = from; i < tokens.length; i++) {
    for (let context = 0; context <= from; context++, at += 3) {
      const entry = orders[context].get(contextAt(tokens, i, context, size));
      if (entry === undefined) continue;
      table.set([entry.counts.get(tokens[i]) ?? 0, entry.total, entry.counts.size], at);
    }
  }
  return table;
}

/** Bits a token. */
function bits(table, discounts, size) {
  let sum = 0;
  for (let at = 0; at < table.length; ) {
    let p = 1 / size;
    for (const discount of discounts) {
      const [count, total, different] = [table[at], table[at + 1], table[at + 2]];
      if (total > 0) p = (Math.max(0, count - discount) + discount * different * p) / total;
      at += 3;
    }
    sum -= Math.log2(p);
  }
  return sum / (table.length / (3 * discounts.length));
}

/**
 * Counts `train`, chooses the discounts that need the fewest bits on `validation`, and tells the bits a token on both and on
 * `test`. All are arrays of numbers below `size`.
 */
export function nGram({ train, validation, test, size, order = 5 }) {
  const orders = countsOf(train, order, size);
  const tuning = looksUp(orders, validation, size);
  const discounts = new Array(order).fill(0.75);
  let best = bits(tuning, discounts, size);
  // One discount after the other, in ever smaller steps.
  for (let step = 0.2; step > 0.01; step /= 2) {
    for (let k = 0; k < order; k++) {
      for (const to of [discounts[k] - step, discounts[k] + step]) {
        if (to <= 0 || to >= 1) continue;
        const tried = bits(tuning, discounts.with(k, to), size);
        if (tried < best) [best, discounts[k]] = [tried, to];
      }
    }
  }
  return { discounts, validation: best, test: bits(looksUp(orders, test, size), discounts, size) };
}
