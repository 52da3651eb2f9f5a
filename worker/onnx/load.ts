// The engine's refusal of a model, in our words.
import { type ImportReason, ImportRefusal } from './refusal.ts';
import { echoLong } from './run.ts';

const KINDS: readonly (readonly [RegExp, ImportReason, string])[] = [
  [
    /not a registered function|No Op registered|Unrecognized attribute/i,
    'unknown_operator',
    'the engine does not know an operator of the model. Export with a lower opset and without custom operators. It says: ',
  ],
  [
    /opset|IR version|domain_version/i,
    'unsupported_opset',
    'the model was exported for a newer ONNX than can be served. Export with a lower target opset, for example 17. The engine says: ',
  ],
  [
    /NOT_IMPLEMENTED|Could not find an implementation|Unsupported data type/i,
    'unsupported_type',
    'an operator of the model has no implementation for the types it is used with. Export the model in float32. The engine says: ',
  ],
  [/bad_alloc|out of memory|allocat/i, 'too_large', 'the model does not fit in memory. '],
];

export function toLoadRefusal(error: unknown): ImportRefusal {
  const text = error instanceof Error ? error.message : String(error);
  for (const [pattern, reason, sentence] of KINDS)
    if (pattern.test(text)) return new ImportRefusal(reason, `${sentence}${echoLong(text)}`, error);
  return new ImportRefusal(
    'invalid_graph',
    `the engine refuses the model. Check it with onnx.checker.check_model(model, full_check=True) and export it again. The engine says: ${echoLong(text)}`,
    error,
  );
}
