// Turns of phrase that a newcomer stumbles over, each with its plain form. prose.mjs looks for them.
//
// A pattern is matched without regard to case. Keep it narrow: it must not match good English.

const counted =
  'one|two|three|four|\\d+(?:[.,]\\d+)*|numbers?|bytes?|bits?|spikes?|values?|multiply-adds|additions|operations|flops|\\d+ [mµn]s|[pnµm]J';
const each =
  'neuron|sample|addition|synapse|step|spike|event|image|digit|class|channel|batch|row|line|frame|update|multiply-add|thread|core|trial|pixel';

/** [what is found, what to say instead] */
export const bannedTurns = [
  // One word for each thing: the field's.
  [RegExp(`(?<!\\w)(?:${counted}) an? (?:${each})\\b`), 'per neuron, per sample, per step'],
  [/\banswered (?:class|digit|label)\b|\banswers? otherwise\b/, 'predicted class; differs'],
  [
    /(?:%|\b\d+)(?: are| is)? right\b|\bhow many (?:it|they) (?:answers?|gets?) right\b/,
    '% accuracy, or % correct',
  ],
  [/\b(?:0\.\d+|Code) times as (?:long|fast|much|many)\b/, 'N times faster, a fifth of'],
  [/(?<!SIMD )\blanes?\b/, 'worker, or SIMD lane'],
  [/\bunit steps?\b/, 'stride 1'],
  [/\bthe way back\b/, 'the backward pass'],
  [/\bbrought? up to date\b/, 'catch up, lazy update'],
  [/\b(?:its|our|the|of) peers\b/, 'reference libraries'],
  [/\btak(?:es?|en) off (?:the|its|each|every)\b/, 'subtract from'],
  [/\btells? the ranges\b/, 'determines the ranges'],
  [/\bdisposed of\b/, 'disposed'],
  [/\b(?:are|is|was|were) born\b/, 'is created'],
  [/\bbit for bit alike\b/, 'bit-identical'],
  // The noun instead of a clause.
  [
    /\bwhat (?:it|they|one) (?:enters?|is worth|are worth|gets?|holds?|needs?|costs?|says?)\b/,
    'the noun: input, value, scale, needs, cost',
  ],
  [/\bwhat (?:enters|entered|leaves|left)\b/, 'the input, the output'],
  [/\bis to become small\b|\bmakes? small\b/, 'the loss to minimize'],
  [/\bso many\b/, 'n, the count'],
  // Who does it, in order.
  [/(?<!\b(?:all|each|none|one|some) )of (?:which|whom)\b/, 'whose, or a sentence of its own'],
  [/\b(?:does|do|did) not take part\b/, 'is not used, is left out'],
  [/\b(?:is|are) nobody's\b/, 'has no owner'],
  [/\blet(?:s)? (?:itself|themselves)\b/, 'can be'],
  [/\bwhoever\b/, 'name who'],
  [/\bwhere (?:that|this|it) was tried\b/, 'on the machines tested'],
  [/\b(?:its|their|his) lines beside\b|\blines beside (?:ours|its|theirs)\b/, 'side-by-side code'],
  [/\b(?:lie|lies|lay) on each other\b/, 'overlap'],
  [/\bmakes? [\w-]+(?: [\w-]+)? of (?:it|them)\b/, 'converts it to'],
  [/\bmakes? an? [\w-]+(?: [\w-]+)? of an?\b/, 'converts … to'],
  [/\bputs? (?:an?|the|its) [\w-]+(?: [\w-]+)? beside\b/, 'compares … with'],
  [/\bas (?:it|they) stands?\b/, 'unchanged, as written'],
  [/\bstands? (?:at|in|on|behind|before|below|above|beside|under|there)\b/, 'is at, is in, comes after'],
  [/\b(?:layers?|neurons?|weights|steps?|connections?|differences?|bits|blocks?) behind\b/, 'after'],
  [/\bgo(?:es)? on (?:from|with|bit)\b/, 'continues, resumes'],
  [/\bwhat [\w ]{1,30} (?:is|are) worth\b/, 'the value of'],
  [/\bwhat (?:is|are) no\b/, 'a value that is not'],
  [/\b(?:upon|whilst|thereof|therein|whereof|whereby|hereby|amongst)\b/, 'on, while, of it, by which'],
  [/^(?:Were|Had|Should) (?:it|they|the|a|an)\b/, 'If it …'],
];
