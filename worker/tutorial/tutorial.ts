// The tutorial model that comes with every Postern: a forest on Fisher's Iris data (made by make_iris.py), served as
// the votes of its trees (prepare.ts).
import type { Manifest } from '../pipeline/manifest.ts';
import model from './iris.votes.onnx';
import manifest from './manifest.json';

export const tutorialModel = new Uint8Array(model);
/** SHA-256 of iris.votes.onnx; a test holds the two together. */
export const TUTORIAL_DIGEST = '532d9f1291fc23353964ecea70b8e65dfd706de1cbb0846b2e05bf5915803bc3';
export const tutorialManifest = manifest as Manifest;
