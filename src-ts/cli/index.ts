// Public names of the room cli.

export type { Recipe, RecipeContext, RecipeModule } from './recipe-form.ts';
export type { AnyStudy, StudyContext, StudyModule } from './study-file.ts';
