// The tutorial model that comes with every Postern: a forest on Fisher's Iris data (made by make_iris.py).

import type { Manifest } from '../pipeline/manifest.ts';
import model from './iris.onnx';
import manifest from './manifest.json';

export const tutorialModel = new Uint8Array(model);
/** SHA-256 of iris.onnx; a test holds the two together. */
export const TUTORIAL_DIGEST = '8dd57d4c138726ff40d9954e4f4e34b474c0d115eef86a6f94109b07c38007f5';
export const tutorialManifest = manifest as Manifest;
