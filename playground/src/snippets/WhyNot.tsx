// Why a page may not know the URL: the two ways drawn side by side, and what follows in three sentences.
import { RightWay } from './RightWay.tsx';
import { WrongWay } from './WrongWay.tsx';
import classes from './why.module.css';

export function WhyNot() {
  return (
    <section className={classes.why} aria-labelledby="why">
      <h2 id="why">Why your page may not know the URL</h2>
      <div className={classes.ways}>
        <figure data-way="wrong">
          <figcaption>The page calls the secret URL</figcaption>
          <WrongWay />
        </figure>
        <figure data-way="right">
          <figcaption>The page calls your server</figcaption>
          <RightWay />
        </figure>
        <dl>
          <dt>It costs you</dt>
          <dd>
            What a page knows, each visitor reads in the network panel. Whoever has the URL makes predictions, and you
            pay for them.
          </dd>
          <dt>It would not work</dt>
          <dd>
            A call from a page gets <code>403 browser_call</code> and no CORS header. Your own server has the same
            origin as the page: no such question arises.
          </dd>
          <dt>What your server does</dt>
          <dd>
            It keeps the URL in its environment, checks who asks, limits how often, and passes on nothing but the
            values. This playground does the same.
          </dd>
        </dl>
      </div>
    </section>
  );
}
