// An image: drawn, dropped, pasted, chosen, or one of the samples. One surface shows what is sent.
import { Button, Group, Text } from '@mantine/core';
import { IconArrowBackUp, IconContrast, IconEraser, IconPhotoUp } from '@tabler/icons-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useDropzone } from 'react-dropzone';
import { Drawing, type DrawingHandle } from './Drawing.tsx';
import classes from './image.module.css';
import { prepareImage } from './prepare-image.ts';
import type { FieldProps } from './RowForm.tsx';
import { FieldHead, FieldIssue } from './Said.tsx';

/** Drawing makes sense for what is grey or as small as an icon. */
const DRAWABLE_PIXELS = 64;

interface Props extends FieldProps {
  readonly samples: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

export default function ImageField({ feature, value, issue, onValue, samples, limits }: Props) {
  const id = useId();
  const { width, height, color } = feature.image ?? { width: 1, height: 1, color: 'RGB' };
  const drawable = color === 'L' || Math.max(width, height) <= DRAWABLE_PIXELS;
  const [dark, setDark] = useState(color === 'L');
  /** What the drawing gave; anything else in the row came from a file. */
  const [drawn, setDrawn] = useState<Blob | null>(null);
  /** Another sheet of paper. */
  const [sheet, setSheet] = useState(0);
  const paper = useRef<DrawingHandle>(null);
  const [note, setNote] = useState<string | null>(null);
  const image = value instanceof Blob ? value : null;
  const fromFile = image !== null && image !== drawn;

  const take = async (file: Blob): Promise<void> => {
    const prepared = await prepareImage(file, limits);
    setNote(prepared.note);
    if (prepared.image !== null) onValue(prepared.image);
  };
  const draw = (next: Blob | null): void => {
    setDrawn(next);
    setNote(null);
    onValue(next);
  };
  const clear = (): void => {
    setSheet(sheet + 1);
    draw(null);
  };
  usePaste(take);
  const { getRootProps, getInputProps, isDragActive, open } = useDropzone({
    accept: { 'image/*': [] },
    multiple: false,
    noClick: true,
    noKeyboard: true,
    onDropAccepted: ([file]) => file !== undefined && void take(file),
    onDropRejected: ([file]) => setNote(`${file?.file.name ?? 'This'} is no image. Wanted: PNG, JPEG or WebP.`),
  });

  return (
    <>
      <FieldHead feature={feature} id={`${id}-file`} />
      <div
        {...getRootProps({ className: classes.image, 'data-over': isDragActive || undefined, role: 'presentation' })}
      >
        <div className={classes.paper}>
          <div className={classes.surface} style={{ aspectRatio: `${width} / ${height}` }}>
            {drawable && (
              <Drawing
                key={`${sheet} ${dark}`}
                ref={paper}
                ratio={height / width}
                paper={dark ? '#000' : '#fff'}
                ink={dark ? '#fff' : '#000'}
                hidden={fromFile}
                onDrawn={draw}
              />
            )}
            {fromFile && <Preview image={image} />}
            {image === null && (
              <span className={classes.hint} data-dark={(drawable && dark) || undefined} aria-hidden="true">
                {drawable ? 'Draw here' : 'Drop an image'}
              </span>
            )}
          </div>
          <Group gap={8}>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconEraser size={16} stroke={1.7} />}
              disabled={image === null}
              onClick={clear}
            >
              Clear
            </Button>
            {drawable && (
              <>
                <Button
                  variant="default"
                  size="xs"
                  leftSection={<IconArrowBackUp size={16} stroke={1.7} />}
                  disabled={image === null || fromFile}
                  onClick={() => paper.current?.undo()}
                >
                  Undo
                </Button>
                <Button
                  variant="default"
                  size="xs"
                  leftSection={<IconContrast size={16} stroke={1.7} />}
                  onClick={() => {
                    setDark(!dark);
                    clear();
                  }}
                >
                  {dark ? 'White paper' : 'Black paper'}
                </Button>
              </>
            )}
          </Group>
        </div>
        <div className={classes.ways}>
          <div className={classes.drop}>
            <IconPhotoUp size={22} stroke={1.5} aria-hidden="true" />
            <Text size="sm">Drop an image here, paste one, or</Text>
            <Button variant="light" size="xs" onClick={open}>
              Choose a file
            </Button>
            <input {...getInputProps({ id: `${id}-file` })} />
            <Text size="xs" c="dimmed">
              PNG, JPEG or WebP
            </Text>
          </div>
          {samples.length > 0 && (
            <div>
              <Text size="xs" c="dimmed" mb={6}>
                Or one of these
              </Text>
              <Group gap={8}>
                {samples.map((path, i) => (
                  <button
                    key={path}
                    type="button"
                    className={classes.sample}
                    aria-label={`Sample ${i + 1}`}
                    onClick={async () => take(await (await fetch(path)).blob())}
                  >
                    <img src={path} alt="" width={44} height={44} />
                  </button>
                ))}
              </Group>
            </div>
          )}
        </div>
      </div>
      {note !== null && (
        <Text size="xs" c="dimmed" role="status" mt={6}>
          {note}
        </Text>
      )}
      <FieldIssue feature={feature} issue={issue} onValue={onValue} id={id} />
    </>
  );
}

function Preview({ image }: { image: Blob }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(image);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [image]);
  return url === null ? null : <img src={url} alt="What is sent" className={classes.preview} />;
}

/** An image in the clipboard, pasted anywhere on the page. */
function usePaste(take: (file: Blob) => Promise<void>): void {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (file === undefined) return;
      event.preventDefault();
      void take(file);
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  });
}
