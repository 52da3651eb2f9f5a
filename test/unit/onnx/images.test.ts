import { describe, expect, it } from 'vitest';
import { findImageShape } from '../../../worker/onnx/images.ts';
import { mergeManifest, parseOverrides } from '../../../worker/onnx/overrides.ts';
import type { Manifest } from '../../../worker/pipeline/manifest.ts';

describe('findImageShape', () => {
  it.each([
    [[null, 3, 224, 112], { layout: 'NCHW', channels: 3, height: 224, width: 112 }],
    [[1, 1, 28, 28], { layout: 'NCHW', channels: 1, height: 28, width: 28 }],
    [[null, 32, 16, 3], { layout: 'NHWC', channels: 3, height: 32, width: 16 }],
    [[null, 3, null, null], { layout: 'NCHW', channels: 3, height: null, width: null }],
    [[null, 3, 3, 3], { layout: 'NCHW', channels: 3, height: 3, width: 3 }],
    [[null, 5, 28, 28], null],
    [[null, 28, 28], null],
    [[null, 3, 8, 28, 28], null],
  ])('%j', (shape, expected) => expect(findImageShape(shape)).toEqual(expected));
});

describe('preprocess in the overrides', () => {
  it('has names for scales, and leaves out what is null', () => {
    expect(parseOverrides({ preprocess: { scale: '-1..1', mean: null } }).preprocess).toEqual({
      scale: 2 / 255,
      offset: -1,
    });
    expect(parseOverrides({ preprocess: { scale: '1/255' } }).preprocess).toEqual({ scale: 1 / 255, offset: 0 });
    expect(() => parseOverrides({ preprocess: { scale: 'half' } })).toThrow(/manifest_invalid/);
    expect(() => parseOverrides({ preprocess: { colour: 'L' } })).toThrow(/colour/);
  });

  it('amends what a manifest says of its image', () => {
    const manifest: Manifest = {
      manifest_version: 1,
      task: 'regression',
      features: [
        {
          name: 'photo',
          type: 'image',
          preprocess: {
            size: [8, 8],
            resize: 'stretch',
            filter: 'bilinear',
            color: 'RGB',
            layout: 'NCHW',
            scale: 1,
            offset: 0,
          },
        },
      ],
      inputs: [{ name: 'x', dtype: 'float32', shape: [null, 3, 8, 8], features: ['photo'] }],
      output: { value: { tensors: ['y'] } },
      batch: 'dynamic',
    };
    const amended = mergeManifest(manifest, parseOverrides({ preprocess: { color: 'BGR', std: [1, 1, 2] } }));
    expect(amended.features[0]?.preprocess).toMatchObject({ color: 'BGR', std: [1, 1, 2], scale: 1 });
    expect(() => mergeManifest(manifest, parseOverrides({ preprocess: { color: 'L' } }))).toThrow(/cannot hold|values/);
  });
});
