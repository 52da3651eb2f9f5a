// The way that works: the page asks its own server, which alone holds the URL.
import { useId } from 'react';
import { Arrow, BrowserWindow, Panel, Postern, VIEW } from './drawing.tsx';
import classes from './why.module.css';

export function RightWay() {
  const id = useId();
  return (
    <svg viewBox={VIEW} className={classes.drawing} role="img" aria-labelledby={`${id}t ${id}d`}>
      <title id={`${id}t`}>The right way</title>
      <desc id={`${id}d`}>
        The page sends its request to your server, on the same origin. Your server checks who asks, limits how often,
        and calls Postern at the URL that it keeps in PIPELINE_URL.
      </desc>
      <BrowserWindow title="Your page">
        <Panel y={56}>
          <text className={classes.code} x="10" y="18.5">
            POST <tspan className={classes.safe}>/predict</tspan>
          </text>
        </Panel>
      </BrowserWindow>
      <Arrow from={108} to={146} />
      <text className={classes.note} x="182" y="130">
        same origin
      </text>
      <g transform="translate(20 146)">
        <rect className={classes.server} width="300" height="70" rx="10" />
        <text className={classes.head} x="16" y="26">
          Your server
        </text>
        <text className={classes.note} x="16" y="44">
          checks who asks,
        </text>
        <text className={classes.note} x="16" y="59">
          limits how often
        </text>
        <rect className={classes.line} x="138" y="20" width="146" height="30" rx="6" />
        <g transform="translate(154 35)" className={classes.key}>
          <circle r="4.2" />
          <path d="M4.2 0 H14 M11 0 V4.5" />
        </g>
        <text className={classes.code} x="176" y="39.5">
          PIPELINE_URL
        </text>
      </g>
      <Arrow from={218} to={266} />
      <text className={classes.note} x="182" y="247">
        the secret URL
      </text>
      <Postern />
    </svg>
  );
}
