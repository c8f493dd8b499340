// Small plots: a number against a number as lines on true scales, or against words as dots in rows.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { svg } = P;
  const WIDE = 340;
  const HIGH = 168;
  const ROW = 22;
  const LABELLED = 8;
  const CHARACTERS = 17;
  const SHAPES = ["M-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0-6.8 0", "M-3-3h6v6h-6z", "M0-4L3.8 3h-7.6z", "M0-4.2L4.2 0L0 4.2L-4.2 0z", "M0 4L3.8-3h-7.6z", "M-3.6-1.2h2.4v-2.4h2.4v2.4h2.4v2.4h-2.4v2.4h-2.4v-2.4h-2.4z"];

  /**
   * @typedef {{x: number, y: number, text: string, series: number}} Point x is a number, or the place of a word
   * @typedef {{points: Point[], series: string[], words: string[] | null, measure: any, label: string}} Chart
   * @typedef {{x: number, y: number, point: Point}} Spot a point on the drawing
   */

  /** Round numbers between two others, about as many as wanted. @param {number} low @param {number} high @param {number} wanted */
  const ticks = (low, high, wanted) => {
    const rough = (high - low) / wanted;
    const ten = 10 ** Math.floor(Math.log10(rough));
    const size = ten * ([1, 2, 5, 10].find((step) => step * ten >= rough) ?? 10);
    const found = [];
    for (let at = Math.ceil(low / size - 1e-9) * size; at <= high + size * 1e-9; at += size) found.push(Math.abs(at) < size * 1e-9 ? 0 : at);
    return found;
  };

  /** @param {number} value a number of a scale, in few characters */
  const short = (value) => {
    const size = Math.abs(value);
    if (size >= 1e4) return value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 });
    return Number(value.toPrecision(4)).toLocaleString("en", { maximumSignificantDigits: 4 });
  };
  const cut = (/** @type {string} */ text) => P.cut(text, CHARACTERS);

  /** @param {number} value @param {any} measure */
  const scaled = (value, measure) => (measure.unit === "%" ? `${short(value * 100)} %` : short(value));

  /** The range of the numbers, with some room. @param {number[]} values @param {number} room */
  const range = (values, room) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const more = (high - low || Math.abs(high) || 1) * room;
    return [low >= 0 && low - more < 0 ? 0 : low - more, high + more];
  };

  /** @param {string} kind @param {number} x @param {number} y @param {string} text @param {string} [anchor] */
  const label = (kind, x, y, text, anchor = "start") => {
    const node = svg("text", { x, y, class: kind, "text-anchor": anchor });
    node.textContent = text;
    return node;
  };
  /** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @param {string} [kind] */
  const line = (x1, y1, x2, y2, kind = "grid") => svg("line", { x1, y1, x2, y2, class: kind });

  /** @param {Chart} chart */
  const crowded = ({ series }) => series.length > LABELLED;

  /** The mark of a point; of many series none has a colour of its own. @param {Chart} chart */
  const dotOf = (chart) => (/** @type {Spot} */ { x, y, point }) => svg("path", {
    d: crowded(chart) ? "M-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0" : SHAPES[point.series % SHAPES.length],
    transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
    class: crowded(chart) ? "dot many" : `dot s${point.series % 6}`,
  });

  /** The middle of the points at each place: what a setting does on the whole, where there are many series. @param {Chart} chart */
  const middles = ({ points }) => {
    const places = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
    return places.map((x) => {
      const values = points.filter((point) => point.x === x).map(({ y }) => y).sort((a, b) => a - b);
      return { x, y: (values[Math.floor((values.length - 1) / 2)] + values[Math.floor(values.length / 2)]) / 2 };
    });
  };

  /** Labels at the ends of lines, moved apart. @param {Spot[]} ends @param {Chart} chart */
  const endings = (ends, chart) => {
    const placed = [...ends].sort((a, b) => a.y - b.y).map((spot) => ({ ...spot, at: spot.y }));
    placed.forEach((one, place) => (one.at = Math.max(one.at, (placed[place - 1]?.at ?? -99) + 12)));
    const over = Math.max(0, (placed.at(-1)?.at ?? 0) - (HIGH - 26));
    return placed.map((one) => label(`end t${one.point.series % 6}`, one.x + 8, one.at - over + 4, cut(chart.series[one.point.series])));
  };

  /** Numbers against numbers. @param {Chart} chart */
  const lines = (chart) => {
    const { points, series, measure } = chart;
    const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
    const log = xs[0] > 0 && xs[xs.length - 1] / xs[0] >= 50;
    const scale = log ? Math.log10 : (/** @type {number} */ value) => value;
    const named = series.length > 1 && !crowded(chart);
    const longest = named ? Math.max(...series.map((text) => cut(text).length)) : 0;
    const [left, right, top, bottom] = [50, WIDE - (named ? 14 + longest * 6.4 : 12), 12, HIGH - 26];
    const [first, last] = [scale(xs[0]), scale(xs[xs.length - 1])];
    const [low, high] = range(points.map(({ y }) => y), 0.08);
    const X = (/** @type {number} */ x) => left + 6 + ((scale(x) - first) / (last - first || 1)) * (right - left - 12);
    const Y = (/** @type {number} */ y) => bottom - ((y - low) / (high - low)) * (bottom - top);
    const spots = points.map((point) => ({ x: X(point.x), y: Y(point.y), point }));
    const shownXs = xs.length <= 6 ? xs : log ? [xs[0], xs[xs.length - 1]] : ticks(xs[0], xs[xs.length - 1], 4);
    let edge = -Infinity;
    const marks = shownXs.flatMap((x) => {
      const at = X(x);
      const half = short(x).length * 3.4;
      if (at - half < edge) return [line(at, bottom, at, bottom + 4, "axis")];
      edge = at + half + 5;
      return [line(at, bottom, at, bottom + 4, "axis"), label("tick", at, bottom + 16, short(x), "middle")];
    });
    const paths = series.map((_, number) => {
      const own = spots.filter(({ point }) => point.series === number).sort((a, b) => a.x - b.x);
      return { own, path: svg("polyline", { points: own.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "), class: crowded(chart) ? "line many" : `line s${number % 6}`, "data-series": number }) };
    });
    return {
      high: HIGH,
      spots,
      nodes: [
        ...ticks(low, high, 3).flatMap((y) => [line(left, Y(y), right, Y(y)), label("tick", left - 6, Y(y) + 4, scaled(y, measure), "end")]),
        line(left, bottom, right, bottom, "axis"), ...marks, log ? label("tick", right, 8, "log scale", "end") : null,
        ...paths.map(({ path }) => path), ...spots.map(dotOf(chart)),
        crowded(chart) ? svg("polyline", { points: middles(chart).map(({ x, y }) => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`).join(" "), class: "line middle" }) : null,
        ...(named ? endings(paths.flatMap(({ own }) => own.slice(-1)), chart) : []),
      ],
    };
  };

  /** Numbers against words: a row for each word. @param {Chart} chart */
  const rows = (chart) => {
    const { points, measure } = chart;
    const words = chart.words ?? [];
    const longest = Math.max(...words.map((word) => cut(word).length));
    const [left, right, top, bottom] = [14 + longest * 6.6, WIDE - 18, 4, 8 + words.length * ROW];
    const [low, high] = range(points.map(({ y }) => y), 0.08);
    const X = (/** @type {number} */ y) => left + ((y - low) / (high - low)) * (right - left);
    const Y = (/** @type {number} */ place) => top + (place + 0.5) * ROW;
    const spots = points.map((point) => ({ x: X(point.y), y: Y(point.x), point }));
    const middle = (left + right) / 2;
    const value = (/** @type {Spot} */ { x, y, point }) => label("value", x < middle ? x + 9 : x - 9, y + 4, P.number(point.y, measure), x < middle ? "start" : "end");
    return {
      high: bottom + 20,
      spots,
      nodes: [
        ...ticks(low, high, 3).flatMap((y) => [line(X(y), top, X(y), bottom), label("tick", X(y), bottom + 14, scaled(y, measure), "middle")]),
        ...words.flatMap((word, place) => [label("word", left - 10, Y(place) + 4, cut(word), "end"), line(left, Y(place), right, Y(place), "row")]),
        ...spots.map(dotOf(chart)),
        ...(crowded(chart) ? middles(chart).map(({ x, y }) => line(X(y), Y(x) - 7, X(y), Y(x) + 7, "line middle")) : []),
        ...(chart.series.length === 1 ? spots.map(value) : []),
      ],
    };
  };

  /**
   * Draw a plot whose points tell their values to the pointer, and to arrow keys once it has the focus.
   * @param {Chart} chart
   */
  P.chart = (chart) => {
    const { nodes, spots, high } = chart.words ? rows(chart) : lines(chart);
    const ring = svg("circle", { r: 7, class: "ring", visibility: "hidden" });
    const drawing = svg("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "img", tabindex: 0, "aria-label": chart.label }, ...nodes, ring);
    const order = [...spots].sort((a, b) => a.point.series - b.point.series || a.point.x - b.point.x);
    let at = -1;
    const show = (/** @type {Spot | undefined} */ spot) => {
      if (!spot) return;
      ring.setAttribute("cx", String(spot.x));
      ring.setAttribute("cy", String(spot.y));
      ring.setAttribute("visibility", "visible");
      at = order.indexOf(spot);
      for (const path of drawing.querySelectorAll(".line.many")) path.classList.toggle("on", path.getAttribute("data-series") === String(spot.point.series));
      P.hint(ring.getBoundingClientRect(), spot.point.text);
    };
    const hide = () => {
      for (const path of drawing.querySelectorAll(".line.on")) path.classList.remove("on");
      ring.setAttribute("visibility", "hidden");
      P.unhint();
    };
    drawing.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
      const box = drawing.getBoundingClientRect();
      const zoom = box.width / WIDE;
      const [x, y] = [(event.clientX - box.left) / zoom, (event.clientY - box.top) / zoom];
      const far = (/** @type {Spot} */ spot) => Math.hypot(spot.x - x, spot.y - y);
      const near = order.reduce((/** @type {Spot | undefined} */ best, spot) => (best && far(best) <= far(spot) ? best : spot), undefined);
      if (near && far(near) < 40) show(near);
      else hide();
    });
    drawing.addEventListener("pointerleave", hide);
    drawing.addEventListener("blur", hide);
    drawing.addEventListener("focus", () => drawing.matches(":focus-visible") && show(order[0]));
    drawing.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const by = ["ArrowRight", "ArrowDown"].includes(event.key) ? 1 : ["ArrowLeft", "ArrowUp"].includes(event.key) ? -1 : 0;
      if (!by) return;
      event.preventDefault();
      show(order[(at + by + order.length) % order.length]);
      P.say(order[at].point.text);
    });
    return drawing;
  };

  /** The mark of a series, as a legend shows it. @param {number} series */
  P.chartMark = (series) => svg("svg", { viewBox: "-6 -6 12 12", class: "chart-mark", "aria-hidden": "true" }, svg("path", { d: SHAPES[series % SHAPES.length], class: `dot s${series % 6}` }));
})();
