// How pictures are brought to what the model was trained on, which no graph tells in full.
import { NativeSelect, TextInput } from '@mantine/core';
import type { ImageDraft, Preprocess, ScaleName } from './draft.ts';

interface Props {
  readonly preprocess: Preprocess;
  readonly draft: ImageDraft;
  readonly fault: (key: string) => string | null;
  readonly onChange: (draft: ImageDraft) => void;
}

const SCALES: readonly { value: ScaleName; label: string }[] = [
  { value: '0..1', label: '0 to 1' },
  { value: '-1..1', label: '−1 to 1' },
  { value: '0..255', label: '0 to 255, as they are' },
];
const RESIZES = [
  { value: 'stretch', label: 'Stretched to the size' },
  { value: 'crop', label: 'Cropped: the middle is kept' },
  { value: 'pad', label: 'Padded: black around' },
];
const FILTERS = ['nearest', 'box', 'bilinear', 'bicubic', 'lanczos'];
const COLORS = [
  { value: 'RGB', label: 'Red, green, blue' },
  { value: 'BGR', label: 'Blue, green, red (OpenCV)' },
];

export function ImageFields({ preprocess, draft, fault, onChange }: Props) {
  const change = (part: Partial<ImageDraft>): void => onChange({ ...draft, ...part });
  const kept = { value: 'keep', label: `as it is: × ${preprocess.scale}, + ${preprocess.offset}` };
  const grey = preprocess.color === 'L';
  const channels = grey ? 'One number' : 'Three numbers, one per channel';
  return (
    <>
      <NativeSelect
        label="Pixel values"
        data={draft.scale === 'keep' ? [kept, ...SCALES] : [...SCALES]}
        value={draft.scale}
        onChange={({ currentTarget }) => change({ scale: currentTarget.value as ScaleName })}
      />
      <NativeSelect
        label="Colour"
        data={grey ? [{ value: 'L', label: 'Grey' }] : COLORS}
        disabled={grey}
        value={draft.color}
        onChange={({ currentTarget }) => change({ color: currentTarget.value as ImageDraft['color'] })}
      />
      <TextInput
        label="Mean"
        placeholder={`${channels}, taken away after scaling`}
        value={draft.mean}
        error={fault('mean')}
        onChange={({ currentTarget }) => change({ mean: currentTarget.value })}
      />
      <TextInput
        label="Standard deviation"
        placeholder={`${channels}, divided by`}
        value={draft.std}
        error={fault('std')}
        onChange={({ currentTarget }) => change({ std: currentTarget.value })}
      />
      <NativeSelect
        label={`Brought to ${preprocess.size.join(' × ')}`}
        data={RESIZES}
        value={draft.resize}
        onChange={({ currentTarget }) => change({ resize: currentTarget.value as ImageDraft['resize'] })}
      />
      <NativeSelect
        label="Filter"
        data={FILTERS}
        value={draft.filter}
        onChange={({ currentTarget }) => change({ filter: currentTarget.value as ImageDraft['filter'] })}
      />
    </>
  );
}
