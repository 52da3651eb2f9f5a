// Which note of an import speaks of which field.
export type Topic = 'task' | 'label' | 'classes' | 'image';

const WORDS: Record<Topic, RegExp> = {
  task: /\btask\b/i,
  label: /\blabel\b/i,
  classes: /\bclass(es)?\b|softmax|sigmoid|probabilities/i,
  image: /\bimages?\b|"preprocess"/i,
};

export function findNotes(notes: readonly string[], topic: Topic): string[] {
  return notes.filter((note) => WORDS[topic].test(note));
}

/** @returns the notes that name the feature. */
export function findFeatureNotes(notes: readonly string[], name: string): string[] {
  const quoted = JSON.stringify(name);
  return notes.filter((note) => note.includes(quoted));
}
