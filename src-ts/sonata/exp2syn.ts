/** BMTK's synapse onto cells, by its `model_template`. */
export const isExp2Syn = (template: string): boolean => template.toLowerCase() === 'exp2syn';
