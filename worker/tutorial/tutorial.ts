// The tutorial model that comes with every Postern: a forest on Fisher's Iris data (made by make_iris.py), served as
// the votes of its trees (prepare.ts).
import type { Manifest } from '../pipeline/manifest.ts';
import model from './iris.votes.onnx';
import manifest from './manifest.json';

export const tutorialModel = new Uint8Array(model);
/** SHA-256 of iris.votes.onnx; a test holds the two together. */
export const TUTORIAL_DIGEST = '532d9f1291fc23353964ecea70b8e65dfd706de1cbb0846b2e05bf5915803bc3';
export const tutorialManifest = manifest as Manifest;

/** What every account lists. */
export const tutorial = {
  name: 'Iris (tutorial)',
  manifest: tutorialManifest,
  model: { digest: TUTORIAL_DIGEST, bytes: tutorialModel.length, optimise: false },
  /** It was not imported: this is what an import would have found. */
  report: {
    task: tutorialManifest.task,
    features: tutorialManifest.features,
    label: tutorialManifest.label ?? null,
    classes: tutorialManifest.classes ?? null,
    size_bytes: tutorialModel.length,
    notes: ['A random forest on Fisher’s Iris data, which comes with Postern. Call it to see how an API works.'],
  },
  golden: [],
};
