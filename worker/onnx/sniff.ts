// What people upload instead of an ONNX file, recognised by its first bytes, with the way to convert it.
import { LIMITS } from '../limits.ts';
import { ImportRefusal } from './refusal.ts';

const SKLEARN =
  'from skl2onnx import to_onnx; open("model.onnx", "wb").write(to_onnx(model, X[:1]).SerializeToString())';
const TORCH = 'torch.onnx.export(model, example_input, "model.onnx", dynamic_axes={"input": {0: "batch"}})';

/** @throws ImportRefusal when the bytes are empty, too many, or plainly of another kind. */
export function checkIsOnnx(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new ImportRefusal('not_onnx', 'the file is empty. Upload the .onnx file itself.');
  const found = findOtherKind(bytes);
  if (found !== null) throw new ImportRefusal('not_onnx', found);
  if (bytes.length > LIMITS.MODEL_BYTES) {
    const mib = (size: number) => (size / 1024 / 1024).toFixed(1);
    throw new ImportRefusal(
      'too_large',
      `the model has ${mib(bytes.length)} MiB, the limit is ${mib(LIMITS.MODEL_BYTES)} MiB. Use fewer or shallower trees, prune the network, or store its weights as float16 or int8.`,
    );
  }
}

function findOtherKind(bytes: Uint8Array): string | null {
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  const [first = 0, protocol = 0] = bytes;
  if (first === 0x80 && protocol >= 2 && protocol <= 5) {
    return `the file is a Python pickle or joblib file. It is never opened here, because a pickle runs code. Convert the model where it was trained: ${SKLEARN}`;
  }
  if (head.startsWith('PK\x03\x04')) {
    return `the file is a ZIP archive: a PyTorch checkpoint (.pt, .pth), a Keras .keras file or a zipped model. Convert it to ONNX where it was trained: ${TORCH}; Keras: tf2onnx.convert.from_keras(model, output_path="model.onnx")`;
  }
  if (head.slice(4, 8) === 'TFL3') {
    return 'the file is a TensorFlow Lite model. Convert it: python -m tf2onnx.convert --tflite model.tflite --output model.onnx';
  }
  if (head.startsWith('\x89HDF\r\n')) {
    return 'the file is a Keras/HDF5 model (.h5). Convert it: tf2onnx.convert.from_keras(model, output_path="model.onnx")';
  }
  if (
    head.startsWith('\x1f\x8b') ||
    head.startsWith('BZh') ||
    head.startsWith('\xfd7zXZ') ||
    head.startsWith('\x78\x9c')
  ) {
    return 'the file is compressed (gzip, bzip2, xz or zlib; joblib writes such files too). Upload the .onnx file itself, uncompressed.';
  }
  if (isText(bytes)) return describeText(bytes);
  return null;
}

function isText(bytes: Uint8Array): boolean {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return true;
  const head = bytes.subarray(0, 512);
  if (head.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return false;
  try {
    // A character may be cut in two at the end of the head.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function describeText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 512));
  const line = text.split('\n', 1)[0] ?? '';
  if (/^\s*[{[]/.test(text)) {
    return 'the file is JSON text (XGBoost and LightGBM save their own models like this). Convert the model: onnxmltools.convert_xgboost or convert_lightgbm.';
  }
  if (/^(tree\b|version=)/.test(text)) {
    return 'the file is a LightGBM text model. Convert it: onnxmltools.convert_lightgbm(model, initial_types=[("input", FloatTensorType([None, n_features]))])';
  }
  if (/^\s*(<!doctype|<html|<\?xml)/i.test(text)) {
    return 'the file is a web page or XML, perhaps a download link that asked for a login. Upload the .onnx file itself.';
  }
  if (text.startsWith('version https://git-lfs')) {
    return 'the file is a Git LFS pointer, not the model. Run `git lfs pull` and upload the real file.';
  }
  if (/[,;\t]/.test(line)) {
    return 'the file is a CSV table. Upload the model as `model` and the training data as `data`.';
  }
  return 'the file is plain text. Upload the .onnx file that the exporter wrote.';
}
