// The records of the search, as a script.
import { searchScript } from '../search.mjs';

export const data = { permalink: 'assets/search-records.js' };

export function render({ made }) {
  return searchScript(made.pages);
}
