// A square of paper to draw on, by mouse, pen or finger.
import { type Ref, useEffect, useEffectEvent, useImperativeHandle, useRef } from 'react';
import SignaturePad from 'signature_pad';
import classes from './image.module.css';

/** Pixels of the drawing's width: ten times what small models take, so that their own shrinking smooths it. */
const WIDTH = 280;
/** Of a line: a tenth of the paper, as pens are to handwritten digits. */
const LINE = WIDTH / 11;

/** What stands beside the paper may take back the last line. */
export interface DrawingHandle {
  undo(): void;
}

interface Props {
  readonly ref: Ref<DrawingHandle>;
  readonly ratio: number;
  readonly paper: string;
  readonly ink: string;
  readonly hidden: boolean;
  /** null: the paper is empty again. */
  readonly onDrawn: (image: Blob | null) => void;
}

export function Drawing({ ref, ratio, paper, ink, hidden, onDrawn }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pad = useRef<SignaturePad | null>(null);
  const give = (): void => {
    if (pad.current?.isEmpty()) onDrawn(null);
    else canvas.current?.toBlob((image) => image !== null && onDrawn(image), 'image/png');
  };
  const onStroke = useEffectEvent(give);

  useEffect(() => {
    if (canvas.current === null) return;
    const made = new SignaturePad(canvas.current, {
      backgroundColor: paper,
      penColor: ink,
      minWidth: LINE / 2,
      maxWidth: LINE / 2,
      dotSize: LINE / 2,
    });
    made.addEventListener('endStroke', () => onStroke());
    pad.current = made;
    return () => made.off();
  }, [paper, ink]);

  useImperativeHandle(ref, () => ({
    undo() {
      pad.current?.fromData(pad.current.toData().slice(0, -1));
      give();
    },
  }));

  return (
    <canvas
      ref={canvas}
      className={classes.canvas}
      width={WIDTH}
      height={Math.round(WIDTH * ratio)}
      hidden={hidden}
      role="img"
      aria-label="Paper to draw on with mouse, pen or finger. Files and samples work by keyboard."
    />
  );
}
