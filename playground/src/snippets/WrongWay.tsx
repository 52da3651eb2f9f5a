// The way that does not work: the URL lies open in the page, strangers take it, and the page itself is refused.
import { useId } from 'react';
import { Arrow, BrowserWindow, Panel, Postern, VIEW } from './drawing.tsx';
import classes from './why.module.css';

export function WrongWay() {
  const id = useId();
  return (
    <svg viewBox={VIEW} className={classes.drawing} role="img" aria-labelledby={`${id}t ${id}d`}>
      <title id={`${id}t`}>The wrong way</title>
      <desc id={`${id}d`}>
        The page sends its request to the secret URL. Its visitors see the URL in the network panel; one copies it and
        makes predictions that you pay for. The page itself is refused with 403 browser_call.
      </desc>
      <BrowserWindow title="Your page, in anybody’s browser">
        <Panel y={56}>
          <text className={classes.code} x="10" y="18.5">
            POST …/api/
            <tspan className={classes.leak}>pipeline_7f3k9x…</tspan>
          </text>
          <g transform="translate(246 14)" className={classes.eye}>
            <path d="M-9 0 Q0 -9 9 0 Q0 9 -9 0z" />
            <circle r="2.6" />
          </g>
        </Panel>
      </BrowserWindow>
      <path className={classes.refused} d="M112 108 V170" />
      <g transform="translate(112 187)" className={classes.stop}>
        <circle r="15" />
        <path d="M-5.5 -5.5 L5.5 5.5 M5.5 -5.5 L-5.5 5.5" />
      </g>
      <text className={classes.wrongText} x="112" y="222" textAnchor="middle">
        403 browser_call
      </text>
      <Arrow x={255} from={108} to={146} wrong />
      <text className={classes.note} x="246" y="131" textAnchor="end">
        copied
      </text>
      <g transform="translate(190 146)">
        <rect className={classes.stranger} width="130" height="70" rx="10" />
        <text className={classes.head} x="65" y="26" textAnchor="middle">
          A stranger
        </text>
        <text className={classes.note} x="65" y="44" textAnchor="middle">
          makes predictions,
        </text>
        <text className={classes.note} x="65" y="59" textAnchor="middle">
          you pay
        </text>
      </g>
      <Arrow x={222} from={218} to={266} wrong />
      <Postern />
    </svg>
  );
}
